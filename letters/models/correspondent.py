"""Who writes and receives letters: their names per language, and the offices they held when."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_countries import countries


class CorrespondentQuerySet(models.QuerySet["Correspondent"]):
    def named(self, language: str | None = None) -> Self:
        """Adds `.name`, the display name in the language given or else the active one."""
        names = CorrespondentName.objects.filter(correspondent=OuterRef("pk"), is_display=True)
        here = names.filter(language=language or get_language() or "")
        return self.annotate(
            name=Coalesce(Subquery(here.values("name")[:1]), Subquery(names.values("name")[:1]))
        )

    def by_name(self, language: str | None = None) -> Self:
        """Named, in alphabetical order."""
        return self.named(language).order_by(F("name"), "pk")


class Correspondent(models.Model):
    """A person, office or body that writes or receives letters."""

    slug = models.SlugField(_("address on the site"), max_length=120, unique=True)
    portrait = models.CharField(  # its SHA-256
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    portrait_credit = models.CharField(
        _("credit of the portrait"), max_length=200, blank=True, default="", db_default=""
    )

    objects = CorrespondentQuerySet.as_manager()

    class Meta:
        verbose_name = _("correspondent")
        verbose_name_plural = _("correspondents")

    def __str__(self) -> str:
        name: str | None = getattr(self, "name", None)  # there when loaded by `named()`
        return name or self.slug

    def get_absolute_url(self) -> str:
        return reverse("correspondent", args=[get_language(), self.slug])

    @property
    def is_signed(self) -> bool:
        """Whether its slug stands in the digest of a text, and so is kept by the database."""
        editions: Any = self.parties.model._meta.get_field("edition").related_model
        return bool(editions.objects.frozen().filter(parties__correspondent=self).exists())

    def name_in(self, language: str) -> str:
        """The display name in that language, or an empty text: no other language stands in."""
        for name in self.names.all():
            if name.is_display and name.language == language:
                return name.name
        return ""

    def appointment_on(self, day: date) -> Appointment | None:
        """The office held on that day; of several, the one begun last."""
        held = [
            a
            for a in self.appointments.all()
            if (a.since is None or a.since <= day) and (a.until is None or day <= a.until)
        ]
        return max(held, key=lambda a: (a.since or date.min, a.pk), default=None)


class CorrespondentName(models.Model):
    correspondent = models.ForeignKey(Correspondent, models.CASCADE, related_name="names")
    language = models.CharField(_("language"), max_length=12)
    name = models.CharField(_("name"), max_length=200)
    is_display = models.BooleanField(
        _("shown"),
        default=True,
        help_text=_("The name used on the site. Others help to recognise and to find."),
    )

    class Meta:
        verbose_name = _("name")
        verbose_name_plural = _("names")
        constraints = [
            models.UniqueConstraint(
                fields=["correspondent", "language"],
                condition=Q(is_display=True),
                name="one_shown_name_a_language",
                violation_error_message=_("Only one name a language is shown on the site."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Appointment(models.Model):
    """An office a correspondent held, for a country or in a body, between two days inclusive."""

    correspondent = models.ForeignKey(Correspondent, models.CASCADE, related_name="appointments")
    country = models.CharField(_("country"), max_length=2, blank=True)
    body = models.ForeignKey(
        Correspondent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appointed",
        verbose_name=_("body"),
    )
    since = models.DateField(_("from"), null=True, blank=True)
    until = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
                name="appointment_ends_after_it_begins",
                violation_error_message=_("An appointment ends after it begins."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.since or ''}–{self.until or ''}".strip()

    def title_in(self, language: str) -> str:
        """The title in that language, or an empty text."""
        return next((t.title for t in self.titles.all() if t.language == language), "")


class AppointmentTitle(models.Model):
    appointment = models.ForeignKey(Appointment, models.CASCADE, related_name="titles")
    language = models.CharField(_("language"), max_length=12)
    title = models.CharField(_("title"), max_length=200)

    class Meta:
        verbose_name = _("title")
        verbose_name_plural = _("titles")
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "language"], name="one_title_an_appointment_and_language"
            )
        ]

    def __str__(self) -> str:
        return self.title


class CountryNameQuerySet(models.QuerySet["CountryName"]):
    def choices(self, language: str | None = None) -> list[tuple[str, str]]:
        """(code, name) of every country in the active language, this office's own names first."""
        names = dict(countries)
        names |= dict(self.filter(language=language or get_language()).values_list("code", "name"))
        return sorted(names.items(), key=lambda item: item[1])

    def name_of(self, code: str, language: str | None = None) -> str:
        return dict(self.choices(language)).get(code, code)


class CountryName(models.Model):
    """A name this office uses for a country, in place of the standard one or beyond the list."""

    code = models.CharField(_("ISO code"), max_length=2)
    language = models.CharField(_("language"), max_length=12)
    name = models.CharField(_("name"), max_length=120)

    objects = CountryNameQuerySet.as_manager()

    class Meta:
        verbose_name = _("name of a country")
        verbose_name_plural = _("names of countries")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "language"], name="one_name_a_country_and_language"
            )
        ]

    def __str__(self) -> str:
        return self.name
