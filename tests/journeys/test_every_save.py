"""Whenever Save is pressed: the words are saved or kept, and the person is told which."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Dialog, Page, Route, expect

from letters.models import Edition
from tests.journeys.conftest import SignIn, Watch
from tests.journeys.test_two_writers_in_browsers import again, open_form, saved, type_text
from tests.letters_at_stages import make_draft, person

SAVES = {
    "Save": r"/letters/letter/\d+/change/$",
    "Save and continue editing": r"/letters/edition/\d+/change/$",
    "Save and preview": r"/preview/$",
    "Save and submit for approval": r"/submit/$",
}


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def arrived(page: Page) -> None:
    expect(page.get_by_text("The draft is saved.")).to_be_visible()


def typed_on_is_saved(page: Page, draft: Edition, words: str) -> None:
    """Without another press."""

    def takes_it(answer: Any) -> bool:
        return "/autosave/" in answer.url and words in (answer.request.post_data or "")

    with page.expect_response(takes_it, timeout=20_000):
        page.get_by_label("Place:").fill(words)
    saved(page)
    assert again(draft).place == words


def in_this_browser(page: Page) -> str:
    return str(page.evaluate("JSON.stringify({...localStorage})"))


def told(page: Page, words: str) -> None:
    beside = page.get_by_label("Beside the text").locator("p:visible", has_text=words)
    expect(beside.first).to_be_visible(timeout=20_000)


def cut_off(page: Page, watch: Watch) -> None:
    """The server is not there. The browser complains of it, as it should."""
    page.on("console", lambda said: watch.wrong.clear() if "net::ERR_" in said.text else None)
    page.route("**/letters/edition/**", lambda route: route.abort("connectionrefused"))


@pytest.mark.parametrize(("button", "leads_to"), SAVES.items())
def test_a_save_of_an_untouched_form_saves(button: str, leads_to: str, sign_in: SignIn) -> None:
    page = open_form(sign_in("drafter"), make_draft())
    with page.expect_response(lambda answer: answer.url == page.url) as heard:
        press(page, button)
    assert (heard.value.request.method, heard.value.status) == ("POST", 302)
    expect(page).to_have_url(re.compile(leads_to))


def test_a_save_some_seconds_after_the_last_key_saves_and_so_does_enter(sign_in: SignIn) -> None:
    draft = make_draft()
    page = open_form(sign_in("drafter"), draft)
    type_text(page, " And to your people.")
    saved(page)
    press(page, "Save and continue editing")
    arrived(page)
    typed_on_is_saved(page, draft, "Harborg")
    page.get_by_label("Place:").press("Enter")
    expect(page).to_have_url(re.compile(SAVES["Save"]))
    assert again(draft).paragraphs[-1].endswith("And to your people.")


def test_after_a_refused_save_what_is_typed_is_saved(sign_in: SignIn) -> None:
    draft = make_draft()
    page = open_form(sign_in("drafter"), draft)
    page.get_by_label("Date:").first.fill("the day before")
    press(page, "Save")
    expect(page.locator(".errornote")).to_be_visible()
    type_text(page, " A correction.")
    saved(page)
    with page.expect_navigation():
        press(page, "Save")  # what is wrong still is
    expect(page.locator(".errornote")).to_be_visible()
    typed_on_is_saved(page, draft, "Harborg")
    page.get_by_label("Date:").first.fill("")
    saved(page)
    press(page, "Save")
    arrived(page)
    assert again(draft).paragraphs[-1].endswith("A correction.")


def test_pressed_again_while_it_is_saved_it_is_saved_once(sign_in: SignIn) -> None:
    draft = make_draft()
    page = open_form(sign_in("drafter"), draft)
    sent: list[str] = []
    waiting: list[Route] = []

    def slowly(route: Route) -> None:
        if route.request.method == "GET":  # the page that the answer leads to
            return route.continue_()
        sent.append(route.request.method)
        waiting.append(route)

    page.locator("[name=parties-1-DELETE]").check()
    page.route("**/change/", slowly)
    button = page.get_by_role("button", name="Save and continue editing", exact=True)
    button.dblclick(no_wait_after=True)
    while not waiting:
        page.wait_for_timeout(50)
    waiting[0].continue_()
    arrived(page)
    page.unroute("**/change/")
    assert sent == ["POST"]
    assert draft.parties.count() == 1
    typed_on_is_saved(page, draft, "Harborg")


def test_with_the_server_away_the_words_are_kept_and_one_is_told(
    sign_in: SignIn, watch: Watch
) -> None:
    watch.expected = {502}
    draft = make_draft()
    page = open_form(sign_in("drafter"), draft)
    cut_off(page, watch)
    press(page, "Save")
    told(page, "There is no connection. Everything you typed is saved.")
    page.get_by_label("Place:").fill("Harborg")
    told(page, "There is no connection. Your words are not saved yet. They are kept")
    assert "Harborg" in in_this_browser(page)
    page.unroute("**/letters/edition/**")
    page.route("**/letters/edition/**", lambda route: route.fulfill(status=502, body="Bad gateway"))
    press(page, "Save")
    told(page, "The server does not answer as it should. Your words are not saved yet.")
    assert "Harborg" in in_this_browser(page)
    page.unroute("**/letters/edition/**")
    typed_on_is_saved(page, draft, "Ostberg")
    press(page, "Save")
    arrived(page)


def test_where_the_answer_to_a_save_never_comes_one_types_on(sign_in: SignIn, watch: Watch) -> None:
    draft = make_draft()
    page = sign_in("drafter")
    page.clock.install()
    open_form(page, draft)
    page.on("console", lambda said: watch.wrong.clear() if "net::ERR_" in said.text else None)
    page.route("**/change/", lambda route: route.abort("aborted"))
    with page.expect_event("requestfailed", lambda sent: sent.url.endswith("/change/")):
        press(page, "Save")
    page.get_by_label("Place:").fill("Harborg")
    while "Harborg" not in in_this_browser(page):
        page.wait_for_timeout(50)
    assert again(draft).place != "Harborg"
    page.unroute("**/change/")
    page.clock.fast_forward(45_000)
    saved(page)
    assert again(draft).place == "Harborg"
    press(page, "Save")
    arrived(page)


def test_after_the_session_ended_nothing_is_lost_by_a_save(
    sign_in: SignIn, watch: Watch, client_of: Callable[[User], str]
) -> None:
    watch.expected = {403}
    draft = make_draft()
    page = open_form(sign_in("drafter"), draft)
    page.context.clear_cookies()
    press(page, "Save and submit for approval")
    told(page, "Everything you typed is saved.")
    expect(page.get_by_text("You have been signed out.").last).to_be_visible()
    page.get_by_label("Place:").fill("Harborg")
    told(page, "Your words are not saved yet. They are kept in this browser.")
    assert "Harborg" in in_this_browser(page)
    site = page.url.split("/admin/")[0]
    key = client_of(person("drafter"))
    page.context.add_cookies([{"name": "sessionid", "value": key, "url": site}])
    typed_on_is_saved(page, draft, "Ostberg")
    press(page, "Save and submit for approval")
    expect(page).to_have_url(re.compile(r"/submit/$"))


def test_where_the_browser_cannot_keep_words_it_says_so_before_they_are_lost(
    sign_in: SignIn, watch: Watch
) -> None:
    page = sign_in("drafter")
    page.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); };"
    )
    open_form(page, make_draft())
    cut_off(page, watch)
    page.get_by_label("Place:").click()
    page.keyboard.type("Harborg")
    press(page, "Save")
    told(page, "this browser cannot keep them: stay on this page.")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    assert asked == ["beforeunload"]
