"""What must be right before a text may be saved, submitted or published, and what to look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from letters import dates
from letters.checks import languages, people, texts
from letters.checks.problem import Problem
from letters.models import Direction, Edition, File

__all__ = ["Moments", "Problem", "by_moment", "to_publish", "to_save", "to_submit"]


class Moments(NamedTuple):
    """What hinders each step, and what hinders none but deserves a look; nothing is told twice."""

    save: list[Problem]
    submit: list[Problem]
    publish: list[Problem]
    advice: list[Problem]


def by_moment(edition: Edition, at: datetime | None = None) -> Moments:
    """The checks for display. Publication is asked about at that moment: now, if not said."""
    save, submit = to_save(edition), to_submit(edition)
    publish = to_publish(edition, at or timezone.now())
    told: set[tuple[str, str]] = set()

    def untold(found: list[Problem]) -> list[Problem]:
        new = [p for p in found if p.blocks and (p.field, p.message) not in told]
        told.update((p.field, p.message) for p in new)
        return new

    advice = [p for p in dict.fromkeys((*save, *submit, *publish)) if not p.blocks]
    return Moments(untold(save), untold(submit), untold(publish), advice)


# --- To save --------------------------------------------------------------------------------------


def to_save(edition: Edition) -> list[Problem]:
    """What cannot be stored. A draft may otherwise be as unfinished as it likes."""
    found = []
    for name in texts.WRITTEN:
        if (length := len(getattr(edition, name))) > texts.LONGEST:
            message = _("This text has %(length)s characters; %(longest)s are possible.")
            said = {"length": length, "longest": texts.LONGEST}
            found.append(Problem(name, message % said))
    keys = {field.name for field in edition._meta.concrete_fields if field.is_relation}
    try:
        edition.clean_fields(exclude=keys)
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            found += [Problem(name, message) for message in messages]
    return found


# --- To submit ------------------------------------------------------------------------------------


def to_submit(edition: Edition) -> list[Problem]:
    """What stands between this draft and its submission, in the order of the form; and advice."""
    if long := [problem for problem in to_save(edition) if problem.blocks]:
        return long  # hours of looking for a misplaced comma in a text that cannot be kept
    parties = people.parties_of(edition)
    thread = languages.thread_of(edition)
    written = texts.texts_of(edition)
    found = [
        *_facts(edition),
        *people.are_complete(parties),
        *(people.hold_their_titles(parties, edition.dated) if edition.dated else ()),
        *languages.agree(edition, parties, thread.siblings),
        *people.are_called_by_name(edition, parties),
        *texts.are_filled_in(edition, written, parties),
        *texts.are_well_written(edition, written),
        *texts.have_no_phrase_to_avoid(edition, written),
        *texts.have_links_that_lead_somewhere(edition),
        *_files(edition),
    ]
    if thread.direction == Direction.RECEIVED and not thread.consent.strip():
        message = _("Note how and when the sender agreed to publication.")
        found.append(Problem("consent", message, blocks=False))
    return sorted(found, key=_place)  # a stable sort: as found, field by field


def _facts(edition: Edition) -> Iterator[Problem]:
    """The facts that each published letter has."""
    if edition.kind_id is None:
        yield Problem("kind", _("Choose the kind of letter."))
    if edition.dated is None:
        yield Problem("dated", _("Give the date of the letter."))
    elif edition.not_before and (edition.dated - _day(edition.not_before)).days > 1:
        yield Problem("dated", _("The letter is dated after its embargo. Change one of the two."))
    if not edition.letter_language:
        yield Problem("letter_language", _("Say which language the letter is in."))
    if not edition.headline.strip():
        yield Problem("headline", _("Write a headline."))
    if not edition.summary.strip():
        yield Problem("summary", _("Say in a sentence who writes to whom, and why."))
    if not edition.paragraphs:
        yield Problem("body", _("The text is empty."))
    if edition.number > 1 and not edition.correction_note.strip():
        message = _("Say to the public what this correction changes, and why.")
        yield Problem("correction_note", message)
    if edition.not_placed.strip():
        message = _("Lines of the pasted source have no place yet. They will not be published.")
        yield Problem("not_placed", message, blocks=False)


def _files(edition: Edition) -> Iterator[Problem]:
    """Each photograph is described for those who do not see it."""
    for place, file in enumerate(File.objects.filter(edition=edition)):
        if file.role == File.Role.PHOTOGRAPH and not file.alt.strip():
            message = _("Describe photograph %(number)s for those who do not see it.")
            yield Problem(f"files-{place}-alt", message % {"number": place + 1})


_ORDER = (
    *("kind", "dated", "place", "form", "letter_language", "consent", "parties", "headline"),
    *("summary", "salutation", "body", "closing", "notes", "press_contact", "files", "standing"),
    *("not_before", "first_published", "correction_note", "not_placed"),
)


def _place(problem: Problem) -> int:
    field = problem.field.partition("-")[0]
    return _ORDER.index(field) if field in _ORDER else len(_ORDER)


# --- To publish -----------------------------------------------------------------------------------


def to_publish(edition: Edition, live_from: datetime) -> list[Problem]:
    """What stands between an approved text and that moment."""
    found = []
    if edition.not_before and live_from < edition.not_before:
        until = {"moment": dates.moment(edition.not_before)}
        found.append(Problem("not_before", _("Under embargo until %(moment)s.") % until))
    if edition.dated and (edition.dated - _day(live_from)).days > 1:
        found.append(Problem("dated", _("The letter is dated more than a day after that moment.")))
    return found


def _day(moment: datetime) -> date:
    """Its day in UTC. At the two ends of time the calendar has no other zone."""
    try:
        return moment.astimezone(UTC).date()
    except OverflowError:
        return moment.date()
