"""A day and a moment as they are typed: one field and one control for each, all over the desk.

The control says how they are written and, in words, what was read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.widgets import AdminDateWidget, AdminSplitDateTime
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import get_format
from django.utils.functional import lazy
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from letters import dates
from letters.digits import ascii_digits

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

# The office's own first, then those of readers elsewhere.
ZONES = list(dict.fromkeys([settings.TIME_ZONE, *settings.PRESSOFFICE_MORE_TIME_ZONES]))
YEARS = range(2000, 2101)  # others are slips of the keyboard; some have no moment in UTC
LONGEST = 100  # characters that can be a day or a time
MINUTE = timedelta(minutes=1)


# --- How they are written -------------------------------------------------------------------------


def _day_hint() -> str:
    return _("Write the day like %(iso)s or %(day_first)s.") % _examples()


def _time_hint() -> str:
    return _("Write the time in 24 hours, like 17:30 or 17:30:00.")


def _zone_hint() -> str:
    now = timezone.localtime()
    return _("Time zone: %(zone)s (%(offset)s). It is now %(now)s there.") % {
        "zone": settings.TIME_ZONE,
        "offset": now.strftime("UTC%:z"),
        "now": dates.moment(now),
    }


def _examples() -> dict[str, str]:
    """The same day in the form of all languages, and in that of this one."""
    day = date(timezone.localdate().year, 12, 31)
    ours = next(form for form in get_format("DATE_INPUT_FORMATS") if not form.startswith("%Y"))
    return {"iso": day.isoformat(), "day_first": day.strftime(ours)}


def _sentences(*parts: Any) -> str:
    return " ".join(str(part() if callable(part) else part) for part in parts if part)


_hint = lazy(_sentences, str)


def _typed(value: Any) -> str:
    """With plain digits, and without the marks of direction that come with what is copied."""
    signs = (sign for sign in str(value)[:LONGEST] if unicodedata.category(sign) != "Cf")
    return ascii_digits("".join(signs)).strip()


# --- What was read --------------------------------------------------------------------------------


def _in_words(value: date | datetime | None) -> str:
    """Of a moment in the time zone of the office and those of its readers."""
    at_a_time = isinstance(value, datetime)
    context = {
        "moment": value if at_a_time else None,
        "day": None if at_a_time else value,
        "zones": ZONES,
        "now": timezone.now(),
    }
    return render_to_string("admin/letters/_in_words.html", context)


def in_words(request: HttpRequest) -> HttpResponse:
    """What is being typed, in words, or what is wrong with it: the page's script asks."""
    day, clock = request.GET.get("day", ""), request.GET.get("time")
    try:
        value = (
            DayField(required=False).clean(day)
            if clock is None
            else MomentField().clean([day, clock])
        )
    except ValidationError as error:
        return JsonResponse({"words": "", "wrong": " ".join(error.messages)})
    return JsonResponse({"words": _in_words(value), "wrong": ""})


def urls(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view(require_safe(in_words))
    return [path("in-words/", view, name="letters_in_words")]


class _ReadBack:
    """A control that says what was read, and while somebody types: see moment.js."""

    class Media:
        extend = False  # the first of these stands before those of the admin
        js = [
            "admin/js/core.js",
            "admin/js/calendar.js",
            "admin/js/admin/DateTimeShortcuts.js",
            "moment.js",
        ]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        control = super().render(name, value, attrs, renderer)  # type: ignore[misc]
        context = {"control": control, "words": _in_words(self._read(value)), "zone": self._zone()}
        return render_to_string("admin/letters/_typed.html", context)

    def _read(self, value: Any) -> Any:
        if not isinstance(value, str | list):
            return value
        try:
            return self._field().clean(value)
        except ValidationError:
            return None

    def _field(self) -> forms.Field:
        raise NotImplementedError

    def _zone(self) -> str:
        return ""


class DayInput(_ReadBack, AdminDateWidget):  # type: ignore[misc]
    def __init__(self, attrs: Any = None, format: str | None = None) -> None:  # noqa: A002
        super().__init__({"dir": "ltr", "autocomplete": "off", **(attrs or {})}, format)

    def _field(self) -> forms.Field:
        return DayField(required=False)


class MomentInput(_ReadBack, AdminSplitDateTime):
    def __init__(self, attrs: Any = None) -> None:
        super().__init__({"dir": "ltr", "autocomplete": "off", **(attrs or {})})

    def _field(self) -> forms.Field:
        return MomentField()

    def _zone(self) -> str:
        return ZONES[0]


# --- The fields -----------------------------------------------------------------------------------


class DayField(forms.DateField):
    widget = DayInput

    def __init__(self, *, help_text: _StrOrPromise = "", **kwargs: Any) -> None:
        super().__init__(help_text=_hint(help_text, _day_hint), **kwargs)

    def to_python(self, value: Any) -> date | None:
        try:
            return super().to_python(_typed(value) if isinstance(value, str) else value)
        except ValidationError:
            raise ValidationError(_day_hint(), code="invalid") from None


class _TimeField(forms.TimeField):
    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(_typed(value) if isinstance(value, str) else value)
        except ValidationError:
            raise ValidationError(_time_hint(), code="invalid") from None


class MomentField(forms.MultiValueField):
    """A day and a time in the office's zone. One that was never there, or twice, is refused."""

    widget = MomentInput

    def __init__(
        self, *, required: bool = False, help_text: _StrOrPromise = "", **kwargs: Any
    ) -> None:
        hint = _hint(help_text, _day_hint, _time_hint, _zone_hint)
        fields = (DayField(), _TimeField())
        super().__init__(fields, required=required, help_text=hint, **kwargs)

    def compress(self, data_list: Sequence[Any]) -> datetime | None:
        if not data_list:
            return None
        day, clock = data_list
        if day in self.empty_values:
            raise ValidationError(_("Give the day too, like %(iso)s."), params=_examples())
        if clock in self.empty_values:
            raise ValidationError(_("Give the time too, like 17:30."))
        if day.year not in YEARS:
            raise ValidationError(
                _("Give a year from %(first)s to %(last)s."),
                params={"first": str(YEARS[0]), "last": str(YEARS[-1])},
            )
        return _moment_at(datetime.combine(day, clock))


# For a `ModelAdmin` whose fields are made from those of the model.
AS_TYPED: dict[type[models.Field[Any, Any]], dict[str, Any]] = {
    models.DateField: {"form_class": DayField, "widget": DayInput},
    models.DateTimeField: {"form_class": MomentField, "widget": MomentInput},
}


def _moment_at(wall: datetime) -> datetime:
    """The moment at which the clocks of the office show that."""
    first, second = _readings(wall)
    if first.utcoffset() == second.utcoffset():
        return first
    told = {"day": dates.day(wall), "time": wall.strftime("%H:%M:%S")}
    after = _next_plain(wall, MINUTE)
    if second.utcoffset() > first.utcoffset():  # type: ignore[operator]
        raise ValidationError(
            _(
                "The clocks go forward on %(day)s, so there is no %(time)s on that day. The next"
                " moment there is: %(next)s."
            ),
            params=told | {"next": dates.moment(after)},
        )
    before = _next_plain(wall, -MINUTE) + MINUTE
    raise ValidationError(
        _(
            "The clocks go back on %(day)s, so %(time)s comes twice: %(first)s and %(second)s."
            " Choose a time before %(from)s, or from %(until)s."
        ),
        params=told
        | {"first": dates.moment(first), "second": dates.moment(second)}
        | {"from": before.strftime("%H:%M"), "until": after.strftime("%H:%M")},
    )


def _readings(wall: datetime) -> tuple[datetime, datetime]:
    """Both are the same but where the clocks are changed."""
    zone = timezone.get_current_timezone()
    return wall.replace(tzinfo=zone), wall.replace(tzinfo=zone, fold=1)


def _next_plain(wall: datetime, step: timedelta) -> datetime:
    """The nearest minute in that direction which is there once."""
    wall = wall.replace(second=0, microsecond=0)
    while True:
        wall += step
        first, second = _readings(wall)
        if first.utcoffset() == second.utcoffset():
            return first
