"""Choosing the moment in a real browser: many at once, all languages, recalled in time, stopped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine
from django.utils import timezone
from playwright.sync_api import Page, expect

from letters import workflow
from letters.models import Edition, Letter, Stage
from tests.journeys.conftest import SignIn, Watch
from tests.letters_at_stages import approve, edit, make_draft, person, schedule
from tests.the_desk import hub, page_of

SCHEDULE = "/admin/letters/letter/schedule/"
SERIES = "/admin/letters/letter/series/"
NOON = datetime(2026, 11, 9, 12, 0, tzinfo=UTC)


def again(edition: Edition) -> Edition:
    return Edition.objects.select_related("letter").get(pk=edition.pk)


def done(page: Page, words: str) -> None:
    expect(page.locator(".messagelist")).to_contain_text(words)


def test_one_text_goes_to_twenty_five_and_appears_in_one_instant(
    sign_in: SignIn, reader: Page
) -> None:
    draft = make_draft(body="<p>We invite you to Valmere.</p><p>[own sentence]</p>")
    drafter, approver, publisher = map(sign_in, ("drafter", "approver", "publisher"))

    drafter.goto(hub(draft.letter))
    drafter.get_by_role("link", name="Send this text to many…").click()
    drafter.get_by_label("Name", exact=True).first.fill("Guest 0")
    rows = "\n".join(
        f"Guest {n}\tPresident of Land {n}\tNorway\tDear Guest {n},"
        + ("\tI remember our talk." if n == 7 else "")
        for n in range(1, 24)
    )
    drafter.get_by_label("Paste a table").fill(rows)
    drafter.get_by_role("button", name="Add the lines of the table").click()
    done(drafter, "23 lines were added.")
    # A row more needs no server.
    before = drafter.locator(".recipient").count()
    drafter.get_by_role("button", name="Save and add rows").click()
    expect(drafter.locator(".rows > .recipient")).to_have_count(before + 1)
    drafter.get_by_label("Name", exact=True).last.fill("Guest 24")
    drafter.get_by_role("button", name="Save, and make the letters…").click()
    drafter.get_by_role("button", name="Make 25 letters").click()
    done(drafter, "25 letters are made.")

    series = drafter.url
    drafter.get_by_role("button", name="Submit for approval…").click()
    drafter.get_by_role("button", name="Submit 25 texts").click()
    done(drafter, "25 texts are now waiting for approval")

    approver.goto(series)
    approver.get_by_role("button", name="Approve…").click()
    expect(approver.get_by_text("I remember our talk.").first).to_be_visible()
    approver.get_by_role("button", name="Approve 25 texts").click()
    done(approver, "25 texts are now approved")

    publisher.goto(series)
    expect(publisher.get_by_label("Tick all")).to_be_checked()
    publisher.get_by_role("button", name="Publish together…").click()
    publisher.get_by_role("button", name="Publish 25 texts together").click()
    done(publisher, "25 texts are published. They are now live, since ")

    texts = Edition.objects.filter(letter__in=Letter.objects.exclude(series=None))
    assert len(set(texts.values_list("live_from", flat=True))) == 1
    reader.goto("/en/letters/")
    expect(reader.get_by_text("Guest 24").first).to_be_visible()


def test_all_languages_of_a_letter_appear_at_one_instant_and_the_page_tells_the_hour_elsewhere(
    sign_in: SignIn, reader: Page, watch: Watch
) -> None:
    watch.expected = {404}
    with time_machine.travel(datetime(2026, 11, 9, 9, 30, tzinfo=UTC)) as clock:
        english = make_draft()
        texts = [english]
        for language in ("fr", "ar"):
            text = workflow.translate(english, language, by=person("drafter"))
            for party in text.parties.all():
                party.name = "M. Reyk"
                party.save()
            texts.append(
                edit(
                    again(text),
                    person("drafter"),
                    headline=f"Letter in {language}",
                    summary="Le roi.",
                    body="<p>Sire.</p>",
                )
            )
        texts = [approve(text) for text in texts]
        page = sign_in("publisher")
        page.goto(page_of("publish", english))
        page.get_by_label("Date:").fill("09/11/2026")  # read by the server, day first
        page.get_by_label("Time:").fill("12:00")
        expect(page.locator('[data-zone="America/New_York"]')).to_contain_text("07:00:00")
        page.get_by_label("French: Letter in fr").check()
        page.get_by_label("Arabic: Letter in ar").check()
        page.get_by_role("button", name="Publish", exact=True).click()
        done(page, "is now scheduled")
        assert {again(text).live_from for text in texts} == {NOON}

        def status(text: Edition) -> int:
            response = reader.goto(again(text).get_absolute_url())
            assert response is not None
            return response.status

        assert [status(text) for text in texts] == [404, 404, 404]
        clock.move_to(NOON)
        assert [status(text) for text in texts] == [200, 200, 200]


def test_a_text_is_recalled_until_two_seconds_before_its_moment_and_no_later(
    sign_in: SignIn, watch: Watch
) -> None:
    watch.expected = {409}
    with time_machine.travel(datetime(2026, 11, 9, 11, 59, tzinfo=UTC), tick=False) as clock:
        in_time, too_late = (schedule(approve(make_draft()), NOON) for _ in range(2))
        pages = [sign_in("publisher"), sign_in("publisher")]
        for page, text in zip(pages, (in_time, too_late), strict=True):
            page.goto(hub(text.letter))
            page.get_by_role("link", name="Recall").click()
        clock.move_to(NOON - timedelta(seconds=2))
        pages[0].get_by_role("button", name="Recall").click()
        done(pages[0], "is now approved")
        clock.move_to(NOON - timedelta(seconds=1.9))
        pages[1].get_by_role("button", name="Recall").click()
        expect(pages[1].get_by_role("alert")).to_contain_text("It is too late to recall")
        clock.move_to(NOON)
        stages = [again(text).stage(timezone.now()) for text in (in_time, too_late)]
        assert stages == [Stage.APPROVED, Stage.LIVE]


def test_a_text_seconds_from_its_moment_is_recalled_and_its_countdown_runs(sign_in: SignIn) -> None:
    page = sign_in("publisher")
    text = approve(make_draft())
    page.goto(SCHEDULE)
    text = schedule(text, timezone.now() + timedelta(seconds=6))
    page.goto(hub(text.letter))
    page.get_by_role("link", name="Recall").click()
    page.get_by_role("button", name="Recall").click()
    done(page, "is now approved")
    assert again(text).live_from is None


def test_everything_is_stopped_with_the_keyboard(sign_in: SignIn, reader: Page) -> None:
    texts = [schedule(make_draft()) for _ in range(3)]
    page = sign_in("publisher")
    page.goto(SCHEDULE)
    expect(page.locator("time.countdown").first).to_have_text("in 60 minutes")
    page.get_by_role("link", name="Stop everything…").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Reason").wait_for()
    page.keyboard.type("National mourning.")
    page.keyboard.press("Enter")
    done(page, "All that was scheduled has been recalled.")
    assert {again(text).state for text in texts} == {"approved"}
    assert {t.events.first().remark for t in texts} == {"National mourning."}
