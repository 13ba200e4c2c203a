"""The record: one line for each verb, chained by hash, written once."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from letters.models.edition import Edition
from letters.models.letter import Letter


class Event(models.Model):
    """Written once. `by` is empty for a person without an account, whom `by_name` names."""

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("at"))
    verb = models.CharField(_("verb"), max_length=20)
    letter = models.ForeignKey(Letter, models.PROTECT, related_name="events")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="events")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    by_name = models.CharField(_("name"), max_length=200)
    remark = models.TextField(_("remark"), blank=True)
    # The chain holds a salted hash of the remark: it can be removed without breaking the chain.
    salt = models.CharField(max_length=32, blank=True)
    remark_hash = models.CharField(max_length=64, blank=True)
    moment = models.DateTimeField(_("moment of publication"), null=True)
    digest = models.CharField(_("digest of the text"), max_length=64, blank=True)
    hash = models.CharField(_("hash"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-number"]
        indexes = [models.Index(fields=["verb", "at"], name="event_verbs")]

    def __str__(self) -> str:
        return f"{self.number} {self.verb}"


class RecordHead(models.Model):
    """The end of the chain, one row. Whoever holds its lock may write the next event."""

    number = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField(null=True)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_record_head")]

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"
