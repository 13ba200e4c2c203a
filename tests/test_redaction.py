"""Personal data that a law requires to be removed: by two people, without breaking the record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from letters import files, verifying, workflow
from letters.models import (
    Edition,
    Event,
    File,
    Listing,
    Note,
    Party,
    Redaction,
    Remark,
    Role,
    triggers,
)
from tests.letters_at_stages import (
    edit,
    make_correction,
    make_draft,
    make_edition,
    person,
    publish,
)
from tests.test_verify_page import PAGE, by_code, by_file, by_text, downloaded
from tests.test_verify_record import path_of, picture
from tests.the_desk import form_of, hub, links, page_of, press, signed_in, words

pytestmark = pytest.mark.django_db

LAW = "Article 17 of the data protection law."
NAME = "Quorena"  # of a child, who is to be forgotten
SAYS = "Published by this office; personal data removed since"


def faults() -> list[str]:
    return [str(fault) for part in verifying.parts() for found in part.walk() for fault in found]


@pytest.fixture
def named(clock: Any) -> Edition:
    """A text with the name in every place that has words, superseded by one without it."""
    told = f"{NAME} was there."
    facts = dict.fromkeys(("headline", "summary", "salutation", "closing", "notes"), told)
    parties = [
        Party(role=Role.SENDER, name="Mira Halden", title="President of Valdora"),
        Party(role=Role.ADDRESSEE, name=NAME, title="Pupil"),
    ]
    draft = make_draft(parties=parties, body=f"<p>Dear {NAME}, be well.</p>", **facts)
    for colour in ("crimson", "teal"):
        taken = files.take(picture(colour), File.Role.PHOTOGRAPH)
        File.objects.create(edition=draft, alt=told, caption=told, **taken._asdict())
    draft = edit(draft, person("drafter"), place=NAME)
    Remark.objects.create(
        edition=draft, by=person("approver"), by_name="A", at=timezone.now(), text=told
    )
    draft = workflow.submit(draft, by=person("drafter"), remark=told)
    first = publish(draft, clock)
    return first


def corrected(first: Edition, clock: Any) -> Edition:
    """Without the name, and with one of the two pictures."""
    plain = dict.fromkeys(("headline", "summary", "salutation", "closing", "notes"), "A pupil.")
    draft = make_correction(first, body="<p>Dear pupil, be well.</p>", place="Osk", **plain)
    draft.parties.filter(role=Role.ADDRESSEE).update(name="A pupil")
    draft.files.exclude(sha256=common()).delete()
    draft.files.update(alt="A king", caption="")
    return publish(edit(draft, person("drafter"), place="Valmere"), clock)


def common() -> str:
    return files.take(picture("teal"), File.Role.PHOTOGRAPH).sha256


def ask(edition: Edition, clock: Any) -> Edition:
    edition = Edition.objects.get(pk=edition.pk)
    edition = workflow.ask_redaction(edition, by=person("administrator"), reason=LAW)
    clock.shift(1)
    return edition


def redact(edition: Edition, clock: Any) -> Edition:
    edition = workflow.redact(ask(edition, clock), by=person("approver"))
    workflow.clear_redacted()  # a test has no commit: the worker does the same
    clock.shift(1)
    return edition


def every_row() -> str:
    """All that is stored, in every table of ours, the index of words included."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("letters_"):
                cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
                found.append(f"{table} {cursor.fetchall()}")
    return "\n".join(found)


def test_no_word_of_it_is_left_in_the_database_nor_a_file_that_no_other_text_has(
    named, clock, citizen
):
    own = [file.name for file in named.files.exclude(sha256=common())]
    downloaded(citizen, named, "letter.pdf")
    citizen.get(f"{named.get_absolute_url()}card.png")
    cached = Path(settings.MEDIA_ROOT, "renditions", named.digest)
    assert len(list(cached.iterdir())) == 2
    second = corrected(named, clock)
    assert NAME in every_row()
    redacted = redact(named, clock)
    left = every_row()
    assert NAME not in left
    assert NAME.lower() not in left
    assert (redacted.digest, redacted.live_until) == (named.digest, second.live_from)
    assert redacted.statement.jws
    assert not cached.exists()
    assert not any(path_of(name).exists() for name in own)
    assert path_of(second.files.get().name).exists()
    assert not Listing.objects.filter(edition=redacted).exists()
    assert faults() == []


def test_the_public_reads_that_it_was_removed_by_law_and_never_again_its_words(
    named, clock, citizen
):
    before = timezone.now()
    address = named.get_absolute_url()
    second = corrected(named, clock)
    redact(named, clock)
    staff = signed_in(person("superuser"))
    root = second.get_absolute_url()
    for path in (f"{root}editions/1/", f"{root}editions/"):
        said = words(citizen.get(path))
        assert "Redacted: personal data removed by law on" in said
    assert citizen.get(f"{root}editions/1/").status_code == 410
    assert named.digest in words(citizen.get(f"{root}editions/1/"))
    then = before.isoformat().replace("+00:00", "Z")
    for name in ("", "letter.txt", "letter.json", "letter.pdf", "card.png"):
        answer = staff.get(f"{address}{name}", {"at": then})
        assert answer.status_code == 410, name
        assert NAME not in answer.content.decode()
    for page in ("/en/", "/en/letters/", "/en/search/", "/en/feed.atom"):
        answer = staff.get(page, {"at": then, **({"q": "was there"} if "search" in page else {})})
        assert answer.status_code == 200
        assert NAME not in answer.content.decode()
    document = citizen.get(f"{root}letter.json").json()
    (earlier,) = document["earlier"]
    assert earlier["statement"]["digest"] == named.digest == document["statement"]["earlier"]
    assert earlier["redacted"]


def test_the_check_page_still_knows_its_files_and_its_code(named, clock, citizen):
    kept = {n: downloaded(citizen, named, f"letter.{n}") for n in ("json", "pdf", "txt")}
    pasted = f"Dear {NAME}, be well."
    second = corrected(named, clock)
    redact(named, clock)
    for name, content in kept.items():
        assert SAYS in words(by_file(citizen, content, f"letter.{name}")), name
    assert SAYS in words(by_code(citizen, named))
    assert SAYS in words(by_text(citizen, kept["txt"].decode()))
    address = f"http://testserver{second.get_absolute_url()}editions/1/"
    assert SAYS in words(citizen.post(PAGE, {"text": address}))
    said = words(by_text(citizen, f"{named.letter.reference} {pasted} Yours, A pupil."))
    assert SAYS not in said
    assert f"Edition 1 of letter {named.letter.reference} was published by us too" in said
    assert named.digest in said
    tampered = json.loads(kept["json"])
    tampered["letter"]["body"] = "<p>We declare war.</p>"
    said = words(by_file(citizen, json.dumps(tampered).encode()))
    assert SAYS not in said


# --- Two people, and no other way ---------------------------------------------------------------


def test_nobody_confirms_what_they_asked_for_nor_what_nobody_asked_for(named, clock):
    corrected(named, clock)
    edition = Edition.objects.get(pk=named.pk)
    with pytest.raises(workflow.NotPossible, match="Nobody has asked"):
        workflow.redact(edition, by=person("superuser"))
    edition = ask(named, clock)
    with pytest.raises(workflow.NotPossible, match="already"):
        workflow.ask_redaction(edition, by=person("approver"), reason=LAW)
    with pytest.raises(workflow.NotAllowed, match="another person"):
        workflow.redact(edition, by=person("administrator"))
    assert NAME in Edition.objects.get(pk=named.pk).body
    workflow.redact(edition, by=person("approver"))
    with pytest.raises(workflow.NotPossible):
        workflow.redact(Edition.objects.get(pk=named.pk), by=person("superuser"))
    asked, done = Event.objects.filter(verb__in=("ask_redaction", "redact")).order_by("number")
    assert (asked.by, done.by) == (person("administrator"), person("approver"))
    assert asked.remark == done.remark == LAW
    assert done.digest == named.digest


@pytest.mark.parametrize("name", ["approver", "administrator"])
def test_a_request_is_refused_or_taken_back_with_a_reason_that_is_kept(name, named, clock, citizen):
    """By another person, or by the one who asked; then it can be asked for again."""
    corrected(named, clock)
    edition = ask(named, clock)
    with pytest.raises(workflow.NotPossible, match="Give the reason"):
        workflow.drop_redaction(edition, by=person(name), remark=" ")
    workflow.drop_redaction(edition, by=person(name), remark="The order names another letter.")
    clock.shift(1)
    dropped = Edition.objects.get(pk=named.pk)
    assert NAME in dropped.body
    asked, done = Event.objects.filter(verb__endswith="_redaction").order_by("number")
    assert (asked.remark, done.remark) == (LAW, "The order names another letter.")
    assert (done.by, done.digest) == (person(name), named.digest)
    with pytest.raises(workflow.NotPossible, match="Nobody has asked"):
        workflow.redact(dropped, by=person("approver"))
    with pytest.raises(workflow.NotPossible, match="Nobody has asked"):
        workflow.drop_redaction(dropped, by=person("approver"), remark="Twice.")
    assert faults() == []
    redact(dropped, clock)
    assert Event.objects.get(pk=done.pk).remark == "The order names another letter."
    assert NAME not in every_row()
    assert faults() == []


def test_what_was_confirmed_is_not_dropped(named, clock):
    corrected(named, clock)
    with pytest.raises(workflow.NotPossible):
        workflow.drop_redaction(redact(named, clock), by=person("administrator"), remark="No.")
    assert Redaction.objects.exists()


def test_whoever_asked_is_told_why_and_nobody_is_asked_to_confirm_it_any_more(named, clock):
    for name in ("administrator", "approver", "second_approver"):
        user = person(name)
        user.email = f"{name}@valdora.example"
        user.save()
    corrected(named, clock)
    edition = ask(named, clock)
    workflow.drop_redaction(edition, by=person("approver"), remark="The order is void.")
    clock.shift(1)
    call_command("deliver", "--once", verbosity=0)
    told = {one.to[0]: one for one in mail.outbox if "ersonal data" in one.subject}
    assert told.keys() == {"administrator@valdora.example", "second_approver@valdora.example"}
    for one in told.values():
        assert "Personal data stays" in one.subject
        assert "The order is void." in one.body


def test_what_is_public_is_not_redacted(named, clock):
    with pytest.raises(workflow.NotPossible):
        workflow.ask_redaction(named, by=person("administrator"), reason=LAW)


def emptying(edition: Edition) -> dict[str, Any]:
    blank = dict.fromkeys(("headline", "summary", "place", "salutation", "body", "closing"), "")
    return blank | dict.fromkeys(("notes", "press_contact", "correction_note", "not_placed"), "")


def test_the_database_lets_only_a_confirmed_redaction_through_and_only_that(named, clock):
    corrected(named, clock)
    own = Edition.objects.filter(pk=named.pk)
    line = Event.objects.filter(edition=named).exclude(remark_hash="")

    def attempts() -> list[Any]:
        return [
            lambda: own.update(**emptying(named)),
            lambda: Party.objects.filter(edition=named).delete(),
            lambda: File.objects.filter(edition=named).delete(),
            lambda: line.update(remark="", salt=""),
        ]

    def refused(act: Any) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            act()

    for act in attempts():
        refused(act)
    ask(named, clock)
    for act in attempts():
        refused(act)
    Redaction.objects.update(confirmed_by=person("approver"), confirmed_at=timezone.now())
    for act in (
        lambda: own.update(**emptying(named) | {"body": "<p>Another.</p>"}),
        lambda: own.update(**emptying(named), digest="0" * 64),
        lambda: own.update(**emptying(named), dated="2020-01-01"),
        lambda: own.delete(),
        lambda: line.update(remark="Another.", salt=""),
        lambda: line.update(remark="", salt="", by_name="Another"),
        lambda: line.update(remark="", salt="", remark_hash=""),
        lambda: Event.objects.filter(edition=named).delete(),
        lambda: Edition.objects.filter(number=2).update(**emptying(named)),
        lambda: Party.objects.filter(edition__number=2).delete(),
        lambda: Redaction.objects.update(reason="Another."),
        lambda: Redaction.objects.all().delete(),
        lambda: Redaction.objects.update(confirmed_by=None, confirmed_at=None),
    ):
        refused(act)
    for act in attempts():
        with transaction.atomic():
            act()


def test_words_about_the_correction_go_with_it_and_the_seals_and_signatures_hold(
    named, clock, citizen
):
    second = corrected(named, clock)
    note = workflow.note(second, by=person("drafter"), text=f"{NAME} is not to be named.")
    workflow.approve_note(note, by=person("approver"))
    clock.shift(1)
    third = publish(make_correction(second, correction_note="Names."), clock)
    redact(Edition.objects.get(pk=second.pk), clock)
    redact(Edition.objects.get(pk=named.pk), clock)
    assert not Note.objects.exists()
    assert NAME not in every_row()
    assert NAME not in citizen.get(f"{third.get_absolute_url()}letter.json").content.decode()
    assert faults() == []


# --- What verify_record says of it --------------------------------------------------------------


def test_a_text_that_was_emptied_by_hand_is_named(named, clock):
    corrected(named, clock)
    with triggers.lifted(connection):
        Edition.objects.filter(pk=named.pk).update(**emptying(named))
    (fault,) = faults()
    assert "its text is not the one with its digest." in fault


def test_a_redaction_that_the_record_does_not_tell_of_is_named(named, clock):
    corrected(named, clock)
    with triggers.lifted(connection):
        Redaction.objects.create(
            edition=named,
            reason=LAW,
            asked_by=person("administrator"),
            asked_at=timezone.now(),
            confirmed_by=person("approver"),
            confirmed_at=timezone.now(),
        )
    asked, confirmed, words_left = faults()
    assert "who asked" in asked
    assert "who confirmed" in confirmed
    assert "some are there" in words_left


def test_another_confirmer_than_the_record_says_is_named(named, clock):
    corrected(named, clock)
    redact(named, clock)
    with triggers.lifted(connection):
        Redaction.objects.update(confirmed_by=person("second_approver"))
    (fault,) = faults()
    assert "who confirmed" in fault


def test_files_left_by_a_crash_are_deleted_by_the_worker_and_until_then_named(named, clock):
    own = [file.name for file in named.files.exclude(sha256=common())]
    corrected(named, clock)
    workflow.redact(ask(named, clock), by=person("approver"))  # its transaction is still open
    assert all(path_of(name).exists() for name in own)
    assert any("still to be deleted" in fault for fault in faults())
    workflow.clear_redacted()
    assert not any(path_of(name).exists() for name in own)
    assert faults() == []


# --- On the desk --------------------------------------------------------------------------------


def test_it_is_asked_for_and_confirmed_on_the_desk(named, clock):
    corrected(named, clock)
    edition = Edition.objects.get(pk=named.pk)
    asking, confirming = signed_in(person("administrator")), signed_in(person("approver"))
    assert page_of("ask_redaction", edition) in asking.get(hub(edition.letter)).content.decode()
    page = asking.get(page_of("ask_redaction", edition))
    assert f"/admin/letters/edition/{edition.pk}/redacted/" in page.content.decode()
    assert NAME in words(page)  # struck out: it is not in the text that is public
    look = asking.get(f"/admin/letters/edition/{edition.pk}/redacted/")
    assert "Redacted: personal data removed by law on" in words(look)
    assert NAME not in look.content.decode()
    assert press(asking, "ask_redaction", edition, reason="").status_code == 400
    assert press(asking, "ask_redaction", edition, reason=LAW).status_code == 302
    edition = Edition.objects.get(pk=named.pk)
    clock.shift(1)
    assert "another person" in words(asking.get(page_of("redact", edition)))
    assert LAW in words(confirming.get(page_of("redact", edition)))
    assert press(confirming, "redact", edition).status_code == 302
    clock.shift(1)
    for address in (form_of(edition), hub(edition.letter), page_of("redact", edition)):
        said = confirming.get(address).content.decode()
        assert NAME not in said
    assert "personal data in it be removed" in words(confirming.get(form_of(edition)))


def test_it_is_dropped_on_the_desk(named, clock):
    corrected(named, clock)
    edition = ask(named, clock)
    other = signed_in(person("approver"))
    assert page_of("drop_redaction", edition) in links(other.get(hub(edition.letter)))
    assert page_of("drop_redaction", edition) in links(other.get(page_of("redact", edition)))
    assert LAW in words(other.get(page_of("drop_redaction", edition)))
    assert press(other, "drop_redaction", edition, remark="").status_code == 400
    assert press(other, "drop_redaction", edition, remark="Void.").status_code == 302
    clock.shift(1)
    told = words(other.get(hub(edition.letter)))
    assert "dropped the request to remove personal data" in told
    assert "Void." in told
    again = other.get(page_of("drop_redaction", edition))
    assert "Nobody has asked for it." in words(again)


@pytest.mark.parametrize("name", ["drafter", "publisher"])
def test_who_may_not_sees_no_page_of_it(name, clock):
    edition = make_edition(clock=clock)
    publish(make_correction(edition), clock)
    client: Client = signed_in(person(name))
    for verb in ("ask_redaction", "drop_redaction", "redact"):
        assert client.get(page_of(verb, edition)).status_code == 403
    assert client.get(f"/admin/letters/edition/{edition.pk}/redacted/").status_code == 403


def test_a_file_of_the_redacted_text_is_at_no_address(named, clock, citizen):
    file = named.files.exclude(sha256=common()).get()
    address = f"/en/letters/{named.letter.reference}/files/{file.name}"
    assert citizen.get(address).status_code == 200
    corrected(named, clock)
    redact(named, clock)
    assert citizen.get(address).status_code == 404
