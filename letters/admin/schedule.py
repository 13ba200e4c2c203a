"""What is to come: the month, all that is scheduled, planned or ready; and stopping it."""

from __future__ import annotations

import re
from calendar import Calendar
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from letters import roles, workflow
from letters.admin import together
from letters.admin.fields import MomentField
from letters.admin.ticking import in_lines, ticked
from letters.models import Edition, State
from letters.models.edition import IN_PROGRESS

# Lines of a day in the calendar; the rest of a busy one is in the lists below.
SHOWN = 6


def urls(site: AdminSite) -> list[URLPattern]:
    def page(view: Callable[..., HttpResponse]) -> Any:
        return site.admin_view(partial(view, site=site))

    return [
        path("schedule/", page(require_safe(month)), name="letters_schedule"),
        path("schedule/stop/", page(stop), name="letters_stop"),
        path("schedule/plan/<int:pk>/", page(plan), name="letters_plan"),
        path("schedule/together/", page(together.page), name="letters_together"),
    ]


# --- The month and the lists --------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    at: datetime
    what: str  # "scheduled", "planned" or "embargo"
    edition: Edition


@dataclass(frozen=True)
class Day:
    day: date
    entries: list[Entry]
    more: int
    in_month: bool


def month(request: HttpRequest, site: AdminSite) -> HttpResponse:
    _may_read(request)
    at = timezone.now()
    today = timezone.localdate(at)
    first = _first_of(request.GET.get("month", "")) or today.replace(day=1)
    coming = Q(state=State.PUBLISHED, live_from__gt=at)
    intended = Q(planned_for__isnull=False) | Q(not_before__isnull=False) | Q(state=State.APPROVED)
    editions = list(
        in_lines(Edition.objects.open_to(request.user))  # type: ignore[arg-type]
        .filter(coming | Q(intended, state__in=IN_PROGRESS))
        .order_by("live_from", "planned_for", "letter_id", "language", "pk")
    )
    later = (first + timedelta(days=31)).replace(day=1)
    context = {
        **site.each_context(request),
        "title": _("Schedule"),
        "first": first,
        "earlier": (first - timedelta(days=1)).replace(day=1),
        "later": later,
        "today": today,
        "weeks": _weeks(first, _entries(editions)),
        "scheduled": [e for e in editions if e.live_from],
        "planned": [
            e for e in editions if e.planned_for and e.state in (State.DRAFT, State.SUBMITTED)
        ],
        "approved": [e for e in editions if e.state == State.APPROVED],
        "now": at,
        "may_publish": request.user.has_perm(roles.PUBLISH),
        "may_plan": request.user.has_perm(roles.PUBLISH) or request.user.has_perm(roles.DRAFT),
    }
    return TemplateResponse(request, "admin/letters/schedule/month.html", context)


def _first_of(month: str) -> date | None:
    match = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", month)
    return date(int(match[1]), int(match[2]), 1) if match else None


def _entries(editions: list[Edition]) -> dict[date, list[Entry]]:
    """By day in the office's zone. Of a text in progress its plan and the end of its embargo."""
    found: dict[date, list[Entry]] = defaultdict(list)
    for edition in editions:
        if edition.live_from:
            moments = [(edition.live_from, "scheduled")]
        else:
            moments = [
                (moment, what)
                for moment, what in (
                    (edition.planned_for, "planned"),
                    (edition.not_before, "embargo"),
                )
                if moment is not None
            ]
        for moment, what in moments:
            found[timezone.localdate(moment)].append(Entry(moment, what, edition))
    return found


def _weeks(first: date, entries: dict[date, list[Entry]]) -> list[list[Day]]:
    begins = (int(get_format("FIRST_DAY_OF_WEEK")) - 1) % 7  # Django counts from Sunday
    found = []
    for week in Calendar(begins).monthdatescalendar(first.year, first.month):
        days = []
        for day in week:
            here = sorted(entries.get(day, []), key=lambda entry: entry.at)
            more = len(here) - SHOWN if len(here) > SHOWN else 0
            days.append(Day(day, here[:SHOWN], more, day.month == first.month))
        found.append(days)
    return found


# --- A plan -------------------------------------------------------------------------------------


class PlanForm(forms.Form):
    moment = MomentField(label=gettext_lazy("Planned for"))


def plan(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    """Reached from a letter's hub and from the schedule; it goes back to where it came from."""
    _may_read(request)
    if not (request.user.has_perm(roles.DRAFT) or request.user.has_perm(roles.PUBLISH)):
        raise PermissionDenied
    there = Edition.objects.open_to(request.user)  # type: ignore[arg-type]
    edition = get_object_or_404(there.select_related("letter"), pk=pk)
    back = reverse("admin:letters_letter_change", args=[edition.letter_id])
    from_schedule = "schedule" in request.POST or "schedule" in request.GET
    if from_schedule:
        back = reverse("admin:letters_schedule") + "#planned"
    asks = request.method != "POST"
    form = PlanForm(None if asks else request.POST, initial={"moment": edition.planned_for})
    refused = ""
    if form.is_valid():
        try:
            workflow.plan(edition, by=request.user, moment=form.cleaned_data["moment"])  # type: ignore[arg-type]
        except workflow.NotAllowed:
            raise PermissionDenied from None
        except workflow.Refused as error:
            refused = str(error)
        else:
            messages.success(
                request,
                _("The plan is noted. Nothing is published by it.")
                if form.cleaned_data["moment"]
                else _("No moment is planned any more."),
            )
            return HttpResponseRedirect(back)
    context = {
        **site.each_context(request),
        "title": _("Plan the moment"),
        "subtitle": str(edition),
        "edition": edition,
        "form": form,
        "media": form.media,
        "refused": refused,
        "back": back,
        "schedule": from_schedule,
    }
    status = 409 if refused else 200 if asks else 400
    return TemplateResponse(request, "admin/letters/schedule/plan.html", context, status=status)


# --- Stop ---------------------------------------------------------------------------------------


class StopForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        widget=forms.TextInput(attrs={"list": "reasons", "autocomplete": "off", "autofocus": True}),
        help_text=gettext_lazy("It stays in the record, with each letter."),
    )


def stop(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Everything that is scheduled, or what was ticked. It never asks for the password again.

    A POST without a reason only asks for one: so the ticked ones come here from the schedule.
    """
    _may_read(request)
    if not request.user.has_perm(roles.PUBLISH):
        raise PermissionDenied
    at = timezone.now()
    there = in_lines(Edition.objects.open_to(request.user))  # type: ignore[arg-type]
    values = request.POST.getlist("edition")
    if "selected" in request.POST and not values:
        messages.warning(request, _("Tick at least one text."))
        return HttpResponseRedirect(reverse("admin:letters_schedule") + "#scheduled")
    only = ticked(values, there) if values else None
    form = StopForm(request.POST if "reason" in request.POST else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        recalled, too_late = workflow.stop(by=request.user, reason=reason, only=only)  # type: ignore[arg-type]
        _tell(request, recalled, too_late, only)
        return HttpResponseRedirect(reverse("admin:letters_schedule"))
    coming = there.filter(state=State.PUBLISHED, live_from__gt=at)
    if only is not None:
        coming = coming.filter(pk__in=[edition.pk for edition in only])
    context = {
        **site.each_context(request),
        "title": _("Recall what was ticked") if only else _("Stop everything"),
        "form": form,
        "only": only,
        "values": values,
        "editions": coming.order_by("live_from", "letter_id", "language"),
        "now": at,
    }
    status = 400 if form.errors else 200
    return TemplateResponse(request, "admin/letters/schedule/stop.html", context, status=status)


def _tell(
    request: HttpRequest,
    recalled: list[Edition],
    too_late: list[Edition],
    only: list[Edition] | None,
) -> None:
    """Names only what is open to this person; that there was more is not said."""
    mine = Edition.objects.open_to(request.user)  # type: ignore[arg-type]
    seen = set(
        mine.filter(pk__in=[e.pk for e in (*recalled, *too_late)]).values_list("pk", flat=True)
    )
    back = [edition for edition in recalled if edition.pk in seen]
    if too_late:
        names = ", ".join(edition.letter.reference for edition in too_late if edition.pk in seen)
        messages.error(
            request,
            _("Too late for what goes live in under two seconds: %(names)s") % {"names": names}
            if names
            else _("Too late for what goes live in under two seconds."),
        )
    if only is None:
        messages.success(
            request,
            _("All else that was scheduled has been recalled.")
            if too_late
            else _("All that was scheduled has been recalled."),
        )
    if back:
        n = len(back)
        text = ngettext(
            "Recalled: %(n)s text (%(references)s).", "Recalled: %(n)s texts (%(references)s).", n
        )
        references = ", ".join(dict.fromkeys(edition.letter.reference for edition in back))
        messages.success(request, text % {"n": n, "references": references})
    elif only is not None and not too_late:
        messages.warning(request, _("None of these was scheduled any more."))
    unapproved = [edition for edition in back if edition.state == State.SUBMITTED]
    if unapproved:
        references = ", ".join(edition.letter.reference for edition in unapproved)
        messages.info(
            request,
            _("Nobody had approved these, so they wait for approval: %(references)s.")
            % {"references": references},
        )


def _may_read(request: HttpRequest) -> None:
    if not request.user.has_perm("letters.view_letter"):
        raise PermissionDenied
