"""A draft while it is written: its autosave, who else is writing, and what stands beside it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from letters import checks, repair, roles, workflow
from letters.admin import merging
from letters.admin.files import FileFormSet
from letters.admin.forms import PartyFormSet
from letters.models import Edition, Presence, SetAside, State

if TYPE_CHECKING:
    from letters.admin.editions import EditionAdmin

PRESENT = timedelta(seconds=30)
REMEMBERED = 24 * 3600
TAB = re.compile(r"[0-9a-f]{16,36}")


class Wrong(NamedTuple):
    """What a field of the form has in it that cannot be saved."""

    target: str  # the id to go to
    message: str


# --- The autosave -----------------------------------------------------------------------------


def autosave(model_admin: EditionAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """What the page of a draft asks every few seconds: to save, or only who else is there."""
    edition = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    typed, by = request.POST, request.user
    if not by.has_perm(roles.DRAFT):
        return _refusal(_("Your account may not do that."))
    if typed.get("person") != str(by.pk):
        return _refusal(_("Another person has signed in with this browser."))
    tab = tab_of(typed)
    if "gone" in typed:
        Presence.objects.filter(edition=edition, tab=tab, user=by.pk).delete()
        return HttpResponse(status=204)
    _be_present(edition, by, tab)
    before, key = _remembered(edition), typed.get("key", "")[:36]
    is_last = key and before["keys"][-1:] == [key] and before["version"] == edition.version
    if is_last:  # where it is sent again, the page never heard that it was saved
        return _answer(request, edition, tab, before["lines"], before["wrong"])
    if "alive" in typed:
        return _answer(request, edition, tab)
    version = edition.version
    try:
        with transaction.atomic():
            with workflow.drafting(as_seen(edition, typed), by=by):  # type: ignore[arg-type]
                lines, wrong = _save_what_is_right(model_admin, request, edition)
            remember(edition, key, lines, wrong)
    except workflow.NotAllowed as refused:
        return _refusal(str(refused))
    except workflow.Refused as refused:
        edition.version = version
        return _set_aside(request, edition, tab, str(refused))
    return _answer(request, edition, tab, lines, wrong)


def as_seen(edition: Edition, typed: QueryDict) -> Edition:
    """The edition with the version that the page was opened with."""
    version = typed.get("version", "")
    edition.version = int(version) if version.isdecimal() and len(version) < 10 else 0
    return edition


def tab_of(typed: QueryDict) -> str:
    tab = typed.get("tab", "")
    return tab if TAB.fullmatch(tab) else ""


def _refusal(message: str) -> JsonResponse:
    return JsonResponse({"message": message}, status=403)


def _answer(
    request: HttpRequest,
    edition: Edition,
    tab: str,
    lines: dict[str, Any] | None = None,
    wrong: list[Wrong] | None = None,
) -> JsonResponse:
    edition = Edition.objects.in_full().get(pk=edition.pk)
    before = _remembered(edition)
    context = beside(edition, by=request.user, tab=tab, wrong=wrong)
    return JsonResponse(
        {
            "version": edition.version,
            "base": merging.prints(edition),
            "at": _clock(),
            "lines": lines or {},
            "html": render_to_string("admin/letters/edition/_beside.html", context, request),
            "changed": _changed(edition, before),
            "known": [key for key in request.POST.getlist("left") if key in before["keys"]],
        }
    )


def _set_aside(request: HttpRequest, edition: Edition, tab: str, message: str) -> JsonResponse:
    aside = merging.keep(edition, request.user, request.POST, tab)
    edition = Edition.objects.in_full().get(pk=edition.pk)
    if edition.is_draft:
        message = _changed(edition, _remembered(edition))
    return JsonResponse(
        {
            "message": message,
            "merge": reverse("admin:letters_edition_merge", args=[edition.pk, aside.pk]),
            "html": render_to_string(
                "admin/letters/edition/_beside.html",
                beside(edition, by=request.user, tab=tab),
                request,
            ),
        },
        status=409,
    )


def _save_what_is_right(
    model_admin: EditionAdmin, request: HttpRequest, edition: Edition
) -> tuple[dict[str, Any], list[Wrong]]:
    """The forms of the full save, without the fields that cannot be saved, and new files.

    Returns the lines of parties with their keys, and what was wrong.
    """
    edition = Edition.objects.select_related("letter").get(pk=edition.pk)
    make = model_admin.get_form(request, edition, change=True)
    form = make(request.POST, instance=edition)
    wrong = wrong_in(form)
    if wrong:
        rejected = set(form.errors)
        edition = Edition.objects.select_related("letter").get(pk=edition.pk)
        form = make(request.POST, instance=edition)
        for name in rejected & form.fields.keys():
            del form.fields[name]
    if form.is_valid():
        model_admin.save_model(request, form.save(commit=False), form, change=True)
    lines: dict[str, Any] = {}
    for formset_class, _inline in model_admin.get_formsets_with_inlines(request, edition):
        if f"{formset_class.get_default_prefix()}-TOTAL_FORMS" not in request.POST:
            continue
        formset = formset_class(request.POST, instance=edition)
        if issubclass(formset_class, FileFormSet):
            formset.forms = formset.initial_forms
        formset.is_valid()
        for form in formset.forms:
            wrong += [] if formset._should_delete_form(form) else wrong_in(form)
        formset.save_what_is_right()
        if issubclass(formset_class, PartyFormSet):
            lines = {
                form.prefix: {
                    name: getattr(form.instance, name)
                    for name in ("id", "name", "title", "country")
                }
                for form in formset.forms
                if form.instance.pk and not form.errors
            }
    return lines, wrong


def wrong_in(form: Any) -> list[Wrong]:
    """The errors of a form, each with the field it is in."""
    found = []
    for name, errors in form.errors.items():
        field = form.fields.get(name)
        label = capfirst(field.label or name) if field else ""
        target = f"id_{form.add_prefix(name)}"
        if hasattr(getattr(field, "widget", None), "widgets"):
            target += "_0"
        for error in errors:
            found.append(Wrong(target, f"{label}: {error}" if label else str(error)))
    return found


# --- What was saved last ----------------------------------------------------------------------
# A page that does not hear the answer asks again with the same key. Kept in the cache: without it
# the same text would only be set aside, as if another person's.


def remember(edition: Edition, key: str = "", lines: Any = None, wrong: Any = None) -> None:
    before = _remembered(edition)
    now = {
        "version": edition.version,
        "time": _clock() if edition.version != before["version"] else before["time"],
        "keys": [*before["keys"][-19:], key] if key else before["keys"],
        "lines": lines or {},
        "wrong": wrong or [],
    }
    cache.set(f"draft-{edition.pk}", now, REMEMBERED)


def _remembered(edition: Edition) -> dict[str, Any]:
    nothing = {"version": 0, "time": "", "keys": [], "lines": {}, "wrong": []}
    return cache.get(f"draft-{edition.pk}") or nothing


def _clock() -> str:
    return timezone.localtime().strftime("%H:%M:%S")


def _changed(edition: Edition, last: dict[str, Any]) -> str:
    """Says to whoever has an older text on the screen who changed it, and when, where known."""
    name = edition.last_edited_by.get_full_name() or edition.last_edited_by.get_username()
    if not edition.is_draft:
        return _("This text is %(stage)s now.") % {"stage": edition.stage(timezone.now()).label}
    if last["version"] == edition.version and last["time"]:
        return _("%(name)s changed this text at %(time)s.") % {"name": name, "time": last["time"]}
    return _("%(name)s changed this text after you opened it.") % {"name": name}


# --- Who else is writing ----------------------------------------------------------------------


def _be_present(edition: Edition, by: Any, tab: str) -> None:
    now = timezone.now()
    Presence.objects.filter(edition=edition, at__lt=now - PRESENT).delete()
    if tab:
        Presence.objects.update_or_create(
            edition=edition, tab=tab, defaults={"user": by, "at": now}
        )


def beside(
    edition: Edition, *, by: Any, tab: str = "", wrong: list[Wrong] | None = None
) -> dict[str, Any]:
    """What `_beside.html` shows next to the form: who is there, what is missing, what is kept."""
    there = edition.presences.exclude(tab=tab).filter(at__gte=timezone.now() - PRESENT)
    people = {presence.user for presence in there.select_related("user")}
    return {
        "edition": edition,
        "others": sorted(p.get_full_name() or p.get_username() for p in people if p != by),
        "in_another_tab": bool(tab) and by in people,
        "wrong": wrong or [],
        "checks": checks.by_moment(edition),
        "set_aside": set_aside(edition),
    }


def set_aside(edition: Edition) -> list[SetAside]:
    """The texts that lost a conflict, until there is no more use for them."""
    if edition.state == State.PUBLISHED:
        return []
    return list(edition.set_aside.select_related("by").defer("typed"))


# --- What is pasted ---------------------------------------------------------------------------


def pasted(request: HttpRequest) -> HttpResponse:
    """What was copied in Word or from a page, as the editor is to take it: lists stay lists."""
    if not request.user.has_perm(roles.DRAFT):
        return _refusal(_("Your account may not do that."))
    return JsonResponse({"html": repair.repaired(request.POST.get("html", ""))})
