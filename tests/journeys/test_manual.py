"""The pictures of docs/desk.md, taken on the way it describes: UPDATE_DOCS=1 takes them anew."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from letters import workflow
from letters.models import Edition
from tests.journeys.conftest import SignIn
from tests.letters_at_stages import approve, make_draft, person, publish, schedule, submit
from tests.the_desk import form_of, page_of

DOCS = Path(settings.BASE_DIR) / "docs"
PICTURES = set(re.findall(r"\(images/(desk-[\w-]+)\.png\)", (DOCS / "desk.md").read_text("utf-8")))


def picture(page: Page, name: str) -> str:
    """The page as it is now; stored only when the docs are updated."""
    wanted = DOCS / "images" / f"{name}.png"
    if os.environ.get("UPDATE_DOCS"):
        page.screenshot(path=wanted, clip={"x": 0, "y": 0, "width": 1100, "height": 760})
    assert wanted.exists(), "UPDATE_DOCS=1 takes it."
    return name


def test_every_picture_of_the_manual_is_taken_on_its_way(sign_in: SignIn) -> None:
    taken = set()
    with time_machine.travel(datetime(2026, 11, 9, 9, 30, tzinfo=UTC)):
        now = timezone.now()
        publish(make_draft(headline="Thanks to the Mayor of Old Valmere"))
        schedule(make_draft(headline="Greetings to the Queen of Sorrel"), now + timedelta(days=3))
        approve(make_draft(headline="Condolences to the people of Kestrel Bay"))
        wanted_by = now + timedelta(hours=6)
        waiting = workflow.submit(
            make_draft(headline="Congratulations to the King of Ostmark"),
            by=person("drafter"),
            asked_of=person("approver"),
            wanted_by=wanted_by,
        )
        submit(make_draft(headline="Invitation to the summit of Auremont"))
        planned = make_draft(headline="Greetings to the Council of the Isles", summary="")
        workflow.plan(planned, by=person("drafter"), moment=now + timedelta(days=9))

        approver = sign_in("approver")
        approver.set_viewport_size({"width": 1100, "height": 760})
        approver.goto("/admin/")
        expect(approver.get_by_role("heading", name="Waiting for your approval")).to_be_visible()
        taken.add(picture(approver, "desk-front"))

        drafter = sign_in("drafter")
        drafter.set_viewport_size({"width": 1100, "height": 760})
        drafter.goto(form_of(planned))
        expect(drafter.locator("iframe.tox-edit-area__iframe")).to_be_visible()
        taken.add(picture(drafter, "desk-draft"))

        approver.goto(page_of("approve", waiting))
        expect(approver.get_by_role("button", name="Approve", exact=True)).to_be_visible()
        taken.add(picture(approver, "desk-approve"))

        publisher = sign_in("publisher")
        publisher.set_viewport_size({"width": 1100, "height": 760})
        publisher.goto("/admin/letters/letter/schedule/")
        expect(publisher.get_by_role("heading", level=1)).to_be_visible()
        taken.add(picture(publisher, "desk-schedule"))

        ready = Edition.objects.get(state="approved")
        publisher.goto(page_of("publish", ready))
        expect(publisher.get_by_role("button", name="Publish", exact=True)).to_be_visible()
        taken.add(picture(publisher, "desk-publish"))
    assert taken == PICTURES
