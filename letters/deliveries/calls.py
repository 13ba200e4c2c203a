"""Calls to other machines after a change: is the text really shown, and what caches are to drop."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from letters.models import Delivery, Edition, Event
from letters.record import check_code

KINDS = {
    "seen": _("Look whether the text is shown"),
    "purge": _("Tell caches what to drop"),
}
# The verbs that change public pages, and those of them whose change comes at a moment of its own.
AT_A_MOMENT = ("publish", "emergency")
CHANGING = (*AT_A_MOMENT, "withdraw", "restore", "approve_note", "redact")
TIMEOUT = 10  # seconds


class NotSeen(Exception):
    """The letter's page does not show the text that is live."""


def register(event: Event) -> None:
    """Write what is to be called, in the caller's transaction."""
    if event.verb not in CHANGING:
        return
    rows = []
    moment = event.moment if event.verb in AT_A_MOMENT and event.moment else event.at
    due = max(moment, event.at)
    if settings.PRESSOFFICE_PURGE_URL:
        key = f"purge:{event.number}"
        rows.append(Delivery(key=key, what="purge", event=event, due_at=due))
    if settings.PRESSOFFICE_SEEN_AT and event.verb in AT_A_MOMENT:
        # Once for all that goes live at a moment: it is one instant for all of it.
        context = {"moment": moment.isoformat()}
        key = f"seen:{moment.isoformat()}"
        rows.append(Delivery(key=key, what="seen", due_at=due, context=context))
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def make(delivery: Delivery) -> dict[str, Any] | None:
    """Call, and return what to note of it; None when there is no need any more."""
    if delivery.what == "seen":
        return _look(datetime.fromisoformat(delivery.context["moment"]))
    return _purge(delivery.event) if delivery.event else None


def _look(moment: datetime) -> dict[str, Any] | None:
    """Ask the site, as a reader does, for one of the letters that went live at that moment."""
    live = Edition.objects.listed(timezone.now()).filter(
        live_from=moment, language__in=[code for code, _name in settings.LANGUAGES]
    )
    edition = live.select_related("letter").first()
    if edition is None:
        return None  # recalled, corrected or withdrawn since
    asked = Request(  # noqa: S310 (settings.py looks at it)
        settings.PRESSOFFICE_SEEN_AT + edition.get_absolute_url(),
        headers={"Host": urlsplit(settings.PRESSOFFICE_SITE_URL).netloc},
    )
    with urlopen(asked, timeout=TIMEOUT) as answer:  # noqa: S310
        page = answer.read().decode()
    if check_code(edition.digest) not in page:  # which no other text has
        raise NotSeen(f"{edition.letter} ({edition.language}) is live and not shown")
    return {"seconds": round((timezone.now() - moment).total_seconds(), 3)}


def _purge(event: Event) -> dict[str, Any]:
    """The keys are those of the header Surrogate-Key: lists change as well, so all pages go."""
    told = {"keys": ["pages", f"letter-{event.letter.reference}"], "verb": event.verb}
    headers = {"Content-Type": "application/json"}
    if settings.PRESSOFFICE_PURGE_TOKEN:
        headers["Authorization"] = f"Bearer {settings.PRESSOFFICE_PURGE_TOKEN}"
    request = Request(  # noqa: S310
        settings.PRESSOFFICE_PURGE_URL, json.dumps(told).encode(), headers, method="POST"
    )
    with urlopen(request, timeout=TIMEOUT):  # noqa: S310
        return {}
