"""The first letter from signing in to its public page, as docs/desk.md tells it; and signing in
again where one was."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from letters.models import Edition, State
from tests.journeys.conftest import Watch
from tests.journeys.test_every_save import SAVES
from tests.journeys.test_two_writers_in_browsers import open_form, saved, type_text
from tests.letters_at_stages import make_draft, person, submit
from tests.the_desk import hub, page_of

PASSWORD = "a long enough password"
TYPED = {
    "Headline:": "To the King of Ostmark",
    "Place:": "Valmere",
    "Salutation:": "Your Majesty,",
    "Complimentary close:": "Yours sincerely,",
}


@pytest.fixture
def desk(chromium: Browser, live_server: LiveServer, watch: Watch) -> Iterator[Page]:
    """One computer of the office, at which one after the other works."""
    context = chromium.new_context(base_url=live_server.url, locale="en-GB")
    yield watch.over(context.new_page())
    context.close()


def sign_in(page: Page, name: str) -> None:
    who = person(name)
    who.set_password(PASSWORD)
    who.save()
    page.goto("/admin/")
    give_the_password(page, name)
    expect(page.get_by_role("heading", name="The desk")).to_be_visible()


def give_the_password(page: Page, name: str) -> None:
    page.get_by_label("User name or e-mail address").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def decided(edition: Edition, state: State) -> Edition:
    edition.refresh_from_db()
    assert edition.state == state
    return edition


def test_the_first_letter_by_the_manual_with_every_save_pressed_when_all_is_saved(
    desk: Page, reader: Page, transactional_db: None
) -> None:
    sign_in(desk, "drafter")
    desk.get_by_role("link", name="New letter").click()
    press(desk, "Begin the letter")
    edition = Edition.objects.select_related("letter").get()
    open_form(desk, edition)
    desk.get_by_label("Kind:").select_option("Congratulation")
    desk.get_by_label("Date of the letter:").fill("2026-11-09")
    for label, words in TYPED.items():
        desk.get_by_label(label).fill(words)
    desk.locator("[name=summary]").fill("The President congratulated the King.")
    for line, (role, name) in enumerate([("sender", "Mira Halden"), ("addressee", "Tomas Reyk")]):
        desk.locator(f"[name=parties-{line}-role]").select_option(role)
        desk.locator(f"[name=parties-{line}-name]").fill(name)
        desk.locator(f"[name=parties-{line}-title]").fill("President of Valdora")
    type_text(desk, "On your national day")

    paragraph = "On your national day"
    for place, (button, leads_to) in enumerate(SAVES.items()):
        saved(desk)
        press(desk, button)
        expect(desk).to_have_url(re.compile(leads_to))
        open_form(desk, edition)
        paragraph += f" I wish you well {place}"
        type_text(desk, f" I wish you well {place}")
    saved(desk)
    for label, words in TYPED.items():
        expect(desk.get_by_label(label)).to_have_value(words)
    press(desk, "Save and submit for approval")
    press(desk, "Submit for approval")
    decided(edition, State.SUBMITTED)
    sign_out(desk)

    sign_in(desk, "approver")
    desk.get_by_role("link", name="To the King of Ostmark").first.click()
    desk.get_by_role("link", name="Approve", exact=True).click()
    press(desk, "Approve")
    decided(edition, State.APPROVED)
    sign_out(desk)

    sign_in(desk, "publisher")
    desk.goto(hub(edition.letter))
    desk.get_by_role("link", name="Publish", exact=True).click()
    press(desk, "Publish")
    assert decided(edition, State.PUBLISHED).paragraphs == [paragraph]
    reader.goto("/en/")
    reader.get_by_role("link", name="To the King of Ostmark").first.click()
    expect(reader.get_by_text(paragraph)).to_be_visible()


def test_a_reason_sent_after_the_session_has_ended_is_sent_once_signed_in_again(
    desk: Page, transactional_db: None
) -> None:
    reason = "Name the Queen’s country."
    edition = submit(make_draft())
    sign_in(desk, "approver")
    desk.goto(page_of("approve", edition))
    desk.get_by_label("Reason or remark:").fill(reason)
    Session.objects.all().delete()
    press(desk, "Send back")
    expect(desk.get_by_text("Your session had ended.")).to_be_visible()
    give_the_password(desk, "approver")
    expect(desk.get_by_text("Nothing of it is sent yet.")).to_be_visible()
    expect(desk.get_by_text(reason).first).to_be_visible()
    decided(edition, State.SUBMITTED)
    press(desk, "Send it")
    decided(edition, State.DRAFT)
    assert edition.letter.events.filter(remark=reason).exists()
