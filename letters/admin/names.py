"""What administrators keep: correspondents, countries and kinds, named per language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Field, Prefetch, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from letters import files
from letters.admin.fields import AS_TYPED
from letters.admin.forms import Bounded
from letters.admin.hub import DONE, done
from letters.models import (
    Appointment,
    AppointmentTitle,
    Correspondent,
    CorrespondentName,
    CountryName,
    Event,
    Kind,
    KindName,
)
from letters.models.letter import open_to

# Every language the product speaks, though a deployment may publish in fewer: names of the others
# are there already, and help to recognise and to find.
LANGUAGES = list(settings.LANGUAGE_NAMES.items())


class Kept:
    """The page that asks before deleting names no letter: some are not open to this person."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        _all, _counts, missing, protected = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        used = [_("Letters name it, so it stays.")] if protected else []
        return [str(one) for one in objs], {}, missing, used


class PerLanguage:
    """Offers languages and countries by name: choices in the form, not in the model, so that a
    new language is no migration."""

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        label = str(db_field.verbose_name).capitalize()
        if db_field.name == "language":
            return forms.ChoiceField(label=label, choices=[("", "—"), *LANGUAGES])
        if db_field.name == "country":
            return forms.ChoiceField(
                label=label,
                choices=[("", "—"), *CountryName.objects.choices()],
                required=not db_field.blank,
            )
        found: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        return found


class EachLanguage(BaseInlineFormSet):
    """Offers an empty row for each language of the deployment that has none yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        thing = kwargs.get("instance")
        named = set()
        if thing is not None and thing.pk:
            named = set(thing.names.values_list("language", flat=True))
        missing = [code for code, _name in settings.LANGUAGES if code not in named]
        self.extra = len(missing)
        super().__init__(*args, initial=[{"language": code} for code in missing], **kwargs)

    def clean(self) -> None:
        super().clean()
        gone = [form.instance.pk for form in self.deleted_forms]
        typed = any(form.cleaned_data.get("name") for form in self.forms if form.is_valid())
        stored = self.instance.pk and self.instance.names.exclude(pk__in=gone).exists()
        if not stored and (not typed or gone):
            raise ValidationError(_("Give a name in at least one language."))


class Names(Bounded, PerLanguage, admin.StackedInline):
    model = CorrespondentName
    formset = EachLanguage
    readonly_fields = ["in_language"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        keeps = obj is None or self.has_change_permission(request, obj)
        return [("language" if keeps else "in_language", "name", "is_display")]

    @admin.display(description=_("language"))
    def in_language(self, name: CorrespondentName) -> str:
        return settings.LANGUAGE_NAMES.get(name.language, name.language)


class KindNames(Bounded, PerLanguage, admin.StackedInline):
    model = KindName
    formset = EachLanguage
    fields = [("language", "name")]


class AppointmentForm(forms.ModelForm):
    """An appointment, with its title in each of the deployment's languages."""

    class Meta:
        model = Appointment
        fields = ["country", "body", "since", "until"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for title in self.instance.titles.all():
                self.initial[f"title_{title.language}"] = title.title

    def save(self, commit: bool = True) -> Appointment:
        appointment: Appointment = super().save(commit=commit)
        if commit:
            self.save_titles()
        return appointment

    def save_titles(self) -> None:
        for code, _name in settings.LANGUAGES:
            key = {"appointment": self.instance, "language": code}
            if title := self.cleaned_data[f"title_{code}"]:
                AppointmentTitle.objects.update_or_create(**key, defaults={"title": title})
            else:
                AppointmentTitle.objects.filter(**key).delete()


TITLES = {
    f"title_{code}": forms.CharField(
        label=format_lazy(_("Title in {language}"), language=name), max_length=200, required=False
    )
    for code, name in settings.LANGUAGES
}


class Appointments(Bounded, PerLanguage, admin.StackedInline):
    model = Appointment
    form = type("TitledAppointmentForm", (AppointmentForm,), dict(TITLES))
    formfield_overrides = AS_TYPED
    fk_name = "correspondent"
    readonly_fields = ["in_country", "called"]

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 1 if obj is None else 0

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return [("country", "body"), ("since", "until"), *TITLES]
        return ["called", ("in_country", "body"), ("since", "until")]

    @admin.display(description=_("country"))
    def in_country(self, appointment: Appointment) -> str:
        return CountryName.objects.name_of(appointment.country) if appointment.country else "–"

    @admin.display(description=_("title"))
    def called(self, appointment: Appointment) -> str:
        """In every language, a line each."""
        return "\n".join(
            pgettext("a title and its language", "%(title)s (%(language)s)")
            % {"title": one.title, "language": settings.LANGUAGE_NAMES.get(one.language, "")}
            for one in appointment.titles.all()
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appointment]:
        body = Prefetch("body", Correspondent.objects.named())
        there = super().get_queryset(request).prefetch_related("titles", body)
        return there.order_by("since", "pk")

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "body":
            kwargs["queryset"] = Correspondent.objects.by_name()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class CountryFilter(admin.SimpleListFilter):
    title = _("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        there = set(Appointment.objects.exclude(country="").values_list("country", flat=True))
        return [choice for choice in CountryName.objects.choices() if choice[0] in there]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Correspondent]
    ) -> QuerySet[Correspondent]:
        known = self.value() in dict(self.lookup_choices)
        held = Appointment.objects.filter(country=self.value() or "").values("correspondent")
        return queryset.filter(pk__in=held) if known else queryset


class SignedForm(forms.ModelForm):
    """Of what the digest of a text reads a fact of: that fact stays once one does."""

    signed = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.signed in self.fields and self.instance.pk and self.instance.is_signed:
            self.fields[self.signed].disabled = True
            self.fields[self.signed].help_text = _(
                "It stands in texts that have been submitted, so it can no longer be changed."
            )


class KindForm(SignedForm):
    signed = "code"

    class Meta:
        model = Kind
        fields = ["code", "position", "cleared_by", "clearance_address"]

    def clean_clearance_address(self) -> str:
        address: str = self.cleaned_data["clearance_address"]
        if self.cleaned_data.get("cleared_by") and not address:
            raise forms.ValidationError(_("Give the e-mail address of the post that clears."))
        return address


class CorrespondentForm(SignedForm):
    signed = "slug"
    upload = forms.FileField(
        label=_("Another portrait"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_("JPEG, PNG or WebP. It is cut to an upright shape, four wide and five high."),
    )
    without = forms.BooleanField(label=_("Remove the portrait"), required=False)

    class Meta:
        model = Correspondent
        fields = ["slug", "portrait_credit"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "upload" in self.fields and not self.instance.portrait:
            self.fields["upload"].label = _("Portrait")

    def clean_upload(self) -> str:
        upload = self.cleaned_data["upload"]
        return files.take_portrait(upload) if upload else ""

    def save(self, commit: bool = True) -> Correspondent:
        if self.cleaned_data["without"]:
            self.instance.portrait = ""
        elif self.cleaned_data["upload"]:
            self.instance.portrait = self.cleaned_data["upload"]
        person: Correspondent = super().save(commit=commit)
        return person


@admin.register(Correspondent)
class CorrespondentAdmin(Kept, admin.ModelAdmin):
    form = CorrespondentForm
    readonly_fields = ["shown"]
    inlines = [Names, Appointments]
    search_fields = ["names__name", "slug"]
    search_help_text = _("Any of its names")
    list_display = ["name", "slug"]
    list_filter = [CountryFilter]

    def get_fieldsets(self, request: HttpRequest, obj: Correspondent | None = None) -> Any:
        there = obj is not None and obj.portrait
        portrait = ["shown", "upload", "without"] if there else ["upload"]
        return [
            (None, {"fields": ["slug"]}),
            (_("Portrait"), {"fields": [*portrait, "portrait_credit"]}),
        ]

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        """The message, and the choice in a letter's form, have the name."""
        named = Correspondent.objects.named().get(pk=obj.pk)
        return super().response_add(request, named, *args)

    def view_on_site(self, obj: Correspondent) -> str:
        return obj.get_absolute_url()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correspondent]:
        return Correspondent.objects.by_name()

    @admin.display(description=_("name"), ordering="name")
    def name(self, person: Correspondent) -> str:
        return str(person)

    @admin.display(description=_("The public sees"))
    def shown(self, person: Correspondent) -> str:
        at = reverse("portrait", args=[person.portrait])
        return format_html('<img src="{}" alt="" width="96" height="120">', at)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "slug" and field is not None:
            field.help_text = _(
                "Latin letters, figures and hyphens, such as mira-halden. It stays."
            )
        return field


class ClearedByFilter(admin.SimpleListFilter):
    title = _("to be cleared")
    parameter_name = "cleared"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("by a named post")), ("0", _("by nobody"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Kind]) -> QuerySet[Kind]:
        match self.value():
            case "1":
                return queryset.exclude(cleared_by="")
            case "0":
                return queryset.filter(cleared_by="")
        return queryset


@admin.register(Kind)
class KindAdmin(Kept, admin.ModelAdmin):
    form = KindForm
    inlines = [KindNames]
    list_display = ["name", "code", "cleared_by", "position"]
    list_filter = [ClearedByFilter]
    list_editable = ["position"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "position" and field is not None:  # in the list it has no label
            field.widget.attrs["aria-label"] = db_field.verbose_name
        return field

    def get_queryset(self, request: HttpRequest) -> QuerySet[Kind]:
        return Kind.objects.named()

    @admin.display(description=_("name"))
    def name(self, kind: Kind) -> str:
        return str(kind)


class LanguageFilter(admin.SimpleListFilter):
    title = _("language")
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return LANGUAGES

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = self.value() in settings.LANGUAGE_NAMES
        return queryset.filter(language=self.value()) if known else queryset


@admin.register(CountryName)
class CountryNameAdmin(PerLanguage, admin.ModelAdmin):
    list_display = ["name", "code", "language"]
    list_filter = [LanguageFilter]
    search_fields = ["name", "code"]

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name == "code":  # a state that is on no list can be named here
            return forms.RegexField(
                label=db_field.verbose_name,
                regex=r"^[A-Z]{2}$",
                help_text=_("Two capital letters, such as FR."),
                error_messages={"invalid": _("Two capital letters, such as FR.")},
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class VerbFilter(admin.SimpleListFilter):
    title = _("verb")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(DONE.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        known = self.value() in dict(self.lookup_choices)
        return queryset.filter(verb=self.value()) if known else queryset


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """The record, to read."""

    list_display = ["number", "at", "by_name", "what", "of", "remark"]
    list_filter = [VerbFilter, "at"]
    list_select_related = ["letter", "edition"]
    search_fields = ["letter__reference", "by_name", "remark"]
    search_help_text = _("Reference, name or remark")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        by: Any = request.user
        return super().get_queryset(request).filter(open_to(by, "letter"))

    @admin.display(description=_("what was done"))
    def what(self, event: Event) -> Any:
        return done(event)

    @admin.display(description=_("letter"))
    def of(self, event: Event) -> str:
        return format_html(
            '<a href="{}">{}</a> <span class="quiet">{}·{}</span>',
            reverse("admin:letters_letter_change", args=[event.letter_id]),
            event.letter.reference,
            event.edition.language,
            event.edition.number,
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False
