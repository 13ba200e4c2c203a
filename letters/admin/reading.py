"""An edition as staff read it: every fact that is approved, in words; and two texts compared."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.forms import BoundField
from django.forms.models import inlineformset_factory
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from letters import markup
from letters.admin.forms import DraftForm, PartyForm, PartyFormSet
from letters.models import Edition, Letter, Party, State


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


class Difference(NamedTuple):
    label: str
    typed: str
    stored: str


def differences(stored: Edition, data: QueryDict) -> list[Difference]:
    """What was typed into the draft's form and is not what is stored."""
    typed, there = DraftForm(data, instance=stored), DraftForm(instance=stored)
    pairs = [
        (str(field.label), _shown(field), _shown(there[field.name]))
        for field in typed
        if field.name != "version" and any(name.startswith(field.html_name) for name in data)
    ]
    formset = inlineformset_factory(Edition, Party, form=PartyForm, formset=PartyFormSet)
    if "parties-TOTAL_FORMS" in data:
        lines = [_line(form) for form in formset(data, instance=stored).forms]
        known = [_line(form) for form in formset(instance=stored).initial_forms]
        pairs.append((_("From, to and signed by"), _joined(lines), _joined(known)))
    return [Difference(capfirst(label), a, b) for label, a, b in pairs if a != b]


def _joined(lines: list[str]) -> str:
    return "\n".join(line for line in lines if line)


def _line(form: Any) -> str:
    parts = [_shown(form[name]) for name in ("role", "correspondent", "country", "name", "title")]
    deleted = form.data.get(form.add_prefix("DELETE"))
    return "" if deleted else " · ".join(part for part in parts if part)


def _shown(field: BoundField) -> str:
    """The value of a field as plain text, the same for what was typed and what is stored."""
    value = field.value()
    if field.name == "body":
        return markup.to_text(markup.clean(markup.as_html(str(value or ""))))
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):  # the two parts of a moment
        return " ".join(part for part in value if part)
    choices = getattr(field.field.widget, "choices", None)
    if choices is not None:
        names = {str(key): str(name) for key, name in choices if key}
        return names.get(str(value or ""), str(value or ""))
    return markup.plain(str("" if value is None else value)).strip()
