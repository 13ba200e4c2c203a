"""Checks of an edition against the same letter's texts in other languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from letters import dates
from letters.checks.problem import Problem
from letters.models import Edition, Party, Role, State

Person = tuple[int | None, str]  # a correspondent's key, and the name shown


class Sibling(NamedTuple):
    """The text of the same letter in another language: the one in progress, else the last."""

    language: str
    dated: date | None
    people: dict[str, list[Person]]


class Thread(NamedTuple):
    """What is asked of the letter that an edition is a text of."""

    direction: str
    consent: str
    siblings: list[Sibling]


def thread_of(edition: Edition) -> Thread:
    """In one query."""
    rows = (
        Edition.objects.filter(letter_id=edition.letter_id)
        .exclude(state=State.DISCARDED)
        .order_by("language", "number", "parties__position", "parties")
        .values_list(
            "language",
            "number",
            "dated",
            "letter__direction",
            "letter__consent",
            "parties__role",
            "parties__correspondent",
            "parties__name",
        )
    )
    direction = consent = ""
    latest: dict[str, tuple[int, Sibling]] = {}
    for language, number, dated, direction, consent, role, person, name in rows:  # noqa: B007
        if language == edition.language:
            continue
        if language not in latest or latest[language][0] != number:
            latest[language] = (number, Sibling(language, dated, {}))
        if role:
            latest[language][1].people.setdefault(role, []).append((person, name))
    return Thread(direction, consent, [sibling for _number, sibling in latest.values()])


def agree(
    edition: Edition, parties: Sequence[Party], siblings: Sequence[Sibling]
) -> Iterator[Problem]:
    """Date, sender and addressees are those of the letter's other languages."""
    for other in siblings:
        language = settings.LANGUAGE_NAMES.get(other.language, other.language)
        if edition.dated and other.dated and edition.dated != other.dated:
            message = _("This text is dated %(here)s, the one in %(language)s %(there)s.") % {
                "here": dates.day(edition.dated),
                "there": dates.day(other.dated),
                "language": language,
            }
            yield Problem("dated", message, blocks=False)
        for role in (Role.SENDER, Role.ADDRESSEE):
            here = [(p.correspondent_id, p.name) for p in parties if p.role == role]
            there = other.people.get(role, [])
            if here and there and _differ(here, there):
                message = (
                    _("This text is from %(here)s, the one in %(language)s from %(there)s.")
                    if role == Role.SENDER
                    else _("This text is to %(here)s, the one in %(language)s to %(there)s.")
                )
                said = {"here": _listed(here), "there": _listed(there), "language": language}
                yield Problem("parties", message % said, blocks=False)


def _differ(here: Sequence[Person], there: Sequence[Person]) -> bool:
    """By correspondent where all are known; else nothing can be compared but how many there are."""
    one, other = {person for person, _name in here}, {person for person, _name in there}
    return len(here) != len(there) or (None not in one | other and one != other)


def _listed(people: Sequence[Person]) -> str:
    shown = [name or "—" for _person, name in people[:3]]
    return ", ".join(shown) + ("…" if len(people) > 3 else "")
