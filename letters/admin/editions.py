"""An edition on the desk: the one form, for a draft's text; the text to read; its preview."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from letters import workflow
from letters.admin import (
    clearances,
    drafting,
    merging,
    reading,
    redactions,
    remarks,
    verbs,
    withdrawals,
)
from letters.admin.files import Files, files_at
from letters.admin.forms import Bounded, DraftForm, PartyForm, PartyFormSet
from letters.models import Direction, Edition, Letter, Office, Party, State
from letters.models.edition import EditionQuerySet
from letters.public.files import respond
from letters.public.reading import letter_context


class Parties(Bounded, admin.StackedInline):
    model = Party
    form = PartyForm
    formset = PartyFormSet
    fields = [("role", "correspondent", "country"), ("name", "title")]
    verbose_name_plural = gettext_lazy("From, to and signed by")

    def get_extra(self, request: HttpRequest, obj: Edition | None = None, **kwargs: Any) -> int:
        return 1 if obj and obj.parties.exists() else 2

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Correspondents are added here, not changed or deleted on the way through a letter."""
        formset = super().get_formset(request, obj, **kwargs)
        related = formset.form.base_fields["correspondent"].widget
        related.can_change_related = related.can_delete_related = related.can_view_related = False
        return formset

    def _is_open(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.is_draft) and request.user.has_perm("letters.change_edition")

    has_add_permission = has_change_permission = has_delete_permission = _is_open


@admin.register(Edition)
class EditionAdmin(admin.ModelAdmin):
    form = DraftForm
    inlines = [Parties, Files]
    fieldsets = [
        (
            gettext_lazy("The letter"),
            {
                "fields": [
                    "version",
                    "kind",
                    ("dated", "place"),
                    ("form", "letter_language"),
                    "consent",
                ]
            },
        ),
        (gettext_lazy("What the public reads first"), {"fields": ["headline", "summary"]}),
        (gettext_lazy("Text"), {"fields": ["salutation", "body", "closing"]}),
        (gettext_lazy("Around the letter"), {"fields": ["notes", "press_contact"]}),
        (
            gettext_lazy("Before publication"),
            {"fields": ["standing", "not_before", "first_published", "correction_note"]},
        ),
        (gettext_lazy("Left over from the source"), {"fields": ["not_placed"]}),
    ]
    radio_fields = {"standing": admin.HORIZONTAL}
    change_form_template = "admin/letters/edition/change_form.html"
    view_on_site = False

    # --- Who reaches what ---------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> EditionQuerySet:
        return Edition.objects.open_to(request.user).select_related("letter")  # type: ignore[arg-type]

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {}  # an edition is reached from its letter

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Edition | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Edition | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_draft)

    def get_urls(self) -> list[URLPattern]:
        def staff(view: Any) -> Any:
            return self.admin_site.admin_view(view)

        own = [
            path(
                "<int:pk>/preview/",
                staff(require_safe(self.preview)),
                name="letters_edition_preview",
            ),
            path("<int:pk>/take/", staff(require_POST(verbs.take)), name="letters_edition_take"),
            path("<int:pk>/remarks/", staff(self.remarks), name="letters_edition_remarks"),
            path(
                "<int:pk>/remarks/<int:remark>/settle/",
                staff(require_POST(remarks.settle)),
                name="letters_edition_settle",
            ),
            *clearances.urls(self.admin_site),
            path(
                "<int:pk>/files/<str:name>",
                staff(require_safe(self.file)),
                name="letters_edition_file",
            ),
            path(
                "<int:pk>/autosave/",
                staff(require_POST(partial(drafting.autosave, self))),
                name="letters_edition_autosave",
            ),
            path(
                "<int:pk>/merge/<int:number>/",
                staff(partial(merging.merge, self)),
                name="letters_edition_merge",
            ),
            path("pasted/", staff(require_POST(drafting.pasted)), name="letters_edition_pasted"),
            *withdrawals.urls(self.admin_site),
            *redactions.urls(self.admin_site),
            path("<int:pk>/<str:verb>/", staff(self.verb), name="letters_edition_verb"),
        ]
        # Stock addresses of two parts come first: "…/<pk>/change/" is no verb.
        stock: list[URLPattern] = super().get_urls()
        return [*stock[:-1], *own, stock[-1]]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:letters_letter_changelist"))

    # --- The draft's form ---------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """No field for what this edition has not: a correction's note, lines left over, consent."""
        empty = set()
        if obj is not None and not obj.not_placed:
            empty.add("not_placed")
        if obj is not None and obj.number == 1:
            empty.add("correction_note")
        if obj is not None and obj.letter.direction == Direction.SENT:
            empty.add("consent")
        sections = [
            (name, {**section, "fields": [f for f in section["fields"] if f not in empty]})
            for name, section in super().get_fieldsets(request, obj)
        ]
        return [(name, section) for name, section in sections if section["fields"]]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Kinds are chosen here; administrators keep them elsewhere."""
        form = super().get_form(request, obj, change, **kwargs)
        if kind := form.base_fields.get("kind"):
            kind.widget = getattr(kind.widget, "widget", kind.widget)
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The stock form, its save inside `workflow.drafting`: a stale one overwrites nothing."""
        if object_id is None:
            raise PermissionDenied  # editions begin with their letter, or from another one
        edition = self.get_object(request, object_id)
        if edition is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if request.method == "POST":
            return self._save(request, edition, form_url)
        if not self.has_view_permission(request, edition):
            raise PermissionDenied
        workflow.viewed(edition.letter, by=request.user)  # type: ignore[arg-type]
        if not self.has_change_permission(request, edition):
            return self._read(request, edition.pk)
        return self._form(request, edition, form_url)

    def _form(self, request: HttpRequest, edition: Edition, form_url: str) -> Any:
        context = {
            "title": _("Text in %(language)s") % {"language": reading.language(edition)},
            "subtitle": str(edition),
            **drafting.beside(edition, by=request.user),
            "base": request.POST.get("base") or merging.prints(edition),
            "begun_from": self._begun_from(request, edition),
            **remarks.of(edition),
            "show_save_and_add_another": False,
        }
        return super().changeform_view(request, str(edition.pk), form_url, context)

    def _begun_from(self, request: HttpRequest, edition: Edition) -> Letter | None:
        """The earlier letter, where this person may see it. A correction is of the same letter."""
        if edition.begun_from_id is None:
            return None
        found = self.get_queryset(request).filter(pk=edition.begun_from_id).first()
        return found.letter if found and found.letter_id != edition.letter_id else None

    def _save(self, request: HttpRequest, edition: Edition, form_url: str) -> Any:
        try:
            with workflow.drafting(drafting.as_seen(edition, request.POST), by=request.user):  # type: ignore[arg-type]
                answer = self._form(request, edition, form_url)
        except workflow.NotAllowed:
            raise PermissionDenied from None
        except workflow.Refused as refused:
            return self._conflict(request, edition, str(refused))
        drafting.remember(edition)
        return answer

    def save_model(self, request: HttpRequest, obj: Edition, form: Any, change: bool) -> None:
        """What the digest does not cover raises the version too: nothing is overwritten unseen."""
        super().save_model(request, obj, form, change)
        changed = form.changed_aside()
        drafts = Edition.objects.filter(state=State.DRAFT)
        if "consent" in changed:
            consent = form.cleaned_data["consent"]
            Letter.objects.filter(pk=obj.letter_id).update(consent=consent)
            drafts.filter(letter=obj.letter_id).update(version=F("version") + 1)
        elif changed:
            drafts.filter(pk=obj.pk).update(version=F("version") + 1)

    def response_change(self, request: HttpRequest, obj: Edition) -> HttpResponse:
        """On to what was asked for; without a word when that shows the saved text itself."""
        for name, view in (("_submit", "verb"), ("_preview", "preview")):
            if name in request.POST:
                args = [obj.pk, "submit"] if view == "verb" else [obj.pk]
                return HttpResponseRedirect(reverse(f"admin:letters_edition_{view}", args=args))
        messages.success(request, _("The draft is saved. Nothing of it is public."))
        if "_continue" in request.POST:
            return HttpResponseRedirect(request.path)
        return HttpResponseRedirect(reading.hub(obj))

    def _read(self, request: HttpRequest, pk: int) -> HttpResponse:
        edition = get_object_or_404(Edition.objects.in_full(), pk=pk)
        context = {
            **self.admin_site.each_context(request),
            **reading.facts(edition),
            "set_aside": drafting.set_aside(edition),
            **remarks.of(edition),
            "title": _("Text in %(language)s") % {"language": reading.language(edition)},
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/letters/edition/read.html", context)

    def _conflict(self, request: HttpRequest, edition: Edition, message: str) -> HttpResponse:
        """What was typed is kept, and shown beside the text as it stands."""
        stored = self.get_queryset(request).get(pk=edition.pk)
        aside = None
        if merging.differences(stored, request.POST.dict()):
            aside = merging.keep(stored, request.user, request.POST, drafting.tab_of(request.POST))
        return merging.page(self, request, stored, aside, message, status=409)

    # --- Files, preview and verbs -------------------------------------------------------------

    def file(self, request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
        """A file of an edition, for those to whom its letter is open."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        response = respond(get_object_or_404(self.get_queryset(request), pk=pk), name)
        response["Cache-Control"] = "no-cache, private"
        return response

    @method_decorator(csp_override(withdrawals.FRAMED))
    @method_decorator(xframe_options_sameorigin)
    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page as the public will see it. The desk's own pages, and no other, may frame it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        edition = get_object_or_404(Edition.objects.open_to(request.user).in_full(), pk=pk)  # type: ignore[arg-type]
        workflow.viewed(edition.letter, by=request.user)  # type: ignore[arg-type]
        with translation.override(edition.language):
            context = {
                **letter_context(edition, timezone.now()),
                "office": Office.objects.current(),
                "elsewhere": [],
                "preview": True,
                "files_at": files_at(edition),
                "framed": "framed" in request.GET,
            }
            response = TemplateResponse(request, "letters/letter.html", context)
            response.render()
        response["X-Robots-Tag"] = "noindex"
        return response

    def verb(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        return verbs.page(request, pk, verb, self._context(request))

    def remarks(self, request: HttpRequest, pk: int) -> HttpResponse:
        return remarks.page(request, pk, self._context(request))

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        each: dict[str, Any] = self.admin_site.each_context(request)
        return {**each, "opts": self.opts, "media": self.media}
