"""Every kind of public page, in a real browser: no barrier found, nothing from elsewhere."""

from __future__ import annotations

import mimetypes
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


@pytest.mark.usefixtures("sample_office")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_has_a_barrier_that_axe_can_find(
    language: str, scheme: str, citizen: Client
) -> None:
    pages = sample.pages(language)
    answers = {address: citizen.get(address) for address in pages.values()}
    with browsing(answers, color_scheme=scheme) as (page, wrong):
        for kind, address in pages.items():
            page.goto(SITE + address)
            found = Axe().run(page, options=AXE)
            assert found.violations_count == 0, f"{kind}: {found.generate_report()}"
    assert wrong == []


@pytest.mark.usefixtures("sample_office")
@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_scrolls_sideways_on_the_narrowest_screen(language: str, citizen: Client) -> None:
    pages = sample.pages(language)
    answers = {address: citizen.get(address) for address in pages.values()}
    with browsing(answers, viewport={"width": 320, "height": 640}) as (page, _wrong):
        for kind, address in pages.items():
            page.goto(SITE + address)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, kind


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
    assert wrong == []


@pytest.mark.usefixtures("sample_office")
def test_without_scripts_no_button_is_there_that_does_nothing(citizen: Client) -> None:
    address = sample.pages("en")["letter"]
    with browsing({address: citizen.get(address)}, java_script_enabled=False) as (page, _wrong):
        page.goto(SITE + address)
        assert page.get_by_role("button").count() == 0
        mail = page.get_by_role("link", name="Send by mail").get_attribute("href")
        assert mail.startswith("mailto:?subject=")


@pytest.mark.usefixtures("sample_office")
@pytest.mark.parametrize("language", ["en", "ar"])
def test_at_twice_the_size_of_text_no_page_scrolls_sideways(language: str, citizen: Client) -> None:
    """200 % zoom of a window of 1280 pixels leaves 640; 400 % leaves 320, which is above."""
    pages = sample.pages(language)
    answers = {address: citizen.get(address) for address in pages.values()}
    with browsing(answers, viewport={"width": 640, "height": 480}) as (page, _wrong):
        for kind, address in pages.items():
            page.goto(SITE + address)
            assert page.evaluate("document.documentElement.scrollWidth") <= 640, kind
