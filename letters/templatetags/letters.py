"""How a page names things. Nothing here asks the database."""

import json
from datetime import datetime

from django import template
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def language_called(code: str) -> str:
    """A language's name in the active language as inside a sentence, or else its code."""
    try:
        name = str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
    if get_language() == "en":  # alone in writing it with a capital
        return name
    return name[:1].replace("İ", "i").lower() + name[1:]


@register.filter(expects_localtime=True)
def iso(moment: datetime | None) -> str:
    """A moment as `<time datetime>` takes it: to the second, with its offset (HTML, 2.3.5)."""
    return moment.isoformat(timespec="seconds") if moment else ""


@register.filter(expects_localtime=True)
def day_and_time(moment: datetime, clock: str = "H:i T") -> str:
    """A moment of about this time of the year, which therefore goes without saying."""
    return _together(date_format(moment, "MONTH_DAY_FORMAT"), date_format(moment, clock))


@register.filter(expects_localtime=True)
def date_and_time(moment: datetime) -> str:
    """A moment to the minute, with its time zone."""
    clock = f"{date_format(moment, 'TIME_FORMAT')} {date_format(moment, 'T')}"
    return _together(date_format(moment, "DATE_FORMAT"), clock)


def _together(day: str, clock: str) -> str:
    # The comma is not the same in every script.
    return _("%(day)s, %(clock)s") % {"day": day, "clock": clock}


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
