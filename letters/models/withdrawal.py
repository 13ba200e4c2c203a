"""Withdrawals: rows of their own, so that restoring a letter never rewrites the past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from letters.models.letter import Letter
from letters.models.periods import NeverOverlap, during

if TYPE_CHECKING:
    from datetime import datetime


class WithdrawalQuerySet(models.QuerySet["Withdrawal"]):
    def covering(self, at: datetime) -> Self:
        return self.filter(during(at, "since", "until"))

    def removing(self) -> Self:
        """Those that take the text off the site."""
        return self.exclude(kind=Withdrawal.Kind.KEPT)

    def with_notes(self) -> Self:
        """With `.noted`, the words approved last that take the place of the standard reason."""
        notes: Any = Withdrawal._meta.get_field("public_notes").related_model
        return self.annotate(noted=Subquery(notes.objects.last_approved(withdrawal=OuterRef("pk"))))


class Withdrawal(models.Model):
    """Covers every edition of a letter in one language from `since` until just before `until`."""

    class Kind(models.TextChoices):
        KEPT = "kept", _("text kept under a banner")
        REMOVED = "removed", _("text removed")
        MOVED = "moved", _("moved to another letter")

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="withdrawals")
    language = models.CharField(_("language"), max_length=12)
    kind = models.CharField(_("what becomes of the text"), max_length=8, choices=Kind)
    reason = models.TextField(_("public reason"))
    moved_to = models.ForeignKey(
        Letter,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="moved_here",
        verbose_name=_("the other letter"),
    )
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True, blank=True)

    objects = WithdrawalQuerySet.as_manager()

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("since")),
                name="withdrawal_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(kind="moved", moved_to__isnull=False)
                | (~Q(kind="moved") & Q(moved_to=None)),
                name="withdrawal_moved_names_the_letter",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="withdrawal_has_a_reason"),
            models.CheckConstraint(
                condition=Q(kind__in=("kept", "removed", "moved")), name="withdrawal_kind_is_known"
            ),
            models.UniqueConstraint(
                fields=["letter", "language"],
                condition=Q(until=None),
                name="one_open_withdrawal_a_language",
            ),
            NeverOverlap(name="withdrawals_never_overlap", start="since", end="until"),
        ]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.language} {self.kind}"

    @property
    def public_reason(self) -> str:
        """What the public reads: the words approved last, or else the standard reason."""
        if "noted" not in self.__dict__:
            notes: Any = self.public_notes.last_approved() if self.pk else []
            self.noted = next((row["text"] for row in notes), None)
        return str(self.noted or self.reason)

    def covers(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)
