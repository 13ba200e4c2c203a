"""The front of the desk: what waits for this person, and for nobody else."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db.models import Count, Exists, F, Min, OuterRef, Q
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from letters import roles
from letters.models import Delivery, Edition, Editor, Event, Examination, Letter, StandIn, State
from letters.models.edition import EditionQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Lines shown of each part; the rest is behind its link.
SHOWN = 6
# A letter older than this is not waited for in another language.
TRANSLATED_WITHIN = timedelta(days=30)
MONTHS = 12

LANGUAGES = [code for code, _name in settings.LANGUAGES]


class Part(NamedTuple):
    """One question the front answers: its texts, the first few of them, and how many there are."""

    name: str
    title: str
    editions: list[Edition]
    number: int
    more: str


def context(user: User, at: datetime) -> dict[str, Any]:
    """What templates/admin/index.html shows this person at that moment."""
    parts = []
    for name, title, editions, more in _questions(user, at):
        lines = list(editions.in_brief().select_related("submission__taken_by")[: SHOWN + 1])
        if lines:
            count = len(lines) if len(lines) <= SHOWN else editions.count()
            parts.append(Part(name, title, lines[:SHOWN], count, more))
    failing = user.has_perm("letters.view_delivery")
    return {
        "parts": parts,
        "months": months(user, at),
        "failing": Delivery.objects.failing().count() if failing else 0,
        "keeps": failing,
        "examined": Examination.objects.exclude(done_at=None).first() if failing else None,
        "now": at,
        "zone": settings.TIME_ZONE,
    }


def _questions(user: User, at: datetime) -> list[tuple[str, str, EditionQuerySet, str]]:
    """(name, title, editions in order, link to all) of each part this person can act on."""
    there = Edition.objects.open_to(user)
    letters = reverse("admin:letters_letter_changelist")
    found: list[tuple[str, str, Any, str]] = []
    if user.has_perm(roles.APPROVE):
        found += [
            ("approval", _("Waiting for your approval"), waiting_for(user, at), "?stage=submitted"),
            ("review", _("To be reviewed after an emergency"), to_review(user), ""),
        ]
    if user.has_perm(roles.DRAFT):
        drafts = there.filter(state=State.DRAFT).order_by("-pk")
        mine = Q(submission__by=user) | Q(last_edited_by=user)
        found += [
            (
                "back",
                _("Sent back to you"),
                drafts.filter(mine, submission__isnull=False),
                "?stage=draft",
            ),
            (
                "drafts",
                _("Your drafts"),
                drafts.filter(last_edited_by=user, submission=None),
                "?stage=draft",
            ),
        ]
    if user.has_perm(roles.PUBLISH):
        found += [
            (
                "publish",
                _("Ready to publish"),
                there.filter(state=State.APPROVED).order_by(
                    F("planned_for").asc(nulls_last=True),
                    F("not_before").asc(nulls_last=True),
                    "pk",
                ),
                "?stage=approved",
            ),
            (
                "scheduled",
                _("Scheduled"),
                there.filter(state=State.PUBLISHED, live_from__gt=at).order_by("live_from", "pk"),
                "?stage=scheduled",
            ),
            (
                "live",
                _("Went live today"),
                there.live(at).filter(live_from__gte=_midnight(at)).order_by("-live_from", "-pk"),
                "?stage=live",
            ),
        ]
    if user.has_perm(roles.DRAFT) and len(LANGUAGES) > 1:
        found.append(("translation", _("Waiting for a translation"), untranslated(user, at), ""))
    return [
        (name, title, editions, letters + narrowed if narrowed else "")
        for name, title, editions, narrowed in found
    ]


def waiting_for(user: User, at: datetime) -> EditionQuerySet:
    """Submitted texts this person may approve and is asked for, the oldest first.

    Asked by name, as a stand-in, in a group, or with everybody when nobody was named.
    """
    absent = StandIn.objects.absent_for(user, timezone.localdate(at))
    asked = (
        Q(submission__asked_of=user)
        | Q(submission__asked_of__in=absent)
        | Q(submission__asked_group__in=user.groups.all())
        | Q(submission__asked_of=None, submission__asked_group=None)
    )
    edited = Editor.objects.filter(edition=OuterRef("pk"), user=user)
    return (
        Edition.objects.open_to(user)
        .filter(asked, ~Exists(edited), state=State.SUBMITTED)
        .order_by("submission__at", "pk")
    )


def to_review(user: User) -> EditionQuerySet:
    """Published in an emergency by others than this person, and not yet reviewed."""
    edited = Editor.objects.filter(edition=OuterRef("pk"), user=user)
    published = Event.objects.filter(edition=OuterRef("pk"), verb="emergency", by=user)
    return (
        Edition.objects.open_to(user)
        .unreviewed()
        .filter(~Exists(edited), ~Exists(published))
        .order_by("live_from", "pk")
    )


def untranslated(user: User, at: datetime) -> EditionQuerySet:
    """The official text of each recent letter that has none in one of the site's languages."""
    there = (
        Edition.objects.filter(letter=OuterRef("letter"), language__in=LANGUAGES)
        .exclude(state=State.DISCARDED)
        .order_by()
        .values("letter")
        .annotate(languages=Count("language", distinct=True))
        .filter(languages__lt=len(LANGUAGES))
    )
    return (
        Edition.objects.open_to(user)
        .filter(
            Exists(there),
            number=1,
            standing="official",
            letter__created_at__gte=at - TRANSLATED_WITHIN,
        )
        .exclude(state__in=(State.DISCARDED, State.DRAFT))
        .order_by("-letter__created_at", "pk")
    )


# --- The plot -----------------------------------------------------------------------------------


class Month(NamedTuple):
    first: datetime
    letters: int
    hours: float | None  # median, from submission to approval
    x: int
    y: int
    height: int


WIDTH, HEIGHT = 24, 80  # of a month's place and of the tallest bar, in the plot's own units


def months(user: User, at: datetime) -> list[Month]:
    """The last twelve months, this one included: letters first shown, and how long approval took.

    Two queries. Approvals of letters that are not open to this person are not counted.
    """
    firsts = _last_months(at)
    shown = (
        Edition.objects.once_live(at)
        .filter(number=1, live_from__gte=firsts[0])
        .order_by()
        .values("letter")
        .annotate(first=Min("live_from"))
        .annotate(month=TruncMonth("first"))
        .values_list("month", flat=True)
    )
    letters: dict[datetime, int] = defaultdict(int)
    for month in shown:
        letters[month] += 1
    hours = _hours_to_approval(user, firsts[0])
    most = max(letters.values(), default=0) or 1
    found = []
    for place, first in enumerate(firsts):
        height = round(letters[first] / most * HEIGHT)
        taken = hours.get(first)
        found.append(
            Month(
                first,
                letters[first],
                round(median(taken), 1) if taken else None,
                place * WIDTH,
                HEIGHT - height,
                height,
            )
        )
    return found


def _hours_to_approval(user: User, since: datetime) -> dict[datetime, list[float]]:
    acts = (
        Event.objects.filter(verb__in=("submit", "approve"), at__gte=since)
        .filter(letter__in=Letter.objects.open_to(user).values("pk"))
        .order_by("number")
        .values_list("edition", "verb", "at")
    )
    submitted: dict[int, datetime] = {}
    hours: dict[datetime, list[float]] = defaultdict(list)
    for edition, verb, moment in acts:
        if verb == "submit":
            submitted[edition] = moment
        elif edition in submitted:
            month = timezone.localtime(moment).replace(
                day=1, hour=0, minute=0, second=0, microsecond=0
            )
            taken = moment - submitted.pop(edition)
            hours[month].append(taken.total_seconds() / 3600)
    return hours


def _last_months(at: datetime) -> list[datetime]:
    month = timezone.localtime(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = []
    for _month in range(MONTHS):
        found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return found[::-1]


def _midnight(at: datetime) -> datetime:
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
