"""A link by which one named person without an account reads one exact text, and may clear it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from letters.models.edition import IN_PROGRESS, Edition


class ClearanceQuerySet(models.QuerySet["Clearance"]):
    def open(self, at: datetime) -> Self:
        """Not revoked, not expired, and the text not yet published or given up.

        Whether the text is still the same one the digest says.
        """
        return self.filter(revoked_at=None, expires_at__gt=at, edition__state__in=IN_PROGRESS)


class Clearance(models.Model):
    class Decision(models.TextChoices):
        CLEARED = "cleared", _("cleared")
        CHANGE = "change", _("a change is asked for")

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="clearances")
    digest = models.CharField(_("digest of the text"), max_length=64)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    post = models.CharField(_("post"), max_length=120, blank=True)
    address = models.EmailField(_("e-mail address"), blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("open until"))
    revoked_at = models.DateTimeField(null=True)
    decision = models.CharField(_("decision"), max_length=8, choices=Decision, blank=True)
    decided_at = models.DateTimeField(null=True)
    remark = models.TextField(_("remark"), blank=True)

    objects = ClearanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("clearance")
        verbose_name_plural = _("clearances")
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None)
                | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="a_decision_has_its_moment",
            ),
            models.CheckConstraint(
                condition=~Q(decision="change") | ~Q(remark=""),
                name="a_change_asked_for_says_which",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.post}" if self.post else self.name


class Opening(models.Model):
    """One view of the text by its link."""

    clearance = models.ForeignKey(Clearance, models.CASCADE, related_name="openings")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.clearance} {self.at}"
