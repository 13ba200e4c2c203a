"""What was changed behind the office's back is named: each thing that can be, on both databases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from PIL import Image

from letters import files, record, verifying, workflow
from letters.models import Edition, Event, File, Party, RecordHead, Statement, Withdrawal, triggers
from tests.letters_at_stages import (
    edit,
    make_correction,
    make_draft,
    make_edition,
    person,
    publish,
    schedule,
    withdraw,
)


def faults() -> list[str]:
    return [str(fault) for part in verifying.parts() for found in part.walk() for fault in found]


def path_of(name: str) -> Path:
    return Path(default_storage.path(files.place(name)))


def picture(colour: str = "navy") -> BytesIO:
    made = BytesIO()
    Image.new("RGB", (40, 30), colour).save(made, "PNG")
    made.seek(0)
    return made


@pytest.fixture
def office(clock: Any, db: None) -> dict[str, Edition]:
    """A letter corrected and withdrawn, one scheduled, one in an emergency, one with a picture."""
    first = make_edition(clock=clock)
    second = publish(make_correction(first, body="<p>Mended.</p>"), clock)
    second = workflow.restore(withdraw(second, "kept", clock), by=person("publisher"))
    clock.shift(1)
    second = withdraw(second, "removed", clock, reason="Sent to the wrong king.")
    draft = make_draft()
    taken = files.take(picture(), File.Role.PHOTOGRAPH)
    File.objects.create(edition=draft, alt="A king", **taken._asdict())
    pictured = publish(edit(draft, person("drafter"), place="Valmere"), clock)
    recalled = schedule(make_draft())
    workflow.recall(recalled, by=person("publisher"))
    return {
        "first": first,
        "second": second,
        "pictured": pictured,
        "emergency": make_edition(approved=False, clock=clock),
        "scheduled": schedule(make_draft()),
    }


@pytest.mark.usefixtures("office")
def test_an_office_that_nobody_tampered_with_is_whole():
    assert faults() == []


def raw(sql: str, *values: Any) -> None:
    with triggers.lifted(connection), connection.cursor() as cursor:
        cursor.execute(sql, values)


def change(model: Any, key: Any, **values: Any) -> None:
    with triggers.lifted(connection):
        assert model.objects.filter(pk=key).update(**values) == 1


FITS_NOT = "its hash does not fit: something in it was changed."
DIGEST = "its text is not the one with its digest."


def text(office: dict[str, Edition], name: str) -> str:
    edition = office[name]
    return f"{edition.letter.reference} ({edition.language}), edition {edition.number}"


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"by_name": "Somebody Else"}, FITS_NOT),
        ({"verb": "discard"}, FITS_NOT),
        ({"digest": "0" * 64}, FITS_NOT),
        ({"salt": "0" * 32}, None),
        ({"remark_hash": "0" * 64}, FITS_NOT),
    ],
)
def test_a_changed_line_is_named(values, what, office):
    change(Event, 2, **values)
    found = [fault for fault in faults() if fault.startswith("Line ")]
    assert found == ([f"Line 2: {what}"] if what else [])


def test_a_changed_remark_is_named(office):
    line = Event.objects.filter(verb="withdraw").latest("number")
    change(Event, line.pk, remark="Another.")
    assert faults() == [f"Line {line.number}: its remark was changed."]


def test_a_removed_remark_breaks_nothing(office):
    line = Event.objects.filter(verb="withdraw").latest("number")
    change(Event, line.pk, remark="")
    assert faults() == []


def test_a_dropped_line_is_named(office):
    dropped = Event.objects.filter(verb="start").latest("number").number
    raw("DELETE FROM letters_event WHERE number = %s", dropped)
    found = [fault for fault in faults() if fault.startswith("Line ")]
    assert found == [f"Line {dropped + 1}: the line before it is {dropped - 1}: 1 missing."]


def test_two_swapped_lines_are_named(office):
    one, two = Event.objects.filter(number__in=(3, 4)).order_by("number")
    with triggers.lifted(connection):
        for number, other in ((3, two), (4, one)):
            Event.objects.filter(number=number).update(
                verb=other.verb, by=other.by, by_name=other.by_name, digest=other.digest
            )
    found = [fault for fault in faults() if fault.startswith("Line ")]
    assert found == [f"Line 3: {FITS_NOT}", f"Line 4: {FITS_NOT}"]


def test_a_cut_end_of_the_record_is_named(office):
    last = RecordHead.objects.get().number
    raw("DELETE FROM letters_event WHERE number = %s", last)
    assert f"The end of the record: it says line {last}, the last is {last - 1}." in faults()


def test_a_rewritten_record_does_not_fit_the_texts(office):
    """Whoever can write every hash anew still has no key, and the texts have their digests."""
    edition = office["first"]
    with triggers.lifted(connection):
        Edition.objects.filter(pk=edition.pk).update(headline="To the Queen")
        forged = record.digest(Edition.objects.get(pk=edition.pk))
        Edition.objects.filter(pk=edition.pk).update(digest=forged)
        Event.objects.filter(edition=edition).exclude(digest="").update(digest=forged)
        Statement.objects.filter(edition=edition).update(digest=forged)
        Statement.objects.filter(earlier=edition.digest).update(earlier=forged)
        previous = ""
        for event in Event.objects.select_related("letter", "edition").order_by("number"):
            previous = record.chained(previous, event)
            Event.objects.filter(pk=event.pk).update(hash=previous)
    raw("UPDATE letters_recordhead SET hash = %s", previous)
    assert faults() == [
        f"{text(office, name)}: its signature is not ours:"
        " it does not fit what it is to have signed."
        for name in ("first", "second")
    ]


@pytest.mark.parametrize(
    ("name", "values", "what"),
    [
        ("pictured", {"headline": "To the Queen"}, DIGEST),
        ("pictured", {"digest": "0" * 64}, "its digest is not the one of line"),
        ("pictured", {"state": "approved", "live_from": None}, "which the record does not say."),
        ("first", {"body": "<p>I send you my warmest  wishes.</p>"}, DIGEST),
        ("emergency", {"summary": ""}, DIGEST),
        ("scheduled", {"place": "Elsewhere"}, DIGEST),
    ],
)
def test_a_changed_text_is_named(name, values, what, office):
    change(Edition, office[name].pk, **values)
    found = faults()
    assert found
    assert all(fault.startswith(text(office, name)) for fault in found)
    assert any(what in fault for fault in found)


def test_another_approver_than_the_record_says_is_named(office):
    change(Edition, office["pictured"].pk, approved_by=person("second_approver"))
    said = "the record does not say that this person approved this text."
    assert faults() == [f"{text(office, 'pictured')}: {said}"]


def test_another_moment_than_was_signed_is_named(office):
    edition = office["pictured"]
    change(Edition, edition.pk, live_from=edition.live_from + timedelta(minutes=1))
    (moment, signed) = faults()
    assert "its moment is not the one of line" in moment
    assert "its signed statement is about another text or moment." in signed


def test_an_end_that_no_other_text_begins_is_named(office):
    edition = Edition.objects.get(pk=office["first"].pk)
    change(Edition, edition.pk, live_until=edition.live_until - timedelta(milliseconds=1))
    assert faults() == [
        f"{text(office, 'first')}: its end is not the beginning of the text that follows."
    ]


def test_a_changed_party_is_named(office):
    party = Party.objects.filter(edition=office["first"]).first()
    change(Party, party.pk, name="Somebody Else")
    assert faults() == [f"{text(office, 'first')}: {DIGEST}"]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"digest": "0" * 64}, "about another text or moment."),
        ({"jws": "e30..AA"}, "its signature is not ours"),
        ({"jws": ""}, "its signature is not ours"),
    ],
)
def test_a_changed_statement_is_named(values, what, office):
    change(Statement, office["pictured"].statement.pk, **values)
    found = faults()
    assert all(fault.startswith(text(office, "pictured")) for fault in found)
    assert any(what in fault for fault in found)


def test_a_missing_statement_is_named(office):
    raw("DELETE FROM letters_statement WHERE edition_id = %s", office["pictured"].pk)
    assert faults() == [f"{text(office, 'pictured')}: its publication is not signed."]


def test_another_public_reason_or_time_of_a_withdrawal_is_named(office):
    kept, removed = Withdrawal.objects.order_by("pk")
    change(Withdrawal, removed.pk, reason="By mistake.")
    change(Withdrawal, kept.pk, until=kept.until + timedelta(microseconds=5))
    where = f"Withdrawal of {removed.letter.reference} (en)"
    line = Event.objects.filter(verb="withdraw").latest("number").number
    assert faults() == [
        f"{where}: the record does not say that it ended then.",
        f"{where}: its reason is not the one of line {line}.",
    ]


def spoil(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("act", "what"), [(spoil, "the file was changed."), (Path.unlink, "the file is not there.")]
)
def test_a_replaced_or_missing_file_is_named(act: Callable[[Path], Any], what, office):
    file = File.objects.get()
    path = path_of(file.name)
    whole = path.read_bytes()
    try:
        act(path)
        where = f"{office['pictured'].letter.reference}, photograph {file.sha256[:12]}"
        assert faults() == [f"{where}: {what}"]
    finally:
        path.write_bytes(whole)


def test_the_command_says_what_does_not_fit_and_ends_with_1(office):
    out = StringIO()
    call_command("verify_record", stdout=out, stderr=StringIO())
    assert out.getvalue().startswith("The record is whole: ")
    change(Event, 2, by_name="Somebody Else")
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_record", "--json", stdout=out, stderr=StringIO())
    assert ended.value.code == 1
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {"where": "Line 2", "what": FITS_NOT}
    ]


# --- Many writers at once -------------------------------------------------------------------------

WRITER = """
import django; django.setup()
from tests.letters_at_stages import edit, make_draft, person, submit
from letters import workflow
for n in range(4):
    draft = make_draft(headline=f"Letter {n}")
    workflow.send_back(submit(draft), by=person("approver"), remark="Once more.")
    workflow.discard(draft.__class__.objects.get(pk=draft.pk), by=person("drafter"))
"""


@pytest.mark.django_db(transaction=True)
def test_eight_processes_write_one_unbroken_record(tmp_path):
    for name in ("drafter", "approver"):
        person(name)
    database = connection.settings_dict
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    if connection.vendor == "sqlite":
        (tmp_path / "db.sqlite3").symlink_to(database["NAME"])
        env |= {"PRESSOFFICE_DATA": str(tmp_path)}
    else:
        host = quote(database["HOST"], safe="")
        env["DATABASE_URL"] = f"postgres://{database['USER']}@{host}/{database['NAME']}"
    run = [sys.executable, "-c", WRITER]
    writers = [
        subprocess.Popen(run, env=env, cwd=settings.BASE_DIR, stderr=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    said = [writer.communicate(timeout=120)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 8, said
    assert Event.objects.count() == 8 * 4 * 4
    assert faults() == []
