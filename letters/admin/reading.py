"""An edition as staff read it: every fact that is approved, in words."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from letters.models import Edition, Letter, State


def facts(edition: Edition) -> dict[str, Any]:
    """What `admin/letters/edition/_text.html` shows of an edition loaded `in_full`."""
    return {
        "edition": edition,
        "language": language(edition),
        "letter_language": _language_name(edition.letter_language),
        "stage": edition.stage(timezone.now()),
        "hub": hub(edition),
    }


def hub(edition: Edition) -> str:
    return reverse("admin:letters_letter_change", args=[edition.letter_id])


def language(edition: Edition) -> str:
    """The language of the text, in the language of the desk."""
    return _language_name(edition.language)


def _language_name(code: str) -> str:
    known = code in settings.LANGUAGE_NAMES
    return str(translation.get_language_info(code)["name_translated"]) if known else code


def foremost(letter: Letter) -> Edition | None:
    """The edition a letter is known by on the desk: live before coming, official before others."""
    editions = [e for e in letter.editions.all() if e.state != State.DISCARDED]
    return min(
        editions,
        key=lambda e: (
            e.live_from is None,
            e.live_until is not None,
            e.standing != "official",
            e.pk,
        ),
        default=None,
    )
