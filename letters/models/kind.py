"""Kinds of letter, kept by administrators and named per language."""

from typing import Any, Self

from django.db import models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class KindQuerySet(models.QuerySet["Kind"]):
    def named(self, language: str | None = None) -> Self:
        """Adds `.name`, the kind's name in the language given or else the active one."""
        names = KindName.objects.filter(
            kind=OuterRef("pk"), language=language or get_language() or ""
        )
        return self.annotate(
            name=Coalesce(
                Subquery(names.values("name")[:1]), "code", output_field=models.CharField()
            )
        )


class Kind(models.Model):
    code = models.SlugField(_("code"), unique=True)
    position = models.PositiveSmallIntegerField(_("place in lists"), default=0)
    cleared_by = models.CharField(
        _("to be cleared by"),
        max_length=120,
        blank=True,
        help_text=_(
            "A post, such as “Chief of staff”: its holder clears each letter of this kind before"
            " it can be approved. Empty: nobody has to."
        ),
    )
    clearance_address = models.EmailField(
        _("e-mail address of that post"),
        blank=True,
        db_default="",
        help_text=_("Links for clearance by that post are sent only to this address."),
    )

    objects = KindQuerySet.as_manager()

    class Meta:
        verbose_name = _("kind of letter")
        verbose_name_plural = _("kinds of letter")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        name: str | None = getattr(self, "name", None)  # there when loaded by `named()`
        return name or self.code

    @property
    def is_signed(self) -> bool:
        """Whether its code stands in the digest of a text, and so is kept by the database."""
        editions: Any = self.edition_set
        return bool(editions.frozen().exists())


class KindName(models.Model):
    kind = models.ForeignKey(Kind, models.CASCADE, related_name="names", verbose_name=_("kind"))
    language = models.CharField(_("language"), max_length=12)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("name")
        verbose_name_plural = _("names")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "language"], name="one_name_a_kind_and_language"
            )
        ]

    def __str__(self) -> str:
        return self.name
