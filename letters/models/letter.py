"""The act of correspondence. It has no text and no state: those are its editions'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, Max, OuterRef, Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from letters.models.withdrawal import Withdrawal


class Direction(models.TextChoices):
    SENT = "sent", _("sent")
    RECEIVED = "received", _("received")


def open_to(user: User, letter: str = "") -> Q:
    """The condition on a letter, or on rows with a key to one of that name, that it is open."""
    named = Reader.objects.filter(letter=OuterRef(letter or "pk"), user=user)
    return Q(**{f"{letter}__restricted" if letter else "restricted": False}) | Q(Exists(named))


class LetterQuerySet(models.QuerySet["Letter"]):
    def open_to(self, user: User) -> Self:
        """Those of which this person may see anything on the desk, whatever their rights."""
        return self.filter(open_to(user))

    def next_number(self, year: int) -> int:
        """The next free number of a year. The caller holds the record's lock."""
        return (self.filter(year=year).aggregate(last=Max("number"))["last"] or 0) + 1


class Letter(models.Model):
    year = models.PositiveSmallIntegerField(_("year"), editable=False)
    number = models.PositiveIntegerField(_("number"), editable=False)
    reference = models.CharField(_("reference"), max_length=20, unique=True, editable=False)
    direction = models.CharField(
        _("direction"), max_length=8, choices=Direction, default=Direction.SENT
    )
    in_reply_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("answers"),
    )
    source = models.CharField(
        _("source"),
        max_length=80,
        blank=True,
        editable=False,
        help_text=_("SHA-256 of the text it was imported from, and its place in it."),
    )
    created_at = models.DateTimeField(_("begun"), editable=False)
    consent = models.TextField(
        _("consent of the sender"),
        blank=True,
        help_text=_("Of a letter received: how and when the sender agreed to its publication."),
    )
    series = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="in_series",
        verbose_name=_("one text to many, first drafted as"),
    )
    restricted = models.BooleanField(_("restricted"), default=False, editable=False)
    readers: models.ManyToManyField[models.Model, Reader] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Reader", related_name="+"
    )

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="one_letter_a_year_and_number"),
            models.UniqueConstraint(
                fields=["source"], condition=~Q(source=""), name="a_source_is_imported_once"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def withdrawal(self, language: str, at: datetime) -> Withdrawal | None:
        """The withdrawal that covers every edition in that language at that moment, if any."""
        for withdrawal in self.withdrawals.all():
            if withdrawal.language == language and withdrawal.covers(at):
                return withdrawal
        return None

    def is_open_to(self, user: User) -> bool:
        return not self.restricted or self.readers.filter(pk=user.pk).exists()


class Reader(models.Model):
    """One of those to whom a restricted letter is open."""

    letter = models.ForeignKey(Letter, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "user"], name="one_reader_a_letter_and_user")
        ]

    def __str__(self) -> str:
        return str(self.user)
