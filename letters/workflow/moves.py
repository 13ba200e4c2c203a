"""What every verb does: lock, read the clock, check, write the row and its event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext

from letters import dates, deliveries, listing, record
from letters.models import Edition, Editor, Event, File, Letter, Party, RecordHead, State
from letters.models.edition import IN_PROGRESS
from letters.workflow.refusals import NotAllowed, NotPossible, Stale
from letters.workflow.table import TRANSITIONS

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# A moment to come is at least this far ahead, and a recall at least this long before it.
LEAD = timedelta(seconds=2)


def lock() -> tuple[RecordHead, datetime]:
    """The end of the record, and the moment of what is about to be done."""
    head = record.lock()
    return head, _moment(head)


def _moment(head: RecordHead) -> datetime:
    try:
        return record.moment(head)
    except record.ClockWentBack:
        raise NotPossible(
            gettext("The clock of this server is behind its own record. Ask an operator to set it.")
        ) from None


def take(
    verb: str, seen: Sequence[Edition], by: User
) -> tuple[RecordHead, datetime, list[Edition]]:
    """Lock, read the clock, and check permission, version and stage of each edition."""
    transition = TRANSITIONS[verb]
    permit(by, transition.permission)
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
        permit_letter(by, edition.letter)
        if edition.version != as_seen.version:
            raise moved_on(edition)
        stage = edition.stage(at)
        if stage not in transition.stages:
            raise NotPossible(
                gettext("“%(verb)s” is not possible: the text is %(stage)s.")
                % {"verb": transition.label, "stage": stage.label}
            )
    return head, at, taken


def move(
    verb: str,
    head: RecordHead,
    at: datetime,
    edition: Edition,
    by: User,
    *,
    remark: str = "",
    to: State | None = None,
) -> Edition:
    """Write the row, its event, what lists it and what is to go out.

    No verb changes a state but through here.
    """
    edition.state = to or TRANSITIONS[verb].to or edition.state
    edition.version += 1
    edition.save()
    if edition.state == State.PUBLISHED:
        listing.refresh([edition.letter_id])
    event = record.append(head, at, verb, edition, by, remark=remark, live_from=edition.live_from)
    deliveries.register(event)
    return edition


def begin(
    verb: str,
    head: RecordHead,
    at: datetime,
    by: User,
    letter: Letter,
    language: str,
    facts: dict[str, Any],
    parties: Iterable[Party],
    files: Iterable[File] = (),
) -> Edition:
    """The next edition of a letter in that language, a draft.

    Of words that nobody has read but who wrote them, those are its editors too.
    """
    numbers = letter.editions.filter(language=language).exclude(state=State.DISCARDED)
    last = numbers.order_by("-number").values_list("number", flat=True).first() or 0
    edition = Edition.objects.create(
        letter=letter, language=language, number=last + 1, last_edited_by=by, **facts
    )
    for position, party in enumerate(parties):
        party.edition, party.position = edition, position
        party.save()
    for position, file in enumerate(files):
        file.edition, file.position = edition, position
        file.save()
    add_editors(edition, {by.pk, *(_unread(edition.begun_from) if edition.begun_from else ())})
    record.append(head, at, verb, edition, by)
    return edition


def add_editors(edition: Edition, people: Iterable[int]) -> None:
    """Whose words are in a draft, by their keys: none of them approves it."""
    there = set(edition.editors.values_list("pk", flat=True))
    Editor.objects.bulk_create(
        Editor(edition=edition, user_id=pk) for pk in sorted(set(people) - there)
    )


def _unread(edition: Edition) -> Iterable[int]:
    """Who wrote a text that another person has neither approved nor reviewed."""
    if edition.approved_by_id or edition.reviewed_by_id:
        return ()
    return edition.editors.values_list("pk", flat=True)


def permit(by: User, *permissions: str) -> None:
    """Any one of the permissions is enough."""
    if not any(by.has_perm(permission) for permission in permissions):
        raise NotAllowed(gettext("Your account may not do that."))


def permit_letter(by: User, letter: Letter) -> None:
    if not letter.is_open_to(by):
        raise NotAllowed(gettext("Your account may not do that."))


def moved_on(edition: Edition) -> Stale:
    last = Event.objects.filter(edition=edition).first()
    if last is not None and edition.state != State.DRAFT:
        return Stale(
            gettext(
                "The text has moved on since you opened it: it is %(stage)s (%(name)s, %(time)s)."
            )
            % {
                "stage": edition.stage(timezone.now()).label,
                "name": last.by_name,
                "time": dates.moment(last.at),
            }
        )
    return Stale(
        gettext(
            "%(name)s changed this text after you opened it. Nothing of theirs was overwritten."
        )
        % {"name": edition.last_edited_by.get_full_name() or edition.last_edited_by.get_username()}
    )


def edited(edition: Edition, by: User) -> bool:
    return Editor.objects.filter(edition=edition, user=by).exists()


def took_part(edition: Edition, by: User) -> bool:
    return edition.approved_by_id == by.pk or edited(edition, by)


def published(edition: Edition) -> Any:
    """The other published editions of the letter in this language."""
    return Edition.objects.filter(
        letter=edition.letter_id, language=edition.language, state=State.PUBLISHED
    ).exclude(pk=edition.pk)


def successor(edition: Edition) -> Edition | None:
    """The edition in progress or scheduled that is to take this one's place."""
    return Edition.objects.filter(
        letter=edition.letter_id,
        language=edition.language,
        number__gt=edition.number,
        state__in=(*IN_PROGRESS, State.PUBLISHED),
    ).first()
