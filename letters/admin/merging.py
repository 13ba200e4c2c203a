"""Two texts of one draft, of which the later one is kept aside: compared, and made one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import BoundField
from django.forms.models import inlineformset_factory
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from letters import dates, markup, record, workflow
from letters.admin.fields import DayField, MomentField
from letters.admin.forms import DraftForm, PartyForm, PartyFormSet
from letters.differences import words
from letters.models import Edition, Party, SetAside

if TYPE_CHECKING:
    from letters.admin.editions import EditionAdmin

THEIRS, MINE, MERGED = CHOICES = ("theirs", "mine", "merged")
OF_THE_PAGE = {"csrfmiddlewaretoken", "tab", "key", "person"}  # and of no field
Lines = inlineformset_factory(Edition, Party, form=PartyForm, formset=PartyFormSet)


def keep(edition: Edition, by: Any, typed: QueryDict, tab: str) -> SetAside:
    """What was typed, kept. A tab that goes on typing into an old text has one row."""
    facts = {
        "at": timezone.now(),
        "typed": {
            name: str(value).replace("\0", "")
            for name, value in typed.items()
            if name not in OF_THE_PAGE and not name.startswith("_")
        },
    }
    if not tab:
        return SetAside.objects.create(edition=edition, by=by, **facts)
    kept, _made = SetAside.objects.update_or_create(edition=edition, by=by, tab=tab, defaults=facts)
    return kept


# --- What differs -----------------------------------------------------------------------------


@dataclass
class Difference:
    """A field in which what was typed is not what is stored, and which of the two is taken."""

    name: str
    label: str
    typed: str
    stored: str
    choice: str = ""
    field: BoundField | None = None  # in which both are merged by hand

    @property
    def words(self) -> list[tuple[str, str]]:
        return words(self.stored, self.typed)

    @property
    def rows(self) -> int:
        longest = max(self.typed, self.stored, key=len)
        return min(12, 1 + longest.count("\n") + len(longest) // 60)


def differences(stored: Edition, typed: Mapping[str, str]) -> list[Difference]:
    """What was typed into the draft's form and is not what is stored."""
    mine, theirs = DraftForm(typed, instance=stored), DraftForm(instance=stored)
    found = [
        Difference(field.name, str(field.label), _shown(field), _shown(theirs[field.name]))
        for field in mine
        if field.name != "version" and any(name.startswith(field.html_name) for name in typed)
    ]
    if "parties-TOTAL_FORMS" in typed:
        lines = [_line(form) for form in Lines(typed, instance=stored).forms]
        known = [_line(form) for form in Lines(instance=stored).initial_forms]
        label = _("From, to and signed by")
        found.append(Difference("parties", label, _joined(lines), _joined(known)))
    for difference in found:
        difference.label = capfirst(difference.label)
    return [difference for difference in found if difference.typed != difference.stored]


def _joined(lines: list[str]) -> str:
    return "\n".join(line for line in lines if line)


def _line(form: Any) -> str:
    parts = [_shown(form[name]) for name in ("role", "correspondent", "country", "name", "title")]
    deleted = form.data.get(form.add_prefix("DELETE"))
    return "" if deleted else " · ".join(part for part in parts if part)


def _shown(field: BoundField) -> str:
    """The value of a field as plain text, the same for what was typed and what is stored."""
    value = field.value()
    if isinstance(field.field, DayField | MomentField):
        with suppress(forms.ValidationError):  # as typed, however it is written
            value = field.field.clean(value)
    if field.name == "body":
        return markup.to_text(markup.clean(markup.as_html(str(value or ""))))
    if isinstance(value, datetime):
        return dates.moment(value)
    if isinstance(value, date):
        return dates.day(value)
    if isinstance(value, list):  # the two parts of a moment, which cannot be read
        return " ".join(part for part in value if part)
    choices = getattr(field.field.widget, "choices", None)
    if choices is not None:
        names = {str(key): str(name) for key, name in choices if key}
        return names.get(str(value or ""), str(value or ""))
    return markup.plain(str("" if value is None else value)).strip()


# --- Who changed what -------------------------------------------------------------------------


def prints(edition: Edition) -> str:
    """Of each fact a short print, for the page to bring back: it says which have changed since."""
    facts = record.canonical(edition)
    facts |= {"not_placed": edition.not_placed, "consent": edition.letter.consent}
    return json.dumps(
        {
            name: sha256(json.dumps(fact, ensure_ascii=False).encode()).hexdigest()[:8]
            for name, fact in facts.items()
            if name != "in_reply_to"  # no fact of this form, and perhaps of a restricted letter
        }
    )


def _choose(found: list[Difference], stored: Edition, typed: Mapping[str, str]) -> None:
    """Where only one of the two writers changed a fact, theirs is taken unless the person says."""
    try:
        base = dict(json.loads(typed.get("base", "")))
    except (ValueError, TypeError):
        base = {}
    changed = {name for name, was in json.loads(prints(stored)).items() if base.get(name) != was}
    form = DraftForm(typed, instance=Edition.objects.select_related("letter").get(pk=stored.pk))
    form.is_valid()
    mine = {n for n, was in json.loads(prints(form.instance)).items() if base.get(n) != was}
    for difference in found:
        name = difference.name
        if name in form.errors or name not in mine | {"parties"}:
            difference.choice = THEIRS
        elif name not in changed:
            difference.choice = MINE
        elif name != "parties":
            difference.choice = MERGED


# --- The page ---------------------------------------------------------------------------------


def merge(model_admin: EditionAdmin, request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Both texts with their differences; a POST saves, of each field, what was chosen."""
    edition = get_object_or_404(model_admin.get_queryset(request).in_full(), pk=pk)
    if not model_admin.has_view_permission(request, edition):
        raise PermissionDenied
    aside = get_object_or_404(edition.set_aside.select_related("by"), pk=number)
    if request.method != "POST":
        workflow.viewed(edition.letter, by=request.user)  # type: ignore[arg-type]
        return page(model_admin, request, edition, aside)
    found = differences(edition, aside.typed)
    for difference in found:
        difference.choice = request.POST.get(f"choice-{difference.name}", "")
    if any(difference.choice not in CHOICES for difference in found):
        message = _("Choose a text for each of the differences.")
        return page(model_admin, request, edition, aside, message, status=400)
    taken = {d.name for d in found if d.choice != THEIRS}
    data = dict(aside.typed)
    for name in (d.name for d in found if d.choice == MERGED):
        data |= {n: str(v) for n, v in request.POST.items() if n == name or n[:-2] == name}
    version = request.POST.get("version", "")
    edition.version = int(version) if version.isdecimal() and len(version) < 10 else 0
    try:
        with workflow.drafting(edition, by=request.user, words_of=aside.by):  # type: ignore[arg-type]
            wrong = _save(model_admin, request, pk, data, taken)
    except workflow.NotAllowed:
        raise PermissionDenied from None
    except workflow.Refused as refused:
        return page(model_admin, request, edition, aside, str(refused), status=409)
    if wrong:
        return page(model_admin, request, edition, aside, wrong, status=400)
    messages.success(request, _("The merged text is saved. Nothing of it is public."))
    return HttpResponseRedirect(reverse("admin:letters_edition_change", args=[pk]))


def _save(
    model_admin: EditionAdmin,
    request: HttpRequest,
    pk: int,
    data: dict[str, str],
    taken: set[str],
) -> str:
    """Save the chosen fields and nothing else. Returns what is wrong with them, or nothing."""
    edition = Edition.objects.select_related("letter").get(pk=pk)
    form = model_admin.get_form(request, edition, change=True)(data, instance=edition)
    for name in form.fields.keys() - taken:
        del form.fields[name]
    formset = None
    if "parties" in taken:
        there = {str(key) for key in edition.parties.values_list("pk", flat=True)}
        # What was deleted since is a new line again; what was added since is not in the typed text.
        gone = {n for n, v in data.items() if n.endswith("-id") and v not in there}
        data = {n: v for n, v in data.items() if n not in gone} | {"parties-INITIAL_FORMS": "0"}
        formset = Lines(data, instance=edition)
    wrong = [] if form.is_valid() else [str(e) for errors in form.errors.values() for e in errors]
    if formset is not None and not formset.is_valid():
        wrong += [str(e) for line in formset.forms for found in line.errors.values() for e in found]
    if wrong:
        return " ".join(wrong)
    model_admin.save_model(request, form.save(commit=False), form, change=True)
    if formset is not None:
        kept = {line.instance.pk for line in formset.initial_forms}
        edition.parties.exclude(pk__in=kept).delete()
        formset.save()
    return ""


def page(
    model_admin: EditionAdmin,
    request: HttpRequest,
    edition: Edition,
    aside: SetAside | None,
    message: str = "",
    *,
    status: int = 200,
) -> HttpResponse:
    """Both texts, so that nothing typed is lost and nothing stored is overwritten."""
    edition = Edition.objects.in_full().get(pk=edition.pk)
    typed = aside.typed if aside else {}
    found = differences(edition, typed)
    _choose(found, edition, typed)
    may = edition.is_draft and model_admin.has_change_permission(request, edition)
    media = None
    if may:
        fields = model_admin.get_form(request, edition, change=True)(
            typed | request.POST.dict(), instance=edition
        )
        fields.fields = {n: f for n, f in fields.fields.items() if n in {d.name for d in found}}
        media = fields.media
        for difference in found:
            chosen = request.POST.get(f"choice-{difference.name}", "")
            difference.choice = chosen if chosen in CHOICES else difference.choice
            if difference.name in fields.fields:
                difference.field = fields[difference.name]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Two texts to compare"),
        "opts": model_admin.opts,
        "message": message,
        "edition": edition,
        "aside": aside,
        "differences": found,
        "may_merge": may and bool(found),
        "media": media or "",
    }
    return TemplateResponse(request, "admin/letters/edition/conflict.html", context, status=status)
