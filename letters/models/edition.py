"""An edition: one numbered text of a letter in one language, with everything a reader sees."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import (
    Exists,
    F,
    Min,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from letters import markup
from letters.models.correspondent import Correspondent, CountryName
from letters.models.kind import Kind, KindName
from letters.models.letter import Letter, open_to
from letters.models.periods import NeverOverlap, during
from letters.models.withdrawal import Withdrawal

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class State(models.TextChoices):
    """What is stored. Whether a published text is scheduled, live or superseded the clock says."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    APPROVED = "approved", _("approved")
    PUBLISHED = "published", _("published")
    DISCARDED = "discarded", _("discarded")


IN_PROGRESS = (State.DRAFT, State.SUBMITTED, State.APPROVED)

# The only changes of state that the database lets through.
MOVES = frozenset(
    {
        (State.DRAFT, State.SUBMITTED),
        (State.DRAFT, State.DISCARDED),
        (State.SUBMITTED, State.DRAFT),
        (State.SUBMITTED, State.APPROVED),
        (State.APPROVED, State.DRAFT),
        (State.APPROVED, State.PUBLISHED),
        (State.PUBLISHED, State.APPROVED),
        # In an emergency, and its recall.
        (State.DRAFT, State.PUBLISHED),
        (State.SUBMITTED, State.PUBLISHED),
        (State.PUBLISHED, State.SUBMITTED),
    }
)

# The columns a verb may change after submission. Every other one, a new one too, is frozen.
MOVABLE = frozenset(
    {
        "state",
        "version",
        "approved_by_id",
        "live_from",
        "live_until",
        "planned_for",
        "emergency",
        "reviewed_by_id",
    }
)


# The words of a text, which a redaction empties. Its parties, files and remarks go with them.
WORDS = (
    *("headline", "summary", "place", "salutation", "body", "closing", "notes", "press_contact"),
    *("correction_note", "not_placed"),
)


class Stage(models.TextChoices):
    """Where an edition stands at a moment: its state, the clock and any withdrawal together."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("waiting for approval")
    APPROVED = "approved", _("approved")
    SCHEDULED = "scheduled", _("scheduled")
    LIVE = "live", _("live")
    WITHDRAWN = "withdrawn", _("withdrawn")
    SUPERSEDED = "superseded", _("superseded")
    DISCARDED = "discarded", _("discarded")


class Form(models.TextChoices):
    FULL = "full", _("full text")
    EXCERPT = "excerpt", _("excerpt")
    REPORTED = "reported", _("reported speech")


class Standing(models.TextChoices):
    OFFICIAL = "official", _("official text")
    COURTESY = "courtesy", _("courtesy translation")


class EditionQuerySet(models.QuerySet["Edition"]):
    def live(self, at: datetime) -> Self:
        """What the site had published at that moment, withdrawn or not."""
        return self.filter(during(at, "live_from", "live_until"), state=State.PUBLISHED)

    def listed(self, at: datetime) -> Self:
        """What every public list, feed and count is bounded by: live, and not withdrawn."""
        covering = Withdrawal.objects.covering(at).filter(
            letter=OuterRef("letter"), language=OuterRef("language")
        )
        return self.live(at).filter(~Exists(covering)).unredacted()

    def not_removed(self, now: datetime) -> Self:
        """Without what is off the site now: the public sees none of it, whatever the moment."""
        removed = Withdrawal.objects.covering(now).removing()
        return self.filter(
            ~Exists(removed.filter(letter=OuterRef("letter"), language=OuterRef("language")))
        )

    def once_live(self, at: datetime) -> Self:
        """Live at that moment or before it: the public history of a letter."""
        return self.filter(state=State.PUBLISHED, live_from__lte=at)

    def with_beginning(self) -> Self:
        """With `.began`, the moment from which this site showed the letter in that language."""
        ever = Edition.objects.filter(
            letter=OuterRef("letter"), language=OuterRef("language"), state=State.PUBLISHED
        )
        first = ever.order_by().values("letter").annotate(first=Min("live_from"))
        return self.annotate(began=Subquery(first.values("first")))

    def first_public_after(self, moment: datetime) -> Self:
        """Those whose letter nobody could read until then, here or elsewhere."""
        return self.with_beginning().filter(
            Q(first_published=None) | Q(first_published__gte=timezone.localdate(moment)),
            live_from__gt=moment,
            began__gt=moment,
        )

    def frozen(self) -> Self:
        """Those whose text, and what its digest reads of other rows, does not change any more."""
        return self.exclude(state__in=(State.DRAFT, State.DISCARDED))

    def unpublished(self) -> Self:
        """By a partial index: of a large archive they are few."""
        return self.exclude(state=State.PUBLISHED)

    def mentioning(self, words: Iterable[str]) -> Self:
        """Those with each of these in the headline or a name. It reads every row it is asked of."""
        found = self
        for word in words:
            named = Party.objects.filter(edition=OuterRef("pk"), name__icontains=word)
            found = found.filter(Q(headline__icontains=word) | Q(Exists(named)))
        return found

    def next_moment(self, at: datetime, column: str) -> Subquery:
        """The first `live_from` or `live_until` after that moment, for another query to take in."""
        later = self.order_by(column).filter(**{f"{column}__gt": at})
        return Subquery(later.values(column)[:1])

    def unredacted(self) -> Self:
        """Without those whose words a law had removed: in a list they would be empty lines."""
        redactions: Any = Edition._meta.get_field("redaction").related_model
        done = redactions.objects.exclude(confirmed_at=None)
        return self.exclude(pk__in=done.values("edition"))

    def open_to(self, user: User) -> Self:
        """Those of letters of which this person may see anything on the desk."""
        return self.filter(open_to(user, "letter"))

    def unreviewed(self) -> Self:
        """Published in an emergency, and not yet seen by a second pair of eyes."""
        return self.exclude(emergency="").filter(reviewed_by=None)

    def in_progress(self) -> Self:
        return self.filter(state__in=IN_PROGRESS)

    def newest_first(self) -> Self:
        return self.order_by("-dated", "-pk")

    def in_brief(self) -> Self:
        """Enough for a line in a list: no long text, and `.kind_name` in the edition's language."""
        names = KindName.objects.filter(kind=OuterRef("kind"), language=OuterRef("language"))
        return (
            self.select_related("letter", "redaction")
            .annotate(
                kind_name=Coalesce(
                    Subquery(names.values("name")[:1]),
                    "kind__code",
                    output_field=models.CharField(),
                )
            )
            .defer("body", "notes", "press_contact", "not_placed")
        )

    def with_notes(self) -> Self:
        """With `.noted`, the words approved last that take the place of its correction note."""
        notes: Any = Edition._meta.get_field("public_notes").related_model
        return self.annotate(noted=Subquery(notes.objects.last_approved(edition=OuterRef("pk"))))

    def in_full(self) -> Self:
        """Enough for its page, in four queries."""
        withdrawals = Withdrawal.objects.select_related("moved_to").with_notes()
        return self._in_words().prefetch_related(
            "files", Prefetch("letter__withdrawals", withdrawals)
        )

    def first_in_full(self) -> Edition | None:
        """The first, as `in_full`; files and withdrawals are asked for only where there are any."""
        files: Any = Edition._meta.get_field("files").related_model
        withdrawals = Withdrawal.objects.select_related("moved_to").with_notes()
        found: Any = (
            self._in_words()
            .annotate(
                has_files=Exists(files.objects.filter(edition=OuterRef("pk"))),
                was_withdrawn=Exists(Withdrawal.objects.filter(letter=OuterRef("letter"))),
            )
            .first()
        )
        if found is None:
            return None
        prefetch_related_objects(
            [found],
            Prefetch("files", files.objects.all() if found.has_files else files.objects.none()),
            Prefetch(
                "letter__withdrawals",
                withdrawals if found.was_withdrawn else withdrawals.none(),
            ),
        )
        edition: Edition = found
        return edition

    def _in_words(self) -> Self:
        return (
            self.in_brief()
            .defer(None)
            .with_notes()
            .with_beginning()
            .select_related("letter__in_reply_to")
            .prefetch_related(Prefetch("parties", Party.objects.select_related("correspondent")))
        )


class Edition(models.Model):
    letter = models.ForeignKey(Letter, models.PROTECT, related_name="editions")
    language = models.CharField(_("language"), max_length=12)
    number = models.PositiveSmallIntegerField(_("number"), validators=[MinValueValidator(1)])
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)

    kind = models.ForeignKey(Kind, models.PROTECT, null=True, blank=True, verbose_name=_("kind"))
    headline = models.CharField(_("headline"), max_length=300, blank=True)
    summary = models.TextField(_("context"), blank=True)
    form = models.CharField(
        _("how the letter is given"), max_length=8, choices=Form, default="full"
    )
    standing = models.CharField(
        _("standing of this text"), max_length=8, choices=Standing, default="official"
    )
    letter_language = models.CharField(_("language of the letter"), max_length=12, blank=True)
    dated = models.DateField(_("date of the letter"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    salutation = models.CharField(_("salutation"), max_length=300, blank=True)
    body = models.TextField(_("text"), blank=True)
    closing = models.TextField(_("complimentary close"), blank=True)
    notes = models.TextField(_("notes to editors"), blank=True)
    press_contact = models.TextField(_("press contact"), blank=True)
    first_published = models.DateField(
        _("first published elsewhere"),
        null=True,
        blank=True,
        help_text=_("For an archive: the day another site or the press first had this text."),
    )
    correction_note = models.TextField(_("public correction note"), blank=True)
    not_before = models.DateTimeField(_("embargo: not before"), null=True, blank=True)

    not_placed = models.TextField(_("lines of the source not placed"), blank=True)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    last_edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    begun_from = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", editable=False
    )
    planned_for = models.DateTimeField(_("planned for"), null=True, editable=False)
    emergency = models.TextField(_("reason of the emergency"), blank=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    live_from = models.DateTimeField(_("live from"), null=True, editable=False)
    live_until = models.DateTimeField(_("live until"), null=True, editable=False)

    editors: models.ManyToManyField[models.Model, Editor] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="Editor", related_name="+"
    )

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        permissions = [
            ("approve_edition", _("Can approve a text or send it back")),
            ("publish_edition", _("Can publish, recall, withdraw and restore")),
            ("emergency_edition", _("Can publish without approval in an emergency")),
            ("restrict_edition", _("Can change who sees a restricted letter")),
            ("redact_edition", _("Can ask for and confirm the removal of personal data")),
        ]
        indexes = [
            models.Index(fields=["language", "dated", "id"], name="edition_lists"),
            models.Index(fields=["live_from"], name="edition_moments"),
            models.Index(
                fields=["live_until"], condition=Q(live_until__isnull=False), name="edition_endings"
            ),
            models.Index(fields=["state", "id"], name="edition_states"),
            models.Index(
                fields=["letter"], condition=~Q(state=State.PUBLISHED), name="edition_unpublished"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "language"],
                condition=Q(state__in=IN_PROGRESS),
                name="one_edition_in_progress",
            ),
            models.UniqueConstraint(
                fields=["letter", "language"],
                condition=Q(state=State.PUBLISHED, live_until=None),
                name="one_open_ended_publication",
            ),
            models.UniqueConstraint(
                fields=["letter", "language", "number"],
                condition=~Q(state=State.DISCARDED),
                name="one_edition_a_number",
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="edition_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state=State.PUBLISHED, live_from__isnull=False)
                | (~Q(state=State.PUBLISHED) & Q(live_from=None, live_until=None)),
                name="published_means_live_from",
            ),
            models.CheckConstraint(
                condition=Q(live_until=None) | Q(live_until__gt=F("live_from")),
                name="live_until_is_after_live_from",
            ),
            models.CheckConstraint(
                condition=Q(live_from=None)
                | Q(not_before=None)
                | Q(live_from__gte=F("not_before")),
                name="nothing_is_live_before_its_embargo",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(State.DRAFT, State.DISCARDED)) | ~Q(digest=""),
                name="a_frozen_text_has_a_digest",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(State.APPROVED, State.PUBLISHED))
                | Q(approved_by__isnull=False)
                | (Q(state=State.PUBLISHED) & ~Q(emergency="")),
                name="approved_has_an_approver",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("last_edited_by")),
                name="nobody_approves_their_own_text",
            ),
            models.CheckConstraint(
                condition=Q(emergency="") | Q(state=State.PUBLISHED, approved_by=None),
                name="an_emergency_is_published_unapproved",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None)
                | (~Q(emergency="") & ~Q(reviewed_by=F("last_edited_by"))),
                name="an_emergency_is_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.PUBLISHED) | Q(dated__isnull=False, kind__isnull=False),
                name="a_published_letter_has_kind_and_date",
            ),
            NeverOverlap(
                name="publications_never_overlap",
                start="live_from",
                end="live_until",
                condition=Q(state=State.PUBLISHED),
            ),
        ]

    def __str__(self) -> str:
        return self.headline or f"{self.letter} ({self.language})"

    def get_absolute_url(self) -> str:
        return reverse("letter", args=[self.language, self.letter.reference, self.slug])

    @property
    def slug(self) -> str:
        return slugify(self.headline, allow_unicode=True)[:80].strip("-") or "letter"

    @property
    def bidi(self) -> str:
        """The direction of the page's language, as the `dir` attribute says it."""
        # Not what Django's table of languages says: there Azerbaijani runs from right to left.
        return "rtl" if self.language in settings.LANGUAGES_BIDI else "ltr"

    @property
    def standing_name(self) -> str:
        """Its standing as it is named to a reader: what reports a letter is no text of it."""
        if self.form == Form.REPORTED and self.standing == Standing.OFFICIAL:
            return gettext("official report")
        return self.get_standing_display()

    @property
    def paragraphs(self) -> list[str]:
        return markup.paragraphs(self.body)

    @property
    def public_note(self) -> str:
        """What the public reads of its correction: the words approved last, or its own note."""
        if self.number == 1:
            return ""
        if "noted" not in self.__dict__:
            notes: Any = self.public_notes.last_approved()
            self.noted = next((row["text"] for row in notes), None)
        return str(self.noted or self.correction_note)

    @property
    def first_public(self) -> date | datetime | None:
        """When the letter was first public in this language; None before that.

        The moment at which this site began to show it, or the day another had it before.
        """
        if "began" not in self.__dict__:
            self.began = self.live_from
            if self.number > 1:
                ever = Edition.objects.filter(
                    letter=self.letter_id, language=self.language, state=State.PUBLISHED
                )
                self.began = ever.aggregate(first=Min("live_from"))["first"]
        there, here = self.first_published, self.began
        return there if there and (not here or there <= timezone.localdate(here)) else here

    @property
    def last_changed(self) -> date | datetime | None:
        """When its words were last others than before: its correction, or else the beginning."""
        return self.live_from if self.number > 1 else self.first_public

    @property
    def redacted_at(self) -> datetime | None:
        """When its words were removed because a law requires it; None for every other text."""
        redaction: Any = getattr(self, "redaction", None)
        moment: datetime | None = redaction.confirmed_at if redaction else None
        return moment

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT

    def stage(self, at: datetime) -> Stage:
        """Where this edition stands at that moment."""
        if self.state != State.PUBLISHED or self.live_from is None:
            return Stage(self.state)
        if at < self.live_from:
            return Stage.SCHEDULED
        if self.live_until is not None and self.live_until <= at:
            return Stage.SUPERSEDED
        return Stage.WITHDRAWN if self.letter.withdrawal(self.language, at) else Stage.LIVE


class Role(models.TextChoices):
    SENDER = "sender", _("sender")
    ADDRESSEE = "addressee", _("addressee")
    SIGNATORY = "signatory", _("signatory")
    COPY = "copy", _("copy")


class Party(models.Model):
    """A sender, addressee, signatory or copy, as displayed and as on the day of the letter."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="parties")
    role = models.CharField(_("role"), max_length=10, choices=Role)
    position = models.PositiveSmallIntegerField(_("place"), default=0)
    correspondent = models.ForeignKey(
        Correspondent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parties",
        verbose_name=_("correspondent"),
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    title = models.CharField(_("title"), max_length=300, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    country_name = models.CharField(_("country as displayed"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        ordering = ["position", "pk"]
        indexes = [
            models.Index(fields=["country", "edition"], name="party_countries"),
            models.Index(fields=["name"], name="party_names"),
        ]

    def __str__(self) -> str:
        comma = pgettext("between a name and a title", ",")
        return f"{comma} ".join(part for part in (self.name, self.title) if part)

    @property
    def country_line(self) -> str:
        """The country where the letter prints it: a title, in its own grammar, names it already."""
        return "" if self.title else self.country_name

    @classmethod
    def of(
        cls,
        correspondent: Correspondent | None,
        role: str,
        language: str,
        day: date | None,
        *,
        country: str = "",
    ) -> Self:
        """A correspondent as displayed on that day, in that language.

        What is not known stays empty. `country` stands where no appointment gives one.
        """
        party = cls(role=role, correspondent=correspondent, country=country)
        if correspondent is not None:
            party.name = correspondent.name_in(language)
            held = correspondent.appointment_on(day) if day else None
            if held is not None:
                party.title = held.title_in(language)
                party.country = held.country or country
        if party.country:
            party.country_name = CountryName.objects.name_of(party.country, language)
        return party


class Editor(models.Model):
    """A person whose save changed the canonical form of an edition."""

    edition = models.ForeignKey(Edition, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "user"], name="one_editor_an_edition_and_user"
            )
        ]

    def __str__(self) -> str:
        return str(self.user)
