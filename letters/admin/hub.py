"""What the hub shows of a letter: a line for each of its languages, and its story."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings

from letters import workflow
from letters.models import Edition, Letter, Stage, State, Withdrawal
from letters.models.edition import IN_PROGRESS

NAMES = dict(settings.LANGUAGES)

# The verbs that bring a text nearer to its readers: the next step is one of them.
ONWARD = ("submit", "approve", "publish")


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


def lines(letter: Letter, by: Any, at: datetime) -> list[Line]:
    """A line for each language the letter has, in the deployment's order."""
    found: dict[str, list[Edition]] = {}
    for edition in sorted(letter.editions.all(), key=lambda e: -e.number):
        edition.letter = letter  # which has the withdrawals
        if edition.state != State.DISCARDED:
            found.setdefault(edition.language, []).append(edition)
    order = [*NAMES, *sorted(found.keys() - NAMES.keys())]
    return [
        _line(letter, language, found[language], by, at) for language in order if language in found
    ]


def _line(letter: Letter, language: str, editions: list[Edition], by: Any, at: datetime) -> Line:
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
        for edition in (coming, public)
        if edition is not None
        for verb in workflow.open_verbs(edition, by=by, at=at)
    ]
    next_step = next((button for button in buttons if button.verb in ONWARD), None)
    return Line(
        language=language,
        name=NAMES.get(language, language),
        public=public,
        coming=coming,
        withdrawal=letter.withdrawal(language, at),
        past=past,
        next_step=next_step,
        other_verbs=[button for button in buttons if button != next_step],
    )


def story(letter: Letter) -> list[dict[str, Any]]:
    """The letter's events, newest first, in words."""
    done = {verb: transition.done for verb, transition in workflow.TRANSITIONS.items()}
    done |= workflow.BEGINNINGS
    return [
        {
            "event": event,
            "done": done.get(event.verb, event.verb),
            "language": NAMES.get(event.edition.language, event.edition.language),
            "scheduled": event.verb == "publish" and event.moment and event.moment > event.at,
        }
        for event in letter.events.select_related("edition")
    ]
