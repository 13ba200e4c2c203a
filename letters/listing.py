"""Listings and the tally, kept as the editions say. The verbs call this; the public reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db import connection, connections, transaction

from letters import search
from letters.models import Edition, Listing, Role, State, Tally
from letters.models.listing import (
    EVERY,
    cells,
    of_correspondent,
    of_country,
    of_letter_language,
)

BATCH = 1000
Cell = tuple[str, int, str, int, str]
Period = tuple[datetime, datetime | None]


def refresh(letters: Collection[int]) -> None:
    """Write the rows of these letters anew. The caller holds the record's lock."""
    editions = _published(letters)
    rows = [row for edition in editions for row in _rows(edition)]
    # By edition: a join would delete by the rows' three-part key, one search of the table a row.
    of_letters = Edition.objects.filter(letter__in=letters).values("pk")
    written = Listing.objects.filter(edition__in=of_letters)
    changes: Counter[Cell] = Counter()
    for row in rows:
        changes.update(_cells(row))
    for row in written:
        changes.subtract(_cells(row))
    written.delete()
    Listing.objects.bulk_create(rows, batch_size=BATCH)
    _add(changes)
    _write_words(letters, editions)


def rebuild() -> int:
    """Write all rows anew, a batch of letters at a time. Returns how many letters were listed."""
    Listing.objects.all().delete()
    Tally.objects.all().delete()
    published = Edition.objects.filter(state=State.PUBLISHED).order_by("letter")
    letters = list(published.values_list("letter", flat=True).distinct())
    for start in range(0, len(letters), BATCH):
        refresh(letters[start : start + BATCH])
    return len(letters)


def rebuild_after_migrate(*, using: str, **kwargs: Any) -> None:
    """For letters that were published before there were listings."""
    there = connections[using].introspection.table_names()
    if search.TABLE in there and not Listing.objects.exists():
        with transaction.atomic():
            rebuild()


def _published(letters: Collection[int]) -> list[Edition]:
    """Those that stand in lists, each in its time: all but the redacted."""
    editions = Edition.objects.filter(letter__in=letters, state=State.PUBLISHED).unredacted()
    return list(
        editions.select_related("letter").prefetch_related(
            "parties", "letter__withdrawals", "kind__names"
        )
    )


def _rows(edition: Edition) -> Iterator[Listing]:
    facts: dict[str, Any] = {"kind_id": edition.kind_id, "dated": edition.dated}
    for since, until in _periods(edition):
        for facet in _facets(edition):
            yield Listing(
                edition=edition,
                facet=facet,
                since=since,
                until=until,
                language=edition.language,
                direction=edition.letter.direction,
                **facts,
            )


def _periods(edition: Edition) -> list[Period]:
    """When the edition is listed: its life on the site, without what withdrawals cover of it."""
    periods: list[Period] = []
    start: Any = edition.live_from
    end = edition.live_until
    for withdrawal in sorted(edition.letter.withdrawals.all(), key=lambda w: w.since):
        if withdrawal.language != edition.language or (end and end <= withdrawal.since):
            continue
        if start < withdrawal.since:
            periods.append((start, withdrawal.since))
        if withdrawal.until is None:
            return periods
        start = max(start, withdrawal.until)
    if end is None or start < end:
        periods.append((start, end))
    return periods


def _facets(edition: Edition) -> set[str]:
    facets = {EVERY}
    if edition.letter_language:
        facets.add(of_letter_language(edition.letter_language))
    for party in edition.parties.all():
        if party.role in (Role.SENDER, Role.ADDRESSEE):
            if party.correspondent_id:
                facets.add(of_correspondent(party.correspondent_id))
            if party.country:
                facets.add(of_country(party.country))
    return facets


def _cells(row: Listing) -> Iterator[Cell]:
    if row.until is None:
        month = row.dated.year * 100 + row.dated.month
        for cell in cells(row.kind_id, row.direction, month, row.facet):
            yield row.language, *cell


def _add(changes: Counter[Cell]) -> None:
    """The ORM can replace a row that is there, but not add to it."""
    table = connection.ops.quote_name(Tally._meta.db_table)
    rows = [(*cell, n) for cell, n in changes.items() if n]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), BATCH // 10):
            batch = rows[start : start + BATCH // 10]
            places = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(batch))
            cursor.execute(
                f"INSERT INTO {table} (language, kind, direction, period, facet, n)"  # noqa: S608
                f" VALUES {places} ON CONFLICT (language, kind, direction, period, facet)"
                f" DO UPDATE SET n = {table}.n + excluded.n",
                [value for row in batch for value in row],
            )


def _write_words(letters: Collection[int], editions: Collection[Edition]) -> None:
    """What search finds of these letters. Which of it is public the listings say."""
    vendor = connection.vendor
    ever = Edition.objects.filter(letter__in=letters).exclude(dated=None)
    with connection.cursor() as cursor:
        cursor.executemany(
            search.DELETE[vendor],
            [
                (search.key(vendor, pk, dated.toordinal()),)
                for pk, dated in ever.values_list("pk", "dated")
                if dated
            ],
        )
        cursor.executemany(
            search.INSERT[vendor],
            [
                search.inserted(vendor, key, edition.language, _document(edition))
                for edition in editions
                if edition.dated
                for key in [search.key(vendor, edition.pk, edition.dated.toordinal())]
            ],
        )


def _document(edition: Edition) -> search.Document:
    parties = list(edition.parties.all())
    kinds = edition.kind.names.all() if edition.kind else ()
    return search.document(
        title=[edition.headline, edition.letter.reference, *(party.name for party in parties)],
        about=[
            edition.summary,
            edition.place,
            *(kind.name for kind in kinds if kind.language == edition.language),
            *(text for party in parties for text in (party.title, party.country_name)),
        ],
        text=[edition.salutation, *edition.paragraphs, edition.closing, edition.notes],
        people={party.correspondent_id for party in parties if party.correspondent_id},
    )
