"""The press office itself: how it signs its pages, what they look like, and what they say of it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, get_language_info, gettext
from django.utils.translation import gettext_lazy as _

from letters.models.edition import Edition

# The grounds of static/press.css on which an accent is written, in the light and in the dark.
LIGHT_GROUNDS = ("#ffffff", "#f3f5f8", "#f2f4f7")
DARK_GROUNDS = ("#12171e", "#181f28", "#1d2530")
READABLE = 4.5  # WCAG 2.2, 1.4.3
MOST_LEADS = 3


class OfficeQuerySet(models.QuerySet["Office"]):
    def current(self, at: datetime | None = None) -> Office:
        """The office in the active language, with what every page shows of it at that moment.

        One query. Unnamed, but never missing, before it is set up.
        """
        language = get_language() or settings.LANGUAGE_CODE
        kinds = OfficePage.objects.filter(language=OuterRef("pk")).values("language")
        looks = Appearance.objects.all()
        at = at or timezone.now()
        shown = self.filter(pk=language).annotate(
            page_kinds=Subquery(
                kinds.annotate(all=models.StringAgg("kind", Value(" "))).values("all")
            ),
            notice=Subquery(NoticeBar.objects.shown(at, OuterRef("pk")).values("text")[:1]),
            emblem=Subquery(looks.values("emblem")[:1]),
            accent=Subquery(looks.values("accent")[:1]),
            accent_in_the_dark=Subquery(looks.values("accent_in_the_dark")[:1]),
            # For how long caches may show the page (letters/public/caching.py).
            appears=Edition.objects.next_moment(at, "live_from"),
            ends=Edition.objects.next_moment(at, "live_until"),
        )
        return shown.first() or Office(language=language, name=gettext("Press Office"))


class Office(models.Model):
    language = models.CharField(_("language"), max_length=12, primary_key=True)
    name = models.CharField(_("name of the office"), max_length=160)
    tagline = models.CharField(_("line under the name"), max_length=200, blank=True)
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        help_text=_("ISO code of the country this office speaks for."),
    )
    press_contact = models.TextField(_("press contact"), blank=True)
    leads = models.CharField(
        _("letters that lead the front page"),
        max_length=200,
        blank=True,
        help_text=_(
            "Up to three references, such as 2026-117, the first on top. Empty: the latest letter."
        ),
    )

    objects = OfficeQuerySet.as_manager()

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("office")

    def __str__(self) -> str:
        return str(self.name)

    @property
    def pages(self) -> list[OfficePage]:
        """The pages of the office that there are in its language, without their text."""
        there = (getattr(self, "page_kinds", None) or "").split()  # there when `current`
        return [
            OfficePage(language=self.language, kind=kind)
            for kind in OfficePage.Kind
            if kind in there
        ]

    @property
    def lead_references(self) -> list[str]:
        return self.leads.replace(",", " ").split()


class OfficePage(models.Model):
    """What the office says of itself, in one language. Its title is fixed, and translated."""

    class Kind(models.TextChoices):
        ABOUT = "about", _("About this office")
        CONTACTS = "contacts", _("Contacts for the press")
        ACCESSIBILITY = "accessibility", _("Accessibility statement")
        PRIVACY = "privacy", _("Privacy")
        REUSE = "reuse", _("Reuse of letters")

    kind = models.CharField(_("page"), max_length=13, choices=Kind)
    language = models.CharField(_("language"), max_length=12)
    body = models.TextField(_("text"))
    changed_on = models.DateField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("page of the office")
        verbose_name_plural = _("pages of the office")
        ordering = ["language", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["language", "kind"], name="one_page_of_a_kind_and_language"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.language})"

    def get_absolute_url(self) -> str:
        return reverse(self.kind, args=[self.language])

    @property
    def bidi(self) -> str:
        return "rtl" if get_language_info(self.language)["bidi"] else "ltr"


class NoticeBarQuerySet(models.QuerySet["NoticeBar"]):
    def shown(self, at: datetime, language: object) -> NoticeBarQuerySet:
        """Those of that moment, the one that began last first."""
        running = Q(since__lte=at) & (Q(until=None) | Q(until__gt=at))
        return self.filter(running, language=language).order_by("-since", "-pk")


class NoticeBar(models.Model):
    """A line above every page for a time: the office is closed, condolences are received here."""

    language = models.CharField(_("language"), max_length=12)
    text = models.CharField(
        _("text"), max_length=300, help_text=_("A sentence or two. Addresses become links.")
    )
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"), null=True, blank=True)

    objects = NoticeBarQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice above every page")
        verbose_name_plural = _("notices above every page")
        ordering = ["-since"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")),
                name="a_notice_ends_after_it_begins",
                violation_error_message=_("A notice ends after it begins."),
            ),
        ]

    def __str__(self) -> str:
        return self.text


colour = RegexValidator(r"^#[0-9a-f]{6}\Z", _("A colour such as #153a66."))


class Appearance(models.Model):
    """The look of every page: one row, or none for the look that the site comes with."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    emblem = models.CharField(max_length=64, blank=True, editable=False)  # its SHA-256
    accent = models.CharField(_("accent"), max_length=7, default="#153a66", validators=[colour])
    accent_in_the_dark = models.CharField(
        _("accent in the dark scheme"), max_length=7, default="#8fb4e0", validators=[colour]
    )

    class Meta:
        verbose_name = _("emblem and colours")
        verbose_name_plural = _("emblem and colours")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_appearance"),
        ]

    def __str__(self) -> str:
        return gettext("Emblem and colours")

    def clean(self) -> None:
        """Links, buttons and kinds of letter are in the accent: it must be readable."""
        for name, grounds in (("accent", LIGHT_GROUNDS), ("accent_in_the_dark", DARK_GROUNDS)):
            try:
                least = min(contrast(getattr(self, name), ground) for ground in grounds)
            except ValueError:  # no colour, as its field says
                continue
            if least < READABLE:
                message = gettext(
                    "Its contrast with the ground is %(contrast)s to 1; text needs %(needed)s to 1."
                )
                told = message % {"contrast": f"{least:.1f}", "needed": READABLE}
                raise ValidationError({name: told})


def contrast(colour: str, ground: str) -> float:
    """The contrast of two colours as WCAG 2.2 reckons it, from 1 to 21."""
    dark, light = sorted(_luminance(one) for one in (colour, ground))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
