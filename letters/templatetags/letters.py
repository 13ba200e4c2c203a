"""How a page names things. Nothing here asks the database."""

import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_info

from letters import dates, markup

register = template.Library()


@register.filter
def language_called(code: str) -> str:
    """A language's name in the active language as inside a sentence, or else its code."""
    try:
        name = str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
    return dates.inside_a_sentence(name)


@register.filter(expects_localtime=True)
def iso(moment: date | datetime | None) -> str:
    """As `<time datetime>` takes it: a day, or a second with its offset (HTML, 2.3.5)."""
    if isinstance(moment, datetime):
        return moment.isoformat(timespec="seconds")
    return moment.isoformat() if moment else ""


@register.filter
def day(value: date | None) -> str:
    return dates.day(value) if value else ""


@register.filter
def moment(value: date | datetime | None) -> str:
    return dates.moment(value) if value else ""


@register.filter
def day_and_time(value: datetime | None) -> str:
    return dates.day_and_time(value) if value else ""


@register.filter
def weekday_and_day(value: date | None) -> str:
    return dates.weekday_and_day(value) if value else ""


@register.filter
def in_words(value: date | datetime | None, zone: str = "") -> str:
    """With its weekday, a moment as the clocks of that time zone show it."""
    return dates.in_words(value, ZoneInfo(zone) if zone else None) if value else ""


@register.filter
def as_plain_text(html: str, width: int) -> str:
    return markup.as_plain_text(html, width)


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
