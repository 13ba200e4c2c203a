"""A text read and cleared by link, on a phone; and a letter that administrators never see."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from letters import workflow
from letters.models import Clearance, Delivery, Edition, Kind, Opening
from tests.journeys.conftest import SignIn, Watch
from tests.letters_at_stages import make_draft, person
from tests.the_desk import hub

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def phone(
    chromium: Browser, live_server: LiveServer, watch: Watch, transactional_db: None
) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        color_scheme="dark",
        locale="en-GB",
    )
    yield watch.over(context.new_page())
    context.close()


def accessible(page: Page) -> None:
    assert Axe().run(page, options=AXE).response["violations"] == []


def mailed() -> str:
    link: str = Delivery.objects.filter(what="clearance").latest("pk").context["link"]
    return urlsplit(link).path


def test_a_text_is_cleared_by_link_on_a_phone_without_an_account(
    sign_in: SignIn, phone: Page, watch: Watch
) -> None:
    watch.expected = {400, 404}
    Kind.objects.filter(code="congratulation").update(
        cleared_by="Chief of staff", clearance_address="voss@valdora.example"
    )
    edition = make_draft()
    drafter, approver = sign_in("drafter"), sign_in("approver")

    drafter.goto(hub(edition.letter))
    drafter.get_by_role("link", name="Ask for clearance…").click()
    expect(drafter.get_by_label("Post")).to_have_value("Chief of staff")
    drafter.get_by_label("Name").fill("Ilan Voss")
    drafter.get_by_role("button", name="Make the link").click()
    expect(drafter.get_by_text("It was sent to voss@valdora.example")).to_be_visible()
    expect(drafter.locator("#link")).to_have_count(0)
    accessible(drafter)

    phone.goto(mailed())
    expect(phone.get_by_text("Not public. For Ilan Voss only.")).to_be_visible()
    expect(phone.get_by_text("I send you my warmest wishes")).to_be_visible()
    width = phone.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    accessible(phone)
    phone.get_by_role("link", name="Go to your answer").tap()
    phone.get_by_role("button", name="Ask for a change").tap()
    expect(phone.get_by_text("Say what should be changed.")).to_be_visible()
    phone.get_by_label("Remark").fill("Say “warm”, not “warmest”.")
    phone.get_by_role("button", name="Ask for a change").tap()
    expect(phone.get_by_text("Thank you. You asked for a change")).to_be_visible()

    drafter.goto(hub(edition.letter))
    expect(drafter.get_by_text("Say “warm”, not “warmest”.").first).to_be_visible()
    with workflow.drafting(edition, by=person("drafter")) as draft:
        draft.body = "<p>On your national day I send you my warm wishes.</p>"
        draft.save()
    phone.reload()
    expect(phone.get_by_role("heading", level=1)).to_have_text("This link is not open")

    drafter.get_by_role("link", name="Ask for clearance…").click()
    drafter.get_by_label("Name").fill("Ilan Voss")
    drafter.get_by_role("button", name="Make the link").click()
    expect(drafter.get_by_text("It was sent to voss@valdora.example")).to_be_visible()
    phone.goto(mailed())
    expect(phone.get_by_text("I send you my warm wishes")).to_be_visible()
    phone.get_by_role("button", name="I clear this text").tap()
    expect(phone.get_by_text("Thank you. You cleared this text")).to_be_visible()
    assert Opening.objects.filter(clearance=Clearance.objects.get(decision="cleared")).exists()

    workflow.submit(Edition.objects.get(pk=edition.pk), by=person("drafter"))
    approver.goto(hub(edition.letter))
    approver.get_by_role("link", name="Approve", exact=True).click()
    expect(approver.get_by_text("cleared", exact=True).first).to_be_visible()
    approver.get_by_role("button", name="Approve", exact=True).click()
    expect(approver.locator(".messagelist")).to_contain_text("is now approved")


def test_a_restricted_letter_is_on_no_page_of_an_administrator(
    sign_in: SignIn, watch: Watch
) -> None:
    watch.expected = {404}
    edition = make_draft(headline="A visit nobody knows of")
    drafter, administrator = sign_in("drafter"), sign_in("administrator")
    person("approver")
    drafter.goto(hub(edition.letter))
    drafter.get_by_role("link", name="Restrict this letter").click()
    drafter.get_by_label("Approver Osk").check()
    drafter.get_by_label("Reason").fill("A state visit.")
    accessible(drafter)
    drafter.get_by_role("button", name="Restrict this letter").click()
    expect(drafter.get_by_text("Open to: Approver Osk, Drafter Osk")).to_be_visible()

    headline = administrator.get_by_text("A visit nobody knows of")
    reference = administrator.get_by_role("link", name=edition.letter.reference, exact=True)
    for page in ("/admin/", "/admin/letters/letter/", "/admin/letters/event/"):
        administrator.goto(page)
        expect(headline.or_(reference)).to_have_count(0)
    for page, words in (
        ("letter", "visit"),
        ("letter", edition.letter.reference),
        ("event", "state"),
    ):
        administrator.goto(f"/admin/letters/{page}/")
        administrator.get_by_role("search").get_by_role("textbox").fill(words)
        administrator.get_by_role("button", name="Search").click()
        expect(headline.or_(reference)).to_have_count(0)
    answer = administrator.goto(hub(edition.letter))
    assert answer is not None
    assert answer.status == 404

    administrator.goto("/admin/letters/letter/")
    administrator.get_by_role("link", name="Restricted letters").click()
    administrator.get_by_label("Reference").fill(edition.letter.reference)
    administrator.get_by_role("button", name="Show its list").click()
    expect(administrator.get_by_label("Approver Osk")).to_be_checked()
    expect(headline).to_have_count(0)
    accessible(administrator)
