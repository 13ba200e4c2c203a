"""The verbs of the table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from letters import caches, checks, deliveries, listing, record, roles, signing
from letters.models import (
    Clearance,
    Correspondent,
    Edition,
    Event,
    Kind,
    Letter,
    RecordHead,
    Stage,
    State,
    Statement,
    Submission,
    Withdrawal,
)
from letters.models.edition import IN_PROGRESS
from letters.workflow import notes, redactions
from letters.workflow.moves import (
    LEAD,
    edited,
    lock,
    move,
    permit,
    permit_letter,
    published,
    successor,
    took_part,
)
from letters.workflow.moves import (
    take as taken,
)
from letters.workflow.refusals import Incomplete, NotAllowed, NotPossible
from letters.workflow.table import TRANSITIONS

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def open_verbs(edition: Edition, *, by: User, at: datetime) -> list[str]:
    """The verbs this person may do to the edition at that moment, in the table's order."""
    stage = edition.stage(at)
    found: list[str] = []
    if not edition.letter.is_open_to(by):
        return found
    for verb, transition in TRANSITIONS.items():
        if stage not in transition.stages or not by.has_perm(transition.permission):
            continue
        if verb == "approve" and edited(edition, by):
            continue
        if verb == "publish" and settings.PRESSOFFICE_THREE_PEOPLE and took_part(edition, by):
            continue
        if verb == "recall" and edition.live_from and edition.live_from - at < LEAD:
            continue
        if verb == "review" and not _may_review(edition, by):
            continue
        if verb == "correct" and successor(edition) is not None:
            continue
        if verb == "ask_redaction" and redactions.asked(edition):
            continue
        if verb == "drop_redaction" and not redactions.waits(edition):
            continue
        if verb == "redact" and not redactions.may_confirm(edition, by):
            continue
        found.append(verb)
    return found


@transaction.atomic
def submit(
    edition: Edition,
    *,
    by: User,
    remark: str = "",
    asked_of: User | None = None,
    asked_group: Group | None = None,
    wanted_by: datetime | None = None,
) -> Edition:
    """Ask for approval: a person or a group, or nobody in particular; by when, if it matters.

    From here the text is frozen, under its digest.
    """
    head, at, (edition,) = taken("submit", [edition], by)
    if asked_of is not None and not may_approve(asked_of, edition):
        raise NotPossible(
            gettext("%(name)s may not approve this text. Ask another person.")
            % {"name": asked_of.get_full_name() or asked_of.get_username()}
        )
    _freeze(edition)
    asked = {"asked_of": asked_of, "asked_group": asked_group, "wanted_by": wanted_by}
    Submission.objects.update_or_create(
        edition=edition, defaults={"by": by, "at": at, "taken_by": None, **asked}
    )
    return move("submit", head, at, edition, by, remark=remark)


@transaction.atomic
def take(edition: Edition, *, by: User) -> None:
    """“I have it”: tell colleagues that this person looks at a submitted text. No event."""
    permit(by, roles.APPROVE)
    _head, _at = lock()
    edition = Edition.objects.select_related("letter").get(pk=edition.pk)
    permit_letter(by, edition.letter)
    if edition.state != State.SUBMITTED:
        raise NotPossible(gettext("The text no longer waits for approval."))
    Submission.objects.filter(edition=edition).update(taken_by=by)


@transaction.atomic
def discard(edition: Edition, *, by: User, remark: str = "") -> Edition:
    """Give a draft up. Its number is free for the next one."""
    head, at, (edition,) = taken("discard", [edition], by)
    return move("discard", head, at, edition, by, remark=remark)


@transaction.atomic
def approve(edition: Edition, *, by: User, remark: str = "") -> Edition:
    """The second pair of eyes: nobody approves a text they edited, whatever their rights."""
    head, at, (edition,) = taken("approve", [edition], by)
    if edited(edition, by):
        raise NotAllowed(gettext("You edited this text, so another person has to approve it."))
    if edition.kind is not None and (post := edition.kind.cleared_by):
        address = edition.kind.clearance_address
        cleared = Clearance.objects.filter(
            edition=edition,
            digest=edition.digest,
            post=post,
            address=address,
            decision=Clearance.Decision.CLEARED,
        )
        if not cleared.exists():
            raise NotPossible(
                gettext("Not cleared yet by: %(post)s. Letters of this kind need it.")
                % {"post": post}
            )
        if by.email and by.email.lower() == address.lower():
            raise NotAllowed(gettext("You cleared this text, so another person has to approve it."))
    edition.approved_by = by
    return move("approve", head, at, edition, by, remark=remark)


@transaction.atomic
def send_back(edition: Edition, *, by: User, remark: str) -> Edition:
    """Return a text to draft, saying why. An approval given to it is void."""
    head, at, (edition,) = taken("send_back", [edition], by)
    if not remark.strip():
        raise NotPossible(gettext("Say what should be changed."))
    edition.approved_by = None
    return move("send_back", head, at, edition, by, remark=remark)


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
    head, at, locked = taken("publish", list(dict.fromkeys(editions)), by)
    if moment is not None and moment < at + LEAD:
        raise NotPossible(gettext("The moment must be at least two seconds ahead."))
    live_from = moment or at
    for edition in locked:
        if settings.PRESSOFFICE_THREE_PEOPLE and took_part(edition, by):
            raise NotAllowed(
                gettext("This office asks for three people: you edited or approved this text.")
            )
        earlier = _go_live(edition, live_from, at)
        move("publish", head, at, edition, by, remark=remark)
        _state(edition, earlier)
    return locked


@transaction.atomic
def emergency(
    edition: Edition, *, by: User, reason: str, moment: datetime | None = None
) -> Edition:
    """Publish a draft or a submitted text without approval, saying why.

    The text is frozen first; until another person has reviewed it, the desk shows it as unreviewed.
    """
    if moment is not None and timezone.is_naive(moment):
        raise ValueError("The moment of publication needs a time zone.")
    head, at, (edition,) = taken("emergency", [edition], by)
    if not reason.strip():
        raise NotPossible(gettext("Give the reason. It stays in the record."))
    if moment is not None and moment < at + LEAD:
        raise NotPossible(gettext("The moment must be at least two seconds ahead."))
    if edition.state == State.DRAFT:
        _freeze(edition)
    earlier = _go_live(edition, moment or at, at)
    edition.emergency = reason
    move("emergency", head, at, edition, by, remark=reason)
    _state(edition, earlier)
    return edition


@transaction.atomic
def review(edition: Edition, *, by: User, remark: str = "") -> Edition:
    """The second pair of eyes, after an emergency: neither edited the text nor published it."""
    head, at, (edition,) = taken("review", [edition], by)
    if not edition.emergency or edition.reviewed_by_id is not None:
        raise NotPossible(gettext("This text does not wait for a review."))
    if not _may_review(edition, by):
        raise NotAllowed(
            gettext("You edited or published this text, so another person has to review it.")
        )
    edition.reviewed_by = by
    return move("review", head, at, edition, by, remark=remark)


@transaction.atomic
def recall(edition: Edition, *, by: User, remark: str = "") -> Edition:
    """Take a scheduled publication back, until two seconds before its moment.

    It is approved again, or submitted when nobody had approved it.
    """
    head, at, (edition,) = taken("recall", [edition], by)
    if edition.live_from is None or edition.live_from - at < LEAD:
        raise NotPossible(
            gettext("It is too late to recall: the text goes live in under two seconds.")
        )
    return _call_back(head, at, edition, by, remark)


@transaction.atomic
def withdraw(
    edition: Edition,
    *,
    by: User,
    kind: str,
    reason: str = "",
    words: str = "",
    moved_to: Letter | None = None,
) -> Edition:
    """Cover every edition of the letter in this language with a public notice.

    The public reads at once a standard `reason`, the first of its kind if none is chosen; `words`
    of one's own take its place when another person has approved them. What is withdrawn already
    gets the new notice in place of the earlier one.
    """
    head, at, (edition,) = taken("withdraw", [edition], by)
    standard = notes.standard_reasons(edition.language, kind)
    reason = reason or standard[0]
    if reason not in standard:
        raise NotPossible(
            gettext(
                "Choose a standard reason. Words of your own are shown when another person has"
                " approved them."
            )
        )
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
    move("withdraw", head, at, edition, by, remark=reason)
    if words.strip():
        notes.propose(head, record.moment(head), edition, by, words)
    return edition


@transaction.atomic
def restore(edition: Edition, *, by: User, remark: str = "") -> Edition:
    """End the withdrawal: whichever edition is live shows again."""
    head, at, (edition,) = taken("restore", [edition], by)
    _close_withdrawal(edition, at)
    return move("restore", head, at, edition, by, remark=remark)


# --- Several at once, and the moment planned ----------------------------------------------------


@transaction.atomic
def together(
    verb: str, editions: Sequence[Edition], *, by: User, **arguments: Any
) -> list[Edition]:
    """The same verb for several texts: all of them, or none. `publish` has one instant for all."""
    if verb == "publish":
        return publish(*editions, by=by, **arguments)
    lock()
    one: Any = globals()[verb]
    return [one(edition, by=by, **arguments) for edition in editions]


@transaction.atomic
def stop(
    *, by: User, reason: str, only: Sequence[Edition] | None = None
) -> tuple[list[Edition], list[Edition]]:
    """Recall everything that is scheduled, or `only` these, with one reason.

    Returns the texts recalled, and those that go live in under two seconds: too late for them.
    Those of restricted letters are recalled as well; whoever stops everything need not see them.
    """
    permit(by, roles.PUBLISH)
    if not reason.strip():
        raise NotPossible(gettext("Give the reason. It stays in the record."))
    head, at = lock()
    coming = Edition.objects.select_for_update(no_key=True, of=("self",)).filter(
        state=State.PUBLISHED, live_from__gt=at
    )
    if only is not None:
        coming = coming.filter(pk__in=[edition.pk for edition in only])
    recalled, too_late = [], []
    for edition in coming.select_related("letter").order_by("pk"):
        if edition.live_from is None or edition.live_from - at < LEAD:
            too_late.append(edition)
        else:
            recalled.append(_call_back(head, at, edition, by, reason))
    return recalled, too_late


@transaction.atomic
def plan(edition: Edition, *, by: User, moment: datetime | None) -> Edition:
    """Say when a text in progress is meant to appear, or that no moment is planned any more.

    An intention for the calendar: it publishes nothing and leaves the version as it is.
    """
    permit(by, roles.DRAFT, roles.PUBLISH)
    head, at = lock()
    edition = Edition.objects.select_related("letter").get(pk=edition.pk)
    permit_letter(by, edition.letter)
    if edition.state not in IN_PROGRESS:
        raise NotPossible(
            gettext("Only a text that is not published yet can be planned. This one is %(stage)s.")
            % {"stage": edition.stage(at).label}
        )
    edition.planned_for = moment
    edition.save(update_fields=["planned_for"])
    deliveries.register(record.append(head, at, "plan", edition, by, live_from=moment))
    return edition


# --- Of these verbs only ------------------------------------------------------------------------


def may_approve(user: User, edition: Edition) -> bool:
    """Whether this person could be the second pair of eyes for the text."""
    return (
        user.is_active
        and user.has_perm(roles.APPROVE)
        and edition.letter.is_open_to(user)
        and not edited(edition, user)
    )


def _may_review(edition: Edition, by: User) -> bool:
    if not edition.emergency or edition.reviewed_by_id is not None or edited(edition, by):
        return False
    return not Event.objects.filter(edition=edition, verb="emergency", by=by).exists()


def _freeze(edition: Edition) -> None:
    """Refuses a text that is not complete; the caller moves it on from draft."""
    # What the digest reads of other rows is the database's to keep from this commit on: till
    # then nobody else changes it.
    edition.letter = (
        Letter.objects.select_for_update(no_key=True, of=("self",))
        .select_related("in_reply_to")
        .get(pk=edition.letter_id)
    )
    for named in (
        Kind.objects.filter(edition=edition),
        Correspondent.objects.filter(parties__edition=edition).order_by("pk"),
    ):
        list(named.select_for_update(no_key=True, of=("self",)))
    problems = checks.to_submit(edition)
    if any(problem.blocks for problem in problems):
        raise Incomplete(problems)
    edition.digest = record.digest(edition)


def _go_live(edition: Edition, live_from: datetime, at: datetime) -> Edition | None:
    """Give the text its moment, at which the one it corrects, which is returned, is superseded."""
    problems = [problem for problem in checks.to_publish(edition, live_from) if problem.blocks]
    if problems:
        raise Incomplete(problems)
    earlier: Edition | None = published(edition).filter(live_until=None).first()
    if earlier is not None:
        if earlier.stage(at) == Stage.SCHEDULED:
            raise NotPossible(
                gettext("Another edition is scheduled already. Recall that one first.")
            )
        earlier.live_until = live_from
        earlier.save(update_fields=["live_until"])
        caches.drop_with_this_change()
    edition.live_from = live_from
    return earlier


def _state(edition: Edition, earlier: Edition | None) -> None:
    try:
        record.state(edition, earlier)
    except signing.NoKey as error:
        message = gettext("Nothing can be published: the key that signs publications is missing.")
        raise NotPossible(message) from error


def _call_back(head: RecordHead, at: datetime, edition: Edition, by: User, remark: str) -> Edition:
    """Approved again, or submitted when nobody had approved it; what it corrects stays open."""
    live_from, edition.live_from = edition.live_from, None
    to = State.APPROVED if edition.approved_by_id else State.SUBMITTED
    edition.emergency, edition.reviewed_by = "", None
    move("recall", head, at, edition, by, remark=remark, to=to)
    Statement.objects.filter(edition=edition).delete()  # it was never public
    redactions.remove_what_was_made(edition)
    if to == State.SUBMITTED:
        Submission.objects.get_or_create(edition=edition, defaults={"by": by, "at": at})
    published(edition).filter(live_until=live_from).update(live_until=None)
    listing.refresh([edition.letter_id])
    return edition


def _close_withdrawal(edition: Edition, at: datetime) -> None:
    """Before another begins, or none: both change what stands at the letter's address."""
    caches.drop_with_this_change()
    Withdrawal.objects.filter(
        letter=edition.letter_id, language=edition.language, until=None
    ).update(until=at)
