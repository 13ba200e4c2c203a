"""A browser, shared by the journeys of a module, and people who sign in with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.letters_at_stages import person

SignIn = Callable[[str], Page]


expect.set_options(timeout=15_000)  # a busy machine is slow, not wrong


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    # The driver runs an event loop in this thread; the test's few queries may share it. While it
    # runs Django has connections of its own there: those from before would outlive their database.
    connections.close_all()
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
            ],
        )
        yield browser
        browser.close()


class Watch:
    """What a browser complained of, and what it asked of other hosts: there is to be none."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.wrong: list[str] = []
        self.expected: set[int] = set()  # answers a journey brings about, errors to the browser

    def over(self, page: Page) -> Page:
        page.on("request", lambda request: self._asked(request.url))
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        return page

    def _asked(self, url: str) -> None:
        if not url.startswith((self.site, "data:", "blob:", "about:")):
            self.wrong.append(url)

    def _said(self, kind: str, text: str) -> None:
        expected = any(f"status of {status} " in text for status in self.expected)
        if kind in ("error", "warning") and not expected:
            self.wrong.append(text)


@pytest.fixture
def watch(live_server: LiveServer) -> Iterator[Watch]:
    watch = Watch(live_server.url)
    yield watch
    assert watch.wrong == []


@pytest.fixture
def sign_in(
    chromium: Browser, live_server: LiveServer, watch: Watch, client_of: Callable[[User], str]
) -> Iterator[SignIn]:
    """Opens the desk as that member of staff, in a browser of their own."""
    contexts = []

    def opened(name: str) -> Page:
        context = chromium.new_context(base_url=live_server.url, locale="en-GB")
        contexts.append(context)
        context.add_cookies(
            [{"name": "sessionid", "value": client_of(person(name)), "url": live_server.url}]
        )
        return watch.over(context.new_page())

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def client_of(transactional_db: None) -> Callable[[User], str]:
    """The key of a new session of that person. Signing in by form is a journey of its own."""
    from tests.the_desk import signed_in

    def key(member: User) -> str:
        return signed_in(member).cookies["sessionid"].value

    return key


def _reader(chromium: Browser, live_server: LiveServer, watch: Watch) -> Iterator[Page]:
    """A citizen's browser."""
    context = chromium.new_context(base_url=live_server.url, locale="en-GB")
    yield watch.over(context.new_page())
    context.close()


reader = pytest.fixture(_reader, name="reader")
another_reader = pytest.fixture(_reader, name="another_reader")
