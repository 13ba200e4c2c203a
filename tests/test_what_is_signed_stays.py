"""What the signed form of a text reads of other rows: nobody can change it, by whatever door."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from django.contrib import admin
from django.db import Error, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from PIL import Image

from letters import files, record, workflow
from letters.models import Correspondent, Edition, File, Kind, Letter, Party, Stage
from tests.letters_at_stages import (
    approve,
    edit,
    make_correspondent,
    make_draft,
    make_edition,
    person,
    publish,
    schedule,
    submit,
)
from tests.the_desk import filled_in, signed_in, words

pytestmark = pytest.mark.django_db

WALKS = {Stage.SUBMITTED: submit, Stage.APPROVED: approve, Stage.SCHEDULED: schedule}
STAYS = "It stands in texts that have been submitted, so it can no longer be changed."


def answer(stage: Stage, clock: Any) -> Edition:
    """A text at that stage with everything a text can refer to."""
    people = [make_correspondent(slug) for slug in ("mira-halden", "tomas-reyk")]
    parties = [
        Party(role=role, correspondent=one, name=str(one), country="XV")
        for role, one in zip(("sender", "addressee"), people, strict=True)
    ]
    asked = make_edition(clock=clock, direction="received", headline="A question")
    draft = make_draft(parties=parties)
    Letter.objects.filter(pk=draft.letter_id).update(in_reply_to=asked.letter)
    picture = BytesIO()
    Image.new("RGB", (40, 30), "navy").save(picture, "PNG")
    picture.seek(0)
    taken = files.take(picture, File.Role.PHOTOGRAPH)
    File.objects.create(edition=draft, alt="A king", **taken._asdict())
    draft = edit(draft, person("drafter"), place="Valmere")
    edition = WALKS[stage](draft) if stage in WALKS else publish(draft, clock)
    return Edition.objects.get(pk=edition.pk)


def signed(edition: Edition) -> list[Any]:
    edition = Edition.objects.get(pk=edition.pk)
    statement = getattr(edition, "statement", None)
    return [record.digest(edition), edition.digest, record.said(statement) if statement else None]


def read_for(edition: Edition) -> list[models.Model]:
    """Every row that is read to work out what is signed, found from the questions asked."""
    with CaptureQueriesContext(connection) as asked:
        signed(edition)
    tables = {
        name for query in asked for name in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])
    }
    letter = edition.letter
    rows: dict[str, list[models.Model]] = {
        "letters_edition": [edition],
        "letters_letter": [letter, letter.in_reply_to],
        "letters_kind": [edition.kind],
        "letters_party": list(edition.parties.all()),
        "letters_correspondent": [party.correspondent for party in edition.parties.all()],
        "letters_file": list(edition.files.all()),
        "letters_statement": [edition.statement] if hasattr(edition, "statement") else [],
    }
    assert tables == set(rows), "The signed form reads a table of which this test has no row."
    return [row for found in rows.values() for row in found]


def another(field: models.Field[Any, Any], now: Any) -> Any:
    if isinstance(field, models.ForeignKey):
        others = field.related_model._default_manager.exclude(pk=now)
        return others.values_list("pk", flat=True).first()
    if field.choices:
        return next(value for value, _name in field.flatchoices if value not in (now, ""))
    match field:
        case models.DateTimeField():
            return datetime(2001, 2, 3, 4, 5, 6, 7, tzinfo=UTC)
        case models.DateField():
            return date(2001, 2, 3)
        case models.BooleanField():
            return not now
        case models.IntegerField():
            return (now or 0) + 1
        case models.JSONField():
            return ["another"]
    return "another"


def by_sql(row: models.Model, field: models.Field[Any, Any], value: Any) -> None:
    value = field.get_db_prep_save(value, connection)
    table, key = row._meta.db_table, row._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {field.column} = %s WHERE {key.column} = %s", [value, row.pk]
        )


def by_the_orm(row: models.Model, field: models.Field[Any, Any], value: Any) -> None:
    fresh = type(row)._default_manager.get(pk=row.pk)
    setattr(fresh, field.attname, value)
    fresh.save(update_fields=[field.name])


@pytest.mark.parametrize(
    ("stage", "door"),
    [(Stage.APPROVED, by_sql), (Stage.LIVE, by_sql), (Stage.SUBMITTED, by_the_orm)],
)
def test_no_column_of_a_row_that_is_signed_changes_what_is_signed(stage, door, clock):
    edition = answer(stage, clock)
    before = signed(edition)
    tried = refused = 0
    for row in read_for(edition):
        for field in row._meta.concrete_fields:
            if field.primary_key:
                continue
            value = another(field, getattr(row, field.attname))
            rolled_back = transaction.atomic()
            with rolled_back:
                try:
                    with transaction.atomic():
                        door(row, field, value)
                except Error:
                    refused += 1
                assert signed(edition) == before, f"{row._meta.label}.{field.name}"
                transaction.set_rollback(True)
            tried += 1
    assert tried > 80
    assert refused > 40


def pages(edition: Edition) -> Iterator[str]:
    """Every page of the desk that shows one of these rows, or what hangs on it, as a form."""
    rows = {(type(row), row.pk) for row in read_for(edition)}
    for model in admin.site._registry:
        for kind, pk in rows:
            if kind is model:
                try:
                    yield reverse(
                        f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk]
                    )
                except NoReverseMatch:
                    continue


def test_no_form_of_the_desk_changes_what_is_signed(clock):
    edition = answer(Stage.APPROVED, clock)
    before = signed(edition)
    desk = signed_in(person("superuser"))
    typed = set()
    for page in sorted(set(pages(edition))):
        shown = desk.get(page)
        try:
            fields = filled_in(shown)
        except ValueError:
            continue  # it is only to be read
        for name in fields:
            if name == "csrfmiddlewaretoken" or "-" in name:  # of an inline: no signed row's own
                continue
            with transaction.atomic():
                desk.post(page, fields | {name: "another"})
                assert signed(edition) == before, f"{page} {name}"
                transaction.set_rollback(True)
            typed.add(name)
    assert {"position", "portrait_credit"} <= typed


@pytest.mark.parametrize(("model", "name"), [(Kind, "code"), (Correspondent, "slug")])
def test_the_form_says_why_it_stays_once_a_text_was_submitted(model, name, clock):
    parties = [
        Party(role=role, correspondent=make_correspondent()) for role in ("sender", "addressee")
    ]
    draft = make_draft(parties=parties)
    row = {Kind: draft.kind, Correspondent: make_correspondent()}[model]
    page = reverse(f"admin:letters_{model._meta.model_name}_change", args=[row.pk])
    desk = signed_in(person("administrator"))
    assert STAYS not in words(desk.get(page))
    fields = filled_in(desk.get(page)) | {name: "another"}
    assert desk.post(page, fields).status_code == 302
    assert model.objects.filter(**{name: "another"}).exists()

    draft.parties.update(name="Mira Halden")
    workflow.submit(edit(draft, person("drafter"), place="Osk"), by=person("drafter"))
    assert STAYS in words(desk.get(page))
    desk.post(page, fields | {name: "one-more"})
    assert not model.objects.filter(**{name: "one-more"}).exists()


@pytest.mark.parametrize("tried", [Kind(code="one"), Correspondent(slug="one")])
def test_what_no_text_names_may_change(tried):
    tried.save()
    for name in ("code", "slug"):
        if hasattr(tried, name):
            setattr(tried, name, "two")
    tried.save()
