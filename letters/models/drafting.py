"""What keeps two writers of a draft from losing a word: who is writing, and texts set aside."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from letters.models.edition import Edition


class Presence(models.Model):
    """A browser tab with the draft's form open, and when it last said so."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    tab = models.CharField(max_length=36)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "tab"], name="one_presence_a_tab")
        ]

    def __str__(self) -> str:
        return str(self.user)


class SetAside(models.Model):
    """The text that lost a conflict, as it was typed: field names of the form and their values."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="set_aside")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    tab = models.CharField(max_length=36, blank=True)  # an autosave replaces its tab's own
    typed = models.JSONField()

    class Meta:
        verbose_name = _("text set aside")
        verbose_name_plural = _("texts set aside")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.by} {self.at}"
