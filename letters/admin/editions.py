"""An edition on the desk: the one form, for a draft's text; the text to read; its preview."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from letters import checks, workflow
from letters.admin import reading, verbs
from letters.admin.forms import Bounded, DraftForm, PartyForm, PartyFormSet
from letters.models import Edition, Office, Party
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
    inlines = [Parties]
    fieldsets = [
        (
            gettext_lazy("The letter"),
            {"fields": ["version", "kind", ("dated", "place"), ("form", "letter_language")]},
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

    # --- Who reaches what ---------------------------------------------------------------------

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
            path("<int:pk>/<str:verb>/", staff(self.verb), name="letters_edition_verb"),
        ]
        # Stock addresses of two parts come first: "…/<pk>/change/" is no verb.
        stock: list[URLPattern] = super().get_urls()
        return [*stock[:-1], *own, stock[-1]]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:letters_letter_changelist"))

    # --- The draft's form ---------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """No field for what this edition has not: a correction's note, lines left over."""
        empty = set()
        if obj is not None and not obj.not_placed:
            empty.add("not_placed")
        if obj is not None and obj.number == 1:
            empty.add("correction_note")
        sections = [
            (name, {**section, "fields": [f for f in section["fields"] if f not in empty]})
            for name, section in super().get_fieldsets(request, obj)
        ]
        return [(name, section) for name, section in sections if section["fields"]]

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        kwargs["empty_label"] = "—"
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

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
        if not self.has_change_permission(request, edition):
            return self._read(request, edition.pk)
        return self._form(request, edition, form_url)

    def _form(self, request: HttpRequest, edition: Edition, form_url: str) -> Any:
        context = {
            "title": _("Text in %(language)s") % {"language": reading.language(edition)},
            "subtitle": str(edition),
            "edition": edition,
            "problems": checks.to_submit(edition),
            "show_save_and_add_another": False,
        }
        return super().changeform_view(request, str(edition.pk), form_url, context)

    def _save(self, request: HttpRequest, edition: Edition, form_url: str) -> Any:
        try:
            edition.version = int(request.POST.get("version", ""))
        except ValueError:
            edition.version = 0
        try:
            with workflow.drafting(edition, by=request.user):  # type: ignore[arg-type]
                return self._form(request, edition, form_url)
        except workflow.NotAllowed:
            raise PermissionDenied from None
        except workflow.Refused as refused:
            return self._conflict(request, edition.pk, str(refused))

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
            "title": _("Text in %(language)s") % {"language": reading.language(edition)},
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/letters/edition/read.html", context)

    def _conflict(self, request: HttpRequest, pk: int, message: str) -> HttpResponse:
        """Both texts, so that nothing typed is lost and nothing stored is overwritten."""
        edition = get_object_or_404(Edition.objects.in_full(), pk=pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Your text was not saved"),
            "opts": self.opts,
            "message": message,
            "edition": edition,
            "differences": reading.differences(edition, request.POST),
        }
        return TemplateResponse(request, "admin/letters/edition/conflict.html", context, status=409)

    # --- Preview and verbs --------------------------------------------------------------------

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page as the public will see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        edition = get_object_or_404(Edition.objects.in_full(), pk=pk)
        with translation.override(edition.language):
            context = {
                **letter_context(edition, timezone.now()),
                "office": Office.objects.current(),
                "elsewhere": [],
                "preview": True,
            }
            response = TemplateResponse(request, "letters/letter.html", context)
            response.render()
        response["X-Robots-Tag"] = "noindex"
        return response

    def verb(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
        }
        return verbs.page(request, pk, verb, context)
