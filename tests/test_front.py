"""The front of the desk: what needs this person, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from letters import workflow
from letters.admin import front
from letters.models import Delivery, Edition, Stage, StandIn
from tests.letters_at_stages import (
    approve,
    edit,
    make_draft,
    make_edition,
    person,
    publish,
    publish_in_an_emergency,
    schedule,
    submit,
    withdraw,
)
from tests.the_desk import signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

EVERYONE = (
    "drafter",
    "second_drafter",
    "approver",
    "second_approver",
    "publisher",
    "administrator",
    "superuser",
)


def parts(user: User) -> dict[str, list[int]]:
    """The keys of the texts in each part that this person sees."""
    found = front.context(user, timezone.now())["parts"]
    return {part.name: [edition.pk for edition in part.editions] for part in found}


def who_sees(edition: Edition, part: str) -> set[str]:
    return {name for name in EVERYONE if edition.pk in parts(person(name)).get(part, [])}


def test_a_text_waits_for_every_approver_when_nobody_is_named():
    edition = submit(make_draft())
    assert who_sees(edition, "approval") == {"approver", "second_approver", "superuser"}


def test_a_text_waits_only_for_the_approver_who_is_asked(drafter, approver):
    edition = workflow.submit(make_draft(), by=drafter, asked_of=approver)
    assert who_sees(edition, "approval") == {"approver"}


def test_a_text_waits_for_the_group_that_is_asked(drafter):
    approvers = Group.objects.get(name="Approvers")
    edition = workflow.submit(make_draft(), by=drafter, asked_group=approvers)
    assert who_sees(edition, "approval") == {"approver", "second_approver"}


def test_it_does_not_wait_for_an_approver_who_edited_it(approver, second_approver):
    edition = submit(edit(make_draft(), approver, place="Old Valmere"))
    assert who_sees(edition, "approval") == {"second_approver", "superuser"}


def test_a_stand_in_is_asked_on_the_days_of_the_absence(drafter, approver, second_approver, clock):
    edition = workflow.submit(make_draft(), by=drafter, asked_of=approver)
    today = timezone.localdate()
    StandIn.objects.create(absent=approver, stand_in=second_approver, since=today, until=today)
    assert who_sees(edition, "approval") == {"approver", "second_approver"}
    clock.shift(timedelta(days=1))
    assert who_sees(edition, "approval") == {"approver"}


def test_the_oldest_submission_comes_first_with_its_deadline_and_who_has_it(
    drafter, approver, second_approver, clock
):
    newer_draft = make_draft(headline="The newer one")
    older = workflow.submit(
        make_draft(), by=drafter, wanted_by=datetime(2026, 11, 9, 17, tzinfo=UTC)
    )
    clock.shift(60)
    newer = submit(newer_draft)
    workflow.take(older, by=second_approver)
    assert parts(approver)["approval"] == [older.pk, newer.pk]
    page = words(signed_in(approver).get(reverse("admin:index")))
    assert "wanted by 9 November, 17:00:00 UTC" in page
    assert "Second Approver Osk has it" in page


def test_what_was_sent_back_waits_for_who_submitted_it_or_edited_it_last(approver, drafter):
    edition = workflow.send_back(submit(make_draft()), by=approver, remark="The date.")
    assert who_sees(edition, "back") == {"drafter"}
    assert edition.pk not in parts(drafter).get("drafts", [])


def test_a_draft_is_listed_for_its_writer():
    assert who_sees(make_draft(), "drafts") == {"drafter"}


@pytest.mark.parametrize(
    ("stage", "part"),
    [(Stage.APPROVED, "publish"), (Stage.SCHEDULED, "scheduled"), (Stage.LIVE, "live")],
)
def test_a_text_waits_for_publishers(stage, part, clock):
    edition = make_edition(stage, clock=clock)
    assert who_sees(edition, part) == {"publisher", "superuser"}


def test_the_scheduled_say_in_how_long_and_in_which_zone(publisher, clock):
    schedule(make_draft(), timezone.now() + timedelta(minutes=90))
    page = words(signed_in(publisher).get(reverse("admin:index"))).replace("\xa0", " ")
    assert "in 1 hour, 30 minutes: 9 November, 11:00:00 UTC" in page


def test_what_went_live_yesterday_is_no_news(publisher, clock):
    edition = make_edition(clock=clock)
    clock.shift(timedelta(days=1))
    assert who_sees(edition, "live") == set()


def test_an_emergency_waits_for_an_approver_who_neither_edited_nor_published_it(
    approver, second_approver
):
    edition = publish_in_an_emergency(edit(make_draft(), approver, place="Old Valmere"))
    assert who_sees(edition, "review") == {"second_approver", "superuser"}
    workflow.review(edition, by=second_approver)
    assert who_sees(edition, "review") == set()


def test_a_letter_waits_for_its_missing_languages_until_they_are_begun(drafter, clock):
    edition = publish(make_draft(), clock)
    assert who_sees(edition, "translation") >= {"drafter", "second_drafter"}
    *some, last = set(front.LANGUAGES) - {edition.language}
    for language in some:
        workflow.translate(edition, language, by=drafter)
        assert "drafter" in who_sees(edition, "translation")
    workflow.translate(edition, last, by=drafter)
    assert who_sees(edition, "translation") == set()


def test_a_draft_and_an_old_letter_wait_for_no_translation(drafter, clock):
    assert who_sees(make_draft(), "translation") == set()
    edition = publish(make_draft(), clock)
    clock.shift(front.TRANSLATED_WITHIN + timedelta(minutes=1))
    assert who_sees(edition, "translation") == set()


def test_a_restricted_letter_is_in_no_part_and_no_count_of_others(
    drafter, approver, superuser, clock
):
    def seen_by(user: User) -> tuple[object, object]:
        context = front.context(user, timezone.now())
        return context["parts"], [month.hours for month in context["months"]]

    before = seen_by(superuser)
    draft = make_draft()
    workflow.restrict(draft.letter, [drafter, approver], by=drafter, reason="Not yet known.")
    edition = submit(draft)
    assert who_sees(edition, "approval") == {"approver"}
    clock.shift(3600)
    edition = workflow.approve(edition, by=approver)
    assert seen_by(superuser) == before
    assert seen_by(approver)[1] != before[1]


def test_mails_that_fail_are_told_to_administrators_only():
    Delivery.objects.create(
        key="a", what="submit", due_at=timezone.now(), attempts=1, error="Connection refused"
    )
    told = {name for name in EVERYONE if front.context(person(name), timezone.now())["failing"]}
    assert told == {"administrator", "superuser"}


def test_more_than_a_few_are_counted_and_linked(publisher):
    for _ in range(front.SHOWN + 2):
        approve(make_draft())
    context = front.context(publisher, timezone.now())
    (part,) = [part for part in context["parts"] if part.name == "publish"]
    assert (len(part.editions), part.number) == (front.SHOWN, front.SHOWN + 2)
    assert part.more.endswith("?stage=approved")


def test_the_front_asks_as_much_for_many_letters_as_for_few(superuser, clock):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            signed_in(superuser).get(reverse("admin:index"))
        return len(queries)

    def one_of_each() -> None:
        submit(make_draft())
        approve(make_draft())
        schedule(make_draft())
        publish(make_draft(), clock)

    # Each part that has more than it shows is counted: all of them do, in the end.
    for _ in range(front.SHOWN + 1):
        one_of_each()
    few = asked()
    for _ in range(front.SHOWN):
        one_of_each()
    assert asked() == few


def test_the_plot_counts_letters_by_the_month_they_were_first_shown(drafter, superuser, clock):
    first = publish(make_draft(), clock)
    french = edit(
        workflow.translate(first, "fr", by=drafter),
        drafter,
        headline="Titre",
        summary="Phrase.",
        body="<p>Texte.</p>",
    )
    french.parties.filter(role="sender").update(name="Mira Halden")
    french.parties.filter(role="addressee").update(name="Tomas Reyk")
    publish(Edition.objects.get(pk=french.pk), clock)
    withdraw(publish(make_draft(), clock), clock=clock)
    schedule(make_draft(), timezone.now() + timedelta(days=90))
    clock.shift(timedelta(days=30))
    publish(make_draft(), clock)
    months = front.months(superuser, timezone.now())
    assert len(months) == 12
    assert [month.letters for month in months[-2:]] == [2, 1]
    assert sum(month.letters for month in months) == 3


def test_the_plot_tells_the_median_hours_from_the_last_submission_to_approval(
    superuser, drafter, approver, clock
):
    for hours in (1, 2, 9):
        edition = submit(make_draft())
        clock.shift(timedelta(hours=5))
        edition = workflow.send_back(edition, by=approver, remark="The date.")
        edition = workflow.submit(edition, by=drafter)
        clock.shift(timedelta(hours=hours))
        workflow.approve(edition, by=approver)
    assert front.months(superuser, timezone.now())[-1].hours == 2.0


def test_a_new_office_is_told_that_nothing_waits(administrator: User):
    page = signed_in(administrator).get(reverse("admin:index"))
    assert "Nothing waits for you." in words(page)


def test_the_front_is_for_staff(citizen: Client):
    assert citizen.get(reverse("admin:index")).status_code == 302
