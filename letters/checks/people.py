"""Checks of who a letter is from and to: their names, their titles, and who the text calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import F, FilteredRelation, Prefetch, Q
from django.utils.translation import gettext as _

from letters.checks import names
from letters.checks.problem import Problem
from letters.models import Appointment, CorrespondentName, Edition, Party, Role


def parties_of(edition: Edition) -> list[Party]:
    """As stored now, whoever holds an older list; each with the appointments of its person."""
    titled = Appointment.objects.annotate(
        here=FilteredRelation("titles", condition=Q(titles__language=edition.language)),
        title_here=F("here__title"),
    )
    return list(
        Party.objects.filter(edition=edition)
        .select_related("correspondent")
        .prefetch_related(Prefetch("correspondent__appointments", titled))
    )


def are_complete(parties: Sequence[Party]) -> Iterator[Problem]:
    """A sender and an addressee, each with a name and a title."""
    roles = {party.role for party in parties}
    if Role.SENDER not in roles:
        yield Problem("parties", _("Name who the letter is from."))
    if Role.ADDRESSEE not in roles:
        yield Problem("parties", _("Name who the letter is to."))
    for place, party in enumerate(parties):
        if not party.name:
            yield Problem(f"parties-{place}-name", _nameless(party))
        elif not party.title and party.role != Role.COPY and _may_have_title(party):
            message = _("No title is given for %(name)s.") % {"name": party.name}
            yield Problem(f"parties-{place}-title", message, blocks=False)


def _may_have_title(party: Party) -> bool:
    """Bodies and groups hold no office."""
    return party.correspondent is None or bool(party.correspondent.appointments.all())


def _nameless(party: Party) -> str:
    match party.role:
        case Role.SENDER:
            return _("The sender has no name. Type it as it is to be shown.")
        case Role.ADDRESSEE:
            return _("The addressee has no name. Type it as it is to be shown.")
        case Role.SIGNATORY:
            return _("The signatory has no name. Type it as it is to be shown.")
    return _("One of those who get a copy has no name. Type it, or delete the line.")


def hold_their_titles(parties: Sequence[Party], day: date) -> Iterator[Problem]:
    """The titles shown are those held on the day of the letter."""
    for place, party in enumerate(parties):
        held = party.correspondent.appointment_on(day) if party.correspondent else None
        title = getattr(held, "title_here", None)
        if party.title and title and title != party.title:
            message = _("On the date of the letter the title of %(name)s was “%(title)s”.")
            said = {"name": party.name, "title": title}
            yield Problem(f"parties-{place}-title", message % said, blocks=False)


def are_called_by_name(edition: Edition, parties: Sequence[Party]) -> Iterator[Problem]:
    """Who is called in the salutation, or named in the text, is who the letter is to."""
    addressees = [party for party in parties if party.role == Role.ADDRESSEE and party.name]
    if not addressees:
        return
    people = {party.correspondent_id for party in parties} - {None}
    rows = _known(edition, addressees, people)
    own = [party.name for party in addressees]
    own += [row["name"] for row in rows if row["correspondent"] in _ids(addressees)]
    others = [row for row in rows if row["correspondent"] not in people]
    shown = ", ".join(party.name for party in addressees)
    if all(party.title for party in addressees):  # a body may be greeted by any of its people
        called = names.strangers(edition.salutation, own)
        called += _others_called(edition.salutation, own, others)
        for name in dict.fromkeys(called):
            message = _("The salutation calls “%(name)s”, but the letter is to %(addressee)s.")
            yield Problem("salutation", message % {"name": name, "addressee": shown}, blocks=False)
    texts = {"headline": edition.headline, "summary": edition.summary}
    texts["body"] = "\n".join(edition.paragraphs)
    offices = {(party.country, party.title): party.name for party in addressees if party.title}
    for field, text in texts.items():
        told = set()
        for row in others:
            now = offices.get((row["country"], row["title"]))
            if now and row["name"] not in told and row["is_display"]:
                elsewhen = edition.dated and not _covers(row, edition.dated)
                if elsewhen and names.named_in(text, row["name"]):
                    told.add(row["name"])
                    message = _(
                        "%(other)s is named here, but the letter is to %(name)s as %(title)s."
                        " Was the text copied from an earlier letter?"
                    )
                    said = {"other": row["name"], "name": now, "title": row["title"]}
                    yield Problem(field, message % said, blocks=False)


def _ids(parties: Sequence[Party]) -> set[int | None]:
    return {party.correspondent_id for party in parties}


def _known(edition: Edition, addressees: Sequence[Party], people: set[Any]) -> list[dict[str, Any]]:
    """Names of those in the letter and of whoever else it may have been copied from."""
    like = Q(correspondent__appointments__country__in={p.country for p in addressees} - {""})
    for word in names.addressed(edition.salutation)[:6]:
        like |= Q(name__contains=word)
    languages = {edition.language, edition.letter_language}
    title = FilteredRelation(
        "correspondent__appointments__titles",
        condition=Q(correspondent__appointments__titles__language=edition.language),
    )
    found = (
        CorrespondentName.objects.annotate(here=title)
        .filter(
            Q(correspondent__in=people)
            | (Q(language__in=languages, correspondent__appointments__isnull=False) & like)
        )
        .values(
            "correspondent",
            "name",
            "is_display",
            country=F("correspondent__appointments__country"),
            since=F("correspondent__appointments__since"),
            until=F("correspondent__appointments__until"),
            title=F("here__title"),
        )
    )
    return [dict(row) for row in found]


def _covers(row: dict[str, Any], day: date) -> bool:
    return (row["since"] is None or row["since"] <= day) and (
        row["until"] is None or day <= row["until"]
    )


def _others_called(
    salutation: str, own: Sequence[str], others: Sequence[dict[str, Any]]
) -> Iterator[str]:
    """Words of the salutation that are the last name of somebody else, and of no addressee."""
    known = [part for name in own for part in names.parts(name)]
    last = {names.parts(row["name"])[-1] for row in others if names.parts(row["name"])}
    called = names.addressed(salutation)
    if any(names.akin(word, part) for word in called for part in known):
        return
    yield from (word for word in called if word in last)
