"""How a page names things. Nothing here asks the database."""

import json
from datetime import datetime

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_info

register = template.Library()


@register.filter
def language_called(code: str) -> str:
    """A language's name in the active language, or else its code."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


@register.filter(expects_localtime=True)
def iso(moment: datetime | None) -> str:
    """A moment as `<time datetime>` takes it: to the second, with its offset (HTML, 2.3.5)."""
    return moment.isoformat(timespec="seconds") if moment else ""


@register.filter
def of(found: dict[str, object], key: str) -> object:
    return found.get(key, "")


@register.filter
def linked_data(graph: dict[str, object]) -> SafeString:
    """JSON inside a page: no character of it can end the element it stands in."""
    written = json.dumps(graph, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return mark_safe(written)  # noqa: S308
