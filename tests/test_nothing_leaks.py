"""A letter is on no public address before its moment, and on all of them at it.

The addresses are those of `letters.public.urls`; a new one is tried without being named here.
Before its moment a page is, byte for byte, the page of a site that has no such letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone
from pypdf import PdfReader

from letters import workflow
from letters.models import CountryName, Edition, Kind, Party, Role, Stage, Withdrawal
from letters.public import urls
from letters.public.archive import ArchiveForm
from tests.letters_at_stages import (
    approve,
    edit,
    make_correction,
    make_correspondent,
    make_draft,
    make_edition,
    person,
    publish,
    schedule,
    submit,
    withdraw,
)

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

LANGUAGES = [code for code, _name in settings.LANGUAGES]
# Pictures have no words: tests/test_files.py asks when they may be seen.
FILES = {"letter-file", "letter-card", "clearance-file"}
# Addresses that never carry a letter.
NEVER = {"root", "robots", "security", "humans", "healthz", "readyz", "clearance"} | FILES
NEVER |= {"verify", "jwks", "record"}
NEVER |= {"about", "contacts", "accessibility", "privacy", "reuse"}
NEVER |= {"emblem", "portrait", "colours", "icon"}
NEVER |= {"api:openapi-json", "api:api-root", "api:nowhere", "api:kinds"}
NEVER |= {"sitemap", "sitemap-pages"}  # which lead to addresses without a word of a letter
# They tell that a letter was withdrawn, by its reference.
FEEDS = {"feed", "feed-json"}
# Every word of a letter; `sought` is the one searched for, which a page may repeat.
WORDS = re.compile("quor[a-z]+")


def routes(patterns: list[Any] | None = None) -> Iterator[tuple[str, set[str]]]:
    """The name of every public address, and its parameters."""
    for pattern in urls.urlpatterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            outer = set(pattern.pattern.regex.groupindex)
            space = f"{pattern.namespace}:" if pattern.namespace else ""
            for name, inner in routes(pattern.url_patterns):
                yield space + name, outer | inner
        else:
            assert isinstance(pattern, URLPattern)
            yield pattern.name, set(pattern.pattern.regex.groupindex)


ROUTES = dict(routes())


def words_of(letter: str) -> dict[str, Any]:
    """Facts in which every text has a word of its own, found nowhere else."""
    fields = ("headline", "summary", "place", "salutation", "body", "closing", "notes")
    facts: dict[str, Any] = {name: f"Quor{name}{letter} sought" for name in fields}
    facts["body"] = f"<p>{facts['body']}</p>"
    return {**facts, "press_contact": f"quorcontact{letter}@valdora.example"}


def parties_of(letter: str, language: str = "en") -> list[Party]:
    """A correspondent and a country that no other letter has."""
    someone = make_correspondent(f"someone-{letter}", {language: f"Quorname{letter}"})
    country = {"code": "XQ", "language": language, "name": "Quorland"}
    CountryName.objects.get_or_create(**country)
    addressee = Party(role=Role.ADDRESSEE, correspondent=someone, name=f"Quorname{letter}")
    addressee.title, addressee.country, addressee.country_name = "Quortitle", "XQ", "Quorland"
    return [Party(role=Role.SENDER, name="Mira Halden", title="President"), addressee]


def addresses(letter: str, *references: str, of: str | None = None) -> dict[str, str]:
    """Every public address, with the parameters of that letter; by a name to be read."""
    found = {}
    values: dict[str, list[Any]] = {
        "language": LANGUAGES[:2] if of is None else [of],  # the letter's own, and another
        "reference": list(references),
        "number": [1, 2],
        "code": ["XQ"],
        "token": ["guessed"],
        "name": ["guessed.jpg"],
        "year": [timezone.localdate().year],
        "unknown": ["guessed"],
        "digest": ["0" * 64],
        "signs": [").", ","],
    }
    for name, parameters in ROUTES.items():
        slug = f"someone-{letter}" if name.endswith("correspondent") else "any-words"
        filled: list[dict[str, Any]] = [{}]
        for parameter in sorted(parameters):
            choices = [slug] if parameter == "slug" else values[parameter]
            filled = [{**kwargs, parameter: value} for kwargs in filled for value in choices]
        for kwargs in filled:
            address = reverse(name, kwargs=kwargs)
            if name.startswith("api:"):
                found |= dict.fromkeys(of_the_api(address, name, values["language"], letter), name)
                continue
            if name == "suggestions":  # of nothing typed there are none
                found |= {f"{address}?q={typed}": name for typed in ("quor", "sought")}
                continue
            found[address] = name
            if name in {"archive", "search"} | FEEDS:
                found |= {f"{address}?{query}": name for query in queries(letter)}
    return found


def of_the_api(address: str, name: str, languages: list[str], letter: str) -> Iterator[str]:
    """The address in each language, if that is no part of it, and with each parameter."""
    if name in ("api:letter", "api:text") or name in NEVER - {"api:kinds"}:
        yield address
        return
    for language in languages:
        yield f"{address}?language={language}"
        if name == "api:letters":
            for query in queries(letter):
                if not query.startswith("after="):
                    yield f"{address}?language={language}&{query}"


def queries(letter: str) -> list[str]:
    year = timezone.localdate().year
    values = {
        "q": "sought",
        "kind": "condolence",
        "country": "XQ",
        "correspondent": f"someone-{letter}",
        "direction": "sent",
        "letter_language": "en",
        "year": str(year),
        "month": f"{timezone.localdate().month}&year={year}",
        "before": f"{year + 1}-01-01.1",
        "after": f"{year - 1}-01-01.1",
    }
    return [f"{name}={values[name]}" for name in ArchiveForm().fields]


def pages(client: Client, which: dict[str, str]) -> dict[str, tuple[int, str]]:
    """What the public gets at each address, redirects followed."""
    found = {}
    for address in which:
        response = client.get(address, follow=True)
        text = text_of(response)
        if address.startswith("/readyz"):  # while the clock stands still here, the database's goes
            text = re.sub(r"is [\d.]+ s off", "is off", text)
        else:
            assert response.status_code < 500, address
        found[address] = (response.status_code, text)
    return found


def text_of(response: Any) -> str:
    if response.headers.get("Content-Type", "").startswith("image/"):
        return ""
    if response.headers.get("Content-Type") != "application/pdf":
        return response.content.decode()
    pages = PdfReader(BytesIO(response.getvalue())).pages
    # Broken over lines as printed, and in Arabic letter by letter: the words are Latin.
    return "\n".join(page.extract_text() for page in pages).replace("-\n", "")


def an_hour_later(
    clock: time_machine.Traveller, client: Client, which: dict[str, str]
) -> dict[str, tuple[int, str]]:
    """The pages as they will be in an hour, less a second; and the clock is back."""
    clock.shift(3599)
    try:
        return pages(client, which)
    finally:
        clock.shift(-3599)


# --- Before ------------------------------------------------------------------------------------

IN_THE_MAKING = [Stage.DRAFT, Stage.SUBMITTED, Stage.APPROVED, Stage.SCHEDULED, Stage.DISCARDED]


def bring_to(stage: Stage, draft: Edition) -> Edition:
    match stage:
        case Stage.SUBMITTED:
            draft = submit(draft)
        case Stage.APPROVED:
            draft = approve(draft)
        case Stage.SCHEDULED:
            draft = schedule(draft)
        case Stage.DISCARDED:
            draft = workflow.discard(draft, by=person("drafter"))
    assert draft.stage(timezone.now()) == stage
    return draft


@pytest.mark.parametrize("what", ["letter", "correction", "translation"])
def test_of_a_text_that_is_not_public_no_address_says_anything(what, clock, citizen):
    condolence = Kind.objects.get(code="condolence")
    older = {"kind": condolence, "headline": "An older letter sought"}
    public = [make_edition(clock=clock, **older) for _ in IN_THE_MAKING]
    parties = parties_of("a", "fr" if what == "translation" else "en")
    year = timezone.localdate().year
    following = [f"{year}-{len(public) + n}" for n in range(1, len(public) + 1)]
    theirs = following if what == "letter" else [edition.letter.reference for edition in public]
    everywhere = addresses("a", *theirs)
    before = an_hour_later(clock, citizen, everywhere)

    def draft(edition: Edition, letter: str) -> Edition:
        facts = {**words_of(letter), "kind": condolence}
        if what == "correction":
            return make_correction(edition, **facts, correction_note="Quornote")
        if what == "translation":
            translated = workflow.translate(edition, "fr", by=person("drafter"))
            translated = edit(translated, person("drafter"), **facts)
            translated.parties.update(name="Quorname")
            return translated
        return make_draft(parties=deepcopy(parties), **facts)

    # One at each stage, all at once: what is said of any of them would be seen.
    drafts = [draft(edition, letter) for edition, letter in zip(public, "abcde", strict=True)]
    if what == "letter":
        assert [made.letter.reference for made in drafts] == following
    for stage, made in zip(IN_THE_MAKING, drafts, strict=True):
        edition = bring_to(stage, made)
        if stage == Stage.SCHEDULED:
            assert edition.live_from == timezone.now() + timedelta(hours=1)
    after = an_hour_later(clock, citizen, everywhere)
    for address in everywhere:
        assert not WORDS.findall(after[address][1].lower()), address
        assert after[address] == before[address], address


@pytest.mark.parametrize("kind", ["removed", "moved"])
def test_of_a_text_that_was_taken_away_no_address_says_a_word(kind, clock, citizen):
    other = make_edition(clock=clock, headline="Another letter")
    parties, start = parties_of("a"), timezone.now()
    reference = f"{timezone.localdate().year}-2"
    everywhere = addresses("a", reference)
    before = an_hour_later(clock, citizen, everywhere)

    edition = publish(make_draft(parties=parties, **words_of("a")), clock)
    assert edition.letter.reference == reference
    corrected = publish(make_correction(edition, **words_of("b")), clock)
    moved_to = other.letter if kind == "moved" else None
    while_it_was_there = urlencode({"at": timezone.now().isoformat()})
    withdraw(corrected, kind, clock, moved_to=moved_to, reason="Sent in error.")
    for address in everywhere:
        if everywhere[address].startswith("api:"):
            mark = "&" if "?" in address else "?"
            then = {f"{address}{mark}{while_it_was_there}": everywhere[address]}
            assert not on(citizen, then).popitem()[1], address

    clock.move_to(start)
    after = an_hour_later(clock, citizen, everywhere)
    for address in everywhere:
        assert not WORDS.findall(after[address][1].lower()), address
        if reference not in address and everywhere[address] not in FEEDS:
            assert after[address] == before[address], address
    status, page = after[f"/en/letters/{reference}/"]
    if kind == "removed":
        assert (status, "Sent in error." in page) == (410, True)
    else:
        assert (status, "Another letter" in page) == (200, True)


def test_a_public_letter_says_nothing_of_the_one_it_answers_before_that_is_public(clock, citizen):
    question = make_draft(direction="received", parties=parties_of("a"), **words_of("a"))
    answer = workflow.start(
        by=person("drafter"),
        direction="sent",
        language="en",
        in_reply_to=question.letter,
        facts={
            name: getattr(make_draft(), name)
            for name in ("kind", "headline", "summary", "letter_language", "dated", "body")
        },
        parties=[Party(role=Role.SENDER, name="M."), Party(role=Role.ADDRESSEE, name="T.")],
    )
    answer = publish(answer, clock)
    everywhere = addresses("a", answer.letter.reference)
    for address, (_status, page) in pages(citizen, everywhere).items():
        assert not WORDS.findall(page.lower()), address
        assert question.letter.reference not in page.split(), address
        assert f"{question.letter.reference}/" not in page, address


# --- At its moment -----------------------------------------------------------------------------


def on(client: Client, which: dict[str, str]) -> dict[str, set[str]]:
    """The words of letters at each address."""
    return {address: set(WORDS.findall(page.lower())) for address, (_, page) in
            pages(client, which).items()}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_scheduled_letter_is_on_every_address_at_its_moment_with_only_the_clock_moved(
    language, clock, citizen
):
    facts = {**words_of("a"), "kind": Kind.objects.get(code="condolence")}
    draft = make_draft(language=language, parties=parties_of("a", language), **facts)
    edition = schedule(draft)
    everywhere = addresses("a", edition.letter.reference, of=language)
    # There is no second edition, and nothing is newer or older than what is asked for.
    everywhere = {a: name for a, name in everywhere.items() if not a.endswith("/editions/2/")}

    clock.move_to(edition.live_from - timedelta(microseconds=1))
    assert not any(on(citizen, everywhere).values())

    clock.move_to(edition.live_from)
    citizen.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    for address, words in on(citizen, everywhere).items():
        assert bool(words) == (everywhere[address] not in NEVER or address == "/"), address


def test_a_corrected_text_takes_the_earlier_ones_place_in_the_same_instant(clock, citizen):
    facts = {**words_of("a"), "kind": Kind.objects.get(code="condolence")}
    first = publish(make_draft(parties=parties_of("a"), **facts), clock)
    second = schedule(make_correction(first, **words_of("b")))
    everywhere = addresses("a", first.letter.reference, of="en")
    history = {"editions", "edition"}
    current = {a: name for a, name in everywhere.items() if name not in NEVER | history}
    earlier = {word for word in on_page(citizen, first) if word.endswith("a")}
    assert {"quorheadlinea", "quorbodya", "quorsummarya"} <= earlier

    clock.move_to(second.live_from - timedelta(microseconds=1))
    for address, words in on(citizen, current).items():
        assert words, address
        assert not [word for word in words if word.endswith("b")], address

    clock.move_to(second.live_from)
    names = {"quornamea"}  # who it is to stays the same
    for address, words in on(citizen, current).items():
        assert words, address
        assert not [word for word in words - names if word.endswith("a")], address

    root = f"/en/letters/{first.letter.reference}/any-words/editions/"
    assert "quorbodya" in on(citizen, {f"{root}1/": ""})[f"{root}1/"]
    assert "quorbodyb" in on(citizen, {f"{root}2/": ""})[f"{root}2/"]


def on_page(client: Client, edition: Edition) -> set[str]:
    address = edition.get_absolute_url()
    return on(client, {address: "letter"})[address]


def test_a_withdrawn_letter_whose_text_is_kept_is_read_at_its_address_and_listed_nowhere(
    clock, citizen
):
    edition = publish(make_draft(parties=parties_of("a"), **words_of("a")), clock)
    everywhere = addresses("a", edition.letter.reference, of="en")
    withdraw(edition, Withdrawal.Kind.KEPT, clock, reason="Under review.")
    its_own = {"letter", "letter-by-reference", "letter-text", "letter-pdf", "short-link"}
    its_own |= {"short-link-in-a-sentence"}
    its_own |= {"letter-json", "api:letter", "api:text"}
    its_own |= {"editions", "edition"}
    for address, words in on(citizen, everywhere).items():
        if everywhere[address] not in its_own:
            assert not words, address
    address = edition.get_absolute_url()
    assert "quorbodya" in on_page(citizen, edition)
    assert b"Under review." in citizen.get(address).content


def test_a_restored_letter_is_on_every_address_again(clock, citizen):
    facts = {**words_of("a"), "kind": Kind.objects.get(code="condolence")}
    edition = publish(make_draft(parties=parties_of("a"), **facts), clock)
    everywhere = addresses("a", edition.letter.reference, of="en")
    before = on(citizen, everywhere)
    edition = withdraw(edition, "removed", clock)
    workflow.restore(edition, by=person("publisher"))
    clock.shift(1)
    assert on(citizen, everywhere) == before


def test_the_addresses_tried_are_all_there_are():
    assert set(ROUTES) > NEVER
    assert {"front", "archive", "letter", "feed", "sitemap", "short-link"} < set(ROUTES)
    parameters = {"language", "reference", "slug", "number", "code", "token", "name", "year"}
    parameters |= {"unknown", "digest", "signs"}
    assert set().union(*ROUTES.values()) == parameters
