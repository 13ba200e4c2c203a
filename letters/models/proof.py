"""What proves a text: signed statements and notes, the seals of the record, and redactions."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from letters.models.edition import Edition
from letters.models.letter import Letter
from letters.models.withdrawal import Withdrawal


class Signed(models.Model):
    """A detached JWS (RFC 7515, appendix F), and the id of the key that made it."""

    key = models.CharField(max_length=64, blank=True)
    jws = models.TextField(blank=True)

    class Meta:
        abstract = True


class Statement(Signed):
    """That this edition, with this digest, is public from that moment on.

    Made when the edition is published; a recall takes it away, since it was never public.
    """

    edition = models.OneToOneField(Edition, models.PROTECT, related_name="statement")
    live_from = models.DateTimeField()
    digest = models.CharField(max_length=64)
    earlier = models.CharField(  # the digest of the edition it supersedes
        max_length=64, blank=True
    )

    def __str__(self) -> str:
        return f"{self.edition_id} {self.digest}"


class NoteQuerySet(models.QuerySet["Note"]):
    def waiting(self) -> "NoteQuerySet":
        return self.filter(approved_at=None)

    def approved(self) -> "NoteQuerySet":
        return self.exclude(approved_at=None)

    def last_approved(self, **about: Any) -> Any:
        """The words approved last, as rows of one value: none, or one."""
        return self.approved().filter(**about).order_by("-approved_at").values("text")[:1]


class Note(Signed):
    """Public words about a correction or a withdrawal, written once, outside the text's digest.

    A second person approves it. The latest approved one is shown; the earlier stay in the record.
    """

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="public_notes")
    language = models.CharField(_("language"), max_length=12)
    edition = models.ForeignKey(
        Edition, models.PROTECT, null=True, blank=True, related_name="public_notes"
    )
    withdrawal = models.ForeignKey(
        Withdrawal, models.PROTECT, null=True, blank=True, related_name="public_notes"
    )
    text = models.TextField(_("public note"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("public note")
        verbose_name_plural = _("public notes")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="note_has_words"),
            models.CheckConstraint(
                condition=Q(edition=None, withdrawal__isnull=False)
                | Q(edition__isnull=False, withdrawal=None),
                name="note_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="note_approval_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("by")),
                name="note_is_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class SentenceQuerySet(models.QuerySet["Sentence"]):
    def usable(self, language: str, kind: str) -> "SentenceQuerySet":
        return self.filter(language=language, kind=kind, retired=False).exclude(approved_by=None)


class Sentence(models.Model):
    """A public reason for a withdrawal, approved beforehand, so that it can be given at once."""

    language = models.CharField(_("language"), max_length=12)
    kind = models.CharField(_("what becomes of the text"), max_length=8, choices=Withdrawal.Kind)
    text = models.TextField(_("sentence"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    retired = models.BooleanField(_("no longer used"), default=False)

    objects = SentenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("standard reason")
        verbose_name_plural = _("standard reasons")
        ordering = ["language", "kind", "text"]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("by")),
                name="sentence_is_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Redaction(models.Model):
    """Personal data that law requires to be removed: asked for by one, confirmed by another.

    One that is dropped before it is confirmed is no row any more, and two lines of the record. The
    edition keeps its digest and signature, and no word. `to_remove` are its files (below
    MEDIA_ROOT) that are still to be deleted.
    """

    edition = models.OneToOneField(Edition, models.PROTECT, related_name="redaction")
    reason = models.TextField(_("reason"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    to_remove = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = _("redaction")
        verbose_name_plural = _("redactions")
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None, confirmed_at=None)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="redaction_confirmation_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("asked_by")),
                name="redaction_takes_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id}"


class Examination(models.Model):
    """The walk of the whole record that is made once a day, and what did not fit."""

    day = models.DateField(primary_key=True)
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    faults = models.PositiveIntegerField(default=0)
    first = models.TextField(blank=True)

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day} {self.faults}"


class Seal(Signed):
    """The end of the record as it stood at the end of a day (UTC), signed for outsiders to keep."""

    day = models.DateField(primary_key=True)
    number = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day} {self.number} {self.hash}"
