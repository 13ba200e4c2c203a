"""One text to many: the list of a draft's recipients, a letter for each, and these side by side."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from letters import markup, roles, workflow
from letters.admin import recipients
from letters.admin.ticking import in_lines
from letters.models import Edition, Office, Recipient, Stage, State
from letters.public.reading import letter_context


def urls(site: AdminSite) -> list[URLPattern]:
    def page(view: Callable[..., HttpResponse]) -> Any:
        return site.admin_view(partial(view, site=site))

    return [
        path("series/<int:pk>/", page(require_safe(letters)), name="letters_series"),
        path("series/to/<int:pk>/", page(to), name="letters_recipients"),
        path("series/to/<int:pk>/make/", page(make), name="letters_recipients_make"),
        path(
            "series/to/<int:pk>/<int:place>/",
            page(require_safe(preview)),
            name="letters_recipients_preview",
        ),
    ]


# --- The list of a draft ------------------------------------------------------------------------


def _draft(request: HttpRequest, pk: int) -> Edition:
    """A draft whose letters are not made yet; 404 for what is not open to the person."""
    if not request.user.has_perm(roles.DRAFT):
        raise PermissionDenied
    there = Edition.objects.open_to(request.user).in_full()  # type: ignore[arg-type]
    edition = get_object_or_404(there, pk=pk)
    if request.method != "POST":
        workflow.viewed(edition.letter, by=request.user)  # type: ignore[arg-type]
    return edition


def _gone_on(request: HttpRequest, edition: Edition) -> HttpResponse | None:
    """Away from a list that is closed: to the letters, or to the text's own page."""
    if edition.letter.series_id:
        return HttpResponseRedirect(
            reverse("admin:letters_series", args=[edition.letter.series_id])
        )
    if not edition.is_draft:
        stage = edition.stage(timezone.now()).label
        messages.warning(
            request,
            _("Only a draft can be sent to many. This text is %(stage)s.") % {"stage": stage},
        )
        return HttpResponseRedirect(
            reverse("admin:letters_letter_change", args=[edition.letter_id])
        )
    return None


def to(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    """Rows and a table to paste in one form: whichever button is pressed, all of it is kept."""
    edition = _draft(request, pk)
    if (elsewhere := _gone_on(request, edition)) is not None and request.method != "POST":
        return elsewhere
    known = recipients.Known.of(edition)
    data = request.POST if request.method == "POST" else None
    extra = 10 if "more" in request.GET else recipients.EXTRA
    rows = recipients.rows(data, edition, known, extra=extra)
    table = recipients.PasteForm(data)
    wrong: list[str] = []
    refused, status = "", 200
    if data is not None:
        status = 400
        if rows.is_valid() and table.is_valid():
            added, wrong = recipients.pasted(table.cleaned_data["table"], known)
            wanted = [*rows.recipients(), *added]
            if len(wanted) > recipients.MOST:
                wrong.append(
                    _("That makes %(n)s recipients; one text goes to at most %(most)s.")
                    % {"n": len(wanted), "most": recipients.MOST}
                )
            if not wrong:
                refused = _save(request, edition, wanted)
                if not refused:
                    return _saved(request, edition, len(added))
                status = 409
    # Until the person is told that the list is another, theirs is in place of the one they saw.
    seen = request.POST.get("seen", "") if status == 400 else None
    stored = list(edition.recipients.all())
    context = {
        **site.each_context(request),
        "title": _("Send this text to many"),
        "subtitle": str(edition),
        "edition": edition,
        "rows": rows,
        "table": table,
        "wrong": wrong,
        "refused": refused,
        "stored": stored,
        "left_out": recipients.left_out(edition, stored),
        "proposed": 0 if stored or data is not None else rows.initial_form_count(),
        "seen": recipients.version(stored) if seen is None else seen,
        "known": known,
        "marker": markup.OWN_SENTENCE,
        "marked": markup.OWN_SENTENCE in edition.body,
        "most": recipients.MOST,
    }
    return TemplateResponse(request, "admin/letters/series/to.html", context, status=status)


def _save(request: HttpRequest, edition: Edition, wanted: list[Recipient]) -> str:
    """The whole list in place of the one seen; a sentence when it was another meanwhile."""
    try:
        with workflow.drafting(edition, by=request.user) as draft:  # type: ignore[arg-type]
            if recipients.version(draft.recipients.all()) != request.POST.get("seen"):
                return _(
                    "Somebody changed the list after you opened it. Theirs is below; to put yours"
                    " in its place, save again."
                )
            workflow.list_recipients(draft, wanted, by=request.user)  # type: ignore[arg-type]
    except workflow.Refused as error:
        return str(error)
    return ""


def _saved(request: HttpRequest, edition: Edition, added: int) -> HttpResponse:
    if "_make" in request.POST:
        return HttpResponseRedirect(reverse("admin:letters_recipients_make", args=[edition.pk]))
    text = _("The list is saved.")
    if added:
        lines = ngettext("%(n)s line was added.", "%(n)s lines were added.", added) % {"n": added}
        text = f"{text} {lines}"
    messages.success(request, text)
    more = "?more=1#rows-end" if "_more" in request.POST else ""
    return HttpResponseRedirect(reverse("admin:letters_recipients", args=[edition.pk]) + more)


def preview(request: HttpRequest, pk: int, place: int, site: AdminSite) -> HttpResponse:
    """The public page of one of the letters: it is made as all will be, and taken back."""
    edition = _draft(request, pk)
    if (elsewhere := _gone_on(request, edition)) is not None:
        return elsewhere
    try:
        with transaction.atomic():
            chosen = list(edition.recipients.all()[place - 1 : place]) if place else []
            if not chosen:
                raise Http404
            edition.recipients.exclude(pk=chosen[0].pk).delete()
            workflow.multiply(edition, by=request.user)  # type: ignore[arg-type]
            response = _public_page(request, Edition.objects.in_full().get(pk=pk))
            transaction.set_rollback(True)
    except workflow.Refused as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:letters_recipients", args=[pk]))
    response["X-Robots-Tag"] = "noindex"
    return response


def _public_page(request: HttpRequest, edition: Edition) -> HttpResponse:
    with translation.override(edition.language):
        context = {
            **letter_context(edition, timezone.now()),
            "office": Office.objects.current(),
            "elsewhere": [],
            "preview": True,
        }
        return TemplateResponse(request, "letters/letter.html", context).render()


def make(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    edition = _draft(request, pk)
    if (elsewhere := _gone_on(request, edition)) is not None:
        return elsewhere
    stored = list(edition.recipients.all())
    refused, status = "", 200
    if request.method == "POST":
        refused, status = _made(request, edition, stored), 409
        if not refused:
            made = ngettext("%(n)s letter is made.", "%(n)s letters are made.", len(stored))
            messages.success(request, made % {"n": len(stored)})
            return HttpResponseRedirect(reverse("admin:letters_series", args=[edition.letter_id]))
        edition.refresh_from_db(fields=["version", "body"])
    context = {
        **site.each_context(request),
        "title": _("Make the letters"),
        "subtitle": str(edition),
        "edition": edition,
        "stored": stored,
        "left_out": recipients.left_out(edition, stored),
        "seen": recipients.version(stored),
        "refused": refused,
        "marker": markup.OWN_SENTENCE,
        "marked": markup.OWN_SENTENCE in edition.body,
        "sentences": sum(bool(recipient.sentence) for recipient in stored),
    }
    return TemplateResponse(request, "admin/letters/series/make.html", context, status=status)


def _made(request: HttpRequest, edition: Edition, stored: list[Recipient]) -> str:
    """A sentence when they were not made: the text or the list is not the one seen."""
    if request.POST.get("seen") != recipients.version(stored):
        return _("The list was changed after you opened this page. It is below as it is now.")
    version = request.POST.get("version", "")
    edition.version = int(version) if version.isdecimal() and len(version) < 10 else 0
    try:
        workflow.multiply(edition, by=request.user)  # type: ignore[arg-type]
    except workflow.Refused as error:
        return str(error)
    return ""


# --- The letters side by side -------------------------------------------------------------------


def letters(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    if not request.user.has_perm("letters.view_letter"):
        raise PermissionDenied
    at = timezone.now()
    found = list(
        in_lines(Edition.objects.open_to(request.user))  # type: ignore[arg-type]
        .filter(letter__series=pk)
        .exclude(state=State.DISCARDED)
        .prefetch_related("letter__withdrawals")
        .order_by("letter__year", "letter__number", "language", "-number")
    )
    if not found:
        raise Http404
    lines = [
        (edition, stage) for edition in found if (stage := edition.stage(at)) != Stage.SUPERSEDED
    ]
    stages = {stage for _edition, stage in lines}
    verbs = [
        (verb, _("Publish together") if verb == "publish" else workflow.TRANSITIONS[verb].label)
        for verb in ("submit", "approve", "send_back", "publish")
        if stages & set(workflow.TRANSITIONS[verb].stages)
        and request.user.has_perm(workflow.TRANSITIONS[verb].permission)
    ]
    context = {
        **site.each_context(request),
        "title": _("One text to many"),
        "subtitle": str(found[0]),
        "first": found[0],
        "going": next(
            (stage for verb, _label in verbs for stage in workflow.TRANSITIONS[verb].stages), ""
        ),
        "lines": lines,
        "letters": len({edition.letter_id for edition, _stage in lines}),
        "verbs": verbs,
        "may_recall": Stage.SCHEDULED in stages and request.user.has_perm(roles.PUBLISH),
        "may_publish": request.user.has_perm(roles.PUBLISH),
        "now": at,
    }
    return TemplateResponse(request, "admin/letters/series/letters.html", context)
