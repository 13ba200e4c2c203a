"""From the first word of a draft to the public page, and no mouse."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from letters.models import Edition
from tests.journeys.conftest import SignIn
from tests.letters_at_stages import person

WHERE = """
() => {
  const here = document.activeElement;
  return [here.name, here.value, here.innerText, here.ariaLabel, here.localName]
    .map((word) => (word || "").toString().trim());
}
"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until there: a field by its name, anything else by its words."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if name in page.evaluate(WHERE):
            return
    raise AssertionError(f"The key does not lead to {name}.")


def press(page: Page, name: str) -> None:
    """Go there, press Enter, and wait for the page it leads to."""
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_letter_is_drafted_approved_and_published_with_the_keyboard_alone(
    sign_in: SignIn, reader: Page
) -> None:
    for name in ("approver", "publisher"):
        person(name)
    drafter = sign_in("drafter")
    drafter.goto("/admin/")
    press(drafter, "New letter")
    press(drafter, "Begin the letter")
    expect(drafter.locator(".tox-statusbar__wordcount")).to_contain_text("words")
    for field, typed in (
        ("kind", "Congrat"),
        ("dated", "2026-11-09"),
        ("place", "Valmere"),
        ("parties-0-role", "sender"),
        ("parties-0-name", "Mira Halden"),
        ("parties-0-title", "President of Valdora"),
        ("parties-1-role", "addressee"),
        ("parties-1-name", "Tomas Reyk"),
        ("parties-1-title", "King of Ostmark"),
        ("headline", "To the King of Ostmark"),
        ("summary", "The President congratulated the King."),
        ("salutation", "Your Majesty,"),
    ):
        tab_to(drafter, field)
        drafter.keyboard.type(typed)
    tab_to(drafter, "iframe")
    drafter.keyboard.type("On your national day I send you my warmest wishes.")
    tab_to(drafter, "closing")
    drafter.keyboard.type("Yours sincerely,")
    press(drafter, "_submit")
    press(drafter, "Submit for approval")
    expect(drafter.locator(".messagelist")).to_contain_text("is now waiting for approval")

    approver = sign_in("approver")
    approver.goto("/admin/")
    press(approver, "To the King of Ostmark")
    press(approver, "Approve")
    press(approver, "Approve")
    expect(approver.locator(".messagelist")).to_contain_text("is now approved")

    publisher = sign_in("publisher")
    publisher.goto("/admin/")
    press(publisher, "To the King of Ostmark")
    press(publisher, "Publish")
    press(publisher, "Publish")
    expect(publisher.locator(".messagelist")).to_contain_text("is now live")

    edition = Edition.objects.select_related("letter").get()
    assert edition.paragraphs == ["On your national day I send you my warmest wishes."]
    reader.goto("/en/")
    press(reader, "To the King of Ostmark")
    expect(reader.get_by_text("my warmest wishes")).to_be_visible()
