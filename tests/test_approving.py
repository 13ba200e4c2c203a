"""The second pair of eyes: asked, seen by all, deciding about one digest, and what happens else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from letters import workflow
from letters.admin import emergencies
from letters.models import Clearance, Edition, Event, Stage, StandIn, Submission
from tests.letters_at_stages import (
    approve,
    edit,
    make_correction,
    make_draft,
    make_edition,
    person,
    publish,
    publish_in_an_emergency,
    standard_reason,
    submit,
)
from tests.the_desk import filled_in, form_of, hub, links, page_of, parsed, press, signed_in, words

pytestmark = pytest.mark.django_db

STAND_INS = "/admin/letters/standin/"


def again(edition: Edition) -> Edition:
    return Edition.objects.select_related("letter").get(pk=edition.pk)


def attempts() -> list[tuple[str, str]]:
    rows = Event.objects.filter(verb="attempt").order_by("number")
    return [(event.by_name, event.remark.split(":")[0]) for event in rows]


def buttons(response: Any) -> list[tuple[str, str]]:
    """The one form's buttons and where each leads."""
    found = [e for e in parsed(response).iter("input") if e.get("formaction")]
    return [(e.get("value", ""), e.get("formaction", "")) for e in found]


# --- One page, one decision ---------------------------------------------------------------------


def test_the_approver_sees_the_public_page_the_checks_the_differences_and_one_decision(
    approver, clock
):
    first = publish(make_draft(), clock)
    edition = submit(make_correction(first, place="Harborg"))
    page = signed_in(approver).get(page_of("approve", edition))
    (frame,) = parsed(page).iter("iframe")
    assert frame.get("src") == f"/admin/letters/edition/{edition.pk}/preview/?framed"
    assert frame.get("title")
    assert buttons(page) == [
        ("Approve", page_of("approve", edition)),
        ("Send back", page_of("send_back", edition)),
    ]
    changed = ["".join(e.itertext()) for e in parsed(page).iter() if e.tag in ("ins", "del")]
    note = "new: The date of the national day was wrong."
    assert changed == ["gone: Valmere", "new: Harborg", note]
    assert edition.digest[:12] in words(page)
    assert "From edition 1" in words(page)


def test_only_the_desk_may_frame_the_preview(approver):
    edition = submit(make_draft())
    client = signed_in(approver)
    preview = client.get(f"/admin/letters/edition/{edition.pk}/preview/?framed")
    assert preview["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in preview["Content-Security-Policy"]
    assert '<base target="_blank">' in preview.content.decode()
    approving = client.get(page_of("approve", edition))
    assert "frame-ancestors 'none'" in approving["Content-Security-Policy"]
    live = client.get("/en/letters/")
    assert live["X-Frame-Options"] == "DENY"


def test_sending_back_is_the_same_step_and_asks_for_the_reason_beside_its_field(approver):
    edition = submit(make_draft())
    client = signed_in(approver)
    typed = filled_in(client.get(page_of("approve", edition)))
    refusal = client.post(page_of("send_back", edition), typed | {"remark": " "})
    assert refusal.status_code == 400
    (told,) = [e for e in parsed(refusal).iter() if e.get("id") == "id_remark_error"]
    assert "Say what should be changed." in "".join(told.itertext())
    assert buttons(refusal) == buttons(client.get(page_of("approve", edition)))
    typed = filled_in(refusal) | {"remark": "The title is out of date."}
    assert client.post(page_of("send_back", edition), typed).status_code == 302
    assert again(edition).is_draft
    assert Event.objects.latest("number").remark == "The title is out of date."


def test_an_approved_text_can_only_be_sent_back(approver):
    edition = approve(make_draft())
    page = signed_in(approver).get(page_of("send_back", edition))
    assert buttons(page) == [("Send back", page_of("send_back", edition))]


def test_approval_is_of_one_digest(approver, second_drafter):
    edition = submit(make_draft())
    client = signed_in(approver)
    read = filled_in(client.get(page_of("approve", edition)))
    back = workflow.send_back(edition, by=person("second_approver"), remark="The place.")
    edition = submit(edit(back, second_drafter, place="Harborg"))
    # Even with the version guessed right it was another text that they read.
    for crafted in (read, read | {"version": edition.version}):
        refusal = client.post(page_of("approve", edition), crafted)
        assert refusal.status_code == 409
        assert "The text has moved on since you opened it" in words(refusal)
        assert filled_in(refusal)["digest"] == edition.digest
    assert again(edition).state == "submitted"
    assert attempts() == [("Approver Osk", "approve")] * 2
    assert client.post(page_of("approve", edition), filled_in(refusal)).status_code == 302
    assert again(edition).approved_by == approver


@pytest.mark.parametrize("digest", ["", "0" * 64])
def test_no_digest_or_another_approves_nothing(digest, approver):
    edition = submit(make_draft())
    data = {"version": edition.version, "digest": digest, "remark": ""}
    assert signed_in(approver).post(page_of("approve", edition), data).status_code in (400, 409)
    assert again(edition).state == "submitted"


def test_an_approval_by_its_author_is_refused_and_in_the_record(approver):
    edition = submit(edit(make_draft(), approver, place="Harborg"))
    data = {"version": edition.version, "digest": edition.digest, "remark": ""}
    refusal = signed_in(approver).post(page_of("approve", edition), data)
    assert refusal.status_code == 403
    assert "You edited this text, so another person has to approve it." in words(refusal)
    assert attempts() == [("Approver Osk", "approve")]
    assert "was refused" in words(signed_in(person("drafter")).get(hub(edition.letter)))
    # They may still send it back.
    page = signed_in(approver).get(page_of("approve", edition))
    assert [label for label, _address in buttons(page)] == ["Send back"]


def test_a_draft_that_was_begun_from_another_letter_shows_what_differs_before_it_is_submitted(
    drafter, clock
):
    first = publish(make_draft(), clock)
    (draft,) = workflow.repeat(first, by=drafter)
    draft = edit(draft, drafter, place="Harborg")
    page = signed_in(drafter).get(page_of("submit", draft))
    assert f"From {first.letter.reference}, from which this text was begun." in words(page)
    assert "gone: Valmere new: Harborg" in words(page)


def test_the_page_of_a_decision_asks_few_questions_however_much_there_is(
    approver, clock, django_assert_max_num_queries
):
    first = publish(make_draft(), clock)
    edition = submit(make_correction(first, place="Harborg"))
    client = signed_in(approver)
    client.get(page_of("approve", edition))
    with django_assert_max_num_queries(40):
        client.get(page_of("approve", edition))


# --- Who is asked, and by when ------------------------------------------------------------------


def test_submitting_asks_a_person_by_a_moment(drafter, approver, clock):
    draft = make_draft(drafter)
    asked = f"person-{approver.pk}"
    client = signed_in(drafter)
    moment = {"wanted_by_0": "2026-11-09", "wanted_by_1": "17:00"}
    answer = press(client, "submit", draft, asked=asked, remark="Before noon, please.", **moment)
    assert answer.status_code == 302
    submission = Submission.objects.get()
    assert (submission.asked_of, submission.asked_group) == (approver, None)
    assert submission.wanted_by == datetime(2026, 11, 9, 17, tzinfo=UTC)
    page = words(signed_in(approver).get(page_of("approve", again(draft))))
    assert "Asked Approver Osk" in page
    assert "9 November 2026, 17:00:00 UTC" in page
    clock.shift(8 * 3600)
    assert "(past)" in words(signed_in(approver).get(page_of("approve", again(draft))))


def test_submitting_asks_a_group_or_nobody_in_particular(drafter):
    group = Group.objects.get(name="Approvers")
    client = signed_in(drafter)
    press(client, "submit", make_draft(drafter), asked=f"group-{group.pk}")
    press(client, "submit", make_draft(drafter))
    asked = [(s.asked_of, s.asked_group) for s in Submission.objects.order_by("pk")]
    assert asked == [(None, group), (None, None)]


def test_only_who_may_approve_the_text_can_be_asked(drafter, approver, second_approver, publisher):
    draft = edit(make_draft(drafter), approver, place="Harborg")
    second_approver.is_active = False
    second_approver.save()
    third = person("superuser")
    page = signed_in(drafter).get(page_of("submit", draft))
    offered = [o.get("value") for o in parsed(page).iter("option")]
    people = [value for value in offered if value.startswith("person-")]
    assert people == [f"person-{third.pk}"]
    for crafted in (approver, second_approver, publisher, drafter):
        refusal = press(signed_in(drafter), "submit", draft, asked=f"person-{crafted.pk}")
        assert refusal.status_code == 400
        assert "Select a valid choice." in words(refusal)
    workflow.restrict(draft.letter, [drafter], by=drafter, reason="Not announced yet.")
    page = signed_in(drafter).get(page_of("submit", draft))
    assert b"person-" not in page.content


def test_a_moment_that_is_past_is_refused_and_nothing_typed_is_lost(drafter, approver, clock):
    draft = make_draft(drafter)
    typed = {"asked": f"person-{approver.pk}", "remark": "Please.", "wanted_by_0": "2026-11-09"}
    page = press(signed_in(drafter), "submit", draft, wanted_by_1="09:00", **typed)
    assert page.status_code == 400
    assert "This moment is past." in words(page)
    kept = filled_in(page)
    assert kept.items() >= (typed | {"wanted_by_1": "09:00"}).items()


def test_who_was_asked_is_proposed_again_after_it_was_sent_back(drafter, approver):
    draft = make_draft(drafter)
    press(signed_in(drafter), "submit", draft, asked=f"person-{approver.pk}")
    workflow.send_back(again(draft), by=approver, remark="The place.")
    page = signed_in(drafter).get(page_of("submit", draft))
    assert filled_in(page)["asked"] == f"person-{approver.pk}"


def test_someone_says_i_have_it_and_everybody_sees_it(approver, second_approver):
    edition = submit(make_draft())
    client = signed_in(approver)
    take = f"/admin/letters/edition/{edition.pk}/take/"
    assert "I have it" in words(client.get(page_of("approve", edition)))
    assert client.post(take)["Location"] == page_of("approve", edition)
    assert "I have it" not in words(client.get(page_of("approve", edition)))
    other = signed_in(second_approver)
    assert "Has it Approver Osk" in words(other.get(page_of("approve", edition)))
    assert "Approver Osk has it." in words(other.get(hub(edition.letter)))
    other.post(take)
    assert Submission.objects.get().taken_by == second_approver
    assert client.get(take).status_code == 405
    approve(edition)
    answer = client.post(take, follow=True)
    assert "The text no longer waits for approval." in words(answer)


# --- Standing in --------------------------------------------------------------------------------


def test_an_approver_names_who_stands_in_and_the_page_of_submission_says_so(
    drafter, approver, second_approver, clock
):
    client = signed_in(approver)
    form = filled_in(client.get(f"{STAND_INS}add/"))
    assert "absent" not in form
    days = {"since": "2026-11-09", "until": "2026-11-13"}
    answer = client.post(f"{STAND_INS}add/", form | {"stand_in": second_approver.pk} | days)
    assert answer.status_code == 302
    (row,) = StandIn.objects.all()
    assert (row.absent, row.stand_in) == (approver, second_approver)
    page = signed_in(drafter).get(page_of("submit", make_draft(drafter)))
    away = "Approver Osk – away until 13 November 2026, Second Approver Osk stands in"
    assert away in words(page)


@pytest.mark.parametrize(
    "typed, message",
    [
        ({"since": "2026-11-12", "until": "2026-11-10"}, "The last day is before the first."),
        ({"since": "2026-11-01", "until": "2026-11-02"}, "This day is past."),
        ({"stand_in": "publisher"}, "Select a valid choice."),
        ({"stand_in": "approver"}, "Select a valid choice."),
    ],
)
def test_a_stand_in_has_the_right_and_the_days_are_right(
    typed, message, approver, second_approver, clock
):
    data = {"stand_in": "second_approver", "since": "2026-11-09", "until": "2026-11-13"} | typed
    data["stand_in"] = str(person(data["stand_in"]).pk)
    page = signed_in(approver).post(f"{STAND_INS}add/", data)
    assert page.status_code == 200
    assert message in words(page)
    assert not StandIn.objects.exists()


def test_each_approver_sees_their_own_absences_and_administrators_all(
    approver, second_approver, administrator, drafter
):
    day = timezone.localdate()
    row = StandIn.objects.create(absent=approver, stand_in=second_approver, since=day, until=day)
    change = f"{STAND_INS}{row.pk}/change/"
    assert "Second Approver Osk" in words(signed_in(approver).get(STAND_INS))
    assert signed_in(approver).get(change).status_code == 200
    assert signed_in(administrator).get(change).status_code == 200
    other = signed_in(second_approver)
    nowhere = other.get(f"{STAND_INS}{10**6}/change/")
    assert (other.get(change).status_code, nowhere.status_code) == (302, 302)
    assert "0 stand-ins" in words(other.get(STAND_INS))
    assert signed_in(drafter).get(STAND_INS).status_code == 403
    page = signed_in(administrator).get(f"{STAND_INS}add/")
    assert "absent" in filled_in(page)


def test_an_administrator_names_a_stand_in_for_anybody_but_not_themselves_for_themselves(
    approver, administrator
):
    day = timezone.localdate().isoformat()
    data = {"absent": approver.pk, "stand_in": approver.pk, "since": day, "until": day}
    page = signed_in(administrator).post(f"{STAND_INS}add/", data)
    assert "Name another person than the absent one." in words(page)


# --- Emergencies --------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.SUBMITTED])
def test_a_text_is_published_without_approval_with_a_reason(stage, publisher, clock):
    edition = make_edition(stage)
    client = signed_in(publisher)
    page = press(client, "emergency", edition, reason=" ")
    assert page.status_code == 400
    assert again(edition).live_from is None
    assert press(client, "emergency", edition, reason="A flood.").status_code == 302
    clock.shift(1)
    edition = again(edition)
    assert (edition.stage(timezone.now()), edition.emergency) == (Stage.LIVE, "A flood.")
    assert edition.digest
    shown = "Published in an emergency, without approval, and not reviewed yet."
    assert shown in words(client.get(hub(edition.letter)))
    assert shown in words(client.get(form_of(edition)))
    assert b"flood" not in Client().get(edition.get_absolute_url()).content


def test_an_emergency_may_be_scheduled_and_is_checked(publisher, clock):
    edition = make_draft(headline="")
    client = signed_in(publisher)
    moment = {"when": "moment", "moment_0": "2026-11-10", "moment_1": "08:00"}
    page = press(client, "emergency", edition, reason="A flood.", **moment)
    assert page.status_code == 409
    assert "Write a headline." in words(page)
    assert filled_in(page)["reason"] == "A flood."
    edition = edit(again(edition), person("drafter"), headline="A flood in Harborg")
    press(client, "emergency", edition, reason="A flood.", **moment)
    assert again(edition).live_from == datetime(2026, 11, 10, 8, tzinfo=UTC)


def test_another_person_reviews_it_afterwards(publisher, approver, drafter, clock):
    edition = publish_in_an_emergency(edit(make_draft(), approver, place="Harborg"), clock)
    data = {"version": edition.version, "digest": edition.digest, "remark": ""}
    refusal = signed_in(approver).post(page_of("review", edition), data)
    assert refusal.status_code == 403
    assert attempts() == [("Approver Osk", "review")]

    reviewer = person("second_approver")
    client = signed_in(reviewer)
    page = client.get(page_of("review", edition))
    assert buttons(page) == [("Review afterwards", page_of("review", edition))]
    assert page_of("review", edition) in links(client.get(hub(edition.letter)))
    assert client.post(page_of("review", edition), filled_in(page)).status_code == 302
    assert again(edition).reviewed_by == reviewer
    shown = "Published in an emergency, without approval; reviewed afterwards."
    assert shown in words(client.get(hub(edition.letter)))


def test_a_superseded_emergency_can_still_be_reviewed_from_the_letter(second_approver, clock):
    edition = publish_in_an_emergency(make_draft(), clock)
    publish(make_correction(edition), clock)
    client = signed_in(second_approver)
    assert page_of("review", edition) in links(client.get(hub(edition.letter)))
    assert press(client, "review", again(edition)).status_code == 302


def test_the_share_of_emergencies_is_of_what_went_live_in_the_last_year(clock):
    assert emergencies.share(timezone.now()) == (0, 0)
    for _letter in range(3):
        publish(make_draft(), clock)
    publish_in_an_emergency(make_draft(), clock)
    make_edition(Stage.SCHEDULED, approved=False)
    assert emergencies.share(timezone.now()) == (1, 4)
    assert emergencies.share(timezone.now() + timedelta(days=365)) == (1, 1)


# --- Who is there, once more --------------------------------------------------------------------


def signed_in_long_ago(by: User) -> Client:
    by.set_password("a password of some length")
    by.save()
    client = signed_in(by)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0}]
    session.save()
    return client


@pytest.mark.parametrize("verb", ["publish", "emergency", "withdraw", "restore"])
def test_what_the_public_notices_at_once_asks_for_the_password_and_loses_nothing(
    verb, publisher, clock
):
    stages = {"publish": Stage.APPROVED, "emergency": Stage.SUBMITTED, "withdraw": Stage.LIVE}
    edition = make_edition(stages.get(verb, Stage.WITHDRAWN), clock=clock)
    client = signed_in_long_ago(publisher)
    standard_reason("A flood.", "kept")
    said = {"reason": "A flood.", "kind": "kept", "remark": "A flood."}
    asked = press(client, verb, edition, **said)
    assert "/reauthenticate/" in asked["Location"]
    assert again(edition).version == edition.version
    answer = client.post(asked["Location"], {"password": "a password of some length"}, follow=True)
    told = {"publish": "is published.", "emergency": "is published."}
    assert told.get(verb, "Done:") in words(answer)
    event = Event.objects.latest("number")
    assert (event.verb, event.remark) == (verb, "A flood.")


@pytest.mark.parametrize("verb", ["approve", "send_back", "recall"])
def test_nothing_else_asks_for_it(verb, superuser, clock):
    stages = {"recall": Stage.SCHEDULED}
    edition = make_edition(stages.get(verb, Stage.SUBMITTED), clock=clock)
    client = signed_in_long_ago(superuser)
    answer = press(client, verb, edition, remark="The title is out of date.")
    assert answer["Location"] == hub(edition.letter)


# --- The office asks for a clearance first --------------------------------------------------------


def test_without_the_clearance_its_kind_needs_a_text_is_not_approved_and_the_page_says_so(approver):
    edition = submit(make_draft())
    kind = edition.kind
    kind.cleared_by = "Chief of staff"
    kind.save()
    client = signed_in(approver)
    assert "Not cleared yet by: Chief of staff." in words(client.get(page_of("approve", edition)))
    refusal = press(client, "approve", edition)
    assert refusal.status_code == 409
    assert "Not cleared yet by: Chief of staff." in words(refusal)
    Clearance.objects.create(
        edition=edition,
        digest=edition.digest,
        token_digest="0" * 64,
        name="Ilse Varn",
        post="Chief of staff",
        made_by=approver,
        made_at=timezone.now(),
        expires_at=timezone.now() + timedelta(days=1),
        decision="cleared",
        decided_at=timezone.now(),
    )
    assert press(client, "approve", edition).status_code == 302


def test_whoever_looks_at_a_restricted_text_to_decide_is_in_the_record(approver, drafter):
    edition = submit(make_draft(drafter))
    workflow.restrict(edition.letter, [drafter, approver], by=drafter, reason="A visit.")
    signed_in(approver).get(page_of("approve", edition))
    assert Event.objects.filter(verb="view", by=approver).count() == 1
