"""What a page shows of a letter besides its text: languages, history, thread, related letters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.http import HttpRequest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.encoding import iri_to_uri

from letters import markup
from letters.models import (
    Correspondent,
    Direction,
    Edition,
    File,
    Listing,
    Party,
    Role,
    Stage,
    Withdrawal,
)
from letters.models.listing import EVERY, of_correspondent, of_country
from letters.record import check_code

ENDS = (Role.SENDER, Role.ADDRESSEE)
RELATED = 4
# How many of each listing are weighed, the newest first.
CANDIDATES = 12
# Texts in other languages have no address.
LANGUAGES = [code for code, _name in settings.LANGUAGES]


def letter_context(edition: Edition, at: datetime, now: datetime | None = None) -> dict[str, Any]:
    """What `letters/letter.html` shows of an edition loaded `in_full`, in one query.

    The desk's preview asks for the same. Letters `related` to it are asked for apart. Of an
    earlier moment, the public is told nothing of what is removed `now`.
    """
    letter = edition.letter
    ever = Edition.objects.not_removed(now) if now else Edition.objects.all()
    # UNION ALL: asking for both with OR reads the whole table.
    family = ever.once_live(at).filter(letter=letter, language__in=LANGUAGES).in_brief()
    thread = ever.listed(at).filter(language=edition.language).in_brief()
    replies = thread.filter(letter__in_reply_to=letter)
    answered = thread.filter(letter=letter.in_reply_to_id)
    around = list(family.union(replies, answered, all=True))
    own = [other for other in around if other.letter_id == letter.pk]
    for other in own:
        other.letter = letter  # which has the withdrawals
    languages = sorted(
        (o for o in own if o.language != edition.language and o.stage(at) == Stage.LIVE),
        key=lambda other: other.language,
    )
    files = list(edition.files.all())
    return {
        "edition": edition,
        "check_code": check_code(edition.digest) if edition.digest else "",
        "photographs": [file for file in files if file.role == File.Role.PHOTOGRAPH],
        "facsimiles": [file for file in files if file.role == File.Role.FACSIMILE],
        "files_at": reverse("letter-file", args=[edition.language, letter.reference, "-"])[:-1],
        **parties_by_role(edition),
        "languages": languages,
        "not_followed": _not_followed(edition, languages),
        "restored": _restored(edition, at),
        "history": sorted(
            (other for other in own if other.language == edition.language),
            key=lambda other: -other.number,
        ),
        "thread": sorted(
            (other for other in around if other.letter_id != letter.pk), key=_oldest_first
        ),
    }


def _not_followed(edition: Edition, others: list[Edition]) -> Edition | None:
    """The corrected original that this translation is older than."""
    for other in others:
        is_original = other.language == edition.letter_language and other.number > 1
        if is_original and edition.live_from and other.live_from:
            return other if other.live_from > edition.live_from else None
    return None


def _restored(edition: Edition, at: datetime) -> list[Withdrawal]:
    """Withdrawals that were ended, not those that only got another notice."""
    own = [w for w in edition.letter.withdrawals.all() if w.language == edition.language]
    begun = {withdrawal.since for withdrawal in own}
    return [w for w in own if w.until and w.until <= at and w.until not in begun]


def parties_by_role(edition: Edition) -> dict[str, list[Party]]:
    by_role: dict[str, list[Party]] = {role: [] for role in Role}
    for party in edition.parties.all():
        by_role[party.role].append(party)
    return {
        "senders": by_role[Role.SENDER],
        "addressees": by_role[Role.ADDRESSEE],
        "signatories": by_role[Role.SIGNATORY] or by_role[Role.SENDER],
        "copies": by_role[Role.COPY],
    }


def in_words(edition: Edition) -> str:
    """What a letter says, as it is read aloud: headline, context, salutation, text, close."""
    parts = [
        edition.headline,
        edition.summary,
        edition.salutation,
        markup.to_text(edition.body),
        edition.closing,
    ]
    return "\n\n".join(part for part in parts if part)


def _oldest_first(edition: Edition) -> tuple[date, int]:
    return edition.dated or date.min, edition.pk


def related(edition: Edition, at: datetime) -> list[Edition]:
    """At most four other listed letters, the best-connected first.

    The same thread counts most, then a shared correspondent, then a shared country, then the
    same kind; of equals the nearest in time. Our own side of the letter, common to most, does
    not connect. Takes an edition loaded `in_full`; one query. Candidates are the newest of each
    listing that the letter stands in, which an index gives: what is read does not grow with the
    archive.
    """
    ours = Role.SENDER if edition.letter.direction == Direction.SENT else Role.ADDRESSEE
    theirs = [party for party in edition.parties.all() if party.role in ENDS and party.role != ours]
    people = {of_correspondent(p.correspondent_id) for p in theirs if p.correspondent_id}
    countries = {of_country(party.country) for party in theirs if party.country}
    kin = [pk for pk in (edition.letter_id, edition.letter.in_reply_to_id) if pk]

    def newest(facet: str) -> Any:
        return Listing.objects.listed(at).under(edition.language, facet).newest_first()

    listings = [newest(facet) for facet in sorted(people | countries)]
    listings.append(newest(EVERY).filter(kind=edition.kind_id))
    # SQLite takes a limit within a union only from a query around it.
    candidates = [
        Edition.objects.filter(pk__in=rows.values("edition")[: CANDIDATES + 1]).values("pk")
        for rows in listings
    ]
    answers = Edition.objects.filter(letter__in_reply_to__in=kin).values("pk")
    answered = Edition.objects.filter(letter__in=kin[1:]).values("pk")
    ties = [
        Q(letter__in_reply_to__in=kin) | Q(letter__in=kin),
        Exists(Listing.objects.filter(edition=OuterRef("pk"), facet__in=people)),
        Exists(Listing.objects.filter(edition=OuterRef("pk"), facet__in=countries)),
        Q(kind=edition.kind_id),
    ]
    closeness: Any = Value(0)
    for weight, tie in zip((8, 4, 2, 1), ties, strict=True):
        closeness = closeness + Case(When(tie, then=Value(weight)), default=Value(0))
    others = Edition.objects.listed(at).filter(language=edition.language)
    others = others.filter(pk__in=answers.union(answered, *candidates))
    others = others.exclude(letter=edition.letter_id).in_brief().annotate(closeness=closeness)

    def rank(other: Edition) -> tuple[int, int, int]:
        apart = (other.dated - edition.dated).days if other.dated and edition.dated else 0
        return -other.closeness, abs(apart), -other.pk  # type: ignore[attr-defined]

    return sorted(others, key=rank)[:RELATED]


def offices(person: Correspondent, language: str) -> list[dict[str, Any]]:
    """The offices a correspondent held, the latest first, where there is a title to show."""
    held = sorted(person.appointments.all(), key=lambda a: a.since or date.min, reverse=True)
    return [
        {"title": title, "since": office.since, "until": office.until}
        for office in held
        if (title := office.title_in(language))
    ]


def absolute(path: str) -> str:
    """An address of this site under the name it has for everybody, however it was asked for."""
    return iri_to_uri(settings.PRESSOFFICE_SITE_URL + path)


def language_of(request: HttpRequest) -> str:
    """The language a page's address names, or else the deployment's first."""
    first = request.path_info.split("/")[1]
    return first if first in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def same_page(request: HttpRequest) -> dict[str, str]:
    """This page's address in every language of the deployment; none for pages without one."""
    try:
        match = resolve(request.path_info)
        return {
            code: reverse(match.view_name, kwargs={**match.kwargs, "language": code})
            for code in LANGUAGES
        }
    except (Resolver404, NoReverseMatch):
        return {}


def in_each_language(addresses: dict[str, str]) -> list[dict[str, str]]:
    """Every language of the deployment, with the address of a page where it has one there."""
    return [
        {
            "code": code,
            "name": name,
            "dir": "rtl" if code in settings.LANGUAGES_BIDI else "ltr",
            "url": addresses.get(code, ""),
        }
        for code, name in settings.LANGUAGES
        if addresses
    ]
