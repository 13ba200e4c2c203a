"""What is to go out after a change, and how each person wishes to be told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from letters.models.event import Event

# What is due for so long was never tried: no worker is at work.
OVERDUE = timedelta(minutes=5)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, at: datetime) -> Self:
        return self.filter(done_at=None, given_up_at=None, due_at__lte=at)

    def overdue(self, at: datetime) -> Self:
        return self.due(at - OVERDUE).filter(attempts=0)

    def failing(self) -> Self:
        """Tried without success, given up or still to be tried again."""
        return self.filter(done_at=None, attempts__gt=0).exclude(error="")


class Delivery(models.Model):
    """One mail to one person, or one call. Written with the change; repeating it is safe."""

    key = models.CharField(max_length=120, unique=True)
    what = models.CharField(_("what it says"), max_length=20)
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, related_name="deliveries", verbose_name=_("event")
    )
    to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", verbose_name=_("to")
    )
    address = models.EmailField(_("e-mail address"), blank=True)  # of a person without an account
    context = models.JSONField(default=dict)
    due_at = models.DateTimeField(_("due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("last error"), blank=True)
    done_at = models.DateTimeField(_("sent"), null=True)
    given_up_at = models.DateTimeField(_("given up"), null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(done_at=None, given_up_at=None),
                name="deliveries_due",
            )
        ]

    def __str__(self) -> str:
        return self.key


class Heartbeat(models.Model):
    """When a worker was last at work: one row, so that every machine can tell."""

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.at}"


class Preferences(models.Model):
    """A member of staff's own: the language of their mails, and when these come."""

    class Mail(models.TextChoices):
        IMMEDIATE = "immediate", _("at once")
        DAILY = "daily", _("once a day, together")
        NONE = "none", _("never")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="preferences"
    )
    language = models.CharField(_("language of mails"), max_length=12, blank=True)
    mail = models.CharField(_("mails"), max_length=10, choices=Mail, default=Mail.IMMEDIATE)

    class Meta:
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return str(self.user)
