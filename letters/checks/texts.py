"""Checks of what is written: each text of an edition by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from html import unescape
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.http.request import validate_host
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from letters import wording
from letters.checks.problem import Problem
from letters.models import Edition, Form, Party, Phrase, State

# Everything a reader sees that somebody wrote, in the order of the form.
WRITTEN = (
    *("headline", "summary", "place", "salutation", "body", "closing", "notes"),
    *("press_contact", "correction_note"),
)
LONGEST = 200_000  # characters of a text: the longest letters of record have a tenth of it
_MANY = 5


def texts_of(edition: Edition) -> dict[str, list[str]]:
    """The paragraphs of each text that is not empty."""
    found = {}
    for name in WRITTEN:
        value = getattr(edition, name)
        lines = edition.paragraphs if name == "body" else value.split("\n\n")
        if any(line.strip() for line in lines):
            found[name] = lines
    return found


def are_filled_in(
    edition: Edition, texts: dict[str, list[str]], parties: Sequence[Party]
) -> Iterator[Problem]:
    """No place is left to fill in."""
    excerpt = edition.form != Form.FULL
    lines = {name: "\n".join(paragraphs) for name, paragraphs in texts.items()}
    for place, party in enumerate(parties):
        lines |= {f"parties-{place}-{name}": getattr(party, name) for name in ("name", "title")}
    for field, text in lines.items():
        found = wording.placeholders(text, excerpt=excerpt)
        certain = [place.text for place in found if place.certain]
        doubtful = [place.text for place in found if not place.certain]
        cut = [text for text in certain if text in ("[…]", "[...]")]
        if cut:
            message = _(
                "“%(mark)s” stands in the text. Fill it in, or say that the letter is given as"
                " an excerpt."
            )
            yield Problem(field, message % {"mark": cut[0]})
        if left := [text for text in certain if text not in cut]:
            yield Problem(field, _("Still to be filled in: %(places)s.") % {"places": _list(left)})
        if doubtful:
            message = _("Is this still to be filled in? %(places)s")
            yield Problem(field, message % {"places": _list(doubtful)}, blocks=False)


def are_well_written(edition: Edition, texts: dict[str, list[str]]) -> Iterator[Problem]:
    """Quotations closed, words in one script, nothing unseen, and the language that was said."""
    for field, paragraphs in texts.items():
        text = "\n".join(paragraphs)
        for mark in wording.unbalanced(paragraphs)[:3]:
            message = (
                _("“%(near)s”: what %(mark)s opens is never closed.")
                if mark.opens
                else _("“%(near)s”: %(mark)s closes what was never opened.")
            )
            said = {"near": mark.near, "mark": mark.mark}
            yield Problem(field, message % said, blocks=False)
        for odd in wording.mixed_words(text)[:_MANY]:
            yield Problem(field, _odd(odd), blocks=False)
        if hidden := wording.hidden_in_words(text):
            message = _("An invisible character is inside %(words)s. Type the word again.")
            yield Problem(field, message % {"words": _list(hidden)}, blocks=False)
        expected = {edition.language, edition.letter_language} - {""}
        if field in ("headline", "summary"):
            expected = {edition.language}
        elif field != "body":
            continue
        if other := wording.other_language(text, expected):
            message = _("This is in another language, it seems: %(language)s.")
            said = {"language": settings.LANGUAGE_NAMES.get(other, other)}
            yield Problem(field, message % said, blocks=False)


def _odd(found: wording.Mixed) -> str:
    message = ngettext(
        "“%(word)s” has a letter of another script: %(letters)s (%(script)s). Type it again.",
        "“%(word)s” has letters of another script: %(letters)s (%(script)s). Type it again.",
        len(found.letters),
    )
    scripts = {"LATIN": _("Latin"), "CYRILLIC": _("Cyrillic"), "GREEK": _("Greek")}
    script = scripts.get(found.script, found.script.capitalize())
    return message % {"word": found.word, "letters": ", ".join(found.letters), "script": script}


def have_no_phrase_to_avoid(edition: Edition, texts: dict[str, list[str]]) -> Iterator[Problem]:
    """None of the words that administrators listed."""
    listed = dict(
        Phrase.objects.filter(language=edition.language).values_list("phrase", "suggestion")
    )
    if not listed:
        return
    for field in ("headline", "summary", "body"):
        text = "\n".join(texts.get(field, []))
        for phrase in wording.phrases_in(text, listed, edition.language):
            message = _("This office avoids “%(phrase)s”.") % {"phrase": phrase}
            if listed[phrase]:
                message = _("This office avoids “%(phrase)s”. Write “%(suggestion)s”.") % {
                    "phrase": phrase,
                    "suggestion": listed[phrase],
                }
            yield Problem(field, message, blocks=False)


def _list(words: Sequence[str]) -> str:
    shown = ", ".join(f"“{word}”" for word in words[:_MANY])
    return f"{shown}…" if len(words) > _MANY else shown


# --- Links ----------------------------------------------------------------------------------------

_LINK = re.compile(r'<a\b(?:[^<>]*?\shref="([^"<>]*)")?[^<>]*>')


def have_links_that_lead_somewhere(edition: Edition) -> Iterator[Problem]:
    """Links to this site lead to a page that is there, and all others have a whole address."""
    named: dict[tuple[str, str], str] = {}  # a letter and a language of it, and the link
    for href in dict.fromkeys(unescape(href) for href in _LINK.findall(edition.body)):
        if message := _wrong(href, named):
            yield Problem("body", message % {"link": href[:100]}, blocks=False)
    if not named:
        return
    references = {reference for reference, _language in named}
    public = Edition.objects.filter(letter__reference__in=references, state=State.PUBLISHED)
    there = set(public.values_list("letter__reference", "language"))
    for (reference, language), href in named.items():
        if (reference, language) in there or (not language and reference in dict(there)):
            continue
        message = _("The link “%(link)s” leads to no letter that is published.")
        yield Problem("body", message % {"link": href[:100]}, blocks=False)


def _wrong(href: str, named: dict[tuple[str, str], str]) -> str:
    """What is wrong with a link by itself; a letter of ours is noted, to be looked up."""
    try:
        address = urlsplit(href.strip())
        host = address.hostname or ""
    except ValueError:
        return _("The link “%(link)s” is not an address.")
    if address.scheme in ("mailto", "tel"):
        return ""
    if not host and not address.path.startswith("/"):
        if not href.strip():
            return _("A link in the text leads nowhere: it has no address.")
        return _("The link “%(link)s” is no whole address. It begins with https:// or with /.")
    if host and not _is_ours(host):
        return ""
    return _wrong_here(address, href, named)


def _wrong_here(address: SplitResult, href: str, named: dict[tuple[str, str], str]) -> str:
    match = _page(unquote(address.path) or "/")
    if match is None:
        return _("The link “%(link)s” leads to no page of this site.")
    if "admin" in match.app_names:
        return _("The link “%(link)s” leads to the desk, which the public cannot open.")
    if reference := match.kwargs.get("reference"):
        named[reference, match.kwargs.get("language", "")] = href
    return ""


def _page(path: str) -> ResolverMatch | None:
    tries: list[Callable[[], str]] = [lambda: path, lambda: f"{path}/"]
    for attempt in tries:
        try:
            return resolve(attempt())
        except Resolver404:
            continue
    return None


def _is_ours(host: str) -> bool:
    return validate_host(host, [name for name in settings.ALLOWED_HOSTS if name != "*"])
