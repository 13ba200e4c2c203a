"""Photographs of a letter and the facsimile of the signed original: part of what is approved."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from letters.models.edition import Edition

EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
}


class File(models.Model):
    """One file of an edition. Its bytes are kept once, under their SHA-256, and never change."""

    class Role(models.TextChoices):
        PHOTOGRAPH = "photograph", _("photograph")
        FACSIMILE = "facsimile", _("facsimile of the signed original")

    WIDTHS = (480, 960)  # in which a picture is kept besides its own

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="files")
    role = models.CharField(_("what it is"), max_length=10, choices=Role, default="photograph")
    position = models.PositiveSmallIntegerField(_("place"), default=0)
    sha256 = models.CharField(max_length=64, editable=False)
    type = models.CharField(max_length=20, editable=False)
    size = models.PositiveIntegerField(_("size in bytes"), editable=False)
    width = models.PositiveIntegerField(null=True, editable=False)
    height = models.PositiveIntegerField(null=True, editable=False)
    alt = models.CharField(_("description for those who do not see it"), max_length=500, blank=True)
    caption = models.TextField(_("caption"), blank=True)
    credit = models.CharField(_("credit"), max_length=200, blank=True)
    focal_x = models.PositiveSmallIntegerField(
        _("focal point, per cent from the left"), default=50, validators=[MaxValueValidator(100)]
    )
    focal_y = models.PositiveSmallIntegerField(
        _("focal point, per cent from the top"), default=50, validators=[MaxValueValidator(100)]
    )
    expires = models.DateField(
        _("may be used until"),
        null=True,
        blank=True,
        help_text=_("A file with a last day is not copied into a later letter."),
    )

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(type__in=EXTENSIONS), name="file_type_is_known"),
            models.CheckConstraint(
                condition=Q(focal_x__lte=100, focal_y__lte=100), name="focal_point_is_inside"
            ),
        ]

    def __str__(self) -> str:
        return self.alt or self.get_role_display()

    @property
    def name(self) -> str:
        """The name it is stored and served under."""
        return f"{self.sha256}.{self.extension}"

    @property
    def extension(self) -> str:
        return EXTENSIONS[self.type]

    @property
    def names(self) -> list[str]:
        """Every name under which it is served: its own, and those of its copies."""
        copies = [name for name, _width in (*self.copies, *self.other_copies)]
        return [self.name, *copies, *([self.card] * self.is_image)]

    @property
    def copies(self) -> list[tuple[str, int]]:
        """The smaller copies of a picture, and how wide each is."""
        return [(f"{self.sha256}-{width}.{self.extension}", width) for width in self._widths()]

    @property
    def other_type(self) -> str:
        """WebP for browsers that read it; of a WebP picture JPEG, for those that do not."""
        return "image/jpeg" if self.type == "image/webp" else "image/webp"

    @property
    def other_copies(self) -> list[tuple[str, int]]:
        """The picture in its other type, in every width."""
        if self.width is None:
            return []
        end = EXTENSIONS[self.other_type]
        return [(f"{self.sha256}-{width}.{end}", width) for width in (*self._widths(), self.width)]

    @property
    def sources(self) -> dict[str, list[tuple[str, int]]]:
        """The picture in every width, as WebP and as what every browser reads."""
        own = [*self.copies, (self.name, self.width or 0)]
        is_webp = self.type == "image/webp"
        return {
            "webp": own if is_webp else self.other_copies,
            "plain": self.other_copies if is_webp else own,
        }

    def _widths(self) -> list[int]:
        return [width for width in self.WIDTHS if width < (self.width or 0)]

    @property
    def small(self) -> str:
        """The name of the smallest copy."""
        return self.copies[0][0] if self.copies else self.name

    @property
    def card(self) -> str:
        return f"{self.sha256}-card-{self.focal_x}-{self.focal_y}.jpg"

    @property
    def is_image(self) -> bool:
        return self.width is not None
