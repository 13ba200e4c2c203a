"""What the public page says of what happened to a letter: corrected, withdrawn, restored."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.urls import reverse

from letters import verifying, workflow
from letters.models import Delivery, Edition, Event, Note, Sentence, Withdrawal, triggers
from tests.letters_at_stages import (
    edit,
    make_correction,
    make_edition,
    person,
    publish,
    withdraw,
)
from tests.the_desk import page_of, signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

RESTORED = "Withdrawn for a time, and restored"
BEHIND = "this translation does not follow it yet"


def page(citizen, edition: Edition) -> str:
    return words(citizen.get(edition.get_absolute_url()))


def test_a_restored_letter_says_that_it_was_withdrawn_and_why(clock, citizen):
    edition = make_edition(clock=clock)
    assert RESTORED not in page(citizen, edition)
    edition = withdraw(edition, "kept", clock, reason="Under review.")
    assert RESTORED not in page(citizen, edition)
    edition = withdraw(edition, "removed", clock, reason="Sent in error.")
    workflow.restore(edition, by=person("publisher"))
    clock.shift(1)
    said = page(citizen, edition)
    assert said.count(RESTORED) == 1
    assert "Sent in error." in said
    assert "Under review." not in said  # that notice gave way to the other one


def test_a_correction_made_under_a_withdrawal_shows_after_the_restore(clock, citizen):
    edition = make_edition(clock=clock)
    draft = make_correction(edition, headline="Mended")
    withdraw(edition, "removed", clock)
    second = publish(draft, clock)
    assert citizen.get(edition.get_absolute_url()).status_code == 410
    withdrawn = Edition.objects.select_related("letter").get(pk=second.pk)
    workflow.restore(withdrawn, by=person("publisher"))
    clock.shift(1)
    assert "Mended" in page(citizen, second)


def test_a_translation_says_that_its_original_was_corrected_until_it_follows(clock, citizen):
    original = make_edition(clock=clock)
    draft = workflow.translate(original, "fr", by=person("drafter"))
    draft.parties.update(name="Tomas Reyk")
    facts = {"headline": "Au Roi", "summary": "Au Roi.", "body": "<p>Nos vœux les meilleurs.</p>"}
    french = publish(edit(draft, person("drafter"), **facts), clock)
    assert "ne le suit pas encore" not in page(citizen, french)
    publish(make_correction(original), clock)
    assert "ne le suit pas encore" in page(citizen, french)
    assert BEHIND not in page(citizen, original)
    follows = publish(make_correction(french), clock)
    assert "ne le suit pas encore" not in page(citizen, follows)


def test_the_history_shows_what_each_correction_changed_word_by_word(clock, citizen):
    first = make_edition(clock=clock, body="<p>We send our warmest wishes.</p>")
    second = publish(make_correction(first, body="<p>I send our warmest wishes.</p>"), clock)
    publish(make_correction(second, body="<p>I send my warmest wishes.</p>"), clock)
    response = citizen.get(f"{first.get_absolute_url()}editions/")
    html = response.content.decode()
    for gone, new in (("We", "I"), ("our", "my")):
        assert f"</span>{gone}</del>" in html
        assert f"</span>{new}</ins>" in html
    assert citizen.get(f"{first.get_absolute_url()}editions/1/")["X-Robots-Tag"] == "noindex"


def test_letters_never_move_in_a_circle(clock, citizen):
    one, two = make_edition(clock=clock), make_edition(clock=clock)
    withdraw(one, "moved", clock, moved_to=two.letter)
    moved = citizen.get(one.get_absolute_url())
    assert (moved.status_code, moved["Cache-Control"]) == (302, "no-store")
    with pytest.raises(workflow.NotPossible):
        withdraw(two, "moved", clock, moved_to=one.letter)
    with pytest.raises(workflow.NotPossible):
        withdraw(two, "moved", clock, moved_to=two.letter)


# --- Public words of one's own --------------------------------------------------------------------


def test_words_of_ones_own_are_public_when_another_person_has_approved_them(clock, citizen):
    edition = make_edition(clock=clock)
    publisher, approver = person("publisher"), person("approver")
    edition = workflow.withdraw(edition, by=publisher, kind="kept", words="The date was wrong.")
    clock.shift(1)
    address = edition.get_absolute_url()
    standard = workflow.standard_reasons("en", "kept")[0]
    assert standard in words_of(citizen, address)
    assert "The date was wrong." not in words_of(citizen, address)
    waiting = Note.objects.get()
    with pytest.raises(workflow.NotAllowed):
        workflow.approve_note(waiting, by=publisher)
    workflow.approve_note(waiting, by=approver)
    clock.shift(1)
    assert "The date was wrong." in words_of(citizen, address)
    assert standard not in words_of(citizen, address)
    with pytest.raises(workflow.NotPossible):
        workflow.approve_note(waiting, by=person("second_approver"))
    assert verify_everything() == []


def test_later_words_about_a_correction_replace_earlier_ones_which_stay_in_the_record(
    clock, citizen
):
    correction = publish(make_correction(make_edition(clock=clock)), clock)
    address = correction.get_absolute_url()
    for text in ("The day was wrong.", "The day and the year were wrong."):
        workflow.note(correction, by=person("drafter"), text=text)
        assert text not in words_of(citizen, address)
        workflow.approve_note(Note.objects.waiting().get(), by=person("approver"))
        clock.shift(1)
        assert text in words_of(citizen, address)
        assert text in words_of(citizen, f"{address}editions/")
    assert "The day was wrong." not in words_of(citizen, address)
    signed = citizen.get(f"{address}letter.json").json()["notes"]
    assert [note["note"]["text"] for note in signed] == [
        "The day was wrong.",
        "The day and the year were wrong.",
    ]
    assert {event.remark for event in Event.objects.filter(verb="approve_note")} == {
        "The day was wrong.",
        "The day and the year were wrong.",
    }
    # A note that nobody has approved, or written about a text that has none, is not for the public.
    with pytest.raises(workflow.NotPossible):
        workflow.note(make_edition(clock=clock), by=person("drafter"), text="Of what?")


def test_a_note_whose_words_were_changed_in_the_database_is_named(clock):
    edition = withdraw(make_edition(clock=clock), "kept", clock)
    note = workflow.note(edition, by=person("drafter"), text="Sent too early.")
    workflow.approve_note(note, by=person("approver"))
    with triggers.lifted(connection):
        Note.objects.update(text="Sent in anger.")
    (fault,) = verify_everything()
    assert "Public note on 2026-1 (en)" in fault
    assert "its signature is not ours" in fault


def verify_everything() -> list[str]:
    return [str(f) for part in verifying.parts() for found in part.walk() for f in found]


def words_of(citizen: Client, address: str) -> str:
    return unescape(citizen.get(address).content.decode())


# --- On the desk ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["kept", "removed", "moved"])
def test_before_a_withdrawal_the_page_that_the_public_would_read_is_shown(kind, clock):
    edition, other = make_edition(clock=clock), make_edition(clock=clock, headline="The other one")
    client = signed_in(person("publisher"))
    data = {"version": edition.version, "kind": kind, "_look": "1"}
    if kind == "moved":
        data["moved_to"] = other.letter.reference
    page = client.post(page_of("withdraw", edition), data)
    assert page.status_code == 200
    assert not Withdrawal.objects.exists()
    (address,) = re.findall(r'iframe class="public-page" src="([^"]+)"', page.content.decode())
    seen = client.get(unescape(address), follow=True).content.decode()
    if kind == "moved":
        assert "The other one" in seen
    else:
        assert workflow.standard_reasons("en", kind)[0] in unescape(seen)
        assert (edition.headline in seen) == (kind == "kept")
    assert signed_in(person("drafter")).get(unescape(address)).status_code == 403


def test_words_are_proposed_and_approved_on_the_desk(clock, citizen):
    edition = withdraw(make_edition(clock=clock), "kept", clock)
    address = reverse("admin:letters_edition_note", args=[edition.pk])
    publisher, approver = signed_in(person("publisher")), signed_in(person("approver"))
    assert publisher.post(address, {"text": " "}).status_code == 400
    assert publisher.post(address, {"text": "Sent too early."}).status_code == 302
    note = Note.objects.get()
    approve = reverse("admin:letters_edition_approve-note", args=[edition.pk, note.pk])
    assert approve not in publisher.get(address).content.decode()
    assert publisher.post(approve).status_code == 403
    assert approve in approver.get(address).content.decode()
    clock.shift(1)
    assert approver.post(approve).status_code == 302
    assert "Sent too early." in words_of(citizen, edition.get_absolute_url())


def test_a_standard_reason_is_approved_by_another_before_it_can_be_used(clock):
    both = person("administrator")
    both.groups.add(Group.objects.get(name="Approvers"))
    data = {"language": "en", "kind": "kept", "text": "Sent by mistake."}
    signed_in(both).post(reverse("admin:letters_sentence_add"), data)
    sentence = Sentence.objects.get()
    chosen = {"action": "approve", "_selected_action": [sentence.pk]}
    changelist = reverse("admin:letters_sentence_changelist")
    for by, usable in ((both, False), (person("approver"), True)):
        signed_in(by).post(changelist, chosen)
        assert ("Sent by mistake." in workflow.standard_reasons("en", "kept")) == usable
    signed_in(both).post(
        reverse("admin:letters_sentence_change", args=[sentence.pk]), data | {"text": "Changed."}
    )
    assert len(workflow.standard_reasons("en", "kept")) == 1


def test_who_wrote_a_translation_is_told_when_the_original_is_corrected(clock):
    english = make_edition(clock=clock)
    translator = person("second_drafter")
    User.objects.filter(pk=translator.pk).update(email="translator@example.org")
    french = workflow.translate(english, "fr", by=translator)
    french.parties.update(name="Nom")
    facts = {"headline": "Félicitations", "summary": "Contexte.", "body": "<p>Texte</p>"}
    with workflow.drafting(french, by=translator) as draft:
        for name, value in facts.items():
            setattr(draft, name, value)
        draft.save()
    french = workflow.submit(Edition.objects.get(pk=french.pk), by=translator)
    publish(workflow.approve(french, by=person("approver")), clock)
    publish(make_correction(english), clock)
    told = Delivery.objects.filter(what="follow")
    assert [delivery.to for delivery in told] == [translator]
