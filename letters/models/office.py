"""The press office itself, as it signs its pages."""

from django.conf import settings
from django.db import models
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _


class OfficeQuerySet(models.QuerySet["Office"]):
    def current(self) -> "Office":
        """The office in the active language; unnamed, but never missing, before it is set up."""
        language = get_language() or settings.LANGUAGE_CODE
        return self.filter(language=language).first() or Office(
            language=language, name=gettext("Press Office")
        )


class Office(models.Model):
    language = models.CharField(_("language"), max_length=12, primary_key=True)
    name = models.CharField(_("name of the office"), max_length=160)
    tagline = models.CharField(_("line under the name"), max_length=200, blank=True)
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        help_text=_("ISO code of the country this office speaks for."),
    )
    press_contact = models.TextField(_("press contact"), blank=True)

    objects = OfficeQuerySet.as_manager()

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("office")

    def __str__(self) -> str:
        return str(self.name)
