"""What people do with a letter after it is drafted, in a real browser, and what a citizen reads.

The first way, from a pasted release to its public page, is in tests/test_journey.py.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from letters.models import Edition, Stage
from tests.journeys.conftest import SignIn, Watch
from tests.letters_at_stages import approve, make_draft, make_edition, publish, submit
from tests.the_desk import form_of, hub, page_of

HEADLINE = "Congratulations to the King of Ostmark"


def done(page: Page, words: str) -> None:
    expect(page.locator(".messagelist")).to_contain_text(words)


def again(edition: Edition) -> Edition:
    return Edition.objects.select_related("letter").get(pk=edition.pk)


def status(page: Page, address: str) -> int:
    response = page.goto(address)
    assert response is not None
    return response.status


def test_a_scheduled_letter_is_public_from_its_moment_with_no_process_run(
    sign_in: SignIn, reader: Page, watch: Watch
) -> None:
    watch.expected = {404}
    # Ticking: what a browser waits for happens. Threads of the server have the same clock.
    with time_machine.travel(datetime(2026, 11, 9, 9, 30, tzinfo=UTC)) as clock:
        edition = approve(make_draft())
        publisher = sign_in("publisher")
        publisher.goto(hub(edition.letter))
        publisher.get_by_role("link", name="Publish", exact=True).click()
        # Giving the moment is choosing it.
        publisher.get_by_label("Date:").fill("2026-11-09")
        publisher.get_by_label("Time:").fill("10:00")
        expect(publisher.get_by_label("At the moment below")).to_be_checked()
        expect(publisher.get_by_text("Time zone: UTC (UTC+00:00)")).to_be_visible()
        publisher.get_by_role("button", name="Publish", exact=True).click()
        done(publisher, "is now scheduled")

        address = again(edition).get_absolute_url()
        assert status(reader, address) == 404
        reader.goto("/en/letters/")
        expect(reader.get_by_role("link", name=HEADLINE)).to_have_count(0)

        clock.move_to(datetime(2026, 11, 9, 10, 0, tzinfo=UTC))
        assert status(reader, address) == 200
        expect(reader.get_by_role("heading", level=1)).to_have_text(HEADLINE)
        reader.goto("/en/letters/")
        expect(reader.get_by_role("link", name=HEADLINE).first).to_be_visible()


def test_a_text_is_sent_back_with_a_remark_and_comes_again(sign_in: SignIn) -> None:
    edition = submit(make_draft())
    approver, drafter = sign_in("approver"), sign_in("drafter")

    approver.goto(hub(edition.letter))
    approver.get_by_role("link", name="Approve", exact=True).click()
    approver.get_by_label("Reason or remark").fill("He is King of all Ostmark.")
    approver.get_by_role("button", name="Send back").click()
    done(approver, "is now draft")

    drafter.goto(hub(edition.letter))
    expect(drafter.get_by_text("He is King of all Ostmark.")).to_be_visible()
    drafter.get_by_role("link", name="Edit the text").click()
    drafter.get_by_label("Title:").nth(1).fill("King of all Ostmark")
    drafter.get_by_role("button", name="Save and submit for approval").click()
    expect(drafter.get_by_text("King of all Ostmark")).to_be_visible()
    drafter.get_by_role("button", name="Submit for approval", exact=True).click()
    done(drafter, "is now waiting for approval")

    approver.reload()
    approver.goto(hub(edition.letter))
    approver.get_by_role("link", name="Approve", exact=True).click()
    approver.get_by_role("button", name="Approve", exact=True).click()
    done(approver, "is now approved")


def test_a_correction_takes_the_place_of_the_live_text(sign_in: SignIn, reader: Page) -> None:
    edition = publish(make_draft())
    address = edition.get_absolute_url()
    drafter = sign_in("drafter")
    drafter.goto(hub(edition.letter))
    drafter.get_by_role("link", name="Correct", exact=True).click()
    drafter.get_by_role("button", name="Correct", exact=True).click()
    done(drafter, "The public still reads the text as it is.")
    # The editor is TinyMCE: what is typed there is what is saved.
    text = drafter.frame_locator("iframe.tox-edit-area__iframe").locator("body")
    text.click()
    drafter.keyboard.press("Control+a")
    drafter.keyboard.type("On your national day we send you our warmest wishes.")
    drafter.get_by_label("Public correction note").fill("It was written in the singular.")
    drafter.get_by_role("button", name="Save and submit for approval").click()
    drafter.get_by_role("button", name="Submit for approval", exact=True).click()
    done(drafter, "is now waiting for approval")

    reader.goto(address)
    expect(reader.get_by_text("I send you my warmest wishes")).to_be_visible()

    approve(Edition.objects.get(letter=edition.letter, number=2, state="submitted"))
    publisher = sign_in("publisher")
    publisher.goto(hub(edition.letter))
    publisher.get_by_role("link", name="Publish", exact=True).click()
    expect(publisher.get_by_text("takes the place of the text that is public now")).to_be_visible()
    publisher.get_by_role("button", name="Publish", exact=True).click()
    done(publisher, "is now live")

    reader.goto(address)
    expect(reader.get_by_text("we send you our warmest wishes")).to_be_visible()
    expect(reader.get_by_text("I send you my warmest wishes")).to_have_count(0)
    expect(reader.get_by_text("It was written in the singular.").first).to_be_visible()


def test_a_stale_tab_shows_both_texts_and_overwrites_nothing(sign_in: SignIn, watch: Watch) -> None:
    watch.expected = {409}
    draft = make_draft()
    stale, fresh = sign_in("drafter"), sign_in("second_drafter")
    for page, headline in ((stale, "Mine"), (fresh, "Theirs")):
        page.goto(form_of(draft))
        page.get_by_label("Headline").fill(headline)
    fresh.get_by_role("button", name="Save and continue editing").click()
    done(fresh, "The draft is saved.")

    stale.get_by_role("button", name="Save", exact=True).click()
    expect(stale.get_by_role("alert")).to_contain_text("Second Drafter Osk changed this text")
    expect(stale.get_by_label("What you typed")).to_have_value("Mine")
    expect(stale.get_by_label("The text as it stands")).to_have_value("Theirs")
    assert again(draft).headline == "Theirs"
    stale.get_by_role("link", name="Open the current text").click()
    expect(stale.get_by_label("Headline")).to_have_value("Theirs")


def test_a_withdrawn_letter_is_a_notice_and_comes_back(
    sign_in: SignIn, reader: Page, another_reader: Page, watch: Watch
) -> None:
    watch.expected = {410}
    edition = publish(make_draft())
    address = edition.get_absolute_url()
    publisher = sign_in("publisher")
    publisher.goto(hub(edition.letter))
    publisher.get_by_role("link", name="Withdraw").click()
    publisher.get_by_label("text removed").check()
    publisher.get_by_label("Public reason").fill("It was addressed to the wrong king.")
    publisher.get_by_role("button", name="Withdraw").click()
    done(publisher, "is now withdrawn")

    assert status(reader, address) == 410
    expect(reader.get_by_text("It was addressed to the wrong king.")).to_be_visible()
    expect(reader.get_by_text("I send you my warmest wishes")).to_have_count(0)

    publisher.get_by_role("link", name="Restore").click()
    publisher.get_by_role("button", name="Restore").click()
    done(publisher, "is now live")
    assert status(another_reader, address) == 200
    expect(another_reader.get_by_text("I send you my warmest wishes")).to_be_visible()


def test_a_draft_is_written_and_submitted_with_the_keyboard_alone(sign_in: SignIn) -> None:
    draft = make_draft(headline="")
    page = sign_in("drafter")
    page.goto(form_of(draft))

    def tab_to(name: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            here = page.evaluate("document.activeElement.name || document.activeElement.value")
            if here == name:
                return
        raise AssertionError(f"The key does not lead to {name}.")

    expect(page.locator("iframe.tox-edit-area__iframe")).to_be_visible()
    page.locator("#id_kind").focus()
    tab_to("headline")
    page.keyboard.type("To the King")
    page.locator("#id_closing").focus()  # past the editor, whose own Tab stays in it
    tab_to("_submit")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/submit/$"))
    page.get_by_label("Remark").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    done(page, "“To the King” (English) is now waiting for approval")


def test_the_draft_form_works_without_javascript(sign_in: SignIn) -> None:
    draft = make_draft()
    page = sign_in("drafter")
    assert page.context.browser is not None
    plain = page.context.browser.new_context(
        storage_state=page.context.storage_state(), java_script_enabled=False
    ).new_page()
    page.goto(form_of(draft))
    plain.goto(page.url)
    plain.locator("#id_body").fill("First paragraph.\n\nSecond paragraph.")
    plain.get_by_label("Role").nth(2).select_option("copy")
    plain.get_by_label("Name:").nth(2).fill("Lena Hart")
    plain.get_by_role("button", name="Save", exact=True).click()
    done(plain, "The draft is saved.")
    plain.context.close()
    assert again(draft).paragraphs == ["First paragraph.", "Second paragraph."]
    assert again(draft).parties.get(role="copy").name == "Lena Hart"


@pytest.mark.parametrize("width", [1280, 320])
def test_no_page_of_the_desk_has_a_barrier_or_scrolls_sideways(
    width: int, sign_in: SignIn, watch: Watch
) -> None:
    watch.expected = {400}
    draft, approved, live = make_draft(), approve(make_draft()), make_edition(Stage.LIVE)
    page = sign_in("superuser")
    page.set_viewport_size({"width": width, "height": 900})
    wrong: list[str] = []
    axe, source = Axe(), Path(__file__).parent.parent / "importing/releases/en-quoted-once.txt"

    def judge(name: str) -> None:
        if page.locator("#id_body, #id_letter-1-body").count():  # the editor has counted: it is up
            expect(page.locator(".tox-statusbar__wordcount")).to_contain_text("words")
        found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        barriers = [
            f"{v['id']}: {node['html'][:160]}"
            for v in found.response["violations"]
            for node in v["nodes"]
            if 'data-mce-name="resize-handle"' not in node["html"]  # TinyMCE's own, still so in 7.8
        ]
        wrong.extend(f"{name}: {barrier}" for barrier in barriers)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{name} scrolls sideways")

    for address in (
        "/admin/",
        "/admin/letters/letter/",
        "/admin/letters/letter/add/",
        "/admin/letters/letter/paste/",
        hub(live.letter),
        form_of(draft),
        form_of(live),
        page_of("submit", draft),
        page_of("publish", approved),
        page_of("withdraw", live),
    ):
        page.goto(address)
        judge(address)
    page.goto("/admin/letters/letter/paste/")
    page.get_by_label("The release").fill(source.read_text(encoding="utf-8"))
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_label("Headline")).to_be_visible()
    judge("what was read")
    assert wrong == []
