"""Whom an event concerns, and when each of them is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from letters import roles
from letters.deliveries import calls
from letters.models import (
    Clearance,
    Delivery,
    Edition,
    Editor,
    Event,
    Note,
    Preferences,
    Reader,
    StandIn,
    State,
    Submission,
)

# Never kept for the daily mail: by then it would be too late.
AT_ONCE = frozenset({"emergency", "wanted", "planned", "failure"})

# The daily mail goes at this hour of the office. What comes in the last minutes before it is for
# the next day's, so that no verb still under way can add to a mail that has left.
DAILY_AT = time(7)
MARGIN = timedelta(minutes=10)

# Of what is wanted or planned, people are reminded this long before. Farther off than two days,
# what is wanted is called to mind a day ahead.
SOON, AHEAD, FAR = timedelta(hours=2), timedelta(hours=24), timedelta(hours=48)

# Of one edition, at most one row of each is still to be sent: a later moment replaces them.
REMINDERS = ("wanted", "planned")


class Notice(NamedTuple):
    """One thing to be told to some people, from that moment on."""

    what: str
    to: set[int]
    due_at: datetime
    more: dict[str, str] = {}  # noqa: RUF012
    name: str = ""  # in the key, where one event makes several of a kind


def register(event: Event, former: Iterable[int] = ()) -> None:
    """Write a delivery for each person the event concerns, and the calls it asks for.

    In the caller's transaction.

    The caller holds the end of the record: two events never write the same person's daily mail
    at once. `former` are the keys of those on the list of a letter before `restrict` changed it.
    """
    calls.register(event)
    notices = _notices(event, set(former))
    everyone = set[int]().union(*(notice.to for notice in notices))
    if not everyone:
        return
    people = dict(
        User.objects.filter(pk__in=everyone, is_active=True)
        .exclude(email="")
        .exclude(preferences__mail=Preferences.Mail.NONE)
        .values_list("pk", "preferences__mail")
    )
    rows: list[Delivery] = []
    daily: dict[str, Delivery] = {}
    for notice in notices:
        for pk in sorted(notice.to & people.keys()):
            if people[pk] == Preferences.Mail.DAILY and notice.what not in AT_ONCE:
                row = _of_the_day(notice.due_at, pk)
                items = daily.setdefault(row.key, row).context["items"]
                items.append({"what": notice.what, "event": event.number})
            else:
                key = f"{notice.name or notice.what}:{event.number}:{pk}"
                rows.append(
                    Delivery(
                        key=key,
                        what=notice.what,
                        event=event,
                        to_id=pk,
                        due_at=notice.due_at,
                        context=notice.more,
                    )
                )
    if daily:
        for there in Delivery.objects.filter(key__in=daily):
            row = daily[there.key]
            row.context = {"items": there.context["items"] + row.context["items"]}
        Delivery.objects.bulk_create(
            daily.values(),
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["context"],
        )
    Delivery.objects.bulk_create(rows)


def _of_the_day(moment: datetime, pk: int) -> Delivery:
    """The daily mail for this person in which something of that moment is told, yet empty."""
    local = timezone.localtime(moment + MARGIN)
    day = local.date() + timedelta(days=local.time() >= DAILY_AT)
    return Delivery(
        key=f"daily:{day}:{pk}",
        what="daily",
        to_id=pk,
        due_at=timezone.make_aware(datetime.combine(day, DAILY_AT)),
        context={"items": []},
    )


def _notices(event: Event, former: set[int]) -> list[Notice]:
    """What the event has to tell, and to whom it may be told. Who did it knows it already."""
    found = _of_the_verb(event, former)
    readers = _readers(event) if event.letter.restricted and found else None
    notices = []
    for notice in found:
        to = notice.to
        if readers is not None and notice.what != "off_list":
            to = to & readers
        if notice.due_at <= event.at and event.by_id is not None:
            to = to - {event.by_id}
        notices.append(notice._replace(to=to))
    return notices


def _of_the_verb(event: Event, former: set[int]) -> list[Notice]:
    people, at = People(event.edition, event.at), event.at
    by = {event.by_id} if event.by_id else set()
    coming = event.moment if event.moment and event.moment > at else None
    match event.verb:
        case "submit":
            return [Notice("submit", people.asked, at), *_reminders(event, people)]
        case "plan":
            return _reminders(event, people)
        case "send_back":
            return [Notice("send_back", people.who_wrote, at)]
        case "approve":
            return [Notice("approve", people.who_wrote | _may(roles.PUBLISH), at)]
        case "publish" if coming:
            told = people.who_took_part
            return [
                Notice("publish", told, at),
                Notice("live", told | by, coming),
                *_to_follow(event, coming),
            ]
        case "publish":
            return [Notice("live", people.who_took_part, at), *_to_follow(event, at)]
        case "emergency":
            told = people.who_took_part
            notices = [Notice("emergency", told | _may(roles.APPROVE), at)]
            notices += _to_follow(event, coming or at)
            return [*notices, Notice("live", told | by, coming)] if coming else notices
        case "review":
            return [Notice("review", people.who_published, at)]
        case "recall":
            return [Notice("recall", people.who_took_part | people.who_published, at)]
        case "withdraw" | "restore":
            return [Notice(event.verb, people.who_took_part, at)]
        case "ask_redaction":
            return [Notice("ask_redaction", _may(roles.REDACT), at)]
        case "drop_redaction":
            told = _may(roles.REDACT) | _who_asked_redaction(event)
            return [Notice("drop_redaction", told, at)]
        case "redact":
            return [Notice("redact", people.who_took_part | _may(roles.REDACT), at)]
        case "note":
            return [Notice("note", _may(roles.APPROVE), at)]
        case "approve_note":
            return [Notice("approve_note", people.who_took_part | _who_proposed(event), at)]
        case "cleared" | "change":
            waits = people.asked if event.edition.state == State.SUBMITTED else set()
            return [Notice(event.verb, _who_asked(event) | people.editors | waits, at)]
        case "restrict":
            named = _readers(event)
            return [Notice("restrict", named, at), Notice("off_list", former - named, at)]
        case "open":
            return [Notice("open", former, at)]
    return []


def _reminders(event: Event, people: People) -> list[Notice]:
    """Of the moment by which approval is wanted, and of the one planned. Earlier ones go."""
    edition, at = event.edition, event.at
    undone: Any = Delivery.objects.filter(event__edition=edition, what__in=REMINDERS, done_at=None)
    undone.delete()
    found = []
    wanted = people.submission.wanted_by if people.submission else None
    if wanted and edition.state == State.SUBMITTED:
        before = AHEAD if wanted - at > FAR else SOON
        more = {"moment": wanted.isoformat()}
        found.append(Notice("wanted", people.asked, wanted - before, more))
    if (planned := edition.planned_for) and edition.state in (State.DRAFT, State.SUBMITTED):
        more = {"moment": planned.isoformat()}
        for name, before in (("planned-24", AHEAD), ("planned-2", SOON)):
            found.append(Notice("planned", people.who_can_press, planned - before, more, name))
    return [notice for notice in found if notice.due_at > at]


class People:
    """The keys of those who have to do with an edition, as things stand at a moment."""

    def __init__(self, edition: Edition, at: datetime) -> None:
        self.edition, self.at = edition, at

    @cached_property
    def submission(self) -> Submission | None:
        return Submission.objects.filter(edition=self.edition).first()

    @cached_property
    def editors(self) -> set[int]:
        return set(Editor.objects.filter(edition=self.edition).values_list("user", flat=True))

    @cached_property
    def asked(self) -> set[int]:
        """Who is to approve the text: the one asked and whoever stands in for them that day; or
        the group asked; or all approvers. Never one of its editors.
        """
        person = self.submission.asked_of_id if self.submission else None
        group = self.submission.asked_group_id if self.submission else None
        # A superuser may approve too, but is asked by name only.
        approvers = User.objects.with_perm(roles.APPROVE, include_superusers=person is not None)
        if person is not None:
            absent = StandIn.objects.on(timezone.localdate(self.at)).filter(absent=person)
            approvers = approvers.filter(Q(pk=person) | Q(pk__in=absent.values("stand_in")))
        elif group is not None:
            approvers = approvers.filter(groups=group)
        return set(approvers.values_list("pk", flat=True)) - self.editors

    @property
    def who_wrote(self) -> set[int]:
        """The editors, and who submitted the text."""
        return self.editors | ({self.submission.by_id} if self.submission else set())

    @property
    def who_took_part(self) -> set[int]:
        """The editors, who submitted the text, and who approved it."""
        approver = self.edition.approved_by_id
        return self.who_wrote | ({approver} if approver else set())

    @property
    def who_can_press(self) -> set[int]:
        """Who can still see to it that the text is approved in time."""
        waits = self.edition.state == State.SUBMITTED
        return self.who_wrote | (self.asked if waits else set())

    @property
    def who_published(self) -> set[int]:
        events = Event.objects.filter(edition=self.edition, verb__in=("publish", "emergency"))
        return {pk for pk in events.values_list("by", flat=True)[:1] if pk}


def _may(permission: str) -> set[int]:
    people = User.objects.with_perm(permission, include_superusers=False)
    return set(people.values_list("pk", flat=True))


def _to_follow(event: Event, moment: datetime) -> list[Notice]:
    """When the original is corrected: to who wrote the translations that are public."""
    edition = event.edition
    if edition.number == 1 or edition.language != edition.letter_language:
        return []
    translations = Edition.objects.live(event.at).filter(letter=event.letter_id)
    translations = translations.exclude(language=edition.language)
    wrote = Editor.objects.filter(edition__in=translations).values_list("user", flat=True)
    return [Notice("follow", set(wrote), moment)]


def _who_proposed(event: Event) -> set[int]:
    """Whoever wrote the words that were approved at that moment."""
    notes = Note.objects.filter(letter=event.letter_id, approved_at=event.at)
    return set(notes.values_list("by", flat=True))


def _who_asked_redaction(event: Event) -> set[int]:
    """Whoever asked last, also if they have lost the right since."""
    asked = Event.objects.filter(edition=event.edition_id, verb="ask_redaction")
    return set(asked.order_by("-number").values_list("by", flat=True)[:1])


def _who_asked(event: Event) -> set[int]:
    """Whoever made the link by which a person without an account has just answered."""
    answered = Clearance.objects.filter(edition=event.edition_id, decided_at=event.at)
    return set(answered.values_list("made_by", flat=True))


def _readers(event: Event) -> set[int]:
    return set(Reader.objects.filter(letter=event.letter_id).values_list("user", flat=True))
