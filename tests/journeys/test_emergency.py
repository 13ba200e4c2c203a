"""Published at night without approval, and reviewed in the morning."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from letters.models import Edition
from tests.journeys.conftest import SignIn
from tests.letters_at_stages import make_draft
from tests.the_desk import hub

HEADLINE = "Congratulations to the King of Ostmark"


def test_a_publisher_publishes_in_an_emergency_and_an_approver_reviews_it_later(
    sign_in: SignIn, reader: Page
) -> None:
    draft = make_draft()
    publisher, approver = sign_in("publisher"), sign_in("approver")

    publisher.goto(hub(draft.letter))
    publisher.get_by_role("link", name="Publish without approval").click()
    publisher.get_by_role("button", name="Publish without approval").click()
    reason = publisher.locator("textarea[name=reason]")
    assert reason.evaluate("field => !field.validity.valid")  # it is needed
    reason.fill("The minister's plane lands before the office opens.")
    publisher.get_by_role("button", name="Publish without approval").click()
    expect(publisher.locator(".messagelist")).to_contain_text("is now live")

    reader.goto(Edition.objects.get(pk=draft.pk).get_absolute_url())
    expect(reader.get_by_role("heading", level=1)).to_have_text(HEADLINE)
    expect(reader.get_by_text("plane lands")).to_have_count(0)

    approver.goto("/admin/")
    waiting = approver.get_by_role("region", name="To be reviewed after an emergency")
    waiting.get_by_role("link", name=HEADLINE).click()
    expect(approver.get_by_text("plane lands").first).to_be_visible()
    approver.get_by_role("link", name="Review afterwards").click()
    approver.get_by_role("button", name="Review afterwards").click()
    expect(approver.locator(".messagelist")).to_contain_text("is now live")
    approver.goto("/admin/")
    expect(approver.get_by_text("To be reviewed after an emergency")).to_have_count(0)
