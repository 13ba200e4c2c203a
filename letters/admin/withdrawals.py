"""What the public will read of a withdrawal: seen before it is done, and its words approved after.

The same page has the words about a correction: they too are outside the text.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from letters import roles, workflow
from letters.admin import reading
from letters.admin.files import files_at
from letters.admin.names import LanguageFilter, PerLanguage
from letters.models import Edition, Letter, Note, Office, Sentence, Withdrawal
from letters.public.reading import letter_context

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.urls import URLPattern

# The desk's own pages, and no other, may frame the public one.
FRAMED: dict[str, Any] = {**settings.SECURE_CSP, "frame-ancestors": [CSP.SELF]}


def urls(site: AdminSite) -> list[URLPattern]:
    return [
        path(
            "<int:pk>/withdrawn/",
            site.admin_view(require_safe(withdrawn)),
            name="letters_edition_withdrawn",
        ),
        path(
            "<int:pk>/note/", site.admin_view(partial(note, site=site)), name="letters_edition_note"
        ),
        path(
            "<int:pk>/note/<int:number>/approve/",
            site.admin_view(require_POST(approve)),
            name="letters_edition_approve-note",
        ),
    ]


# --- Before: the page as it would be --------------------------------------------------------------


def look_at(edition: Edition, asked: dict[str, Any]) -> str:
    """The address of the page as the public would read it after such a withdrawal."""
    query = {"kind": asked["kind"], "reason": asked["reason"]}
    if asked["moved_to"] is not None:
        query["moved_to"] = asked["moved_to"].reference
    address = reverse("admin:letters_edition_withdrawn", args=[edition.pk])
    return f"{address}?{urlencode(query)}"


@csp_override(FRAMED)
@xframe_options_sameorigin
def withdrawn(request: HttpRequest, pk: int) -> HttpResponse:
    """The page the public would read, of a text that may be withdrawn by this person."""
    edition = _edition(request, pk, roles.PUBLISH)
    kind = request.GET.get("kind", "")
    if kind not in Withdrawal.Kind.values:
        raise Http404
    standard = workflow.standard_reasons(edition.language, kind)
    asked = request.GET.get("reason") or standard[0]
    if asked not in standard:
        raise Http404
    now = timezone.now()
    moved_to = Letter.objects.filter(reference=request.GET.get("moved_to", "")).first()
    notice = Withdrawal(
        letter=edition.letter, language=edition.language, kind=kind, reason=asked, since=now
    )
    template = "letter" if kind == Withdrawal.Kind.KEPT else "removed"
    with translation.override(edition.language):
        context: dict[str, Any] = {
            "reference": edition.letter.reference,
            "withdrawal": notice,
            "office": Office.objects.current(),
            "elsewhere": [],
            "preview": True,
            "framed": True,
        }
        if kind == Withdrawal.Kind.KEPT:
            context |= {**letter_context(edition, now), "files_at": files_at(edition)}
        if kind == Withdrawal.Kind.MOVED:
            there = Edition.objects.listed(now).filter(letter=moved_to, language=edition.language)
            return _leads_to(request, there.first())
        response = TemplateResponse(request, f"letters/{template}.html", context)
        response.render()
    response["X-Robots-Tag"] = "noindex"
    return response


def _leads_to(request: HttpRequest, there: Edition | None) -> HttpResponse:
    """Readers are led on at once: what they see is the other letter."""
    if there is None:
        raise Http404
    return HttpResponseRedirect(reverse("admin:letters_edition_preview", args=[there.pk]))


# --- After: words of one's own --------------------------------------------------------------------


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What the public is to read"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("In the language of the letter's page."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    """The words there are about the withdrawal, or the correction; a POST proposes others."""
    edition = _edition(request, pk, "letters.view_edition")
    by: Any = request.user
    may_write = workflow.may_write_note(by, edition, timezone.now())
    form, status = NoteForm(), 200
    if request.method == "POST":
        if not any(by.has_perm(right) for right in (roles.DRAFT, roles.PUBLISH)):
            raise PermissionDenied
        form = NoteForm(request.POST)
        status = 400
        if form.is_valid():
            try:
                workflow.note(edition, by=by, text=form.cleaned_data["text"])
            except workflow.Refused as error:
                form.add_error(None, str(error))
                status = 409
            else:
                messages.success(request, _("Your words wait for another person's approval."))
                return HttpResponseRedirect(reading.hub(edition))
    else:
        workflow.viewed(edition.letter, by=by)
    waiting = workflow.waiting_note(edition, timezone.now())
    notes = Note.objects.filter(letter=edition.letter, language=edition.language)
    context = {
        **site.each_context(request),
        **reading.facts(edition),
        "title": _("What the public reads about it"),
        "subtitle": str(edition),
        "form": form,
        "may_write": may_write,
        "withdrawal": edition.letter.withdrawal(edition.language, timezone.now()),
        "waiting": waiting,
        "may_approve": waiting is not None
        and by.has_perm(roles.APPROVE)
        and waiting.by_id != by.pk,
        "approved": notes.approved().select_related("by", "approved_by").order_by("-approved_at"),
        "opts": Edition._meta,
        "media": form.media,
    }
    return TemplateResponse(request, "admin/letters/edition/note.html", context, status=status)


def approve(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    edition = _edition(request, pk, roles.APPROVE)
    found = get_object_or_404(
        Note.objects.select_related("letter", "edition", "withdrawal"),
        pk=number,
        letter=edition.letter,
        language=edition.language,
    )
    try:
        workflow.approve_note(found, by=request.user)  # type: ignore[arg-type]
    except workflow.Refused as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:letters_edition_note", args=[pk]))
    messages.success(request, _("The public reads these words now."))
    return HttpResponseRedirect(reading.hub(edition))


def _edition(request: HttpRequest, pk: int, permission: str) -> Edition:
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return get_object_or_404(Edition.objects.open_to(request.user).in_full(), pk=pk)  # type: ignore[arg-type]


# --- Standard reasons, approved beforehand --------------------------------------------------------


@admin.register(Sentence)
class SentenceAdmin(PerLanguage, admin.ModelAdmin):
    """Kept by administrators, approved by another person. A change needs a new approval."""

    fields = ["language", "kind", "text", "retired"]
    list_display = ["text", "kind", "language", "may_be_used"]
    list_filter = ["kind", LanguageFilter]
    search_fields = ["text"]
    actions = ["approve"]

    @admin.display(description=gettext_lazy("may be used"), boolean=True)
    def may_be_used(self, sentence: Sentence) -> bool:
        return sentence.approved_by_id is not None and not sentence.retired

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # it is retired

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(roles.APPROVE)

    def save_model(self, request: HttpRequest, obj: Sentence, form: Any, change: bool) -> None:
        if set(form.changed_data) - {"retired"}:
            obj.by, obj.approved_by = request.user, None  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

    @admin.action(description=gettext_lazy("Approve"), permissions=["approve"])
    def approve(self, request: HttpRequest, chosen: QuerySet[Sentence]) -> None:
        done = 0
        for sentence in chosen.filter(approved_by=None):
            try:
                workflow.approve_sentence(sentence, by=request.user)  # type: ignore[arg-type]
                done += 1
            except workflow.Refused as error:
                messages.error(request, f"{sentence}: {error}")
        messages.success(
            request,
            ngettext(
                "%(number)s reason may be used now.", "%(number)s reasons may be used now.", done
            )
            % {"number": done},
        )
