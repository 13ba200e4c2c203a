"""The verbs, and the one table of who may do which from where. The only writer of a state.

Each verb takes editions *as the caller saw them*: when one has moved on since, its `version`
differs and the verb is refused. Each is one transaction that locks the end of the record, then
the editions it touches in order of key, then reads the clock; acts; and writes the event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from letters import checks, record, roles
from letters.models import (
    Edition,
    Editor,
    Event,
    Letter,
    Party,
    RecordHead,
    Stage,
    Standing,
    State,
    Withdrawal,
)
from letters.models.edition import IN_PROGRESS

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.utils.functional import _StrPromise

# A moment to come is at least this far ahead, and a recall at least this long before it.
LEAD = timedelta(seconds=2)


class Refused(Exception):
    """A verb that was not done. The message is a sentence for the person who tried."""


class NotAllowed(Refused):
    """This person may not."""


class NotPossible(Refused):
    """Nobody may, as things stand."""


class Stale(Refused):
    """The edition has moved on since the person saw it."""


class Incomplete(Refused):
    """The text is not ready: `problems` says what is missing."""

    def __init__(self, problems: Iterable[checks.Problem]) -> None:
        self.problems = [problem for problem in problems if problem.blocks]
        super().__init__(" ".join(problem.message for problem in self.problems))


class Transition(NamedTuple):
    """A verb of the table: from which stages, to which state, who may, and how it is called."""

    stages: tuple[Stage, ...]
    to: State | None  # None: the edition's own state stays
    permission: str
    label: _StrPromise  # on its button
    done: _StrPromise  # in the timeline


TRANSITIONS = {
    "submit": Transition(
        (Stage.DRAFT,),
        State.SUBMITTED,
        roles.DRAFT,
        _("Submit for approval"),
        pgettext_lazy("timeline", "submitted"),
    ),
    "approve": Transition(
        (Stage.SUBMITTED,),
        State.APPROVED,
        roles.APPROVE,
        _("Approve"),
        pgettext_lazy("timeline", "approved"),
    ),
    "send_back": Transition(
        (Stage.SUBMITTED, Stage.APPROVED),
        State.DRAFT,
        roles.APPROVE,
        _("Send back"),
        _("sent back"),
    ),
    "publish": Transition(
        (Stage.APPROVED,),
        State.PUBLISHED,
        roles.PUBLISH,
        _("Publish"),
        pgettext_lazy("timeline", "published"),
    ),
    "recall": Transition(
        (Stage.SCHEDULED,), State.APPROVED, roles.PUBLISH, _("Recall"), _("recalled")
    ),
    "correct": Transition(
        (Stage.LIVE, Stage.WITHDRAWN),
        None,
        roles.DRAFT,
        _("Correct"),
        _("began a correction"),
    ),
    "withdraw": Transition(
        (Stage.LIVE, Stage.WITHDRAWN), None, roles.PUBLISH, _("Withdraw"), _("withdrew")
    ),
    "restore": Transition((Stage.WITHDRAWN,), None, roles.PUBLISH, _("Restore"), _("restored")),
    "discard": Transition(
        (Stage.DRAFT,),
        State.DISCARDED,
        roles.DRAFT,
        _("Discard"),
        pgettext_lazy("timeline", "discarded"),
    ),
}

# Beginnings, which have no stage before them, as the timeline names them.
BEGINNINGS = {"start": _("began the letter"), "translate": _("added a language")}


def open_verbs(edition: Edition, *, by: User, at: datetime) -> list[str]:
    """The verbs this person may do to the edition at that moment, in the table's order."""
    stage = edition.stage(at)
    found = []
    for verb, transition in TRANSITIONS.items():
        if stage not in transition.stages or not by.has_perm(transition.permission):
            continue
        if verb == "approve" and _edited(edition, by):
            continue
        if verb == "publish" and settings.PRESSOFFICE_THREE_PEOPLE and _took_part(edition, by):
            continue
        if verb == "recall" and edition.live_from and edition.live_from - at < LEAD:
            continue
        if verb == "correct" and _successor(edition) is not None:
            continue
        found.append(verb)
    return found


# --- Beginnings ---------------------------------------------------------------------------------


@transaction.atomic
def start(
    *,
    by: User,
    direction: str,
    language: str,
    in_reply_to: Letter | None = None,
    source: str = "",
    facts: dict[str, Any] | None = None,
    parties: Iterable[Party] = (),
) -> Edition:
    """Begin a letter with a draft in one language; `facts` are fields of the edition."""
    _permit(by, roles.DRAFT)
    head, at = _lock()
    year = timezone.localtime(at).year
    number = Letter.objects.next_number(year)
    letter = Letter.objects.create(
        year=year,
        number=number,
        reference=f"{year}-{number}",
        direction=direction,
        in_reply_to=in_reply_to,
        source=source,
        created_at=at,
    )
    return _begin("start", head, at, by, letter, language, facts or {}, parties)


@transaction.atomic
def translate(model: Edition, language: str, *, by: User) -> Edition:
    """Begin a draft of the same letter in another language.

    The common facts are copied; names and titles are the correspondents' own in that language,
    as on the letter's date, and stay empty where none is known.
    """
    _permit(by, roles.DRAFT)
    head, at = _lock()
    there = Edition.objects.filter(letter=model.letter, language=language)
    if there.exclude(state=State.DISCARDED).exists():
        raise NotPossible(gettext("The letter already has a text in that language."))
    facts = _facts(
        model, "kind", "form", "letter_language", "dated", "not_before", "first_published"
    )
    facts["standing"] = Standing.COURTESY
    parties = [
        Party.of(party.correspondent, party.role, language, model.dated, country=party.country)
        for party in model.parties.select_related("correspondent")
    ]
    return _begin("translate", head, at, by, model.letter, language, facts, parties)


@transaction.atomic
def correct(edition: Edition, *, by: User) -> Edition:
    """Begin the next edition of a published text, which stays as it is until that one is live."""
    head, at, (edition,) = _take("correct", [edition], by)
    successor = _successor(edition)
    if successor is not None and successor.state == State.PUBLISHED:
        raise NotPossible(gettext("A correction is scheduled already. Recall that one first."))
    if successor is not None:
        raise NotPossible(gettext("A correction of this text is already in progress."))
    facts = _facts(edition, "kind", *record.TEXTS, "dated", "first_published")
    facts["correction_note"] = ""
    parties = [_copy(party) for party in edition.parties.all()]
    return _begin("correct", head, at, by, edition.letter, edition.language, facts, parties)


@contextmanager
def drafting(edition: Edition, *, by: User) -> Iterator[Edition]:
    """One save of a draft: yields it locked; what the block changed makes `by` an editor.

    Whoever changed the canonical form is an editor, and the version goes up by one; a save that
    changed nothing is none. No event is written.
    """
    with transaction.atomic():
        locked = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
        _permit(by, roles.DRAFT)
        if locked.state != State.DRAFT:
            raise (
                _moved_on(locked)
                if locked.version != edition.version
                else NotPossible(
                    gettext("Only a draft can be edited. This text is %(stage)s.")
                    % {"stage": locked.stage(timezone.now()).label}
                )
            )
        if locked.version != edition.version:
            raise _moved_on(locked)
        before = record.digest(locked)
        yield locked
        locked = Edition.objects.get(pk=edition.pk)
        if record.digest(locked) != before:
            Editor.objects.get_or_create(edition=locked, user=by)
            locked.version += 1
            locked.last_edited_by = by
            locked.save(update_fields=["version", "last_edited_by"])
        edition.version = locked.version


# --- Verbs --------------------------------------------------------------------------------------


@transaction.atomic
def submit(edition: Edition, *, by: User, remark: str = "") -> Edition:
    """Ask for approval. From here the text is frozen, under its digest."""
    head, at, (edition,) = _take("submit", [edition], by)
    problems = checks.to_submit(edition)
    if any(problem.blocks for problem in problems):
        raise Incomplete(problems)
    edition.digest = record.digest(edition)
    return _move("submit", head, at, edition, by, remark=remark)


@transaction.atomic
def discard(edition: Edition, *, by: User, remark: str = "") -> Edition:
    """Give a draft up. Its number is free for the next one."""
    head, at, (edition,) = _take("discard", [edition], by)
    return _move("discard", head, at, edition, by, remark=remark)


@transaction.atomic
def approve(edition: Edition, *, by: User, remark: str = "") -> Edition:
    """The second pair of eyes: nobody approves a text they edited, whatever their rights."""
    head, at, (edition,) = _take("approve", [edition], by)
    if _edited(edition, by):
        raise NotAllowed(gettext("You edited this text, so another person has to approve it."))
    edition.approved_by = by
    return _move("approve", head, at, edition, by, remark=remark)


@transaction.atomic
def send_back(edition: Edition, *, by: User, remark: str) -> Edition:
    """Return a text to draft, saying why. An approval given to it is void."""
    head, at, (edition,) = _take("send_back", [edition], by)
    if not remark.strip():
        raise NotPossible(gettext("Say what should be changed."))
    edition.approved_by = None
    return _move("send_back", head, at, edition, by, remark=remark)


@transaction.atomic
def publish(
    *editions: Edition, by: User, moment: datetime | None = None, remark: str = ""
) -> list[Edition]:
    """Make the texts public, all or none: now, or at a moment at least two seconds ahead.

    The edition each one corrects is superseded at that same instant. A moment without a time
    zone is refused with ValueError.
    """
    if moment is not None and timezone.is_naive(moment):
        raise ValueError("The moment of publication needs a time zone.")
    head, at, locked = _take("publish", list(dict.fromkeys(editions)), by)
    if moment is not None and moment < at + LEAD:
        raise NotPossible(gettext("The moment must be at least two seconds ahead."))
    live_from = moment or at
    for edition in locked:
        if settings.PRESSOFFICE_THREE_PEOPLE and _took_part(edition, by):
            raise NotAllowed(
                gettext("This office asks for three people: you edited or approved this text.")
            )
        if problems := checks.to_publish(edition, live_from):
            raise Incomplete(problems)
        earlier = _published(edition).filter(live_until=None).first()
        if earlier is not None:
            if earlier.stage(at) == Stage.SCHEDULED:
                raise NotPossible(
                    gettext("Another edition is scheduled already. Recall that one first.")
                )
            earlier.live_until = live_from
            earlier.save(update_fields=["live_until"])
        edition.live_from = live_from
        _move("publish", head, at, edition, by, remark=remark)
    return locked


@transaction.atomic
def recall(edition: Edition, *, by: User, remark: str = "") -> Edition:
    """Take a scheduled publication back, until two seconds before its moment."""
    head, at, (edition,) = _take("recall", [edition], by)
    live_from, edition.live_from = edition.live_from, None
    if live_from is None or live_from - at < LEAD:
        raise NotPossible(
            gettext("It is too late to recall: the text goes live in under two seconds.")
        )
    _move("recall", head, at, edition, by, remark=remark)
    _published(edition).filter(live_until=live_from).update(live_until=None)
    return edition


@transaction.atomic
def withdraw(
    edition: Edition,
    *,
    by: User,
    kind: str,
    reason: str,
    moved_to: Letter | None = None,
) -> Edition:
    """Cover every edition of the letter in this language with a public notice.

    What is withdrawn already gets the new notice in place of the earlier one.
    """
    head, at, (edition,) = _take("withdraw", [edition], by)
    if not reason.strip():
        raise NotPossible(gettext("Give the public a reason."))
    if (kind == Withdrawal.Kind.MOVED) != (moved_to is not None):
        raise NotPossible(gettext("Name the letter it has moved to, and only then."))
    if moved_to is not None:
        there = Edition.objects.listed(at).filter(letter=moved_to, language=edition.language)
        if moved_to == edition.letter or not there.exists():
            raise NotPossible(gettext("The letter it moves to has to be public, and another one."))
    _close_withdrawal(edition, at)
    Withdrawal.objects.create(
        letter=edition.letter,
        language=edition.language,
        kind=kind,
        reason=reason,
        moved_to=moved_to,
        since=at,
    )
    return _move("withdraw", head, at, edition, by, remark=reason)


@transaction.atomic
def restore(edition: Edition, *, by: User, remark: str = "") -> Edition:
    """End the withdrawal: whichever edition is live shows again."""
    head, at, (edition,) = _take("restore", [edition], by)
    _close_withdrawal(edition, at)
    return _move("restore", head, at, edition, by, remark=remark)


# --- What every verb does -----------------------------------------------------------------------


def _lock() -> tuple[RecordHead, datetime]:
    head = record.lock()
    return head, _moment(head)


def _moment(head: RecordHead) -> datetime:
    try:
        return record.moment(head)
    except record.ClockWentBack:
        raise NotPossible(
            gettext("The clock of this server is behind its own record. Ask an operator to set it.")
        ) from None


def _take(
    verb: str, seen: Sequence[Edition], by: User
) -> tuple[RecordHead, datetime, list[Edition]]:
    """Lock, read the clock, and check permission, version and stage of each edition."""
    transition = TRANSITIONS[verb]
    _permit(by, transition.permission)
    head = record.lock()
    letters = {edition.letter_id for edition in seen}
    locked = {
        edition.pk: edition
        for edition in Edition.objects.select_for_update(no_key=True, of=("self",))
        .select_related("letter")
        .filter(letter__in=letters)
        .order_by("pk")
    }
    at = _moment(head)
    taken = [locked[edition.pk] for edition in seen]
    for edition, as_seen in zip(taken, seen, strict=True):
        if edition.version != as_seen.version:
            raise _moved_on(edition)
        stage = edition.stage(at)
        if stage not in transition.stages:
            raise NotPossible(
                gettext("“%(verb)s” is not possible: the text is %(stage)s.")
                % {"verb": transition.label, "stage": stage.label}
            )
    return head, at, taken


def _move(
    verb: str, head: RecordHead, at: datetime, edition: Edition, by: User, *, remark: str = ""
) -> Edition:
    """Write the row and its event. No verb changes a state but through here."""
    edition.state = TRANSITIONS[verb].to or edition.state
    edition.version += 1
    edition.save()
    record.append(head, at, verb, edition, by, remark=remark, live_from=edition.live_from)
    return edition


def _begin(
    verb: str,
    head: RecordHead,
    at: datetime,
    by: User,
    letter: Letter,
    language: str,
    facts: dict[str, Any],
    parties: Iterable[Party],
) -> Edition:
    numbers = letter.editions.filter(language=language).exclude(state=State.DISCARDED)
    last = numbers.order_by("-number").values_list("number", flat=True).first() or 0
    edition = Edition.objects.create(
        letter=letter, language=language, number=last + 1, last_edited_by=by, **facts
    )
    for position, party in enumerate(parties):
        party.edition, party.position = edition, position
        party.save()
    Editor.objects.create(edition=edition, user=by)
    record.append(head, at, verb, edition, by)
    return edition


def _permit(by: User, permission: str) -> None:
    if not by.has_perm(permission):
        raise NotAllowed(gettext("Your account may not do that."))


def _moved_on(edition: Edition) -> Stale:
    last = Event.objects.filter(edition=edition).first()
    if last is not None and edition.state != State.DRAFT:
        return Stale(
            gettext(
                "The text has moved on since you opened it: it is %(stage)s (%(name)s, %(time)s)."
            )
            % {
                "stage": edition.stage(timezone.now()).label,
                "name": last.by_name,
                "time": timezone.localtime(last.at).strftime("%H:%M:%S %Z"),
            }
        )
    return Stale(
        gettext(
            "%(name)s changed this text after you opened it. Nothing of theirs was overwritten."
        )
        % {"name": edition.last_edited_by.get_full_name() or edition.last_edited_by.get_username()}
    )


def _edited(edition: Edition, by: User) -> bool:
    return Editor.objects.filter(edition=edition, user=by).exists()


def _took_part(edition: Edition, by: User) -> bool:
    return edition.approved_by_id == by.pk or _edited(edition, by)


def _published(edition: Edition) -> Any:
    return Edition.objects.filter(
        letter=edition.letter_id, language=edition.language, state=State.PUBLISHED
    ).exclude(pk=edition.pk)


def _successor(edition: Edition) -> Edition | None:
    """The edition in progress or scheduled that is to take this one's place."""
    return Edition.objects.filter(
        letter=edition.letter_id,
        language=edition.language,
        number__gt=edition.number,
        state__in=(*IN_PROGRESS, State.PUBLISHED),
    ).first()


def _close_withdrawal(edition: Edition, at: datetime) -> None:
    Withdrawal.objects.filter(
        letter=edition.letter_id, language=edition.language, until=None
    ).update(until=at)


def _facts(edition: Edition, *names: str) -> dict[str, Any]:
    return {name: getattr(edition, name) for name in names}


def _copy(party: Party) -> Party:
    party.pk = None
    party._state.adding = True
    return party
