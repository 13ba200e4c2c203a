"""The office, its pages, its notices and its look, kept by administrators."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from tinymce.widgets import AdminTinyMCE

from letters import files, markup
from letters.admin.fields import AS_TYPED
from letters.admin.names import LANGUAGES, LanguageFilter, PerLanguage
from letters.models import Appearance, Edition, NoticeBar, Office, OfficePage
from letters.models.office import MOST_LEADS


class OfficeForm(forms.ModelForm):
    def clean_leads(self) -> str:
        """References of letters the public can read already: of others nothing is told."""
        found = list(dict.fromkeys(re.split(r"[\s,;]+", markup.plain(self.cleaned_data["leads"]))))
        wanted = [reference for reference in found if reference]
        if len(wanted) > MOST_LEADS:
            raise ValidationError(_("Name at most three letters."))
        language = self.instance.pk or self.cleaned_data.get("language", "")
        listed = Edition.objects.listed(timezone.now()).filter(language=language)
        there = listed.filter(letter__reference__in=wanted).values_list(
            "letter__reference", flat=True
        )
        if missing := [reference for reference in wanted if reference not in set(there)]:
            message = _("The public cannot read these in this language: %(references)s.")
            raise ValidationError(message, params={"references": ", ".join(missing)})
        return ", ".join(wanted)


@admin.register(Office)
class OfficeAdmin(PerLanguage, admin.ModelAdmin):
    form = OfficeForm
    list_display = ["name", "language"]
    list_filter = [LanguageFilter]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["language"] if obj else []  # it is the key: another language is another office


class OfficePageForm(forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "body" in self.fields:
            label = str(capfirst(self.fields["body"].label))
            self.fields["body"].widget = AdminTinyMCE(
                content_language=self.instance.language or settings.LANGUAGE_CODE,
                mce_attrs={"iframe_aria_text": label},
            )
            if self.instance.pk:
                attrs = {"lang": self.instance.language, "dir": self.instance.bidi}
                self.fields["body"].widget.attrs |= attrs

    def clean_body(self) -> str:
        body = markup.clean(markup.as_html(self.cleaned_data["body"]))
        if not body:
            raise ValidationError(_("A page without words is no page: delete it instead."))
        return body


class PageFilter(admin.SimpleListFilter):
    title = _("page")
    parameter_name = "page"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(OfficePage.Kind.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        known = self.value() in OfficePage.Kind.values
        return queryset.filter(kind=self.value()) if known else queryset


@admin.register(OfficePage)
class OfficePageAdmin(PerLanguage, admin.ModelAdmin):
    form = OfficePageForm
    fields = ["kind", "language", "body"]
    list_display = ["title", "language_name", "changed_on"]
    list_filter = [PageFilter, LanguageFilter]

    class Media:
        js = ["draft.js"]  # it sets the editor up

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["kind", "language"] if obj else []  # they are its address

    @admin.display(description=_("page"), ordering="kind")
    def title(self, page: OfficePage) -> str:
        return page.get_kind_display()

    @admin.display(description=_("language"), ordering="language")
    def language_name(self, page: OfficePage) -> str:
        return dict(LANGUAGES).get(page.language, page.language)

    def view_on_site(self, obj: OfficePage) -> str | None:
        """None for a language that this deployment does not publish in."""
        return obj.get_absolute_url() if obj.language in dict(settings.LANGUAGES) else None


class NoticeBarForm(forms.ModelForm):
    class Meta:
        model = NoticeBar
        fields = ["language", "text", "since", "until"]
        widgets = {"text": forms.Textarea(attrs={"rows": 3, "dir": "auto"})}

    def clean_text(self) -> str:
        return " ".join(markup.plain(self.cleaned_data["text"]).split())


@admin.register(NoticeBar)
class NoticeBarAdmin(PerLanguage, admin.ModelAdmin):
    form = NoticeBarForm
    formfield_overrides = AS_TYPED
    list_display = ["text", "language", "since", "until"]
    list_filter = [LanguageFilter]


class AppearanceForm(forms.ModelForm):
    upload = forms.FileField(
        label=_("Another emblem"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_(
            "PNG or WebP with a transparent ground, or JPEG, at least 288 pixels wide and high. An"
            " SVG is not taken: it can hold scripts."
        ),
    )
    without = forms.BooleanField(
        label=_("Use the emblem that this site comes with"), required=False
    )

    class Meta:
        model = Appearance
        fields = ["accent", "accent_in_the_dark"]
        widgets = {
            "accent": forms.TextInput(attrs={"type": "color"}),
            "accent_in_the_dark": forms.TextInput(attrs={"type": "color"}),
        }

    def clean_accent(self) -> str:
        return str(self.cleaned_data["accent"]).lower()

    def clean_accent_in_the_dark(self) -> str:
        return str(self.cleaned_data["accent_in_the_dark"]).lower()

    def clean_upload(self) -> str:
        upload = self.cleaned_data["upload"]
        return files.take_emblem(upload) if upload else ""

    def save(self, commit: bool = True) -> Appearance:
        if self.cleaned_data["without"]:
            self.instance.emblem = ""
        elif self.cleaned_data["upload"]:
            self.instance.emblem = self.cleaned_data["upload"]
        look: Appearance = super().save(commit=commit)
        return look


@admin.register(Appearance)
class AppearanceAdmin(admin.ModelAdmin):
    """One row, whose form is the list of it as well."""

    form = AppearanceForm
    fields = ["shown", "upload", "without", "accent", "accent_in_the_dark"]
    readonly_fields = ["shown"]

    @admin.display(description=_("Emblem"))
    def shown(self, look: Appearance) -> str:
        if not look.emblem:
            return gettext("The one that this site comes with")
        return format_html(
            '<img src="{}" alt="{}" width="96">',
            reverse("emblem", args=[look.emblem]),
            gettext("The emblem of this office"),
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return _to_the_one(request) or super().changelist_view(request, extra_context)

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _to_the_one(request) or super().add_view(request, *args, **kwargs)


def _to_the_one(request: HttpRequest) -> HttpResponse | None:
    look = Appearance.objects.first()
    if look is None or not request.user.has_perm("letters.view_appearance"):
        return None
    return HttpResponseRedirect(reverse("admin:letters_appearance_change", args=[look.pk]))
