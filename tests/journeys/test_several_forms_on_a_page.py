"""No form of a page eats what is typed in another, with script and without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from letters.models import Edition, State
from tests.journeys.conftest import SignIn, Watch
from tests.letters_at_stages import make_draft, person, submit
from tests.the_desk import hub, page_of

REASON = "Name the Queen’s country."


def remark(page: Page, words: str) -> None:
    page.locator(".remark-add summary").click()
    page.get_by_label("Your remark:").fill(words)


def test_a_remark_leaves_the_reason_that_is_being_typed_and_a_decision_the_remark(
    sign_in: SignIn, watch: Watch
) -> None:
    watch.expected = {400}
    edition = submit(make_draft())
    page = sign_in("approver")
    page.goto(page_of("approve", edition))
    reason = page.get_by_label("Reason or remark:")
    reason.fill(REASON)
    page.get_by_role("button", name="I have it").click()
    expect(page.get_by_text("Your colleagues see that you have it.")).to_be_visible()
    expect(reason).to_have_value(REASON)
    remark(page, "Are they the warmest?")
    page.get_by_role("button", name="Add the remark").click()
    expect(page.locator(".remark-list")).to_contain_text("Are they the warmest?")
    expect(reason).to_have_value(REASON)

    # One that the server refuses, and the way back from its page.
    remark(page, "And these?")
    page.get_by_label("About these words:").fill("words that stand nowhere")
    page.get_by_role("button", name="Add the remark").click()
    expect(page.get_by_text("These words do not stand together")).to_be_visible()
    elsewhere = page.locator("#typed-elsewhere")
    elsewhere.get_by_role("link").click()
    expect(reason).to_have_value(REASON)

    remark(page, "And those?")
    page.get_by_role("button", name="Send back").click()
    expect(page.locator(".messagelist")).to_be_visible()
    assert Edition.objects.get(pk=edition.pk).state == State.DRAFT
    elsewhere.get_by_role("link").click()
    expect(page.get_by_label("Your remark:")).to_have_value("And those?")


def test_a_letter_begun_from_this_one_leaves_what_was_chosen_for_this(sign_in: SignIn) -> None:
    edition = make_draft()
    page = sign_in("drafter")
    page.goto(hub(edition.letter))
    page.get_by_text("Change the direction, or the letter it answers").click()
    received = page.locator("form[action$='/thread/']").get_by_label("Received")
    received.check()
    with page.expect_navigation():
        page.get_by_role("button", name="Begin a letter from this one").click()
    page.goto(hub(edition.letter))
    expect(received).to_be_checked()


def test_what_was_typed_is_given_to_no_other_person(
    sign_in: SignIn, client_of: Callable[[User], str], live_server: LiveServer
) -> None:
    edition = submit(make_draft())
    page = sign_in("approver")
    page.goto(page_of("approve", edition))
    page.get_by_label("Reason or remark:").fill(REASON)
    page.get_by_role("button", name="I have it").click()
    page.goto("/admin/letters/letter/")
    session = client_of(person("second_approver"))
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.goto(page_of("approve", edition))
    expect(page.get_by_label("Reason or remark:")).to_have_value("")


@pytest.mark.parametrize("opened", ["Add the remark", "I have it"])
def test_without_script_another_form_opens_a_tab_of_its_own(
    opened: str, chromium: Browser, live_server: LiveServer, client_of: Callable[[User], str]
) -> None:
    edition = submit(make_draft())
    context = chromium.new_context(
        base_url=live_server.url, locale="en-GB", java_script_enabled=False
    )
    session = client_of(person("approver"))
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(page_of("approve", edition))
    page.get_by_label("Reason or remark:").fill(REASON)
    remark(page, "Are they the warmest?")
    with context.expect_page() as other:
        page.get_by_role("button", name=opened).click()
    expect(other.value.locator(".messagelist")).to_be_visible()
    expect(page.get_by_label("Reason or remark:")).to_have_value(REASON)
    page.get_by_role("button", name="Send back").click()
    expect(page.locator(".messagelist")).to_be_visible()
    assert edition.letter.events.filter(remark=REASON).exists()
    context.close()
