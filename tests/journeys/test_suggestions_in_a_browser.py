"""Suggestions while typing, in a real browser: by keyboard, by touch, and with no script at all."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from tests.journeys.test_public_pages_in_a_browser import AXE, NARROW, SITE, WIDE, browsing
from tests.sample import sample_office  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample_office")]

PERSON = "/en/correspondents/elena-marovel/"
TYPED = ("ma", "mar", "maro", "zzyzx", "maroz")


def answers(citizen: Client, language: str = "en") -> dict[str, Any]:
    """The pages with a search box, what is suggested there, and where it leads."""
    at = f"/{language}"
    pages = [f"{at}/", f"{at}/letters/", f"{at}/search/", f"{at}/search/?q=maro", PERSON]
    pages += [f"{at}/search/suggestions/?q={typed}" for typed in TYPED]
    found: dict[str, HttpResponse] = {page: citizen.get(page) for page in pages}
    return found


def suggested(page: Page) -> Locator:
    return page.locator("#suggested").get_by_role("option")


def test_a_suggestion_is_chosen_with_the_keyboard_alone(citizen):
    with browsing(answers(citizen), viewport=WIDE) as (page, wrong):
        page.goto(f"{SITE}/en/")
        box = page.get_by_role("combobox", name="Search the letters")
        box.focus()
        expect(box).to_have_attribute("aria-expanded", "false")
        page.keyboard.type("maro")
        options = suggested(page)
        expect(options.first).to_contain_text("Elena Marovel")
        expect(box).to_have_attribute("aria-expanded", "true")
        expect(page.get_by_role("status")).to_contain_text(f"{options.count()} suggestions")
        expect(page.locator("[aria-selected=true]")).to_have_count(0)

        page.keyboard.press("ArrowUp")  # from the box to the last
        expect(options.last).to_have_attribute("aria-selected", "true")
        page.keyboard.press("ArrowDown")  # and back to the box
        expect(page.locator("[aria-selected=true]")).to_have_count(0)
        page.keyboard.press("ArrowDown")
        expect(box).to_have_attribute("aria-activedescendant", "suggested-0")
        expect(box).to_be_focused()

        page.keyboard.press("Escape")
        expect(options).to_have_count(0)
        expect(box).to_have_value("maro")
        page.keyboard.press("ArrowDown")  # asks again
        expect(options.first).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{SITE}{PERSON}")
    assert wrong == []


def test_with_none_chosen_enter_searches_as_without_a_script(citizen):
    for script in (True, False):
        with browsing(answers(citizen), viewport=WIDE, java_script_enabled=script) as (page, _):
            page.goto(f"{SITE}/en/")
            page.locator("#q").focus()
            page.keyboard.type("maro")
            if script:
                expect(suggested(page).first).to_be_visible()
            else:
                expect(page.locator("#suggested")).to_be_hidden()
            page.keyboard.press("Enter")
            page.wait_for_url(f"{SITE}/en/search/?q=maro")


def test_what_is_asked_waits_for_a_pause_and_takes_back_what_was_asked_before(citizen):
    with browsing(answers(citizen), viewport=WIDE) as (page, wrong):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{SITE}/en/letters/")
        page.wait_for_load_state("networkidle")
        asked.clear()
        box = page.locator("#q")
        box.press_sequentially("m")
        page.wait_for_timeout(400)
        assert asked == []
        box.press_sequentially("aro", delay=20)
        expect(suggested(page).first).to_contain_text("Elena Marovel")
        assert asked == [f"{SITE}/en/search/suggestions/?q=maro"]
        box.fill("zzyzx")
        expect(suggested(page)).to_have_count(0)
        expect(page.get_by_role("status")).to_have_text("No suggestions.")
        box.fill("ma")
        expect(suggested(page).first).to_be_visible()
        page.keyboard.press("Tab")  # elsewhere
        expect(suggested(page)).to_have_count(0)
        expect(page.get_by_role("status")).to_have_text("")
    assert wrong == []


def test_a_suggestion_is_chosen_with_a_finger(citizen):
    with browsing(answers(citizen), viewport=NARROW, has_touch=True) as (page, wrong):
        page.goto(f"{SITE}/en/search/")
        page.locator("#q").tap()
        page.keyboard.type("maro")
        suggested(page).get_by_text("Elena Marovel").tap()
        page.wait_for_url(f"{SITE}{PERSON}")
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_open_list_has_no_barrier_and_fits_the_narrowest_page(language, scheme, citizen):
    with browsing(answers(citizen, language), color_scheme=scheme) as (page, wrong):
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            for where in ("", "letters/", "search/"):
                page.goto(f"{SITE}/{language}/{where}")
                page.locator("#q").press_sequentially("ma")
                page.keyboard.press("ArrowDown")
                expect(suggested(page).first).to_be_visible()
                page.keyboard.press("ArrowDown")
                found = Axe().run(page, options=AXE)
                assert found.violations_count == 0, f"{where}, {size}: {found.generate_report()}"
                box = page.locator("#suggested").bounding_box()
                assert box is not None
                assert box["x"] >= 0, (where, size)
                assert box["x"] + box["width"] <= size["width"], (where, size)
                across = page.evaluate("document.documentElement.scrollWidth")
                assert across <= size["width"], (where, size)
    assert wrong == []


def test_without_colours_of_its_own_the_chosen_one_is_still_marked(citizen):
    with browsing(answers(citizen), viewport=NARROW, forced_colors="active") as (page, _wrong):
        page.goto(f"{SITE}/en/search/")
        page.locator("#q").press_sequentially("ma")
        expect(suggested(page).first).to_be_visible()
        page.keyboard.press("ArrowDown")
        style = page.locator("[aria-selected=true]").evaluate(
            "chosen => getComputedStyle(chosen).outline"
        )
        assert "solid 2px" in style
