"""How a day and a moment are written in the active language: one rule for pages, files and mails.

A moment is told to the second, in 24 hours, with its time zone.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, tzinfo
from typing import Any

from django.utils import timezone
from django.utils.dateformat import DateFormat
from django.utils.formats import get_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _


class _Written(DateFormat):
    def j(self) -> Any:
        """French alone calls the first of a month so, and the other days by their number."""
        return "1er" if super().j() == 1 and _is_in("fr") else super().j()


def day(value: date) -> str:
    return _written(value, "DATE_FORMAT")


def moment(value: date | datetime) -> str:
    """A day is written as one: of some publications no more is known."""
    if not isinstance(value, datetime):
        return day(value)
    here = _in(value, None)
    return f"{_written(here, 'DATETIME_FORMAT')} {here.tzname()}"


def day_and_time(value: datetime) -> str:
    """A moment of about this time of the year, which therefore goes without saying."""
    here = _in(value, None)
    return _together(_written(here, "MONTH_DAY_FORMAT"), here)


def weekday_and_day(value: date) -> str:
    """The same of a day."""
    return _with_weekday(value, "MONTH_DAY_FORMAT")


def in_words(value: date | datetime, zone: tzinfo | None = None) -> str:
    """A day, or a moment in the office's time zone or another, with its weekday."""
    if not isinstance(value, datetime):
        return _with_weekday(value, "DATE_FORMAT")
    there = _in(value, zone)
    return _together(_with_weekday(there, "DATE_FORMAT"), there)


def inside_a_sentence(name: str) -> str:
    """The name of a language or a weekday: English alone writes it with a capital there."""
    if _is_in("en"):
        return name
    return name[:1].replace("İ", "i").lower() + name[1:]


def _with_weekday(value: date, of: str) -> str:
    named = {"weekday": inside_a_sentence(_written(value, "l")), "day": _written(value, of)}
    return pgettext("a date", "%(weekday)s %(day)s") % named


def _together(written: str, moment: datetime) -> str:
    # The comma is not the same in every script. Django's own zone is empty where clocks go back.
    clock = f"{moment:%H:%M:%S} {moment.tzname()}"
    return _("%(day)s, %(clock)s") % {"day": written, "clock": clock}


def _written(value: date, of: str) -> str:
    return _Written(value).format(get_format(of))


def _is_in(language: str) -> bool:
    return (get_language() or "").partition("-")[0] == language


def _in(value: datetime, zone: tzinfo | None) -> datetime:
    with suppress(OverflowError):  # at the two ends of time there is no other zone
        return timezone.localtime(value, zone)
    return value
