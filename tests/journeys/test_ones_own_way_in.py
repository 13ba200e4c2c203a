"""A second factor set up and used in a real browser, with a passkey of the browser's own making."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests.journeys.conftest import SignIn
from tests.journeys.test_public_pages_in_a_browser import AXE

PAGES = ["2fa/", "2fa/totp/activate/", "2fa/webauthn/", "2fa/webauthn/add/", "2fa/recovery-codes/"]
PAGES += ["password/change/", "sessions/", "reauthenticate/", "2fa/webauthn/reauthenticate/"]
BEFORE = ["login/", "password/reset/", "password/reset/done/", "password/reset/key/1-x/"]


def with_a_passkey(page: Page) -> None:
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    device |= {"hasUserVerification": True, "isUserVerified": True}
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": device})


def no_barrier(page: Page, paths: list[str]) -> list[Any]:
    found = []
    for path in paths:
        page.goto(f"/admin/account/{path}", wait_until="load")
        violations = Axe().run(page, options=AXE).response["violations"]
        found += [(path, v["id"], [n["html"] for n in v["nodes"]]) for v in violations]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append((path, "scrolls sideways"))
    return found


def test_a_passkey_is_set_up_and_signs_in_alone(
    sign_in: SignIn, live_server: LiveServer, settings: Any
) -> None:
    settings.PRESSOFFICE_REQUIRE_MFA = True
    page = sign_in("drafter")
    page.set_viewport_size({"width": 320, "height": 800})
    with_a_passkey(page)
    page.goto("/admin/letters/letter/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of this passkey").fill("The office's laptop")
    page.get_by_role("button", name="Add the passkey").click()
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("heading", name="The desk").wait_for()
    assert no_barrier(page, PAGES) == []

    page.goto("/admin/")
    page.get_by_role("button", name="Log out").click()
    assert no_barrier(page, BEFORE) == []
    page.goto("/admin/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/admin/")
    page.get_by_role("heading", name="The desk").wait_for()
