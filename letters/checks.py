"""What must be right before a text may be submitted or published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from letters.models import Edition, Role


class Problem(NamedTuple):
    """Something to put right: the field it is in, a sentence, and whether it blocks the verb."""

    field: str
    message: str
    blocks: bool = True


def to_submit(edition: Edition) -> list[Problem]:
    """What stands between this draft and its submission, in the order of the form."""
    parties = list(edition.parties.all())
    found = []

    def ask(field: str, missing: bool, message: str, blocks: bool = True) -> None:
        if missing:
            found.append(Problem(field, message, blocks))

    ask("kind", edition.kind_id is None, _("Choose the kind of letter."))
    ask("headline", not edition.headline, _("Write a headline."))
    ask("summary", not edition.summary, _("Say in a sentence who writes to whom, and why."))
    ask("dated", edition.dated is None, _("Give the date of the letter."))
    if edition.dated is not None and edition.not_before is not None:
        latest = edition.not_before.date() + timedelta(days=1)
        ask("dated", edition.dated > latest, _("The letter is dated after its embargo."))
    roles = {party.role for party in parties}
    ask("parties", Role.SENDER not in roles, _("Name who the letter is from."))
    ask("parties", Role.ADDRESSEE not in roles, _("Name who the letter is to."))
    for party in parties:
        role = party.get_role_display()
        ask("parties", not party.name, _("The name of a %(role)s is missing.") % {"role": role})
        ask(
            "parties",
            bool(party.name) and not party.title and party.role != Role.COPY,
            _("No title is given for %(name)s.") % {"name": party.name},
            blocks=False,
        )
        if party.correspondent is not None and party.title and edition.dated:
            held = party.correspondent.appointment_on(edition.dated)
            title = held.title_in(edition.language) if held else ""
            ask(
                "parties",
                bool(title) and title != party.title,
                _("On that date the title of %(name)s was “%(title)s”.")
                % {"name": party.name, "title": title},
                blocks=False,
            )
    ask("letter_language", not edition.letter_language, _("Say which language the letter is in."))
    ask("body", not edition.paragraphs, _("The text is empty."))
    ask(
        "correction_note",
        edition.number > 1 and not edition.correction_note,
        _("Say to the public what this correction changes, and why."),
    )
    ask(
        "not_placed",
        bool(edition.not_placed.strip()),
        _("Lines of the pasted source have no place yet. They will not be published."),
        blocks=False,
    )
    return found


def to_publish(edition: Edition, live_from: datetime) -> list[Problem]:
    """What stands between an approved text and that moment."""
    found = []
    if edition.not_before and live_from < edition.not_before:
        moment = timezone.localtime(edition.not_before).strftime("%Y-%m-%d %H:%M:%S %Z")
        found.append(
            Problem("not_before", _("Under embargo until %(moment)s.") % {"moment": moment})
        )
    if edition.dated and edition.dated > live_from.astimezone(UTC).date() + timedelta(1):
        found.append(Problem("dated", _("The letter is dated more than a day after that moment.")))
    return found
