"""One letter's way, in a real browser: pasted, drafted, approved and published by three people,
and read by a citizen."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from letters.models import CountryName
from tests.letters_at_stages import person

RELEASES = Path(__file__).parent.parent / "importing" / "releases"
PASSWORD = "a long enough password"


@pytest.fixture
def staff(transactional_db: None) -> None:
    CountryName.objects.create(code="XV", language="en", name="Valdora")
    CountryName.objects.create(code="XS", language="en", name="Sarvenia")
    for member in map(person, ("drafter", "approver", "publisher")):
        member.set_password(PASSWORD)
        member.save()


def sign_in(chromium: Browser, site: str, username: str, wrong: list[str]) -> Page:
    page = chromium.new_context(locale="en-GB").new_page()
    watch(page, site, wrong)
    page.goto(f"{site}/admin/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    return page


def watch(page: Page, site: str, wrong: list[str]) -> None:
    """Collects requests to other hosts and what the browser complains of."""
    page.on("request", lambda r: r.url.startswith((site, "data:", "blob:")) or wrong.append(r.url))
    page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))


@pytest.mark.usefixtures("staff")
def test_a_release_is_pasted_drafted_approved_published_and_read(
    chromium: Browser, live_server: LiveServer
) -> None:
    site, wrong = live_server.url, []
    source = (RELEASES / "en-quoted-once.txt").read_text(encoding="utf-8")
    (release,) = json.loads((RELEASES / "en-quoted-once.json").read_text(encoding="utf-8"))

    page = sign_in(chromium, site, "drafter", wrong)
    page.goto(f"{site}/admin/letters/letter/")
    page.get_by_role("link", name="Paste a release").click()
    page.get_by_label("The release").fill(source)
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_label("Headline")).to_have_value(release["headline"])
    expect(page.get_by_label("Context")).to_have_value(release["summary"])
    page.get_by_role("button", name="Save as draft").click()

    # The source gave no date: the desk asks for it, and only then takes the text.
    expect(page.get_by_role("link", name="Give the date of the letter.")).to_be_visible()
    page.locator("#id_dated").fill("2026-11-08")
    page.get_by_role("button", name="Save and submit for approval").click()
    page.get_by_role("button", name="Submit for approval", exact=True).click()
    expect(page.get_by_text("is now waiting for approval")).to_be_visible()
    hub = page.url

    page = sign_in(chromium, site, "approver", wrong)
    page.goto(hub)
    page.get_by_role("link", name="Approve", exact=True).click()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("is now approved")).to_be_visible()

    page = sign_in(chromium, site, "publisher", wrong)
    page.goto(hub)
    page.get_by_role("link", name="Publish", exact=True).click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("is now live")).to_be_visible()

    citizen = chromium.new_page()
    watch(citizen, site, wrong)
    citizen.goto(f"{site}/en/")
    citizen.get_by_role("link", name=release["headline"]).first.click()
    expect(citizen).to_have_url(
        re.compile(r"/en/letters/\d{4}-1/president-mira-halden-congratulates")
    )
    expect(citizen.get_by_role("heading", level=1)).to_have_text(release["headline"])
    for paragraph in release["paragraphs"]:
        expect(citizen.get_by_text(paragraph, exact=True)).to_be_visible()
    for name in ("Mira Halden", "Jonas Brandt"):
        expect(citizen.get_by_text(name).first).to_be_visible()
    expect(citizen.get_by_text("You Might Also Like", exact=True)).to_have_count(0)
    assert wrong == []
