"""Who is told of what, and what a mail says: those concerned, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import html5lib
import pytest
import time_machine
from django.contrib.auth.models import Group, Permission, User
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from letters import clearances, deliveries, workflow
from letters.models import Clearance, Delivery, Edition, Event, Office, Preferences, StandIn
from tests.letters_at_stages import (
    approve,
    edit,
    make_correction,
    make_draft,
    person,
    publish_in_an_emergency,
    schedule,
    withdraw,
)
from tests.letters_at_stages import publish as publish_now
from tests.the_desk import filled_in, signed_in, words

Clock = time_machine.Traveller

CAST = [
    f"{second}{name}"
    for name in ("drafter", "approver", "publisher", "administrator", "superuser")
    for second in ("", "second_")
]


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    """Everybody, each with an address."""
    found = {name: person(name) for name in CAST}
    for user in found.values():
        user.email = f"{user.username}@valdora.example"
        user.save()
    return found


def chooses(user: User, mail: str = "immediate", language: str = "") -> None:
    Preferences.objects.update_or_create(user=user, defaults={"mail": mail, "language": language})


def told(what: str) -> set[str]:
    return {str(one.to) for one in Delivery.objects.filter(what=what)}


def forget() -> None:
    Delivery.objects.all().delete()


def sent(clock: Clock) -> list[EmailMultiAlternatives]:
    """What the worker sends a moment later."""
    clock.shift(1)
    mail.outbox.clear()
    call_command("deliver", "--once", verbosity=0)
    return list(mail.outbox)


def html_of(one: EmailMultiAlternatives) -> str:
    return str(one.alternatives[0].content)


# --- Whom each verb concerns ----------------------------------------------------------------------


def asked_of_the_approver(draft: Edition) -> Edition:
    return workflow.submit(draft, by=person("drafter"), asked_of=person("approver"))


def both_wrote() -> Edition:
    """A draft of two editors."""
    return edit(make_draft(), person("second_drafter"), place="Valmere on the Lake")


def do_submit(clock: Clock) -> None:
    asked_of_the_approver(both_wrote())


def do_send_back(clock: Clock) -> None:
    edition = asked_of_the_approver(both_wrote())
    workflow.send_back(edition, by=person("approver"), remark="The title is out of date.")


def do_approve(clock: Clock) -> None:
    approve(asked_of_the_approver(both_wrote()))


def do_publish(clock: Clock) -> None:
    publish_now(both_wrote(), clock)


def do_schedule(clock: Clock) -> None:
    schedule(both_wrote())


def do_emergency(clock: Clock) -> None:
    publish_in_an_emergency(both_wrote(), clock)


def do_review(clock: Clock) -> None:
    edition = publish_in_an_emergency(both_wrote(), clock)
    workflow.review(edition, by=person("approver"))


def do_recall(clock: Clock) -> None:
    edition = schedule(both_wrote())
    workflow.recall(edition, by=person("second_publisher"), remark="A death in the family.")


def do_stop(clock: Clock) -> None:
    schedule(both_wrote())
    workflow.stop(by=person("second_publisher"), reason="Mourning.")


def do_withdraw(clock: Clock) -> None:
    withdraw(publish_now(both_wrote(), clock), clock=clock)


def do_restore(clock: Clock) -> None:
    edition = withdraw(publish_now(both_wrote(), clock), clock=clock)
    workflow.restore(edition, by=person("publisher"))


def do_ask_redaction(clock: Clock) -> None:
    first = publish_now(both_wrote(), clock)
    publish_now(make_correction(first), clock)
    first = Edition.objects.get(pk=first.pk)
    workflow.ask_redaction(first, by=person("approver"), reason="A court has ordered it.")


def do_drop_redaction(clock: Clock) -> None:
    do_ask_redaction(clock)
    clock.shift(1)
    asked = Edition.objects.exclude(redaction=None).get()
    why = "The order names another letter."
    workflow.drop_redaction(asked, by=person("second_approver"), remark=why)


def do_redact(clock: Clock) -> None:
    do_ask_redaction(clock)
    clock.shift(1)
    asked = Edition.objects.exclude(redaction=None).get()
    workflow.redact(asked, by=person("second_approver"))


def do_discard(clock: Clock) -> None:
    workflow.discard(both_wrote(), by=person("drafter"))


def do_correct(clock: Clock) -> None:
    workflow.correct(publish_now(both_wrote(), clock), by=person("drafter"))


def do_clear(clock: Clock) -> None:
    answer(asked_of_the_approver(both_wrote()), Clearance.Decision.CLEARED)


def do_change(clock: Clock) -> None:
    answer(asked_of_the_approver(both_wrote()), Clearance.Decision.CHANGE)


def answer(edition: Edition, decision: str) -> None:
    _clearance, link = clearances.ask(edition, by=person("second_publisher"), name="Ana Mirov")
    clearances.decide(link.rstrip("/").rpartition("/")[2], decision, "The second line.")


WRITERS = {"drafter", "second_drafter"}
APPROVERS = {"approver", "second_approver"}
PUBLISHERS = {"publisher", "second_publisher"}
KEEPERS = {"administrator", "second_administrator"}

# How it is done; what the mail is; to whom it goes; who did it.
VERBS: dict[str, tuple[Callable[[Clock], None], str, set[str], str]] = {
    "submit": (do_submit, "submit", {"approver"}, "drafter"),
    "send_back": (do_send_back, "send_back", WRITERS, "approver"),
    "approve": (do_approve, "approve", WRITERS | PUBLISHERS, "approver"),
    "publish": (do_publish, "live", WRITERS | {"approver"}, "publisher"),
    "schedule": (do_schedule, "publish", WRITERS | {"approver"}, "publisher"),
    "live": (do_schedule, "live", WRITERS | {"approver", "publisher"}, ""),
    "emergency": (do_emergency, "emergency", WRITERS | APPROVERS, "publisher"),
    "review": (do_review, "review", {"publisher"}, "approver"),
    "recall": (do_recall, "recall", WRITERS | {"approver", "publisher"}, "second_publisher"),
    "stop": (do_stop, "recall", WRITERS | {"approver", "publisher"}, "second_publisher"),
    "withdraw": (do_withdraw, "withdraw", WRITERS | {"approver"}, "publisher"),
    "restore": (do_restore, "restore", WRITERS | {"approver"}, "publisher"),
    "ask_redaction": (do_ask_redaction, "ask_redaction", APPROVERS | KEEPERS, "approver"),
    "drop_redaction": (
        do_drop_redaction,
        "drop_redaction",
        APPROVERS | KEEPERS,
        "second_approver",
    ),
    "redact": (do_redact, "redact", WRITERS | APPROVERS | KEEPERS, "second_approver"),
    "discard": (do_discard, "discard", set(), "drafter"),
    "correct": (do_correct, "correct", set(), "drafter"),
    "cleared": (do_clear, "cleared", WRITERS | {"approver", "second_publisher"}, ""),
    "change": (do_change, "change", WRITERS | {"approver", "second_publisher"}, ""),
}


def test_every_verb_of_the_table_is_here() -> None:
    assert workflow.TRANSITIONS.keys() <= VERBS.keys()


@pytest.mark.usefixtures("staff")
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_told_to_those_it_concerns_and_to_nobody_else(verb: str, clock: Clock) -> None:
    do, what, concerned, by = VERBS[verb]
    do(clock)
    assert told(what) == concerned - {by}


@pytest.mark.parametrize("verb", VERBS)
def test_of_a_restricted_letter_only_those_on_its_list_are_told(
    verb: str, clock: Clock, staff: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    do, what, concerned, by = VERBS[verb]
    named = {"drafter", "second_drafter", "approver", "publisher", "second_publisher"}
    named |= {by} - {""}
    begin = both_wrote

    def restricted() -> Edition:
        edition = begin()
        listed = [staff[name] for name in sorted(named)]
        workflow.restrict(edition.letter, listed, by=staff["drafter"], reason="A visit.")
        return Edition.objects.get(pk=edition.pk)

    monkeypatch.setitem(globals(), "both_wrote", restricted)
    do(clock)
    assert told(what) == (concerned & named) - {by}
    everyone = {str(one.to) for one in Delivery.objects.all()}
    assert everyone <= named
    for one in sent(clock):
        assert "Congratulations" not in f"{one.subject}{one.body}{html_of(one)}"
        assert "title is out of date" not in f"{one.body}{html_of(one)}"
        assert "[2026-1]" in one.subject


@pytest.mark.parametrize("verb", VERBS)
def test_nobody_without_an_account_in_use_an_address_or_the_wish_is_told(
    verb: str, clock: Clock, staff: dict[str, User]
) -> None:
    names = sorted(staff)
    VERBS[verb][0](clock)
    forget()
    for number, name in enumerate(names):
        match number % 3:
            case 0:
                User.objects.filter(pk=staff[name].pk).update(is_active=False)
            case 1:
                User.objects.filter(pk=staff[name].pk).update(email="")
            case 2:
                chooses(staff[name], "none")
    with transaction.atomic():
        deliveries.register(Event.objects.first())  # type: ignore[arg-type]
    assert not Delivery.objects.exists()


def test_the_stand_in_of_an_absent_approver_is_asked_as_well(
    staff: dict[str, User], clock: Clock
) -> None:
    days = {"since": date(2026, 11, 9), "until": date(2026, 11, 10)}
    StandIn.objects.create(absent=staff["approver"], stand_in=staff["second_approver"], **days)
    asked_of_the_approver(make_draft())
    assert told("submit") == APPROVERS
    forget()
    clock.move_to(datetime(2026, 11, 11, 9, tzinfo=timezone.get_current_timezone()))
    asked_of_the_approver(make_draft())
    assert told("submit") == {"approver"}


def test_a_stand_in_who_edited_the_text_is_not_asked(staff: dict[str, User], clock: Clock) -> None:
    days = {"since": date(2026, 11, 9), "until": date(2026, 11, 10)}
    StandIn.objects.create(absent=staff["approver"], stand_in=staff["second_approver"], **days)
    asked_of_the_approver(edit(make_draft(), staff["second_approver"], place="Ostmark"))
    assert told("submit") == {"approver"}


@pytest.mark.usefixtures("staff")
def test_when_nobody_is_named_all_approvers_are_asked_but_no_superuser() -> None:
    workflow.submit(make_draft(), by=person("drafter"))
    assert told("submit") == APPROVERS


def test_a_group_asked_is_asked_and_nobody_else(staff: dict[str, User]) -> None:
    desk = Group.objects.create(name="Foreign desk")
    desk.permissions.add(Permission.objects.get(codename="approve_edition"))
    staff["second_approver"].groups.add(desk)
    workflow.submit(make_draft(), by=person("drafter"), asked_group=desk)
    assert told("submit") == {"second_approver"}


def test_those_named_for_a_restricted_letter_are_told_and_those_taken_off_too(
    staff: dict[str, User], clock: Clock
) -> None:
    letter = make_draft().letter
    desk, administrator = signed_in(staff["drafter"]), signed_in(staff["administrator"])
    access = reverse("admin:letters_letter_access", args=[letter.pk])
    desk.post(access, {"people": [staff["approver"].pk], "reason": "A secret visit."})
    assert told("restrict") == {"approver"}
    forget()
    named = [staff["drafter"].pk, staff["publisher"].pk]
    by_reference = f"{reverse('admin:letters_letter_restricted')}?reference={letter.reference}"
    administrator.post(by_reference, {"people": named, "reason": "Leave."})
    assert told("restrict") == {"drafter", "publisher"}
    assert told("off_list") == {"approver"}
    (off,) = [one for one in sent(clock) if one.to == ["approver@valdora.example"]]
    assert off.subject == f"[{letter.reference}] Who may see this letter"
    assert "You no longer may" in off.body
    assert "Leave." not in off.body
    assert "Congratulations" not in off.body + html_of(off)


def test_a_letter_opened_again_is_told_to_those_who_were_on_its_list(
    staff: dict[str, User],
) -> None:
    desk = signed_in(staff["drafter"])
    access = reverse("admin:letters_letter_access", args=[make_draft().letter_id])
    desk.post(access, {"people": [staff["approver"].pk], "reason": "A secret visit."})
    forget()
    desk.post(access, {"open": "1", "reason": "It is over."})
    assert told("open") == {"approver"}


def test_whoever_was_taken_off_the_list_gets_nothing_that_was_already_on_its_way(
    staff: dict[str, User], clock: Clock
) -> None:
    edition = asked_of_the_approver(make_draft())
    workflow.restrict(edition.letter, [staff["drafter"]], by=staff["drafter"], reason="A visit.")
    assert not [one for one in sent(clock) if one.to == ["approver@valdora.example"]]


def test_registering_takes_as_many_queries_for_a_large_staff_as_for_a_small_one(
    staff: dict[str, User], clock: Clock
) -> None:
    planned = timezone.now() + timedelta(days=5)
    workflow.plan(draft := make_draft(), by=staff["drafter"], moment=planned)
    wanted = timezone.now() + timedelta(days=3)
    workflow.submit(draft, by=staff["drafter"], wanted_by=wanted)
    event = Event.objects.select_related("edition", "letter").first()
    assert event is not None and event.verb == "submit"

    def queries() -> int:
        forget()
        with CaptureQueriesContext(connection) as captured:
            deliveries.register(event)
        return len(captured)

    chooses(staff["approver"], "daily")
    few = queries()
    for number in range(40):
        colleague = User.objects.create(username=f"a{number}", email=f"a{number}@valdora.example")
        colleague.groups.add(Group.objects.get(name="Approvers"))
        chooses(colleague, "daily" if number % 2 else "immediate")
    assert queries() == few <= 8
    assert Delivery.objects.filter(what="submit").count() == 21
    assert Delivery.objects.filter(what="daily").count() == 21


# --- Reminders ------------------------------------------------------------------------------------


def submitted(wanted_in: timedelta) -> Edition:
    moment = timezone.now() + wanted_in
    return workflow.submit(
        make_draft(), by=person("drafter"), asked_of=person("approver"), wanted_by=moment
    )


@pytest.mark.usefixtures("staff")
@pytest.mark.parametrize(
    ("wanted_in", "hours_before"), [(timedelta(days=3), 24), (timedelta(hours=6), 2)]
)
def test_whoever_is_asked_is_reminded_before_the_moment_it_is_wanted_by(
    wanted_in: timedelta, hours_before: int, clock: Clock
) -> None:
    edition = submitted(wanted_in)
    sent(clock)
    moment = edition.submission.wanted_by
    assert moment is not None
    clock.move_to(moment - timedelta(hours=hours_before, seconds=5))
    assert not sent(clock)
    clock.shift(5)
    (reminder,) = sent(clock)
    assert reminder.to == ["approver@valdora.example"]
    assert "Reminder" in reminder.subject
    assert f"{moment:%H:%M:%S} UTC" in reminder.body


@pytest.mark.usefixtures("staff")
def test_nobody_is_reminded_of_what_is_wanted_too_soon_to_be_reminded_of() -> None:
    submitted(timedelta(hours=1))
    assert not Delivery.objects.filter(what="wanted").exists()


@pytest.mark.usefixtures("staff")
@pytest.mark.parametrize("verb", ["approve", "send_back"])
def test_no_reminder_comes_once_the_text_no_longer_waits(verb: str, clock: Clock) -> None:
    edition = submitted(timedelta(hours=6))
    more = {"remark": "The title is out of date."} if verb == "send_back" else {}
    getattr(workflow, verb)(edition, by=person("approver"), **more)
    sent(clock)
    clock.shift(timedelta(hours=5))
    assert not sent(clock)


@pytest.mark.usefixtures("staff")
def test_a_planned_text_that_is_not_approved_is_called_to_mind_twice(clock: Clock) -> None:
    draft = make_draft()
    planned = timezone.now() + timedelta(days=3)
    workflow.plan(draft, by=person("publisher"), moment=planned)
    clock.move_to(planned - timedelta(hours=24))
    (first,) = sent(clock)
    assert first.to == ["drafter@valdora.example"]
    assert "not approved yet" in first.subject
    asked_of_the_approver(Edition.objects.get(pk=draft.pk))
    sent(clock)
    clock.move_to(planned - timedelta(hours=2))
    assert {one.to[0].partition("@")[0] for one in sent(clock)} == {"drafter", "approver"}
    clock.move_to(planned)
    assert not sent(clock)


@pytest.mark.usefixtures("staff")
def test_a_new_plan_takes_the_place_of_the_earlier_one(clock: Clock) -> None:
    draft = make_draft()
    day = timedelta(days=1)
    workflow.plan(draft, by=person("publisher"), moment=timezone.now() + 3 * day)
    clock.shift(1)
    later = timezone.now() + 9 * day
    workflow.plan(draft, by=person("publisher"), moment=later)
    assert {one.due_at for one in Delivery.objects.filter(what="planned")} == {
        later - timedelta(hours=24),
        later - timedelta(hours=2),
    }
    clock.shift(1)
    workflow.plan(draft, by=person("publisher"), moment=None)
    assert not Delivery.objects.filter(what="planned").exists()


@pytest.mark.usefixtures("staff")
@pytest.mark.parametrize(("first", "then"), [(1, 2), (2, 1)])
def test_that_a_text_is_public_is_told_at_its_moment_and_not_at_one_it_was_recalled_from(
    first: int, then: int, clock: Clock
) -> None:
    at = timezone.now()
    edition = schedule(make_draft(), at + timedelta(hours=first))
    edition = workflow.recall(edition, by=person("publisher"))
    workflow.publish(edition, by=person("publisher"), moment=at + timedelta(hours=then))
    sent(clock)
    came = {}
    for hour in (1, 2):
        clock.move_to(at + timedelta(hours=hour))
        came[hour] = sent(clock)
    assert not came[first]
    public = came[then]
    assert {one.to[0].partition("@")[0] for one in public} == {"drafter", "approver", "publisher"}
    assert all(edition.get_absolute_url() in one.body for one in public)


# --- When mails come ------------------------------------------------------------------------------


def test_a_daily_mail_joins_what_came_and_leaves_at_seven(
    staff: dict[str, User], clock: Clock
) -> None:
    chooses(staff["drafter"], "daily")
    edition = asked_of_the_approver(make_draft())
    workflow.send_back(edition, by=person("approver"), remark="The title is out of date.")
    clock.shift(timedelta(hours=3))
    other = approve(make_draft(headline="To the Queen of Sarn"))
    assert not [one for one in sent(clock) if "drafter" in one.to[0]]
    clock.move_to(datetime(2026, 11, 10, 6, 59, tzinfo=timezone.get_current_timezone()))
    assert not sent(clock)
    clock.shift(timedelta(minutes=1))
    (daily,) = sent(clock)
    assert daily.to == ["drafter@valdora.example"]
    assert daily.subject == "2 messages from the press office desk"
    for part in ("The title is out of date.", "To the Queen of Sarn", other.letter.reference):
        assert part in daily.body
        assert part in html_of(daily)
    clock.shift(timedelta(days=1))
    assert not sent(clock)


def test_what_comes_in_the_last_minutes_is_for_the_next_days_mail(
    staff: dict[str, User], clock: Clock
) -> None:
    chooses(staff["drafter"], "daily")
    zone = timezone.get_current_timezone()
    clock.move_to(datetime(2026, 11, 10, 6, 49, tzinfo=zone))
    approve(make_draft())
    clock.shift(timedelta(minutes=2))
    approve(make_draft())
    days = Delivery.objects.filter(what="daily").values_list("due_at", flat=True)
    assert list(days) == [datetime(2026, 11, d, 7, tzinfo=zone) for d in (10, 11)]
    assert [len(one.context["items"]) for one in Delivery.objects.filter(what="daily")] == [1, 1]


def test_reminders_and_emergencies_come_at_once_even_to_those_who_chose_the_daily_mail(
    staff: dict[str, User],
) -> None:
    for user in staff.values():
        chooses(user, "daily")
    submitted(timedelta(hours=6))
    publish_in_an_emergency(make_draft())
    assert set(Delivery.objects.values_list("what", flat=True)) == {"daily", "wanted", "emergency"}


def test_a_daily_mail_with_nothing_left_to_say_does_not_leave(
    staff: dict[str, User], clock: Clock
) -> None:
    chooses(staff["approver"], "daily")
    edition = asked_of_the_approver(make_draft())
    workflow.restrict(edition.letter, [staff["drafter"]], by=staff["drafter"], reason="A visit.")
    clock.shift(timedelta(days=1))
    assert not sent(clock)


# --- What a mail says -----------------------------------------------------------------------------


def test_a_mail_says_what_why_by_whom_and_by_when_with_one_link(
    staff: dict[str, User], clock: Clock
) -> None:
    Office.objects.create(language="en", name="Office of the President of Valdora")
    edition = workflow.submit(
        make_draft(),
        by=staff["drafter"],
        asked_of=staff["approver"],
        wanted_by=timezone.now() + timedelta(hours=6),
        remark="The embassy waits for it.",
    )
    (one,) = sent(clock)
    assert one.subject == (
        f"[{edition.letter.reference}] Waiting for your approval:"
        " Congratulations to the King of Ostmark"
    )
    for part in (
        "Drafter Osk asks you to approve a text.",
        "The embassy waits for it.",
        "Monday 9 November 2026, 15:30:00 UTC",
        "Office of the President of Valdora",
        f"/admin/letters/edition/{edition.pk}/approve/",
    ):
        assert part in one.body
        assert part in html_of(one)
    assert one.body.count("http") == 1
    assert html_of(one).count("http") == 1
    assert "warmest wishes" not in one.body + html_of(one)  # which are those of the text itself


def test_the_headers_keep_a_letters_mails_together_and_stop_automatic_answers(
    staff: dict[str, User], clock: Clock
) -> None:
    edition = asked_of_the_approver(make_draft())
    (first,) = sent(clock)
    workflow.send_back(edition, by=staff["approver"], remark="The title is out of date.")
    (second,) = sent(clock)
    ids = [str(one.message()["Message-ID"]) for one in (first, second)]
    assert ids[0] != ids[1]
    assert all(identity.endswith("@testserver>") for identity in ids)
    for one in (first, second):
        message = one.message()
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["References"] == message["In-Reply-To"] == first.message()["References"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x0b"])
def test_a_headline_puts_no_header_into_a_mail(
    end: str, staff: dict[str, User], clock: Clock
) -> None:
    headline = f"To the King{end}Bcc: everybody@example.org{end}{end}<b>Buy</b>"
    asked_of_the_approver(make_draft(headline=headline))
    (one,) = sent(clock)
    message = one.message()
    assert message["Bcc"] is None
    assert "To the King Bcc: everybody@example.org <b>Buy</b>" in str(message["Subject"])
    assert b"\nBcc:" not in message.as_bytes().replace(b"\r", b"\n").partition(b"\n\n")[0]
    assert "<b>" not in html_of(one)


@pytest.mark.parametrize(("language", "direction"), [("fr", "ltr"), ("ar", "rtl")])
def test_a_mail_is_in_its_readers_language(
    language: str, direction: str, staff: dict[str, User], clock: Clock
) -> None:
    chooses(staff["approver"], language=language)
    asked_of_the_approver(make_draft())
    (one,) = sent(clock)
    page = html5lib.parse(html_of(one), namespaceHTMLElements=False)
    assert (page.get("lang"), page.get("dir")) == (language, direction)
    assert "UTC" in one.body
    assert "Monday" not in one.body


@pytest.mark.usefixtures("staff")
def test_a_mail_that_comes_late_says_where_the_text_stands_by_now(clock: Clock) -> None:
    edition = asked_of_the_approver(make_draft())
    workflow.approve(edition, by=person("approver"))
    (asked,) = [one for one in sent(clock) if "approver@" in one.to[0]]
    assert "approved" in asked.body
    assert "/approve/" not in asked.body


@pytest.mark.usefixtures("staff")
def test_the_link_for_clearance_goes_to_its_person_and_is_not_kept(clock: Clock) -> None:
    clearance, link = clearances.ask(
        make_draft(language="fr"),
        by=person("drafter"),
        name="Ana Mirov",
        address="ana.mirov@valdora.example",
    )
    assert Delivery.objects.get().context["link"] == link
    (one,) = sent(clock)
    assert one.to == [clearance.address]
    assert link in one.body and link in html_of(one)
    assert 'lang="fr"' in html_of(one)
    assert "Congratulations" not in one.body
    assert "link" not in Delivery.objects.get().context


@pytest.mark.usefixtures("staff")
def test_a_link_revoked_before_its_mail_left_is_not_sent(clock: Clock) -> None:
    clearance, _link = clearances.ask(
        make_draft(), by=person("drafter"), name="Ana Mirov", address="ana@valdora.example"
    )
    clearances.revoke(clearance, by=person("drafter"))
    assert not sent(clock)
    assert "link" not in Delivery.objects.get().context


# --- On the desk ----------------------------------------------------------------------------------

LIST = "/admin/letters/delivery/"


def failed(one: Delivery) -> None:
    now = timezone.now()
    Delivery.objects.filter(pk=one.pk).update(attempts=8, error="550 no", given_up_at=now)


def test_an_administrator_sees_what_failed_and_has_it_tried_again(
    staff: dict[str, User], clock: Clock
) -> None:
    edition = asked_of_the_approver(make_draft())
    one = Delivery.objects.get()
    failed(one)
    desk = signed_in(staff["administrator"])
    page = words(desk.get(LIST, {"state": "given-up"}))
    for part in ("550 no", "Approver Osk", edition.letter.reference, "Waiting for your approval"):
        assert part in page
    chosen: dict[str, Any] = {"action": "try_again", "_selected_action": [one.pk]}
    assert "1 mail is sent again now." in words(desk.post(LIST, chosen, follow=True))
    assert len(sent(clock)) == 1
    assert "None of these mails failed" in words(desk.post(LIST, chosen, follow=True))
    assert not sent(clock)


@pytest.mark.parametrize("state", ["waiting", "failing", "given-up", "sent", "dropped", "nonsense"])
def test_the_list_can_be_narrowed_by_state(
    state: str, staff: dict[str, User], clock: Clock
) -> None:
    submitted(timedelta(hours=6))
    desk = signed_in(staff["administrator"])
    there = "Approver Osk" in words(desk.get(LIST, {"state": state}))
    assert there == (state in ("waiting", "nonsense"))


def test_of_a_restricted_letter_the_list_says_that_a_mail_failed_and_nothing_else(
    staff: dict[str, User],
) -> None:
    edition = asked_of_the_approver(make_draft())
    listed = [staff["drafter"], staff["approver"]]
    workflow.restrict(edition.letter, listed, by=staff["drafter"], reason="A visit.")
    asked = Delivery.objects.get(what="submit")
    for name in ("administrator", "superuser"):
        desk = signed_in(staff[name])
        assert "Approver Osk" not in words(desk.get(LIST))
        failed(asked)
        page = words(desk.get(LIST))
        assert "a restricted letter" in page
        assert edition.letter.reference not in page.replace("2026-11", "")
        assert "Approver Osk" not in words(desk.get(LIST, {"what": "submit"}))
        Delivery.objects.filter(pk=asked.pk).update(attempts=0, error="", given_up_at=None)


@pytest.mark.parametrize("name", ["drafter", "approver", "publisher"])
def test_only_administrators_see_the_list(name: str, staff: dict[str, User]) -> None:
    assert signed_in(staff[name]).get(LIST).status_code == 403


def test_a_mail_has_no_page_of_its_own(staff: dict[str, User]) -> None:
    asked_of_the_approver(make_draft())
    one = Delivery.objects.get()
    desk = signed_in(staff["superuser"])
    for page in (f"{one.pk}/change/", f"{one.pk}/history/", f"{one.pk}/delete/", "add/"):
        assert desk.get(LIST + page).status_code == 404


def test_the_list_says_when_nothing_sends_mails(staff: dict[str, User], clock: Clock) -> None:
    asked_of_the_approver(make_draft())
    clock.shift(timedelta(minutes=6))
    desk = signed_in(staff["administrator"])
    assert "ask an operator for the worker" in words(desk.get(LIST))
    sent(clock)
    assert "ask an operator" not in words(desk.get(LIST))


def test_each_person_chooses_when_mails_come_and_in_which_language(
    staff: dict[str, User],
) -> None:
    desk = signed_in(staff["drafter"])
    page = desk.get(LIST + "mine/")
    assert "drafter@valdora.example" in words(page)
    data = filled_in(page)
    assert data["mail"] == "immediate"
    assert desk.post(LIST + "mine/", data | {"mail": "daily", "language": "fr"}).status_code == 302
    there = Preferences.objects.get()
    assert (there.user, there.mail, there.language) == (staff["drafter"], "daily", "fr")
    answer = desk.post(LIST + "mine/", data | {"mail": "hourly"})
    assert answer.status_code == 400
    assert Preferences.objects.get().mail == "daily"


def test_a_mail_writes_a_moment_in_the_language_of_its_reader(
    staff: dict[str, User], clock: Clock
) -> None:
    clock.move_to(datetime(2026, 11, 30, 9, 30, tzinfo=UTC))
    for language, written in {
        "en": "Tuesday 1 December 2026, 15:30:00 UTC",
        "fr": "mardi 1er décembre 2026, 15:30:00 UTC",
        "es": "martes, 1 de diciembre de 2026, 15:30:00 UTC",
        "ru": "вторник, 1 декабря 2026 г., 15:30:00 UTC",
        "az": "1 dekabr 2026, çərşənbə axşamı, 15:30:00 UTC",
        "ar": "الثلاثاء، 1 ديسمبر 2026، 15:30:00 UTC",
    }.items():
        chooses(staff["approver"], language=language)
        workflow.submit(
            make_draft(),
            by=staff["drafter"],
            asked_of=staff["approver"],
            wanted_by=datetime(2026, 12, 1, 15, 30, tzinfo=UTC),
        )
        (one,) = sent(clock)
        assert written in one.body
        assert written in html_of(one)
