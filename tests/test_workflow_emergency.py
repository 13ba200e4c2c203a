"""Published without approval: who may, what it needs, and the review afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from letters import record, workflow
from letters.models import Edition, Event, Stage, State, Submission
from letters.workflow import Incomplete, NotAllowed, NotPossible
from tests.letters_at_stages import (
    edit,
    make_correction,
    make_draft,
    make_edition,
    publish_in_an_emergency,
    submit,
)

pytestmark = pytest.mark.django_db

REASON = "The minister's plane lands before the office opens."


def test_the_text_is_frozen_under_its_digest_with_the_reason_in_the_record(publisher, clock):
    draft = make_draft()
    edition = workflow.emergency(draft, by=publisher, reason=REASON)
    assert edition.digest == record.digest(edition) != ""
    assert (edition.state, edition.approved_by, edition.emergency) == ("published", None, REASON)
    event = Event.objects.latest("number")
    assert (event.verb, event.remark, event.digest) == ("emergency", REASON, edition.digest)
    assert edition in Edition.objects.unreviewed()


def test_an_emergency_needs_a_reason_and_a_complete_text(publisher):
    with pytest.raises(NotPossible, match="Give the reason"), transaction.atomic():
        workflow.emergency(make_draft(), by=publisher, reason=" ")
    with pytest.raises(Incomplete), transaction.atomic():
        workflow.emergency(make_draft(headline=""), by=publisher, reason=REASON)


def test_an_emergency_does_not_lift_an_embargo(publisher):
    draft = make_draft(not_before=timezone.now() + timedelta(hours=1))
    with pytest.raises(Incomplete), transaction.atomic():
        workflow.emergency(draft, by=publisher, reason=REASON)
    edition = workflow.emergency(draft, by=publisher, reason=REASON, moment=draft.not_before)
    assert edition.stage(timezone.now()) == Stage.SCHEDULED


def test_a_moment_in_the_past_or_without_a_zone_is_refused(publisher):
    draft = make_draft()
    with pytest.raises(NotPossible), transaction.atomic():
        workflow.emergency(draft, by=publisher, reason=REASON, moment=timezone.now())
    with pytest.raises(ValueError), transaction.atomic():
        moment = timezone.now().replace(tzinfo=None) + timedelta(hours=1)
        workflow.emergency(draft, by=publisher, reason=REASON, moment=moment)


def test_a_correction_in_an_emergency_supersedes_at_the_same_instant(clock):
    live = make_edition(clock=clock)
    correction = publish_in_an_emergency(make_correction(live), clock)
    live.refresh_from_db()
    assert live.live_until == correction.live_from


def test_the_reviewer_neither_edited_nor_published_it(
    drafter, approver, publisher, superuser, second_approver, clock
):
    draft = edit(make_draft(by=drafter), approver, place="Old Valmere")
    edition = workflow.emergency(draft, by=superuser, reason=REASON)
    clock.shift(1)
    for person in (approver, superuser):
        assert "review" not in workflow.open_verbs(edition, by=person, at=timezone.now())
        with pytest.raises(NotAllowed, match="edited or published"), transaction.atomic():
            workflow.review(edition, by=person)
    reviewed = workflow.review(edition, by=second_approver, remark="Read against the original.")
    assert reviewed.reviewed_by == second_approver
    assert reviewed not in Edition.objects.unreviewed()
    with pytest.raises(NotPossible, match="does not wait"), transaction.atomic():
        workflow.review(reviewed, by=second_approver)


def test_an_approved_text_waits_for_no_review(approver, second_approver, clock):
    edition = make_edition(clock=clock)
    assert "review" not in workflow.open_verbs(edition, by=second_approver, at=timezone.now())
    with pytest.raises(NotPossible, match="does not wait"):
        workflow.review(edition, by=second_approver)


@pytest.mark.parametrize("submitted", [False, True])
def test_a_recalled_emergency_waits_for_approval(publisher, second_approver, submitted):
    edition = submit(make_draft()) if submitted else make_draft()
    moment = timezone.now() + timedelta(hours=1)
    edition = publish_in_an_emergency(edition, moment=moment)
    recalled = workflow.recall(edition, by=publisher)
    assert (recalled.state, recalled.emergency) == (State.SUBMITTED, "")
    assert Submission.objects.filter(edition=recalled).exists()
    assert workflow.approve(recalled, by=second_approver).state == State.APPROVED


def test_a_publisher_without_the_permission_may_not(publisher):
    publisher.groups.get().permissions.remove(
        publisher.groups.get().permissions.get(codename="emergency_edition")
    )
    with pytest.raises(NotAllowed):
        workflow.emergency(make_draft(), by=publisher, reason=REASON)
