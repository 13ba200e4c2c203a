"""What every public list and count reads: narrow rows, written by the verbs (letters/listing.py).

A *facet* is what a list is of: every letter, those of one correspondent, those of one country,
those that were themselves written in one language.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.db import connections, models, router
from django.db.models import Case, Exists, Func, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, ExtractMonth, ExtractYear

from letters import search
from letters.models.edition import Edition
from letters.models.kind import Kind
from letters.models.periods import during
from letters.models.withdrawal import Withdrawal

EVERY = ""
COUNTRY, CORRESPONDENT, LETTER_LANGUAGE = "c", "p", "l"
ANY = 0  # kind, or period
FREQUENT = 12_000  # letters with these words, by PostgreSQL's estimate
MOST_FOUND = 20_000


def of_country(code: object) -> str:
    return f"{COUNTRY}{code}"


def of_correspondent(pk: object) -> str:
    return f"{CORRESPONDENT}{pk}"


def of_letter_language(code: object) -> str:
    return f"{LETTER_LANGUAGE}{code}"


def cells(kind: int, direction: str, month: int, facet: str) -> Iterator[tuple[int, str, int, str]]:
    """Every cell of the tally in which a listing counts. The month is `202611`."""
    for k in (ANY, kind):
        for d in ("", direction):
            for period in (ANY, month // 100):
                yield k, d, period, facet
    yield ANY, "", month, facet


class Says(Func):
    """Whether all that is asked for is found in the edition. Only PostgreSQL can tell of one."""

    output_field = models.BooleanField()

    def __init__(self, asked: search.Question, language: str) -> None:
        super().__init__("edition")
        self.asked, self.language = asked, language

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        edition, _none = compiler.compile(self.source_expressions[0])
        return search.probing(self.asked, self.language, edition)


def is_frequent(asked: search.Question, language: str, most: int | None = None) -> bool:
    """Whether so many letters have these words that looking all of them up takes long."""
    there = connections[router.db_for_read(Listing)]
    if there.vendor != "postgresql":
        return False  # there the newest are found first
    with there.cursor() as cursor:
        cursor.execute(*search.estimating(asked, language))
        plan = cursor.fetchone()[0]
    rows: int = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"]
    return rows > (FREQUENT if most is None else most)


class ListingQuerySet(models.QuerySet["Listing"]):
    def listed(self, at: datetime) -> Self:
        """The same as `Edition.objects.listed(at)`, with no other table to ask."""
        # No letter is dated more than a day after it goes live: the index can stop there.
        latest = at.date() + timedelta(days=1)
        return self.filter(during(at, "since", "until"), dated__lte=latest)

    def not_removed(self, now: datetime) -> Self:
        """The same as `Edition.objects.not_removed(now)`."""
        removed = Withdrawal.objects.covering(now).removing().filter(language=OuterRef("language"))
        return self.filter(~Exists(removed.filter(letter__editions=OuterRef("edition"))))

    def under(self, language: str, facet: str = EVERY) -> Self:
        return self.filter(language=language, facet=facet)

    def also_under(self, facet: str) -> Self:
        """Those whose edition has that facet too. A probe for each row, never a join of both."""
        other = Listing.objects.filter(edition=OuterRef("edition"), facet=facet)
        return self.alias(other=Subquery(other.values("facet")[:1])).filter(other=facet)

    def saying(self, asked: search.Question, language: str) -> Self:
        """Those in which all that is asked for is found, by way of the index of words."""
        found = search.matching(connections[self.db].vendor, asked, language, MOST_FOUND)
        return self.filter(edition__in=RawSQL(*found))  # noqa: S611 (from letters/search.py)

    def also_saying(self, asked: search.Question, language: str) -> Self:
        """The same by a probe for each row: for words that most letters have."""
        return self.alias(says=Says(asked, language)).filter(says=True)

    def before(self, day: date, edition: int) -> Self:
        return self.filter(Q(dated__lt=day) | Q(edition__lt=edition), dated__lte=day)

    def after(self, day: date, edition: int) -> Self:
        return self.filter(Q(dated__gt=day) | Q(edition__gt=edition), dated__gte=day)

    def last_listed_first(self) -> Self:
        """A corrected or restored letter stands where its latest text came up."""
        return self.order_by("-since", "-edition")

    def listed_before(self, since: datetime, edition: int) -> Self:
        return self.filter(Q(since__lt=since) | Q(edition__lt=edition), since__lte=since)

    def newest_first(self) -> Self:
        return self.order_by("-dated", "-edition")

    def with_month(self) -> Self:
        month = ExtractYear("dated") * 100 + ExtractMonth("dated")
        return self.annotate(month=Cast(month, models.IntegerField()))

    def off_the_tally(self, at: datetime) -> Self:
        """Where the tally is not yet, or no longer, right: `.n` is to be added to it.

        It counts every listing without an end. Before its moment one is not to be counted, and
        one that has an end to come still is.
        """
        moving = Edition.objects.filter(Q(live_from__gt=at) | Q(live_until__gt=at))
        off = self.filter(
            Q(since__gt=at, until=None) | Q(since__lte=at, until__gt=at),
            edition__in=moving.values("pk"),
        )
        return off.annotate(n=Case(When(until=None, then=Value(-1)), default=Value(1)))


class Listing(models.Model):
    """A period in which an edition stands in public lists, under one facet."""

    pk = models.CompositePrimaryKey("edition", "facet", "since")
    edition = models.ForeignKey(
        Edition, models.CASCADE, related_name="listings", db_index=False, editable=False
    )
    facet = models.CharField(max_length=21)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    language = models.CharField(max_length=12)
    kind = models.ForeignKey(Kind, models.PROTECT, related_name="+", db_index=False)
    direction = models.CharField(max_length=8)
    dated = models.DateField()

    objects = ListingQuerySet.as_manager()

    class Meta:
        # All a list asks for stands in these: the table itself is not read.
        indexes = [
            models.Index(
                fields=[
                    *("language", "facet", "dated", "edition"),
                    *("kind", "direction", "since", "until"),
                ],
                name="listing_lists",
            ),
            models.Index(
                fields=[
                    *("language", "facet", "kind", "dated", "edition"),
                    *("direction", "since", "until"),
                ],
                name="listing_kinds",
            ),
            models.Index(fields=["language", "facet", "since", "edition"], name="listing_moments"),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.facet}"


class TallyQuerySet(models.QuerySet["Tally"]):
    def of_all(self) -> Self:
        """The counts of any kind, direction and time."""
        return self.filter(kind=ANY, direction="", period=ANY)

    def in_all(self, facet: Any) -> Subquery:
        """How many listings of the facet there are."""
        return Subquery(self.of_all().filter(facet=facet).values("n")[:1])


class Tally(models.Model):
    """How many listings without an end there are, those to come included.

    For every facet; of one kind or `ANY`; of one direction or both; in a year (2026), or a
    month (202611, only of any kind and both directions), or `ANY` time.
    """

    pk = models.CompositePrimaryKey("language", "kind", "direction", "period", "facet")
    language = models.CharField(max_length=12)
    facet = models.CharField(max_length=21)
    kind = models.PositiveBigIntegerField()
    direction = models.CharField(max_length=8, blank=True)
    period = models.PositiveIntegerField()
    n = models.IntegerField()

    objects = TallyQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["language", "facet", "kind", "direction", "period", "n"],
                name="tally_of_a_facet",
            )
        ]

    def __str__(self) -> str:
        return f"{self.language} {self.facet} {self.n}"
