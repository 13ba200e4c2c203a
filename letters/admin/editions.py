"""An edition on the desk: the one form, for a draft's text; its preview; and a page per verb."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from letters import checks, workflow
from letters.admin.forms import VERB_FORMS, DraftForm, PartyForm
from letters.models import Edition, Office, Party
from letters.public import reading


class Parties(admin.TabularInline):
    model = Party
    form = PartyForm
    extra = 1
    verbose_name_plural = gettext_lazy("From, to and signed by")

    def get_extra(self, request: HttpRequest, obj: Edition | None = None, **kwargs: Any) -> int:
        return 1 if obj and obj.parties.exists() else 2

    def _is_open(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.is_draft) and request.user.has_perm("letters.change_edition")

    has_add_permission = has_change_permission = has_delete_permission = _is_open

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("letters.view_edition")


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
    save_on_top = False

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
            path("<int:pk>/preview/", staff(self.preview), name="letters_edition_preview"),
            path("<int:pk>/<str:verb>/", staff(self.verb), name="letters_edition_verb"),
        ]
        # Stock addresses of two parts come first: "…/<pk>/change/" is no verb.
        stock: list[URLPattern] = super().get_urls()
        return [*stock[:-1], *own, stock[-1]]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:letters_letter_changelist"))

    # --- The draft's form ---------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sections = super().get_fieldsets(request, obj)
        if obj is not None and not obj.not_placed:
            sections = sections[:-1]
        if obj is not None and obj.number == 1:
            sections = [
                (
                    name,
                    {**section, "fields": [f for f in section["fields"] if f != "correction_note"]},
                )
                for name, section in sections
            ]
        return sections

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The stock form, its save inside `workflow.drafting`: a stale one overwrites nothing."""
        edition = self.get_object(request, object_id or "")
        if edition is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        context = {
            **(extra_context or {}),
            "title": _("Text in %(language)s") % {"language": _language(edition)},
            "subtitle": str(edition),
            "edition": edition,
            "problems": checks.to_submit(edition) if edition.is_draft else [],
            "stage": edition.stage(timezone.now()),
            "show_save_and_add_another": False,
        }
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, context)
        try:
            edition.version = int(request.POST.get("version", ""))
        except ValueError:
            edition.version = 0
        try:
            with workflow.drafting(edition, by=request.user):  # type: ignore[arg-type]
                return super().changeform_view(request, object_id, form_url, context)
        except workflow.NotAllowed:
            raise PermissionDenied from None
        except workflow.Refused as refused:
            return self._conflict(request, edition.pk, str(refused))

    def _conflict(self, request: HttpRequest, pk: int, message: str) -> HttpResponse:
        """Both texts, so that nothing typed is lost and nothing stored is overwritten."""
        edition = get_object_or_404(Edition.objects.in_full(), pk=pk)
        fields = []
        for name, field in self.form.base_fields.items():
            typed, stored = request.POST.get(name), getattr(edition, name, None)
            if name in request.POST and name != "version":
                known = str(getattr(stored, "pk", stored) if stored is not None else "")
                same = typed.strip().replace("\r\n", "\n") == known.strip() if typed else not known
                label = field.label
                fields.append({"label": label, "typed": typed, "stored": known, "same": same})
        context = {
            **self.admin_site.each_context(request),
            "title": _("Your text was not saved"),
            "opts": self.opts,
            "message": message,
            "edition": edition,
            "fields": [field for field in fields if not field["same"]],
        }
        return TemplateResponse(request, "admin/letters/edition/conflict.html", context, status=409)

    def response_post_save_change(self, request: HttpRequest, obj: Edition) -> HttpResponseRedirect:
        return HttpResponseRedirect(_hub(obj))

    # --- Preview and verbs --------------------------------------------------------------------

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page as the public will see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        edition = get_object_or_404(Edition.objects.in_full(), pk=pk)
        return _as_the_public_will(request, edition)

    def verb(self, request: HttpRequest, pk: int, verb: str) -> HttpResponse:
        """One page for every verb: what will happen, what it asks for, and one decision."""
        transition = workflow.TRANSITIONS.get(verb)
        if transition is None:
            raise Http404
        if not request.user.has_perm(transition.permission):
            raise PermissionDenied
        edition = get_object_or_404(Edition.objects.in_full(), pk=pk)
        form = VERB_FORMS[verb](request.POST or None, initial={"version": edition.version})
        refused = ""
        problems = checks.to_submit(edition) if verb == "submit" else []
        if request.method == "POST" and form.is_valid():
            edition.version = form.cleaned_data["version"]
            try:
                return self._do(request, verb, edition, form.arguments())
            except workflow.Incomplete as incomplete:
                problems, refused = incomplete.problems, _("The text is not ready.")
                if verb != "submit":
                    refused = str(incomplete)
            except workflow.Refused as error:
                refused = str(error)
        elif verb not in workflow.open_verbs(edition, by=request.user, at=timezone.now()):  # type: ignore[arg-type]
            refused = _why_not(edition, verb)
        context = {
            **self.admin_site.each_context(request),
            "title": transition.label,
            "subtitle": str(edition),
            "opts": self.opts,
            "edition": edition,
            "language": _language(edition),
            "stage": edition.stage(timezone.now()),
            "verb": verb,
            "label": transition.label,
            "form": form,
            "media": self.media + form.media,
            "problems": problems,
            "blocked": any(problem.blocks for problem in problems),
            "refused": refused,
            "hub": _hub(edition),
        }
        status = 409 if refused and request.method == "POST" else 200
        return TemplateResponse(request, "admin/letters/edition/verb.html", context, status=status)

    def _do(
        self, request: HttpRequest, verb: str, edition: Edition, arguments: dict[str, Any]
    ) -> HttpResponse:
        done = getattr(workflow, verb)(edition, by=request.user, **arguments)
        if verb == "correct":
            messages.success(
                request, _("A correction is begun. The public still reads the text as it is.")
            )
            return HttpResponseRedirect(reverse("admin:letters_edition_change", args=[done.pk]))
        if isinstance(done, list):
            (done,) = done
        messages.success(
            request,
            _("Done: “%(headline)s” (%(language)s) is now %(stage)s.")
            % {
                "headline": done,
                "language": _language(done),
                "stage": done.stage(timezone.now()).label,
            },
        )
        return HttpResponseRedirect(_hub(edition))


@require_safe
@xframe_options_sameorigin
def _as_the_public_will(request: HttpRequest, edition: Edition) -> HttpResponse:
    with translation.override(edition.language):
        context = {
            **reading.letter_context(edition, timezone.now()),
            "office": Office.objects.current(),
            "elsewhere": [],
            "preview": True,
        }
        response = TemplateResponse(request, "letters/letter.html", context)
        response.render()
    response["X-Robots-Tag"] = "noindex"
    return response


def _hub(edition: Edition) -> str:
    return reverse("admin:letters_letter_change", args=[edition.letter_id])


def _language(edition: Edition) -> str:
    return str(translation.get_language_info(edition.language)["name_translated"])


def _why_not(edition: Edition, verb: str) -> str:
    stage = edition.stage(timezone.now())
    if stage in workflow.TRANSITIONS[verb].stages:
        return _("You cannot do that with this text as things stand.")
    return _("That is not possible now: the text is %(stage)s.") % {"stage": stage.label}
