"""Dates as press offices write them, and the lines of a letter that give its place and date."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

# Nominative and genitive where the language has both, with the usual abbreviations.
_MONTHS = """
1 january jan janvier janv enero ene январь января янв yanvar يناير جانفي
2 february feb février fevrier févr fév febrero февраль февраля фев fevral فبراير فيفري شباط
3 march mar mars marzo март марта mart مارس آذار
4 april apr avril avr abril abr апрель апреля апр aprel أبريل ابريل إبريل أفريل نيسان
5 may mai mayo май мая mai̇ مايو ماي أيار
6 june jun juin junio июнь июня iyun يونيو جوان حزيران
7 july jul juillet juil julio июль июля iyul يوليو جويلية تموز
8 august aug août aout agosto ago август августа авг avqust أغسطس اغسطس أوت آب
9 september sept sep septembre septiembre setiembre сентябрь сентября сен sentyabr سبتمبر أيلول
10 october oct octobre octubre октябрь октября окт oktyabr أكتوبر اكتوبر
11 november nov novembre noviembre ноябрь ноября ноя noyabr نوفمبر
12 december dec décembre decembre déc diciembre dic декабрь декабря дек dekabr ديسمبر
"""
_TWO_WORD_MONTHS = {"كانون الثاني": 1, "تشرين الأول": 10, "تشرين الثاني": 11, "كانون الأول": 12}
MONTHS = {
    name: int(row.split()[0]) for row in _MONTHS.split("\n") if row for name in row.split()[1:]
} | _TWO_WORD_MONTHS

_MONTH = "(?P<month>" + "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True)) + r")\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|ère|º|-го|-е)?\.?"
_YEAR = r"(?P<year>\d{4})"
_WEEKDAY = (
    r"(?:(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|lundi|mardi|mercredi|jeudi|"
    r"vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|понедельник|"
    r"вторник|среда|четверг|пятница|суббота|воскресенье|الاثنين|الإثنين|الثلاثاء|الأربعاء|الخميس|"
    r"الجمعة|السبت|الأحد),?\s)?"
)
_AFTER_YEAR = r"(?:\s?(?:года|год|г\.|г\b|م\b|م$)|(?:-c[iıuü])?\s(?:il\b|ildə\b))?"
_SHAPES = tuple(
    re.compile(shape, re.I)
    for shape in (
        rf"\b{_WEEKDAY}{_DAY}\s(?:of\s|de\s)?{_MONTH},?\s(?:de\s|del\s|"
        rf"سنة\s)?{_YEAR}\b{_AFTER_YEAR}",
        rf"\b{_WEEKDAY}{_MONTH}\s{_DAY},?\s{_YEAR}\b",
        r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b",
        rf"\b(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})\b{_AFTER_YEAR}",
        r"\b(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})\b",
    )
)
_NAMED_MONTH = _MONTH.replace("?P<month>", "?:")
_NUMBERED_DAY = _DAY.replace("?P<day>", "?:")
_DAY_AND_MONTH = re.compile(
    rf"\b(?:{_NUMBERED_DAY}\s(?:de\s)?{_NAMED_MONTH}|{_NAMED_MONTH}\s{_NUMBERED_DAY})", re.I
)
CLOCK = re.compile(r"(?<![\d:])\d{1,2}[:h]\d{2}(?::\d{2})?(?![\d:])")

_LONGEST_DATE_LINE = 110
# Words that may stand between a place and a date, or around them.
_GLUE = re.compile(
    r"^(?:done (?:at|in)|given (?:at|in)|fait à|dado en|hecho en|حرر (?:في|بـ?)|dated?:?|place:|"
    r"date\s*:|fecha\s*:|дата\s*:|tarix\s*:|التاريخ\s*:)\s*|"
    r"[\s,;/|–—-]+(?:on|le|the|el|a|في|this)?\s*$|^(?:on|le|the|el|في)$",
    re.I,
)


@dataclass(frozen=True)
class Found:
    day: date
    start: int
    stop: int


@dataclass(frozen=True)
class PlaceAndDate:
    place: str
    dated: date


def find_date(text: str, language: str = "") -> Found | None:
    """The first full date in a text. A day without its year is not a date."""
    text = text.translate(_ARABIC_DIGITS)
    best: Found | None = None
    for shape in _SHAPES:
        for found in shape.finditer(text):
            if best and found.start() >= best.start:
                break
            day = _day(found, language)
            if day:
                best = Found(day, found.start(), found.end())
                break
    return best


_ARABIC_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


def _day(found: re.Match[str], language: str) -> date | None:
    year, day, month = int(found["year"]), int(found["day"]), found["month"]
    number = int(month) if month.isdecimal() else MONTHS.get(month.casefold(), 0)
    # 03/04/2020 is March in one country and April in another.
    if "/" in found[0] and day != number and day <= 12 and language in ("", "en"):
        return None
    if "/" in found[0] and number > 12 and language in ("", "en"):
        day, number = number, day
    try:
        return date(year, number, day)
    except ValueError:
        return None


def names_a_day(text: str) -> bool:
    """Whether a text has a day and month, with or without the year."""
    text = text.translate(_ARABIC_DIGITS)
    return _DAY_AND_MONTH.search(text) is not None or find_date(text) is not None


def is_clocked(text: str) -> bool:
    """A date with a clock time says when a page was put up, not when a letter was written."""
    text = text.translate(_ARABIC_DIGITS)
    if len(text) > 80:
        return False
    clock = CLOCK.search(text)
    if clock is None:
        return False
    rest = text[: clock.start()] + text[clock.end() :]
    return names_a_day(rest) or not re.search(r"[^\W\d_]{3,}", rest)


def place_and_date(text: str, language: str = "") -> PlaceAndDate | None:
    """Read a line such as "Stockholm, 1 September 2020" or "1 September 2020"; else None."""
    if len(text) > _LONGEST_DATE_LINE or is_clocked(text):
        return None
    found = find_date(text, language)
    if found is None:
        return None
    before, after = text[: found.start].strip(), text[found.stop :].strip()
    if re.fullmatch(r"[.,;)\s]*(?:(?:года?|il|م)\.?)?", after):
        place = before
    elif not before and after[0] in ",/–—-|" and len(after.split()) <= 8:
        place = after.lstrip(",/–—-| ").rstrip(" .")
    elif re.fullmatch(r".{3,40}(?:الموافق|هـ)\D{0,12}", before) and not after:
        return PlaceAndDate("", found.day)
    else:
        return None
    for _ in range(3):
        place = _GLUE.sub("", place).strip(" ,;()،")
    if len(place.split()) > 10 or re.search(r"[:!?»”\"]|(?<!^г)(?<!^c)\.\s", place):
        return None
    if place and not place.startswith("г.") and (place[0].islower() or not place[0].isalpha()):
        return None
    return PlaceAndDate(place, found.day)
