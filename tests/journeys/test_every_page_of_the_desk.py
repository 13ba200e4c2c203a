"""Every page of the desk, found by its address: no barrier, and nothing scrolls sideways.

A new view fails this file until its address can be made, or it is said to show nobody a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore
from django.urls import URLPattern, reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from letters import clearances, workflow
from letters.models import (
    Appearance,
    CountryName,
    Edition,
    Event,
    Kind,
    NoticeBar,
    Office,
    OfficePage,
    Phrase,
    Recipient,
    Remark,
    Sentence,
    SetAside,
    Stage,
    StandIn,
)
from pressoffice.urls import account_pages
from tests.journeys.conftest import Watch
from tests.letters_at_stages import (
    make_correspondent,
    make_draft,
    make_edition,
    person,
    standard_reason,
)
from tests.the_desk import form_of, page_of

RELEASE = Path(__file__).parent.parent / "importing/releases/en-quoted-once.txt"
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
NOT_OURS = 'data-mce-name="resize-handle"'  # TinyMCE's own, still so in 7.8
# These show nobody a page: they answer a script, send on, hand out a file, or only take a POST.
NO_PAGE = re.compile(
    r"None|login|logout|password_change(_done)?|autocomplete|jsi18n"
    r"|letters_edition_(approve-note|withdrawn|add|changelist|delete|history|take|settle|revoke)"
    r"|letters_edition_(redacted|file|autosave|pasted)|letters_sentence_delete"
    r"|letters_letter_(delete|history|translate|repeat|thread)|letters_in_words"
    r"|letters_event_(add|delete)|letters_(recipients_make|recipients_preview)"
    r"|auth_user_(step|delete)|auth_group_(add|delete)"
    r"|account_(login|logout|inactive|set_password|reset_password_from_key)"
    r"|mfa_(authenticate|deactivate_totp|view_recovery_codes|download_recovery_codes)"
    r"|mfa_(remove|edit|login|reauthenticate)_webauthn|(account|mfa)_reauthenticate"
)


def an_office() -> dict[str, Any]:
    """Something of every kind; texts by their stage, rows by what the admin calls them."""
    maker, approver, now = person("drafter"), person("approver"), timezone.now()
    texts = {stage: make_edition(stage) for stage in Stage if stage != Stage.DISCARDED}
    texts["emergency"] = make_edition(approved=False)
    draft = texts[Stage.DRAFT]
    Edition.objects.filter(pk=draft.pk).update(place="TBC")
    waiting = make_draft(headline="Condolences to the people of Kestrel Bay")
    texts["waiting"] = workflow.submit(waiting, by=maker, asked_of=approver, wanted_by=now)
    passage = {"passage": "warmest wishes", "text": "Are they the warmest?"}
    Remark.objects.create(edition=waiting, by=approver, by_name="A.", at=now, **passage)
    clearances.ask(waiting, by=maker, name="Lena Hart", address="lena@valdora.example")
    typed = {"headline": "Mine", "body": "<p>Mine too.</p>"}
    aside = SetAside.objects.create(edition=draft, by=maker, tab="one", at=now, typed=typed)
    Recipient.objects.create(edition=draft, name="Ansel Brook", title="Mayor of Sorrel")
    series = make_draft()
    for name in ("Lena Hart", "Jon Ark"):
        Recipient.objects.create(edition=series, name=name)
    workflow.multiply(series, by=maker)
    workflow.plan(draft, by=maker, moment=now + timedelta(days=3))
    away = {"absent": approver, "stand_in": person("second_approver")}
    away |= {"since": now.date(), "until": now.date() + timedelta(days=9)}
    texts["to be redacted"] = superseded = make_edition(Stage.SUPERSEDED)
    workflow.ask_redaction(superseded, by=approver, reason="A court has ordered it.")
    withdrawn = texts[Stage.WITHDRAWN]
    workflow.note(withdrawn, by=maker, text="It was sent too early.")
    standard_reason("Sent by mistake.", "kept")
    return {
        "texts": texts,
        "note": withdrawn.pk,
        "sentence": Sentence.objects.get().pk,
        "series": series.letter_id,
        "aside": aside.pk,
        "correspondent": make_correspondent(titles={"en": "President of Valdora"}).pk,
        "standin": StandIn.objects.create(**away).pk,
        "kind": Kind.objects.first().pk,
        "countryname": CountryName.objects.create(code="XV", language="en", name="Valdora").pk,
        "office": Office.objects.create(language="en", name="The Press Office of Valdora").pk,
        "officepage": OfficePage.objects.create(
            language="en", kind=OfficePage.Kind.ABOUT, body="<p>Who we are.</p>"
        ).pk,
        "noticebar": NoticeBar.objects.create(language="en", text="We are closed.", since=now).pk,
        "appearance": Appearance.objects.create().pk,
        "event": Event.objects.first().pk,
        "phrase": Phrase.objects.create(language="en", phrase="utilise", suggestion="use").pk,
        "user": maker.pk,
        "group": Group.objects.first().pk,
    }


def views(patterns: Any) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        else:
            yield from views(pattern.url_patterns)


def pages() -> dict[str, str]:
    """An address of every page, by its view; a verb's is that of a text it can be done to."""
    office, superuser, now = an_office(), person("superuser"), timezone.now()
    texts, found = office["texts"], {}
    may = {text: workflow.open_verbs(text, by=superuser, at=now) for text in texts.values()}
    draft, live = texts[Stage.DRAFT], texts[Stage.LIVE]
    keys = office | {"edition": draft.pk, "letter": live.letter_id, "recipients": draft.pk}
    made = {"language": "fr", "key": "kept", "app_label": "letters", "number": office["aside"]}
    for where, patterns in (("admin:", admin.site.urls[0]), ("", account_pages)):
        for view in views(patterns):
            name = str(view.name)
            if NO_PAGE.fullmatch(name):
                continue
            if name == "letters_edition_verb":
                for verb in workflow.TRANSITIONS:
                    found[verb] = next(page_of(verb, t) for t in texts.values() if verb in may[t])
                continue
            made["pk"] = made["object_id"] = next(
                (keys[k] for k in reversed(name.split("_")) if k in keys), 1
            )
            parts = {part: made[part] for part in view.pattern.regex.groupindex}
            found[name] = reverse(where + name, kwargs=parts)
    ready = texts[Stage.APPROVED].pk
    return found | {
        "hub of a text that waits": form_of(texts["waiting"]),
        "several together": f"{found['letters_together']}?verb=publish&texts={ready}",
    }


@pytest.mark.parametrize(
    ("language", "scheme", "width"),
    [("ar", "light", 1280), ("en", "dark", 320)],
)
def test_no_page_of_the_desk_has_a_barrier_nor_scrolls_sideways(
    language: str,
    scheme: Any,
    width: int,
    chromium: Browser,
    live_server: LiveServer,
    watch: Watch,
    client_of: Callable[[User], str],
) -> None:
    watch.expected = {400}
    context = chromium.new_context(
        base_url=live_server.url,
        color_scheme=scheme,
        locale=language,
        viewport={"width": width, "height": 900},
    )
    session = {"name": "sessionid", "value": client_of(person("superuser"))}
    stored = SessionStore(session["value"])
    files = [["upload", "emblem.png"]]
    typed = {"fields": [["remark", "Name the Queen’s country."]], "files": files}
    typed |= {"by": person("superuser").pk, "to": "/admin/", "back": ""}
    stored["kept"] = {"kept": typed}
    stored.save()
    context.add_cookies([{**session, "url": live_server.url}])
    page, axe, wrong = watch.over(context.new_page()), Axe(), []

    def judge(name: str) -> None:
        if page.locator("#id_body, #id_letter-1-body").count():  # the editor has counted: it is up
            expect(page.locator(".tox-statusbar__wordcount")).to_have_text(re.compile(r"\d"))
        for found in axe.run(page, options=AXE).response["violations"]:
            nodes = [node["html"] for node in found["nodes"] if NOT_OURS not in node["html"]]
            wrong.extend(f"{name}: {found['id']}: {html[:160]}" for html in nodes)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{name} scrolls sideways")

    for name, address in pages().items():
        answer = page.goto(address)
        if answer is None or answer.status != 200:
            wrong.append(f"{name}: {address} is no page")
            continue
        judge(name)
    page.goto("/admin/letters/letter/paste/")
    page.locator("textarea").first.fill(RELEASE.read_text(encoding="utf-8"))
    page.locator("#content input[type=submit]").first.click()
    page.wait_for_selector("#id_letter-1-body", state="attached")
    judge("what was read of a release")
    context.close()
    assert not wrong, "\n".join(wrong)
