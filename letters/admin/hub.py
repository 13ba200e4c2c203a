"""What the hub shows of a letter: a line for each of its languages, and its story."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import pgettext

from letters import clearances, dates, workflow
from letters.models import Clearance, Edition, Event, Letter, Stage, State, Withdrawal
from letters.models.edition import IN_PROGRESS

NAMES = dict(settings.LANGUAGES)

# The verbs that bring a text nearer to its readers: the next step is one of them.
ONWARD = ("submit", "approve", "publish")

# The verbs that make a text public, now or at a moment to come.
PUBLISHES = ("publish", "emergency")

# What was done, in words.
DONE = {
    **{verb: transition.done for verb, transition in workflow.TRANSITIONS.items()},
    **workflow.BEGINNINGS,
    **workflow.NOTED,
    **clearances.NOTED,
}


class Button(NamedTuple):
    edition: Edition
    verb: str
    label: Any


class Line(NamedTuple):
    """One language of a letter."""

    language: str
    name: str
    public: Edition | None  # what the public reads, or would but for a withdrawal
    coming: Edition | None  # in progress or scheduled
    withdrawal: Withdrawal | None
    past: list[Edition]
    next_step: Button | None  # None: it is not this person's turn
    other_verbs: list[Button]
    may_ask: bool  # for a clearance
    asked: list[Clearance]
    awaited: str  # the post whose clearance is missing


def lines(letter: Letter, by: Any, at: datetime) -> list[Line]:
    """A line for each language the letter has, in the deployment's order."""
    found: dict[str, list[Edition]] = {}
    for edition in sorted(letter.editions.all(), key=lambda e: -e.number):
        edition.letter = letter  # which has the withdrawals
        if edition.state != State.DISCARDED:
            found.setdefault(edition.language, []).append(edition)
    order = [*NAMES, *sorted(found.keys() - NAMES.keys())]
    shown = [edition for editions in found.values() for edition in editions]
    asked = clearances.asked_of([edition for edition in shown if edition.state in IN_PROGRESS], at)
    return [
        _line(letter, language, found[language], by, at, asked)
        for language in order
        if language in found
    ]


def _line(
    letter: Letter,
    language: str,
    editions: list[Edition],
    by: Any,
    at: datetime,
    asked: dict[int, list[Clearance]],
) -> Line:
    public = coming = None
    past = []
    for edition in editions:
        stage = edition.stage(at)
        if stage in (Stage.LIVE, Stage.WITHDRAWN):
            public = edition
        elif stage == Stage.SUPERSEDED:
            past.append(edition)
        elif edition.state in IN_PROGRESS or stage == Stage.SCHEDULED:
            coming = edition
    buttons = [
        Button(edition, verb, workflow.TRANSITIONS[verb].label)
        for edition in (coming, public, *past)
        if edition is not None
        for verb in workflow.open_verbs(edition, by=by, at=at)
    ]
    next_step = next((button for button in buttons if button.verb in ONWARD), None)
    in_progress = coming if coming is not None and coming.state in IN_PROGRESS else None
    of_it = asked.get(in_progress.pk, []) if in_progress else []
    return Line(
        language=language,
        name=NAMES.get(language, language),
        public=public,
        coming=coming,
        withdrawal=letter.withdrawal(language, at),
        past=past,
        next_step=next_step,
        other_verbs=[button for button in buttons if button != next_step],
        may_ask=in_progress is not None and clearances.may_ask(by, in_progress),
        asked=of_it,
        awaited=clearances.awaited(in_progress, of_it) if in_progress else "",
    )


def answered(letter: Letter, by: Any) -> Letter | None:
    """The letter this one answers, where it is open to this person."""
    answered = letter.in_reply_to
    return answered if answered is not None and answered.is_open_to(by) else None


def done(event: Event) -> Any:
    """What was done, in words: who set a moment to come had published nothing by that."""
    if event.verb in PUBLISHES and event.moment and event.moment > event.at:
        scheduled = pgettext("timeline", "scheduled the publication for %(moment)s")
        return scheduled % {"moment": dates.moment(event.moment)}
    return DONE.get(event.verb, event.verb)


def story(letter: Letter) -> tuple[list[dict[str, Any]], list[Any]]:
    """The letter's events in words, newest first; and, apart, each time somebody looked at it."""
    events = list(letter.events.select_related("edition"))
    told = [
        {
            "event": event,
            "done": done(event),
            "language": NAMES.get(event.edition.language, event.edition.language),
        }
        for event in events
        if event.verb != "view"
    ]
    return told, [event for event in events if event.verb == "view"]
