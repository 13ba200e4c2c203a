"""One text to many, from an earlier letter, several at once, and stopping everything."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from letters import markup, workflow
from letters.models import Edition, File, Letter, Recipient, Stage, State
from letters.workflow import NotAllowed, NotPossible, Stale
from tests.letters_at_stages import (
    approve,
    edit,
    make_correction,
    make_correspondent,
    make_draft,
    make_edition,
    publish,
    publish_in_an_emergency,
    schedule,
    submit,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def a_file(edition: Edition, **facts: object) -> File:
    return File.objects.create(
        edition=edition, sha256="0" * 64, type="image/jpeg", size=1, alt="The palace", **facts
    )


def test_a_letter_begun_from_an_earlier_one_copies_all_but_dates_embargo_and_expiring_files(
    drafter, second_drafter, clock
):
    model = make_draft(
        not_before=timezone.now(), first_published=date(2025, 1, 1), notes="Photographs follow."
    )
    a_file(model)
    a_file(model, expires=date(2026, 12, 31))
    model = publish(model, clock)
    (draft,) = workflow.repeat(model, by=second_drafter)

    assert draft.letter.reference != model.letter.reference
    assert (draft.begun_from, draft.state, draft.number) == (model, "draft", 1)
    for name in ("kind", "headline", "summary", "salutation", "body", "closing", "notes", "place"):
        assert getattr(draft, name) == getattr(model, name)
    for name in ("dated", "not_before", "first_published", "approved_by", "live_from"):
        assert getattr(draft, name) is None
    assert [p.name for p in draft.parties.all()] == [p.name for p in model.parties.all()]
    assert [file.expires for file in draft.files.all()] == [None]
    assert model.parties.count() == 2 and model.files.count() == 2


def test_a_correction_keeps_the_files_and_a_translation_asks_for_their_words_anew(drafter, clock):
    model = make_draft()
    a_file(model, caption="At dusk", credit="Press office")
    model = publish(model, clock)
    assert make_correction(model).files.get().caption == "At dusk"
    file = workflow.translate(model, "fr", by=drafter).files.get()
    assert (file.alt, file.caption, file.credit) == ("", "", "Press office")


def a_text_for(count: int, **facts: object) -> Edition:
    draft = make_draft(body=f"<p>We invite you.</p><p>{markup.OWN_SENTENCE}</p>", **facts)
    for place in range(count):
        Recipient.objects.create(
            edition=draft,
            position=place,
            name=f"Guest {place}",
            title=f"President of {place}",
            salutation=f"Dear Guest {place}," if place else "",
            sentence="I remember our <talk> in Valmere." if place == 1 else "",
        )
    return draft


def test_one_text_becomes_a_letter_for_each_recipient(drafter):
    made = workflow.multiply(a_text_for(3), by=drafter)
    assert len({edition.letter_id for edition in made}) == 3
    first = made[0].letter
    assert set(Letter.objects.filter(series=first)) == {edition.letter for edition in made}
    for place, edition in enumerate(made):
        edition = Edition.objects.get(pk=edition.pk)
        addressee = edition.parties.get(role="addressee")
        assert (addressee.name, addressee.title) == (f"Guest {place}", f"President of {place}")
        assert edition.parties.get(role="sender").name == "Mira Halden"
        assert edition.dated == timezone.localdate()
    assert [Edition.objects.get(pk=e.pk).salutation for e in made] == [
        "Your Majesty,",
        "Dear Guest 1,",
        "Dear Guest 2,",
    ]
    bodies = [Edition.objects.get(pk=e.pk).body for e in made]
    assert bodies[0] == bodies[2] == "<p>We invite you.</p>"
    assert bodies[1] == "<p>We invite you.</p><p>I remember our &lt;talk&gt; in Valmere.</p>"


def test_a_recipient_who_is_known_is_named_as_on_the_day_of_the_letter(drafter):
    known = make_correspondent(titles={"en": "Queen of Sorrel"}, country="XV")
    draft = make_draft()
    Recipient.objects.create(edition=draft, correspondent=known)
    (edition,) = workflow.multiply(draft, by=drafter)
    addressee = edition.parties.get(role="addressee")
    assert (addressee.name, addressee.title) == ("Mira Halden", "Queen of Sorrel")


def test_the_letters_of_a_text_are_made_once_and_only_for_somebody(drafter):
    with pytest.raises(NotPossible, match="at least one"):
        workflow.multiply(make_draft(), by=drafter)
    first, *_others = workflow.multiply(a_text_for(2), by=drafter)
    with pytest.raises(NotPossible, match="made already"), transaction.atomic():
        workflow.multiply(Edition.objects.get(pk=first.pk), by=drafter)


def test_the_letters_of_a_restricted_text_are_restricted_alike(drafter, second_drafter):
    draft = a_text_for(2)
    workflow.restrict(draft.letter, [drafter], by=drafter, reason="A surprise visit.")
    made = workflow.multiply(draft, by=drafter)
    for edition in made:
        letter = Letter.objects.get(pk=edition.letter_id)
        assert letter.is_open_to(drafter) and not letter.is_open_to(second_drafter)


def test_several_are_approved_together_or_not_at_all(drafter, approver):
    texts = [submit(make_draft()), submit(make_draft())]
    stale = Edition.objects.get(pk=texts[1].pk)
    stale.version -= 1
    with pytest.raises(Stale), transaction.atomic():
        workflow.together("approve", [texts[0], stale], by=approver)
    assert Edition.objects.filter(state=State.SUBMITTED).count() == 2
    done = workflow.together("approve", texts, by=approver)
    assert {edition.state for edition in done} == {"approved"}


def test_several_are_published_at_one_instant(publisher):
    texts = [approve(make_draft()) for _ in range(3)]
    done = workflow.together("publish", texts, by=publisher, moment=timezone.now() + HOUR)
    assert len({edition.live_from for edition in done}) == 1


def test_stopping_recalls_all_that_is_scheduled_even_what_one_may_not_see(
    drafter, publisher, clock
):
    plain = schedule(make_draft())
    secret = make_draft()
    workflow.restrict(secret.letter, [drafter, publisher], by=drafter, reason="Not yet known.")
    hidden = schedule_restricted(secret, publisher)
    urgent = publish_in_an_emergency(make_draft(), moment=timezone.now() + HOUR)
    live = make_edition(clock=clock)
    coming = schedule(make_correction(live))
    workflow.restrict(hidden.letter, [drafter], by=drafter, reason="Not yet known.")

    recalled, too_late = workflow.stop(by=publisher, reason="National mourning.")
    assert {e.pk for e in recalled} == {plain.pk, hidden.pk, urgent.pk, coming.pk}
    assert too_late == []
    assert not Edition.objects.filter(live_from__gt=timezone.now()).exists()
    assert Edition.objects.get(pk=urgent.pk).state == "submitted"
    assert Edition.objects.get(pk=live.pk).live_until is None
    assert {e.events.latest("number").remark for e in recalled} == {"National mourning."}


def schedule_restricted(draft: Edition, publisher: object) -> Edition:
    edition = workflow.emergency(
        draft, by=publisher, reason="A test of stopping.", moment=timezone.now() + HOUR
    )
    return Edition.objects.get(pk=edition.pk)


def test_stopping_says_what_was_too_late(publisher, clock):
    soon = schedule(make_draft(), timezone.now() + timedelta(seconds=3))
    later = schedule(make_draft())
    clock.shift(1.5)
    recalled, too_late = workflow.stop(by=publisher, reason="National mourning.")
    assert ([e.pk for e in recalled], [e.pk for e in too_late]) == ([later.pk], [soon.pk])


def test_a_selection_is_stopped_alone_with_a_reason_by_a_publisher(publisher, approver):
    one, other = schedule(make_draft()), schedule(make_draft())
    with pytest.raises(NotPossible, match="Give the reason"), transaction.atomic():
        workflow.stop(by=publisher, reason="")
    with pytest.raises(NotAllowed), transaction.atomic():
        workflow.stop(by=approver, reason="National mourning.")
    workflow.stop(by=publisher, reason="Election silence.", only=[one])
    assert Edition.objects.get(pk=other.pk).stage(timezone.now()) == Stage.SCHEDULED


def test_a_plan_is_an_intention_that_leaves_the_version_as_it_is(drafter, approver, publisher):
    edition = submit(make_draft())
    moment = timezone.now() + HOUR
    planned = workflow.plan(edition, by=publisher, moment=moment)
    assert (planned.planned_for, planned.version) == (moment, edition.version)
    assert workflow.approve(edition, by=approver).planned_for == moment
    assert workflow.plan(edition, by=drafter, moment=None).planned_for is None
    with pytest.raises(NotPossible, match="not published yet"):
        workflow.plan(make_edition(), by=publisher, moment=moment)


def test_a_text_sent_back_and_submitted_again_names_the_new_approver(
    drafter, approver, second_approver
):
    edition = workflow.submit(make_draft(), by=drafter, asked_of=approver)
    workflow.take(edition, by=approver)
    assert Edition.objects.get(pk=edition.pk).submission.taken_by == approver
    edition = workflow.send_back(edition, by=approver, remark="The date.")
    edition = edit(edition, drafter, place="Old Valmere")
    edition = workflow.submit(edition, by=drafter, asked_of=second_approver)
    submission = Edition.objects.get(pk=edition.pk).submission
    assert (submission.asked_of, submission.taken_by) == (second_approver, None)


def test_somebody_who_edited_the_text_is_not_asked_to_approve_it(approver):
    draft = edit(make_draft(), approver, place="Old Valmere")
    with pytest.raises(NotPossible, match="may not approve"):
        workflow.submit(draft, by=approver, asked_of=approver)
