"""Who is asked to approve a text and by when, and who stands in for an absent approver."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from letters.models.edition import Edition

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class Submission(models.Model):
    """The last submission of an edition. It stays when the text is sent back."""

    edition = models.OneToOneField(Edition, models.CASCADE, related_name="submission")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="submissions")
    at = models.DateTimeField(_("submitted"))
    asked_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="asked_for",
        verbose_name=_("approver asked"),
    )
    asked_group = models.ForeignKey(
        Group,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("group asked"),
    )
    wanted_by = models.DateTimeField(_("wanted by"), null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("has it"),
    )

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        constraints = [
            models.CheckConstraint(
                condition=Q(asked_of=None) | Q(asked_group=None),
                name="asked_of_one_person_or_one_group",
            )
        ]

    def __str__(self) -> str:
        return str(self.edition)


class StandInQuerySet(models.QuerySet["StandIn"]):
    def on(self, day: date) -> Self:
        return self.filter(since__lte=day, until__gte=day)

    def absent_for(self, user: User, day: date) -> models.QuerySet[StandIn, int]:
        """The keys of those this person stands in for on that day."""
        return self.on(day).filter(stand_in=user).values_list("absent", flat=True)


class StandIn(models.Model):
    """For some days, both ends included, one approver is asked in place of another."""

    absent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("absent")
    )
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("stand-in")
    )
    since = models.DateField(_("from"))
    until = models.DateField(_("to"))

    objects = StandInQuerySet.as_manager()

    class Meta:
        verbose_name = _("stand-in")
        verbose_name_plural = _("stand-ins")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("since")),
                name="standing_in_ends_after_it_begins",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=~Q(absent=F("stand_in")),
                name="nobody_stands_in_for_themselves",
                violation_error_message=_("Name another person than the absent one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stand_in} ({self.since}–{self.until})"
