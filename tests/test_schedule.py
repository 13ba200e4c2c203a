"""Choosing the moment, the month, plans, several at one instant, and stopping everything."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from letters import workflow
from letters.admin.schedule import SHOWN
from letters.admin.ticking import tick
from letters.models import Edition, Event, Stage
from tests.letters_at_stages import (
    approve,
    make_draft,
    make_edition,
    person,
    publish_in_an_emergency,
    schedule,
    submit,
)
from tests.the_desk import filled_in, hub, page_of, parsed, press, signed_in, words

pytestmark = pytest.mark.django_db

SCHEDULE = "/admin/letters/letter/schedule/"
STOP = SCHEDULE + "stop/"
TOGETHER = SCHEDULE + "together/"
HOUR = timedelta(hours=1)


def again(edition: Edition) -> Edition:
    return Edition.objects.select_related("letter").get(pk=edition.pk)


def plan_page(edition: Edition) -> str:
    return f"{SCHEDULE}plan/{edition.pk}/"


def both(client: Client, verb: str, editions: list[Edition], **typed: object) -> HttpResponse:
    """The texts are ticked, and the page's button is pressed."""
    data = {"verb": verb, "edition": [tick(again(edition)) for edition in editions], "_do": "1"}
    if verb == "publish":
        data |= {"when": "now", "moment_0": "", "moment_1": ""}
    return client.post(TOGETHER, data | typed)


def restricted(edition: Edition, *readers: str) -> None:
    people = [person(name) for name in readers]
    workflow.restrict(edition.letter, people, by=people[0], reason="Not yet known.")


# --- The moment ---------------------------------------------------------------------------------


def test_the_zones_of_the_addresses_are_there():
    assert [reverse(f"admin:letters_{name}") for name in ("schedule", "stop", "together")] == [
        SCHEDULE,
        STOP,
        TOGETHER,
    ]


def readings(page: HttpResponse) -> dict[str, str]:
    lines = [e for e in parsed(page).iter("div") if e.get("data-zone")]
    return {e.get("data-zone", ""): "".join(e.find("dd").itertext()).strip() for e in lines}


def test_a_typed_moment_comes_back_in_the_zones_of_readers_elsewhere(publisher, clock):
    edition = approve(make_draft(not_before=datetime(2026, 12, 1, tzinfo=UTC)))
    typed = {"when": "moment", "moment_0": "2026-11-10", "moment_1": "02:00"}
    page = press(signed_in(publisher), "publish", edition, **typed)
    assert page.status_code == 409
    assert readings(page) == {
        "UTC": "Tuesday 10 November 2026, 02:00:00 UTC",
        "America/New_York": "Monday 9 November 2026, 21:00:00 EST",
    }
    assert "in 16 hours, 30 minutes" in words(page).replace("\xa0", " ")


def test_a_moment_that_cannot_be_read_has_no_hour_elsewhere(publisher, clock):
    typed = {"when": "moment", "moment_0": "soon", "moment_1": "02:00"}
    page = press(signed_in(publisher), "publish", approve(make_draft()), **typed)
    assert readings(page) == {}


@pytest.mark.parametrize(
    "typed, how",
    [(("2026-03-29", "02:30"), "forward"), (("2026-10-25", "02:30"), "back")],
    ids=["never", "twice"],
)
def test_an_hour_that_is_never_or_twice_is_refused(typed, how, publisher):
    with time_machine.travel(datetime(2026, 1, 9, tzinfo=UTC), tick=False):
        edition = approve(make_draft())
        client = signed_in(publisher)
        offered = filled_in(client.get(page_of("publish", edition)))
        data = offered | {"when": "moment", "moment_0": typed[0], "moment_1": typed[1]}
        with timezone.override("Europe/Paris"):
            page = client.post(page_of("publish", edition), data)
    assert page.status_code == 400
    assert f"The clocks go {how} on" in words(page)
    assert again(edition).state == "approved"


def test_the_page_proposes_the_planned_moment_but_not_before_the_embargo(publisher, clock):
    edition = approve(make_draft(not_before=datetime(2026, 11, 19, 9, tzinfo=UTC)))
    client = signed_in(publisher)
    for planned, proposed in (
        (datetime(2026, 11, 20, 7, tzinfo=UTC), ("2026-11-20", "07:00:00")),
        (datetime(2026, 11, 18, 7, tzinfo=UTC), ("2026-11-19", "09:00:00")),
    ):
        workflow.plan(edition, by=publisher, moment=planned)
        offered = filled_in(client.get(page_of("publish", edition)))
        assert (offered["when"], offered["moment_0"], offered["moment_1"]) == ("moment", *proposed)


def test_a_planned_moment_that_is_past_is_not_proposed(publisher, clock):
    edition = approve(make_draft())
    workflow.plan(edition, by=publisher, moment=timezone.now() - HOUR)
    assert filled_in(signed_in(publisher).get(page_of("publish", edition)))["when"] == "now"


@pytest.fixture
def two_languages(clock) -> list[Edition]:
    english = make_draft()
    french = workflow.translate(english, "fr", by=person("drafter"))
    with workflow.drafting(french, by=person("drafter")) as draft:
        draft.headline, draft.summary, draft.body = "Félicitations", "Le roi.", "<p>Sire.</p>"
        draft.save()
        for party in draft.parties.all():
            party.name = party.name or "M. Reyk"
            party.save()
    return [approve(english), approve(again(french))]


def test_all_languages_of_a_letter_are_published_at_one_instant(two_languages, publisher):
    english, french = two_languages
    client = signed_in(publisher)
    assert "French: Félicitations" in words(client.get(page_of("publish", english)))
    typed = {"when": "moment", "moment_0": "2026-11-10", "moment_1": "08:00", "also": tick(french)}
    assert press(client, "publish", english, **typed).status_code == 302
    moments = {again(edition).live_from for edition in two_languages}
    assert moments == {datetime(2026, 11, 10, 8, tzinfo=UTC)}


def test_a_language_that_moved_on_keeps_the_other_back(two_languages, publisher, approver):
    english, french = two_languages
    client = signed_in(publisher)
    offered = filled_in(client.get(page_of("publish", english))) | {"also": tick(french)}
    workflow.send_back(french, by=approver, remark="The title.")
    page = client.post(page_of("publish", english), offered)
    assert page.status_code == 409
    assert f"{french.letter.reference} (FR): " in words(page)
    assert f"{english.letter.reference} (EN): " not in words(page)
    assert {again(edition).live_from for edition in two_languages} == {None}


@pytest.mark.parametrize("also", ["x", "1", "9.9", "0.0", "1.1.1", "9" * 30])
def test_a_crafted_companion_is_refused_and_nothing_is_published(also, two_languages, publisher):
    page = press(signed_in(publisher), "publish", two_languages[0], also=also)
    assert page.status_code == 400
    assert "not there any more" in words(page)
    assert {again(edition).live_from for edition in two_languages} == {None}


# --- A plan -------------------------------------------------------------------------------------


def test_a_text_in_progress_is_planned_on_the_hub_and_stands_apart_in_the_schedule(drafter, clock):
    draft = make_draft()
    client = signed_in(drafter)
    assert plan_page(draft) in client.get(hub(draft.letter)).content.decode()
    data = {"moment_0": "2026-11-20", "moment_1": "10:00"}
    assert client.post(plan_page(draft), data)["Location"] == hub(draft.letter)
    assert again(draft).planned_for == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert "Planned for 20 November 2026, 10:00:00 UTC, not yet approved" in words(
        client.get(hub(draft.letter))
    )
    page = client.get(SCHEDULE)
    assert "10:00:00 planned, not yet approved Congratulations" in words(page)
    assert page.context["planned"] == [draft]
    assert page.context["scheduled"] == []

    answer = client.post(plan_page(draft), {"moment_0": "", "moment_1": "", "schedule": "1"})
    assert answer["Location"] == SCHEDULE + "#planned"
    assert again(draft).planned_for is None


def test_a_plan_that_cannot_be_is_refused_beside_its_field(drafter):
    draft = make_draft()
    page = signed_in(drafter).post(plan_page(draft), {"moment_0": "tomorrow", "moment_1": "10:00"})
    assert page.status_code == 400
    assert "Write the day like" in words(page)
    assert 'value="tomorrow"' in page.content.decode()


def test_a_text_already_published_is_not_planned(drafter, clock):
    edition = make_edition(clock=clock)
    page = signed_in(drafter).post(
        plan_page(edition), {"moment_0": "2026-11-20", "moment_1": "10:00"}
    )
    assert page.status_code == 409
    assert "Only a text that is not published yet can be planned." in words(page)


def test_who_may_neither_draft_nor_publish_plans_nothing(administrator):
    draft = make_draft()
    answer = signed_in(administrator).post(plan_page(draft), {"moment_0": "", "moment_1": ""})
    assert answer.status_code == 403


# --- The month ----------------------------------------------------------------------------------


def days(page: HttpResponse) -> dict[date, list[tuple[str, int]]]:
    return {
        day.day: [(entry.what, entry.edition.pk) for entry in day.entries]
        for week in page.context["weeks"]
        for day in week
        if day.entries
    }


def test_the_month_shows_plans_apart_from_what_is_scheduled_and_embargoes(drafter, clock):
    coming = schedule(make_draft(), datetime(2026, 11, 12, 23, 30, tzinfo=UTC))
    draft = make_draft(not_before=datetime(2026, 11, 19, 9, tzinfo=UTC))
    workflow.plan(draft, by=drafter, moment=datetime(2026, 11, 20, 9, tzinfo=UTC))
    client = signed_in(drafter)
    assert days(client.get(SCHEDULE)) == {
        date(2026, 11, 12): [("scheduled", coming.pk)],
        date(2026, 11, 19): [("embargo", draft.pk)],
        date(2026, 11, 20): [("planned", draft.pk)],
    }
    with timezone.override("Asia/Baku"):  # four hours ahead: a day later there
        assert date(2026, 11, 13) in days(client.get(SCHEDULE))
    assert days(client.get(SCHEDULE + "?month=2026-12")) == {}


@pytest.mark.parametrize("month", ["2026-13", "soon", "1026-01", "2026-1", "\x00", "٢٠٢٦-٠١"])
def test_a_month_that_is_none_shows_this_one(month, drafter, clock):
    page = signed_in(drafter).get(SCHEDULE, {"month": month})
    assert page.context["first"] == date(2026, 11, 1)


def test_the_months_follow_each_other_over_the_year(drafter, clock):
    page = signed_in(drafter).get(SCHEDULE + "?month=2026-12")
    hrefs = [a.get("href") for a in parsed(page).iter("a")]
    assert "?month=2026-11" in hrefs and "?month=2027-01" in hrefs


def test_the_week_begins_as_the_reader_is_used_to(drafter, clock):
    client = signed_in(drafter)
    first = client.get(SCHEDULE).context["weeks"][0][0].day
    assert first.strftime("%A") == "Monday"
    page = client.get(SCHEDULE, headers={"accept-language": "ar"})
    assert page.context["weeks"][0][0].day.strftime("%A") == "Sunday"


def test_a_busy_day_stays_readable(drafter, clock):
    for _ in range(SHOWN + 3):
        workflow.plan(make_draft(), by=drafter, moment=datetime(2026, 11, 20, 9, tzinfo=UTC))
    page = signed_in(drafter).get(SCHEDULE)
    assert len(days(page)[date(2026, 11, 20)]) == SHOWN
    assert "and 3 more, below" in words(page)
    assert len(page.context["planned"]) == SHOWN + 3


@pytest.mark.parametrize("name", ["drafter", "approver", "publisher", "administrator"])
def test_everybody_sees_the_schedule_and_publishers_alone_its_buttons(name, clock):
    schedule(make_draft())
    approve(make_draft())
    page = signed_in(person(name)).get(SCHEDULE)
    assert page.status_code == 200
    assert "Congratulations to the King of Ostmark" in words(page)
    may = name == "publisher"
    for button in ("Stop everything…", "Recall what is ticked…", "Publish together…"):
        assert (button in words(page)) == may
    assert (b'type="checkbox"' in page.content) == may


def test_staff_without_a_group_see_no_schedule():
    client = signed_in(User.objects.create_user("nobody", is_staff=True))
    assert [client.get(page).status_code for page in (SCHEDULE, STOP)] == [403, 403]
    data = {"verb": "publish", "edition": tick(approve(make_draft())), "_do": "1"}
    assert client.post(TOGETHER, data).status_code == 403


def test_what_is_restricted_is_in_no_list_and_in_no_count(drafter, publisher, clock):
    draft = make_draft(headline="Secret", not_before=timezone.now() + 2 * HOUR)
    workflow.plan(draft, by=drafter, moment=timezone.now() + 3 * HOUR)
    restricted(draft, "drafter")
    client = signed_in(publisher)
    page = client.get(SCHEDULE)
    assert "Secret" not in words(page)
    assert days(page) == {}
    assert client.post(plan_page(draft), {"moment_0": "", "moment_1": ""}).status_code == 404
    for address in (TOGETHER, STOP):
        data = {"verb": "publish", "edition": tick(draft), "reason": "x"}
        assert client.post(address, data).status_code == 404
        assert client.post(address, data | {"edition": "999999.1"}).status_code == 404


def test_the_queries_of_the_schedule_do_not_grow_with_what_is_on_it(drafter, publisher, clock):
    client = signed_in(publisher)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(SCHEDULE)
        return len(queries)

    def more(n: int) -> None:
        for _ in range(n):
            schedule(make_draft())
            approve(make_draft(not_before=timezone.now() + HOUR))
            workflow.plan(make_draft(), by=drafter, moment=timezone.now() + HOUR)

    more(3)
    three = count()
    more(22)
    assert count() == three


# --- Together -----------------------------------------------------------------------------------


def test_several_letters_are_published_at_one_instant(publisher, clock):
    texts = [approve(make_draft()) for _ in range(3)]
    client = signed_in(publisher)
    asked = client.post(TOGETHER, {"verb": "publish", "edition": [tick(t) for t in texts]})
    assert "These 3 texts appear on the public site in one instant" in words(asked)
    assert {again(text).live_from for text in texts} == {None}
    moment = {"when": "moment", "moment_0": "2026-11-10", "moment_1": "08:00:05"}
    done = both(client, "publish", texts, **moment)
    assert done["Location"] == SCHEDULE
    assert {again(t).live_from for t in texts} == {datetime(2026, 11, 10, 8, 0, 5, tzinfo=UTC)}
    assert "3 texts are now scheduled. They go live on" in words(client.get(SCHEDULE))


def test_what_is_published_together_is_proposed_for_the_latest_of_its_embargoes(publisher, clock):
    texts = [
        approve(make_draft(not_before=datetime(2026, 11, day, 9, tzinfo=UTC))) for day in (12, 14)
    ]
    page = signed_in(publisher).post(
        TOGETHER, {"verb": "publish", "edition": [tick(t) for t in texts]}
    )
    assert 'value="2026-11-14"' in page.content.decode()


def test_one_text_under_embargo_keeps_all_back_and_is_named(publisher, clock):
    free = approve(make_draft())
    held = approve(make_draft(not_before=timezone.now() + 48 * HOUR))
    page = both(signed_in(publisher), "publish", [free, held], remark="For the gazette.")
    assert page.status_code == 409
    said = words(page)
    assert "Nothing was done: all of them, or none." in said
    assert f"{held.letter.reference} (EN) : Under embargo" in said
    assert f"{free.letter.reference} (EN) :" not in said
    assert "For the gazette." in said
    assert {again(t).state for t in (free, held)} == {"approved"}


def test_one_text_that_moved_on_keeps_all_back(publisher, approver, clock):
    texts = [approve(make_draft()) for _ in range(2)]
    ticks = [tick(text) for text in texts]
    workflow.send_back(texts[1], by=approver, remark="The date.")
    page = both(signed_in(publisher), "publish", texts, edition=ticks)
    assert page.status_code == 409
    assert f"{texts[1].letter.reference} (EN) : " in words(page)
    assert again(texts[0]).state == "approved"


def test_nobody_approves_what_they_edited_among_others(approver, second_approver):
    own = submit(make_draft(approver))
    other = submit(make_draft())
    page = both(signed_in(approver), "approve", [own, other])
    assert page.status_code == 403
    assert f"{own.letter.reference} (EN) : You edited this text" in words(page)
    assert {again(t).state for t in (own, other)} == {"submitted"}
    attempt = Event.objects.get(verb="attempt")
    assert (attempt.edition, attempt.by) == (own, approver)
    assert both(signed_in(second_approver), "approve", [own, other]).status_code == 302


def test_sending_several_back_asks_for_a_remark(approver):
    texts = [submit(make_draft()) for _ in range(2)]
    client = signed_in(approver)
    assert both(client, "send_back", texts, remark=" ").status_code == 400
    assert both(client, "send_back", texts, remark="The date.").status_code == 302
    assert {again(t).state for t in texts} == {"draft"}


@pytest.mark.parametrize("verb", ["withdraw", "discard", "stop", "", "__class__"])
def test_no_other_verb_is_for_several(verb, superuser):
    data = {"verb": verb, "edition": tick(make_draft()), "_do": "1"}
    assert signed_in(superuser).post(TOGETHER, data).status_code == 404


@pytest.mark.parametrize("tick_of", ["", "x", "1.1.1", "-1.1", "1", "9" * 30, "1.\x00"])
def test_a_crafted_tick_is_not_found(tick_of, publisher):
    client = signed_in(publisher)
    for address in (TOGETHER, STOP):
        data = {"verb": "publish", "edition": tick_of, "reason": "x"}
        assert client.post(address, data).status_code == 404


def test_nothing_ticked_is_said_and_nothing_done(publisher, clock):
    coming = schedule(make_draft())
    client = signed_in(publisher)
    assert client.post(TOGETHER, {"verb": "publish"})["Location"] == SCHEDULE
    assert client.post(STOP, {"selected": ""})["Location"] == SCHEDULE + "#scheduled"
    assert "Tick at least one text." in words(client.get(SCHEDULE))
    assert again(coming).stage(timezone.now()) == Stage.SCHEDULED
    assert client.get(TOGETHER)["Location"] == SCHEDULE + "#approved"


def test_publishing_several_asks_for_the_password_again_and_stopping_does_not(publisher, clock):
    ready, coming = approve(make_draft()), schedule(make_draft())
    publisher.set_password("a long enough password")
    publisher.save()
    client = signed_in(publisher)
    clock.shift(settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 1)
    answer = both(client, "publish", [ready])
    assert answer.status_code == 302 and "reauthenticate" in answer["Location"]
    assert again(ready).state == "approved"
    assert client.post(STOP, {"reason": "A death."})["Location"] == SCHEDULE
    assert again(coming).state == "approved"


# --- Stop ---------------------------------------------------------------------------------------


def test_everything_is_stopped_by_one_press_with_a_reason(publisher, clock):
    texts = [
        schedule(make_draft()),
        publish_in_an_emergency(make_draft(), moment=timezone.now() + HOUR),
    ]
    client = signed_in(publisher)
    page = client.get(STOP)
    assert "What will be recalled 2" in words(page)
    empty = client.post(STOP, {"reason": " "})
    assert empty.status_code == 400
    assert again(texts[0]).live_from
    assert client.post(STOP, filled_in(page) | {"reason": "National mourning."}).status_code == 302
    assert [again(text).state for text in texts] == ["approved", "submitted"]
    said = words(client.get(SCHEDULE))
    assert "All that was scheduled has been recalled." in said
    assert f"wait for approval: {texts[1].letter.reference}." in said
    assert {e.remark for e in Event.objects.filter(verb="recall")} == {"National mourning."}


def test_what_is_ticked_is_stopped_alone(publisher, clock):
    one, other = schedule(make_draft()), schedule(make_draft())
    client = signed_in(publisher)
    asked = client.post(STOP, {"selected": "", "edition": tick(one)})
    assert asked.status_code == 200
    assert "Recall what was ticked" in words(asked)
    assert "What will be recalled 1" in words(asked)
    client.post(STOP, filled_in(asked) | {"reason": "Election silence."})
    stages = [again(edition).stage(timezone.now()) for edition in (one, other)]
    assert stages == [Stage.APPROVED, Stage.SCHEDULED]
    assert f"Recalled: 1 text ({one.letter.reference})." in words(client.get(SCHEDULE))


def test_what_is_not_scheduled_any_more_is_not_said_to_be_recalled(publisher, clock):
    one = schedule(make_draft())
    workflow.recall(one, by=publisher)
    client = signed_in(publisher)
    client.post(STOP, {"edition": tick(one), "reason": "x"})
    assert "None of these was scheduled any more." in words(client.get(SCHEDULE))


def test_what_was_too_late_is_named(publisher, clock):
    soon = schedule(make_draft(), timezone.now() + timedelta(seconds=3))
    schedule(make_draft())
    clock.shift(1.5)
    client = signed_in(publisher)
    client.post(STOP, {"reason": "A death."})
    said = words(client.get(SCHEDULE))
    assert f"Too late for what goes live in under two seconds: {soon.letter.reference}" in said
    assert "All else that was scheduled has been recalled." in said


def test_stopping_recalls_what_one_may_not_see_and_does_not_tell(drafter, publisher, clock):
    hidden = schedule(make_draft(headline="Secret"))
    restricted(hidden, "drafter")
    client = signed_in(publisher)
    assert "Secret" not in words(client.get(STOP))
    client.post(STOP, {"reason": "A death."})
    assert again(hidden).state == "approved"
    said = words(client.get(SCHEDULE))
    assert "All that was scheduled has been recalled." in said
    assert "Recalled:" not in said and hidden.letter.reference not in said


@pytest.mark.parametrize("name", ["drafter", "approver", "administrator"])
def test_only_publishers_stop_anything(name, clock):
    coming = schedule(make_draft())
    client = signed_in(person(name))
    assert client.get(STOP).status_code == 403
    assert client.post(STOP, {"reason": "A death."}).status_code == 403
    assert again(coming).stage(timezone.now()) == Stage.SCHEDULED
