"""Releases saved as drafts: matched to what the deployment knows, and never twice."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django_countries import countries

from letters import markup, workflow
from letters.importing.places import folded
from letters.importing.release import Known, Person, Release
from letters.models import (
    Correspondent,
    CorrespondentName,
    CountryName,
    Edition,
    Kind,
    Letter,
    Office,
    Party,
    Role,
)


class NotOurLanguage(ValueError):
    """The text is in a language this deployment does not publish in."""


def known() -> Known:
    """What the deployment knows, for `release.read`."""
    names = dict(_standard_countries())
    names |= dict(CountryName.objects.values_list("name", "code"))
    return Known(
        countries=names,
        correspondents=list(CorrespondentName.objects.values_list("name", flat=True)),
        home=Office.objects.values_list("country", flat=True).first() or "",
        languages=[code for code, _name in settings.LANGUAGES],
    )


@cache
def _standard_countries() -> tuple[tuple[str, str], ...]:
    """(name, code) of every country in every language the product speaks."""
    found: dict[str, str] = {}
    for language in settings.LANGUAGE_NAMES:
        with translation.override(language):
            found |= {str(name): code for code, name in countries}
    return tuple(found.items())


def importer() -> User:
    """The account in whose name files are imported. Nobody can sign in with it."""
    user, made = User.objects.get_or_create(username="import", defaults={"first_name": "Import"})
    if made:
        user.set_unusable_password()
        user.save()
        user.groups.add(Group.objects.get(name="Drafters"))
    return user


def source_of(text: bytes, place: int) -> str:
    """What tells a letter's source: the SHA-256 of the text and the letter's place in it."""
    return f"{sha256(text).hexdigest()}.{place}"


def imported(source: str) -> Letter | None:
    return Letter.objects.filter(source=source).first()


def person_called(name: str) -> Correspondent | None:
    """The one correspondent with that name in any language, accents and case aside."""
    wanted = folded(name)
    if not wanted:
        return None
    keys = {
        key
        for key, known_name in CorrespondentName.objects.values_list("correspondent", "name")
        if folded(known_name) == wanted
    }
    return Correspondent.objects.get(pk=keys.pop()) if len(keys) == 1 else None


def facts_of(release: Release) -> dict[str, Any]:
    """The fields of an edition that the release fills."""
    return {
        "kind": Kind.objects.filter(code=release.kind).first(),
        "headline": markup.plain(release.headline),
        "summary": markup.plain(release.summary),
        "form": release.form,
        "letter_language": release.language,
        "dated": release.dated,
        "place": markup.plain(release.place),
        "salutation": markup.plain(release.salutation),
        "body": markup.clean(release.body),
        "closing": markup.plain(release.closing),
        "not_placed": "\n".join(release.not_placed),
    }


def parties_of(release: Release) -> list[Party]:
    """Who the letter is from, to and signed by; a signatory who is the sender is not said twice."""
    senders = {folded(person.name) for person in release.senders}
    signatories = [p for p in release.signatures if folded(p.name) not in senders]
    return [
        _party(person, role, release)
        for role, people in (
            (Role.SENDER, release.senders),
            (Role.ADDRESSEE, release.addressees),
            (Role.SIGNATORY, signatories),
        )
        for person in people
    ]


def _party(person: Person, role: str, release: Release) -> Party:
    """As the source names them; what it leaves out comes from the appointment held on its date."""
    party = Party.of(
        person_called(person.name), role, release.language, release.dated, country=person.country
    )
    party.name = markup.plain(person.name) or party.name
    party.title = markup.plain(person.title) or party.title
    if person.country and person.country != party.country:
        party.country = person.country
        party.country_name = CountryName.objects.name_of(person.country, release.language)
    return party


def new_correspondent(name: str, language: str) -> Correspondent:
    """A correspondent known by that name only."""
    base = slugify(name) or "correspondent"
    slug, n = base, 1
    while Correspondent.objects.filter(slug=slug).exists():
        n += 1
        slug = f"{base}-{n}"
    person = Correspondent.objects.create(slug=slug)
    person.names.create(language=language, name=name)
    return person


def save(release: Release, *, source: str, by: User) -> Edition:
    """Begin a letter with the release as its draft.

    Raises NotOurLanguage, and workflow.Refused when the account may not draft.
    """
    if release.language not in dict(settings.LANGUAGES):
        raise NotOurLanguage(
            _("The text is in a language (%(language)s) that this site does not publish in.")
            % {"language": release.language}
        )
    return workflow.start(
        by=by,
        direction=release.direction,
        language=release.language,
        source=source,
        facts=facts_of(release),
        parties=parties_of(release),
    )
