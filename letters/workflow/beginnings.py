"""How an edition begins: new, in another language, as a correction, from an earlier letter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from letters import markup, record, roles
from letters.models import (
    CountryName,
    Edition,
    File,
    Letter,
    Party,
    Recipient,
    RecordHead,
    Role,
    Standing,
    State,
)
from letters.workflow.drafts import drafting
from letters.workflow.moves import add_editors, begin, lock, permit, permit_letter, successor, take
from letters.workflow.refusals import NotPossible

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Of a text begun from another letter's: the dates and the note belong to that one.
REPEATED = tuple(name for name in record.TEXTS if name != "correction_note")


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
    permit(by, roles.DRAFT)
    head, at = lock()
    letter = _letter(at, direction=direction, in_reply_to=in_reply_to, source=source)
    return begin("start", head, at, by, letter, language, facts or {}, parties)


@transaction.atomic
def translate(model: Edition, language: str, *, by: User) -> Edition:
    """Begin a draft of the same letter in another language.

    The common facts and the files are copied; names and titles are the correspondents' own in
    that language, as on the letter's date, and stay empty where none is known, as do the
    descriptions and captions of the files.
    """
    permit(by, roles.DRAFT)
    permit_letter(by, model.letter)
    head, at = lock()
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
    files = [_copy(file, alt="", caption="") for file in model.files.all()]
    return begin("translate", head, at, by, model.letter, language, facts, parties, files)


@transaction.atomic
def correct(edition: Edition, *, by: User) -> Edition:
    """Begin the next edition of a published text, which stays as it is until that one is live."""
    head, at, (edition,) = take("correct", [edition], by)
    coming = successor(edition)
    if coming is not None and coming.state == State.PUBLISHED:
        raise NotPossible(gettext("A correction is scheduled already. Recall that one first."))
    if coming is not None:
        raise NotPossible(gettext("A correction of this text is already in progress."))
    facts = _facts(edition, "kind", *REPEATED, "dated", "first_published")
    facts["begun_from"] = edition
    parties = [_copy(party) for party in edition.parties.all()]
    files = [_copy(file) for file in edition.files.all()]
    return begin("correct", head, at, by, edition.letter, edition.language, facts, parties, files)


@transaction.atomic
def repeat(*editions: Edition, by: User) -> list[Edition]:
    """Begin a new letter from an earlier one: these editions of it, one a language.

    Everything is copied but the dates, the embargo, the approvals and the files that expire.
    """
    permit(by, roles.DRAFT)
    model = editions[0].letter
    permit_letter(by, model)
    head, at = lock()
    letter = _letter(at, direction=model.direction)
    return [_again(head, at, by, letter, edition) for edition in editions]


def list_recipients(draft: Edition, recipients: Sequence[Recipient], *, by: User) -> None:
    """The whole list of a draft that is being saved, in place of the one stored.

    Its lines become words of the letters: whoever wrote one is an editor of them.
    """
    if [one.line for one in recipients] == [one.line for one in draft.recipients.all()]:
        return
    draft.recipients.all().delete()
    for position, recipient in enumerate(recipients):
        recipient.edition, recipient.position = draft, position
    Recipient.objects.bulk_create(recipients)
    add_editors(draft, {by.pk})


@transaction.atomic
def multiply(edition: Edition, *, by: User) -> list[Edition]:
    """Make a letter of its own for each recipient of a draft, all in one series.

    The draft itself becomes the letter to the first. Each gets its addressee, salutation and
    sentence: in place of `markup.OWN_SENTENCE`, or else as the last paragraph.
    """
    recipients = list(edition.recipients.select_related("correspondent"))
    if not recipients:
        raise NotPossible(gettext("List at least one recipient."))
    with drafting(edition, by=by) as pattern:
        if pattern.letter.series_id is not None:
            raise NotPossible(gettext("The letters of this text have been made already."))
        body, salutation = pattern.body, pattern.salutation
        parties = list(pattern.parties.select_related("correspondent"))
        addressees = {
            (party.name, party.title, party.country): party
            for party in parties
            if party.role == Role.ADDRESSEE
        }
        head, at = lock()
        Letter.objects.filter(pk=pattern.letter_id).update(series=pattern.letter)
        made = [pattern]
        for _other in recipients[1:]:
            letter = _letter(
                at,
                direction=pattern.letter.direction,
                series=pattern.letter,
                restricted=pattern.letter.restricted,
            )
            letter.readers.set(pattern.letter.readers.all())
            draft = _again(head, at, by, letter, pattern)
            for name in ("dated", "not_before", "first_published", "planned_for"):
                setattr(draft, name, getattr(pattern, name))
            draft.begun_from = None
            made.append(draft)
        for draft, recipient in zip(made, recipients, strict=True):
            draft.salutation = recipient.salutation or salutation
            draft.body = markup.with_sentence(body, recipient.sentence)
            draft.save()
            as_written = addressees.get((recipient.name, recipient.title, recipient.country))
            to = _copy(as_written) if as_written else _addressee(recipient, draft)
            draft.parties.all().delete()
            others = [_copy(party) for party in parties if party.role != Role.ADDRESSEE]
            for position, party in enumerate([*others, to]):
                party.edition, party.position = draft, position
                party.save()
    return made


def _addressee(recipient: Recipient, draft: Edition) -> Party:
    """As the list has it; what it leaves out is that of the correspondent on that day."""
    to = Party.of(
        recipient.correspondent,
        Role.ADDRESSEE,
        draft.language,
        draft.dated,
        country=recipient.country,
    )
    to.name, to.title = recipient.name or to.name, recipient.title or to.title
    if to.country:
        to.country_name = CountryName.objects.name_of(to.country, draft.language)
    return to


def _again(head: RecordHead, at: datetime, by: User, letter: Letter, edition: Edition) -> Edition:
    """The same text in another letter."""
    facts = _facts(edition, "kind", *REPEATED) | {"begun_from": edition}
    parties = [_copy(party) for party in edition.parties.all()]
    files = [_copy(file) for file in edition.files.filter(expires=None)]
    return begin("repeat", head, at, by, letter, edition.language, facts, parties, files)


def _letter(at: datetime, **facts: Any) -> Letter:
    """A letter with the next reference of the year. The caller holds the record's lock."""
    year = timezone.localtime(at).year
    number = Letter.objects.next_number(year)
    return Letter.objects.create(
        year=year, number=number, reference=f"{year}-{number}", created_at=at, **facts
    )


def _facts(edition: Edition, *names: str) -> dict[str, Any]:
    return {name: getattr(edition, name) for name in names}


def _copy[Row: (Party, File)](row: Row, **changed: Any) -> Row:
    row.pk = None
    row._state.adding = True
    for name, value in changed.items():
        setattr(row, name, value)
    return row
