"""What administrators keep: the office, correspondents, countries and kinds, named per language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Field, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from letters.models import (
    Appointment,
    AppointmentTitle,
    Correspondent,
    CorrespondentName,
    CountryName,
    Event,
    Kind,
    KindName,
    Office,
)


class PerLanguage:
    """Offers the deployment's languages: choices in the form, not in the model, so that a new
    language is no migration."""

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name == "language":
            return forms.ChoiceField(label=db_field.verbose_name, choices=settings.LANGUAGES)
        if db_field.name in ("country", "code") and db_field.max_length == 2:
            return forms.ChoiceField(
                label=db_field.verbose_name,
                choices=[("", "—"), *CountryName.objects.choices()],
                required=not db_field.blank,
                help_text=db_field.help_text,
            )
        found: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        return found


class Names(PerLanguage, admin.TabularInline):
    model = CorrespondentName
    extra = len(settings.LANGUAGES)
    min_num = 1


class Appointments(PerLanguage, admin.TabularInline):
    model = Appointment
    fk_name = "correspondent"
    fields = ["country", "body", "since", "until"]
    extra = 1
    show_change_link = True


class Titles(PerLanguage, admin.TabularInline):
    model = AppointmentTitle
    extra = len(settings.LANGUAGES)


@admin.register(Correspondent)
class CorrespondentAdmin(admin.ModelAdmin):
    inlines = [Names, Appointments]
    search_fields = ["names__name"]
    list_display = ["name", "slug"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correspondent]:
        return Correspondent.objects.by_name()

    @admin.display(description=_("name"), ordering="name")
    def name(self, person: Correspondent) -> str:
        return str(person)


@admin.register(Appointment)
class AppointmentAdmin(PerLanguage, admin.ModelAdmin):
    """Reached from its correspondent, to name the title in each language."""

    inlines = [Titles]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False


class KindNames(PerLanguage, admin.TabularInline):
    model = KindName
    extra = 0


@admin.register(Kind)
class KindAdmin(admin.ModelAdmin):
    inlines = [KindNames]
    list_display = ["name", "code", "position"]
    list_editable = ["position"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Kind]:
        return Kind.objects.named()

    @admin.display(description=_("name"))
    def name(self, kind: Kind) -> str:
        return str(kind)


@admin.register(CountryName)
class CountryNameAdmin(PerLanguage, admin.ModelAdmin):
    list_display = ["name", "code", "language"]
    list_filter = ["language"]
    search_fields = ["name", "code"]

    def formfield_for_dbfield(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name == "code":  # a state that is on no list can be named here
            return forms.RegexField(label=db_field.verbose_name, regex=r"^[A-Z]{2}$")
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Office)
class OfficeAdmin(PerLanguage, admin.ModelAdmin):
    list_display = ["name", "language"]


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """The record, to read."""

    list_display = ["number", "at", "by_name", "verb", "letter", "remark"]
    list_filter = ["verb", "at"]
    list_select_related = ["letter"]
    search_fields = ["letter__reference", "by_name", "remark"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False
