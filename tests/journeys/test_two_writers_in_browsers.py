"""A draft saves itself while people type, in real browsers: two at once, offline, signed out."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from letters.models import Edition, SetAside
from tests.journeys.conftest import SignIn, Watch
from tests.letters_at_stages import make_draft, person
from tests.the_desk import form_of

SAVED = re.compile(r"Saved at \d\d:\d\d:\d\d")
WORD = (
    "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]>"
    "<span style='mso-list:Ignore'>·<span>&nbsp; </span></span><![endif]>Bread</p>"
    "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]>"
    "<span style='mso-list:Ignore'>·<span>&nbsp; </span></span><![endif]>Salt</p>"
)


def again(edition: Edition) -> Edition:
    return Edition.objects.select_related("letter").get(pk=edition.pk)


def open_form(page: Page, draft: Edition) -> Page:
    page.goto(form_of(draft))
    expect(page.locator(".tox-statusbar__wordcount")).to_contain_text("words")
    return page


def saved(page: Page) -> None:
    expect(page.locator(".saved-state")).to_have_text(SAVED, timeout=10_000)


def type_text(page: Page, words: str) -> None:
    page.frame_locator("iframe.tox-edit-area__iframe").locator("body").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def test_two_writers_see_each_other_and_both_texts_are_kept(sign_in: SignIn, watch: Watch) -> None:
    watch.expected = {409}
    draft = make_draft()
    one = open_form(sign_in("drafter"), draft)
    two = open_form(sign_in("second_drafter"), draft)
    expect(two.get_by_text("Drafter Osk is also editing.", exact=True)).to_be_visible()

    type_text(one, " From my desk.")
    one.get_by_label("Headline").fill("To the King, one")
    saved(one)
    two.get_by_label("Headline").fill("To the King, two")
    two.get_by_label("Place:").fill("Harborg")
    expect(two.get_by_role("status")).to_contain_text("Drafter Osk changed this text at")
    type_text(two, " From the plane.")
    expect(one.get_by_text("Second Drafter Osk is also editing.")).to_be_visible(timeout=15_000)
    two.wait_for_timeout(4_000)  # what is typed on goes into the text set aside
    two.get_by_role("link", name="Compare and merge").click()

    expect(two.get_by_role("heading", name="Headline")).to_be_visible()
    expect(two.locator("ins").filter(has_text="the plane")).to_be_visible()
    expect(two.locator("del").filter(has_text="my desk")).to_be_visible()
    headline = two.get_by_role("region", name="Headline")
    headline.get_by_label("Keep this").check()
    type_text(two, " From my desk.")
    two.get_by_role("button", name="Save merged text").click()
    expect(two.locator(".messagelist")).to_contain_text("The merged text is saved.")
    expect(two.get_by_role("region", name="Texts set aside").get_by_role("link")).to_have_count(1)
    merged = again(draft)
    assert (merged.headline, merged.place) == ("To the King, one", "Harborg")
    assert merged.paragraphs[-1].endswith("From the plane. From my desk.")
    assert SetAside.objects.get().typed["headline"] == "To the King, two"


def test_lines_added_while_it_saves_itself_are_there_once(sign_in: SignIn) -> None:
    draft = make_draft()
    page = open_form(sign_in("drafter"), draft)
    page.get_by_label("Role").nth(2).select_option("copy")
    page.get_by_label("Name:").nth(2).fill("Lena Hart")
    saved(page)
    page.get_by_role("button", name="Add another Party").click()
    page.get_by_label("Role").nth(3).select_option("copy")
    page.get_by_label("Name:").nth(3).fill("Jon Ark")
    page.get_by_label("Name:").nth(2).fill("Lena Hart-Olsen")
    expect(page.locator("[name=parties-3-id]")).not_to_have_value("", timeout=10_000)
    page.locator("[name=parties-3-DELETE]").check()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator(".messagelist")).to_contain_text("The draft is saved.")
    assert [p.name for p in draft.parties.filter(role="copy")] == ["Lena Hart-Olsen"]
    expect(page.get_by_text("You have words from")).to_have_count(0)


def test_words_typed_without_a_connection_are_offered_back(sign_in: SignIn, watch: Watch) -> None:
    watch.expected = {409}
    draft = make_draft()
    page = open_form(sign_in("drafter"), draft)
    page.on("console", lambda said: watch.wrong.clear() if "ERR_INTERNET" in said.text else None)
    page.context.set_offline(True)
    page.get_by_label("Headline").fill("Written in the air")
    expect(page.locator(".saved-state")).to_contain_text("no connection", timeout=10_000)
    page.get_by_role("button", name="Save", exact=True).click()  # goes nowhere, loses nothing
    expect(page.get_by_label("Headline")).to_have_value("Written in the air")
    other = page.context.new_page()
    page.close()
    other.context.set_offline(False)
    other.goto("/admin/login/")
    other.evaluate(  # as if it had been an hour ago
        "for (const [place, kept] of Object.entries(localStorage)) if (place.startsWith('draft/'))"
        " localStorage[place] = JSON.stringify({...JSON.parse(kept), at: Date.now() - 3600000})"
    )
    open_form(other, draft)
    expect(other.locator(".draft-notice").filter(has_text="You have words from")).to_be_visible()
    other.get_by_role("button", name="Restore them").click()
    expect(other.get_by_label("Headline")).to_have_value("Written in the air")
    assert again(draft).headline == "Written in the air"
    assert "draft/" not in other.evaluate("Object.keys(localStorage).join()")


def test_nothing_is_lost_when_one_is_signed_out_while_typing(
    sign_in: SignIn, watch: Watch, client_of: Callable[[User], str], live_server: object
) -> None:
    watch.expected = {403}
    draft = make_draft()
    page = open_form(sign_in("drafter"), draft)
    page.context.clear_cookies()
    page.get_by_label("Headline").fill("Typed too long")
    expect(page.get_by_text("You have been signed out.").last).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Headline")).to_have_value("Typed too long")
    # Signed in again in another tab: the session is a new one, and its token too.
    site = str(page.url).split("/admin/")[0]
    key = client_of(person("drafter"))
    page.context.add_cookies([{"name": "sessionid", "value": key, "url": site}])
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("The draft is saved.")
    assert again(draft).headline == "Typed too long"


def test_a_list_from_word_is_a_list_in_the_editor_and_in_the_text(
    sign_in: SignIn, watch: Watch
) -> None:
    draft = make_draft(body="")
    page = open_form(sign_in("drafter"), draft)
    text = page.frame_locator("iframe.tox-edit-area__iframe").locator("body")
    text.click()
    text.evaluate(
        "(body, html) => { const data = new DataTransfer(); data.setData('text/html', html);"
        " body.dispatchEvent(new ClipboardEvent('paste',"
        " { clipboardData: data, bubbles: true, cancelable: true })); }",
        WORD,
    )
    expect(text.locator("li")).to_have_text(["Bread", "Salt"])
    saved(page)
    assert again(draft).body == "<ul><li>Bread</li><li>Salt</li></ul>"
    # TinyMCE's mark of where to scroll to has a style, which the browser is right to refuse.
    watch.wrong = [said for said in watch.wrong if not said.startswith("Applying inline style")]
