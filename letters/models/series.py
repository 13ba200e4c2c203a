"""One text to many: those to whom a draft is to go as a letter each."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from letters.models.correspondent import Correspondent
from letters.models.edition import Edition


class Recipient(models.Model):
    """A line of the list. It stays with the first letter when the others have been made."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="recipients")
    position = models.PositiveSmallIntegerField(_("place"), default=0)
    correspondent = models.ForeignKey(
        Correspondent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("correspondent"),
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    title = models.CharField(_("title"), max_length=300, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    salutation = models.CharField(_("salutation"), max_length=300, blank=True)
    sentence = models.TextField(_("a sentence of its own"), blank=True)

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def line(self) -> tuple[str, ...]:
        """What was typed."""
        return self.name, self.title, self.country, self.salutation, self.sentence
