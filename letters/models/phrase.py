"""Words and phrases the office avoids, and what it writes in their place."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Phrase(models.Model):
    language = models.CharField(_("language"), max_length=12)
    phrase = models.CharField(_("word or phrase to avoid"), max_length=120)
    suggestion = models.CharField(_("write instead"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("phrase to avoid")
        verbose_name_plural = _("phrases to avoid")
        ordering = ["language", "phrase"]
        constraints = [
            models.UniqueConstraint(fields=["language", "phrase"], name="one_phrase_a_language")
        ]

    def __str__(self) -> str:
        return self.phrase
