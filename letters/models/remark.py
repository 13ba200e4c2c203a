"""Remarks of colleagues on a text, for one another: never public, never approved with it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from letters.models.edition import Edition


class Remark(models.Model):
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="remarks")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    by_name = models.CharField(_("name"), max_length=200)  # a principal has no account
    at = models.DateTimeField(_("at"))
    passage = models.TextField(
        _("passage"),
        blank=True,
        help_text=_("The words of the text it is about, as they stand there."),
    )
    text = models.TextField(_("remark"))
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text
