"""Every kind of public page, in a real browser: no barrier found, nothing from elsewhere."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Page, Route, expect, sync_playwright

from tests import sample
from tests.sample import sample_office  # noqa: F401

SITE = "http://localhost"  # which browsers trust as they do HTTPS
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


@contextmanager
def browsing(answers: dict[str, HttpResponse], **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """A page in Chromium whose requests get these answers, and static files.

    With it a list that collects what goes wrong: requests for anything else, other hosts
    included, and the browser's own complaints, such as about the content security policy.
    """
    wrong: list[str] = []

    def answer(route: Route) -> None:
        url = urlsplit(route.request.url)
        address = url.path + (f"?{url.query}" if url.query else "")
        if url.netloc != "localhost":
            wrong.append(route.request.url)
            route.abort()
        elif address in answers:
            response = answers[address]
            route.fulfill(
                status=response.status_code, headers=dict(response.items()), body=response.content
            )
        elif url.path.startswith("/static/"):
            static = settings.BASE_DIR / url.path.removeprefix("/")
            route.fulfill(path=static, content_type=mimetypes.guess_type(static)[0])
        else:
            wrong.append(address)
            route.abort()

    def heard(said: Any) -> None:
        # A page that is missing on purpose is not the page's fault.
        if said.type == "error" and "status of 4" not in said.text:
            wrong.append(said.text)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_context(**options).new_page()
        page.route("**/*", answer)
        page.on("console", heard)
        yield page, wrong
        browser.close()


def answers_to(citizen: Client, pages: dict[str, str]) -> dict[str, HttpResponse]:
    """What the site answers to a browser that opens these pages, their pictures included."""
    answers = {address: citizen.get(address) for address in pages.values()}
    for page in list(answers.values()):
        for address in re.findall(r"/[\w/-]+/files/[\w.-]+", page.content.decode()):
            if address not in answers:
                file = citizen.get(address)
                answers[address] = HttpResponse(b"".join(file), headers=file.headers)
    return answers


NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}
# What the keyboard stops at, in the order of the page; a group of radio buttons is one stop.
STOPS = """
() => {
  const asked = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const seen = [...document.querySelectorAll(asked)].filter(
    (stop) => !stop.disabled && stop.type !== "hidden" && stop.tabIndex !== -1
      && stop.checkVisibility()
  );
  const firsts = seen.filter(
    (stop) => stop.type !== "radio" || seen.find((other) => other.name === stop.name) === stop
  );
  window.stops = firsts;
  return firsts.map((stop) => stop.outerHTML.slice(0, 120));
}
"""
# Where the keyboard is now, and whether a person can see that it is there.
FOCUS = """
() => {
  const here = document.activeElement, style = getComputedStyle(here);
  const box = here.getBoundingClientRect();
  return {
    at: window.stops.findIndex((stop) => stop === here || (stop.name && stop.name === here.name
      && stop.type === "radio")),
    marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inSight: box.bottom > 0 && box.top < innerHeight,
  };
}
"""
# How readers make text larger, and how WCAG 1.4.12 says that they may space it.
LARGER = {
    "text of twice the size": (WIDE, "document.documentElement.style.fontSize = '200%'"),
    "zoomed to 200 %": ({"width": 640, "height": 450}, "0"),
    "spaced": (
        NARROW,
        """
        () => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
            word-spacing: 0.16em !important; } p { margin-block-end: 2em !important; }`);
          document.adoptedStyleSheets = [sheet];
        }
        """,
    ),
}
# Text that lies over other text, or that is not shown whole.
ILL_SET = """
() => {
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  const wrong = [], room = document.documentElement.clientWidth;
  for (let text; (text = words.nextNode());) {
    const parent = text.parentElement, range = document.createRange();
    if (!text.data.trim() || parent.closest(".unseen, .skip, svg, option, script, style")
        || !parent.checkVisibility()) continue;
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      if (box.width < 2) continue;
      found.push({box, parent, text: text.data.trim().slice(0, 40)});
      if (box.left < -1 || box.right > room + 1) wrong.push(`beyond the page: ${text.data}`);
    }
    for (let around = parent; around !== document.body; around = around.parentElement) {
      const clips = getComputedStyle(around).overflowX !== "visible";
      const scrolls = around.tabIndex === 0;
      if (clips && !scrolls && around.scrollWidth > around.clientWidth + 1) {
        wrong.push(`cut: ${text.data.trim()} in ${around.outerHTML.slice(0, 80)}`);
      }
    }
  }
  found.sort((one, other) => one.box.top - other.box.top);
  found.forEach(({box: one, text}, place) => {
    for (const {box: other, text: also} of found.slice(place + 1)) {
      if (other.top > one.bottom) break;
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      // Lines of one paragraph share the space between them.
      const isOver = across > 2 && down > Math.min(one.height, other.height) * 0.4;
      if (isOver) wrong.push(`over each other: ${text} | ${also}`);
    }
  });
  for (const control of document.querySelectorAll("input, select, button, summary, img")) {
    const box = control.getBoundingClientRect();
    if (control.checkVisibility() && !control.closest(".unseen") && box.width > 2
        && (box.left < -1 || box.right > room + 1)) {
      wrong.push(`beyond the page: ${control.outerHTML.slice(0, 80)}`);
    }
  }
  if (document.documentElement.scrollWidth > room) wrong.push("scrolls sideways");
  return wrong;
}
"""


@pytest.mark.usefixtures("sample_office")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_has_a_barrier_that_axe_can_find(
    language: str, scheme: str, citizen: Client
) -> None:
    pages = sample.pages(language) | {"redacted text": sample.redacted(language)}
    answers = answers_to(citizen, pages)
    assert answers[pages["redacted text"]].status_code == 410
    with browsing(answers, color_scheme=scheme) as (page, wrong):
        for kind, address in pages.items():
            page.goto(SITE + address)
            for size in (WIDE, NARROW):
                page.set_viewport_size(size)
                found = Axe().run(page, options=AXE)
                assert found.violations_count == 0, f"{kind}, {size}: {found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, kind
    assert wrong == []


@pytest.mark.usefixtures("sample_office")
@pytest.mark.parametrize("language", ["en", "ru", "ar"])
def test_larger_text_is_neither_cut_nor_laid_over_other_text(
    language: str, citizen: Client
) -> None:
    pages = sample.pages(language)
    answers = answers_to(citizen, pages)
    with browsing(answers) as (page, wrong):
        for kind, address in pages.items():
            page.goto(SITE + address)
            for how, (size, change) in LARGER.items():
                page.set_viewport_size(size)
                page.evaluate(change)
                found = page.evaluate(ILL_SET)
                assert found == [], f"{kind}, {how}"
                page.evaluate("document.documentElement.style.fontSize = ''")
    assert wrong == []


@pytest.mark.usefixtures("sample_office")
def test_the_keyboard_reaches_everything_and_always_shows_where_it_is(citizen: Client) -> None:
    pages = sample.pages("en")
    answers = answers_to(citizen, pages)
    with browsing(answers, viewport=WIDE, reduced_motion="reduce") as (page, _wrong):
        for kind, address in pages.items():
            page.goto(SITE + address)
            stops = page.evaluate(STOPS)
            for number, stop in enumerate(stops):
                page.keyboard.press("Tab")
                where = page.evaluate(FOCUS)
                assert where == {"at": number, "marked": True, "inSight": True}, f"{kind}: {stop}"


@pytest.mark.usefixtures("sample_office")
def test_every_page_says_the_same_without_scripts_and_styles(citizen: Client) -> None:
    """What a text browser shows: nothing is there only for those who have scripts."""
    pages = sample.pages("en")
    answers = answers_to(citizen, pages)
    with browsing(answers, java_script_enabled=False) as (page, wrong):
        page.route("**/*.css", lambda route: route.abort())
        for kind, address in pages.items():
            page.goto(SITE + address)
            assert page.locator("h1").count() == 1, kind
            main = page.locator("main")
            assert main.inner_text().strip(), kind
            for button in main.locator("button").all():
                is_dead = button.evaluate("b => !b.form || b.type === 'button'")
                assert not (is_dead and button.is_visible()), f"{kind}: {button.inner_text()}"
    assert [said for said in wrong if "ERR_FAILED" not in said] == []


@pytest.mark.usefixtures("sample_office")
def test_a_letter_is_copied_with_where_it_comes_from(citizen: Client) -> None:
    address = sample.pages("en")["corrected letter"]
    allowed = ["clipboard-read", "clipboard-write"]
    answers = {address: citizen.get(address)}
    with browsing(answers, permissions=allowed) as (page, wrong):
        page.goto(SITE + address)
        page.get_by_role("button", name="Copy the text").click()
        expect(page.get_by_role("status")).to_contain_text("copied")
        copied = page.evaluate("navigator.clipboard.readText()")
        text, _space, citation = copied.rpartition("\n\n")
        assert text.startswith("Stanimir Borodarić")
        assert citation == page.locator("#citation").inner_text().strip()
        assert "letter 2026-" in citation
        assert "edition 2" in citation
        page.get_by_role("button", name="Copy the citation").click()
        page.wait_for_function(
            "wanted => navigator.clipboard.readText().then(t => t === wanted)", arg=citation
        )
        assert page.get_by_role("button", name="Print").is_visible()
        mail = page.get_by_role("link", name="Send by mail").get_attribute("href")
        assert mail.startswith("mailto:?subject=")
    assert wrong == []
