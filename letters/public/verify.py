"""Whether a text is ours: by its address, by its reference and check code, as a file, or pasted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from letters import differences, genuine, markup, record, signing
from letters.models import Edition, Office, Redaction, Statement, Withdrawal
from letters.models.edition import EditionQuerySet
from letters.public import nearest, reading
from letters.public.views import show

LARGEST = 20 * 2**20
MOST_TEXT = 200_000
# Below this share of words in common, no letter is said to be near.
NEAR = 0.3


class Verdict(StrEnum):
    CURRENT = "current"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    REDACTED = "redacted"  # ours, and its words were removed since
    ALTERED = "altered"  # not ours as it is; `edition` is the nearest of ours
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"


class Finding(NamedTuple):
    """What is said of what was asked. No text of a withdrawn letter that is not to be read."""

    verdict: Verdict
    edition: Edition | None = None
    current: Edition | None = None
    withdrawal: Withdrawal | None = None
    pieces: Sequence[tuple[str, str]] = ()
    why: str = ""
    emptied: Sequence[Redaction] = ()  # of earlier editions, whose words are not there to compare


class Question(forms.Form):
    """One of four ways to ask; the first that is filled in counts."""

    reference = forms.CharField(label=_("Reference"), required=False, max_length=40)
    code = forms.CharField(label=_("Check code"), required=False, max_length=20)
    address = forms.CharField(label=_("Address of the letter"), required=False, max_length=2000)
    file = forms.FileField(label=_("File"), required=False, allow_empty_file=True)
    text = forms.CharField(
        label=_("Text"), required=False, max_length=MOST_TEXT, widget=forms.Textarea
    )

    def clean_file(self) -> bytes | None:
        file = self.cleaned_data["file"]
        if file is None:
            return None
        content: bytes = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise forms.ValidationError(_("This file is larger than any of ours."))
        return content


# Nothing is changed by asking, and nobody is signed in: there is nothing to forge.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, language: str) -> HttpResponse:
    with translation.override(language):
        request.LANGUAGE_CODE = language
        form = Question(request.POST or request.GET, request.FILES)
        finding = None
        status = 200 if form.is_valid() else 400
        if form.is_valid():
            finding = _answer(form, timezone.now(), request)
        response = show(request, "letters/verify.html", {"form": form, "found": finding}, status)
        response["Cache-Control"] = "no-store" if form.is_valid() and finding else "no-cache"
        return response


def _answer(form: Question, at: datetime, request: HttpRequest) -> Finding | None:
    asked = form.cleaned_data
    if asked["reference"] and asked["code"]:
        return by_code(asked["reference"], asked["code"], at)
    if asked["address"]:
        return by_address(asked["address"], request.get_host(), at)
    if asked["file"] is not None:
        return by_file(asked["file"], at)
    if asked["text"]:
        return by_text(asked["text"], at)
    return None


# --- Where a text stands ------------------------------------------------------------------------


def standing(edition: Edition, at: datetime) -> Finding:
    """Of a text that is surely ours: current, corrected since (and how), or withdrawn."""
    withdrawal = edition.letter.withdrawal(edition.language, at)
    if withdrawal is not None:
        return Finding(Verdict.WITHDRAWN, edition, withdrawal=withdrawal)
    current = _ever(at).live(at).filter(letter=edition.letter, language=edition.language).first()
    if edition.redacted_at:
        return Finding(Verdict.REDACTED, edition, current)
    if current is None or current.pk == edition.pk:
        return Finding(Verdict.CURRENT, edition)
    pieces = differences.words(reading.in_words(edition), reading.in_words(current))
    return Finding(Verdict.CORRECTED, edition, current, pieces=pieces)


def _ever(at: datetime) -> EditionQuerySet:
    return Edition.objects.once_live(at).filter(language__in=reading.LANGUAGES).in_full()


# --- Ways to ask --------------------------------------------------------------------------------


def by_code(reference: str, code: str, at: datetime) -> Finding:
    """The text with that reference and check code; what is easily misread is forgiven."""
    asked = _typed(code)
    for edition in _ever(at).filter(letter__reference=nearest.plain(reference).strip()):
        if asked and asked == _typed(record.check_code(edition.digest)):
            return standing(edition, at)
    return Finding(Verdict.UNKNOWN)


def _typed(code: str) -> str:
    letters = re.sub(r"[^A-Z0-9]", "", nearest.plain(code).upper())
    return letters.translate(str.maketrans("018", "OIB"))


def by_address(address: str, host: str, at: datetime) -> Finding:
    """The letter at an address of this site, typed with or without its beginning."""
    try:
        url = urlsplit(address.strip() if "//" in address else f"//{address.strip()}")
        if url.netloc.lower() != host.lower():
            return Finding(Verdict.UNKNOWN)
        match = resolve(unquote(url.path))
    except (ValueError, Resolver404):
        return Finding(Verdict.UNKNOWN)
    reference, language = match.kwargs.get("reference"), match.kwargs.get("language")
    ours = _ever(at).filter(letter__reference=reference).order_by("language", "-number")
    if language:
        ours = ours.filter(language=language)
    if number := match.kwargs.get("number"):
        ours = ours.filter(number=number)
    edition = ours.first() if reference else None
    return standing(edition, at) if edition else Finding(Verdict.UNKNOWN)


def by_file(content: bytes, at: datetime) -> Finding:
    """A letter.json, letter.pdf or letter.txt, as it was downloaded here."""
    if content.startswith(b"%PDF-"):
        try:
            return _stated(genuine.check_signed(content, signing.keys()).statement, at)
        except (genuine.Unreadable, signing.Forged):
            return Finding(Verdict.UNKNOWN, why="pdf")
    if content.lstrip()[:1] == b"{":
        return _by_json(content, at)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Finding(Verdict.UNREADABLE)
    return by_text(text, at) if len(text) <= MOST_TEXT else Finding(Verdict.UNREADABLE)


def _by_json(content: bytes, at: datetime) -> Finding:
    try:
        return _stated(genuine.check(content, signing.keys()).statement, at)
    except genuine.Unreadable:
        return Finding(Verdict.UNREADABLE)
    except signing.Forged:
        return _nearest_to_forged(content, at)


def _stated(said: dict[str, Any], at: datetime) -> Finding:
    """Of the text on which this office made that statement."""
    found = Statement.objects.filter(
        edition__in=_ever(at),
        edition__letter__reference=said["reference"],
        edition__language=said["language"],
        edition__number=said["number"],
        digest=said["digest"],
    )
    statement = found.select_related("edition").first()
    if statement is None:
        # Signed with our key, and not in our record: that is for the office to look into.
        return Finding(Verdict.UNKNOWN)
    return standing(_ever(at).get(pk=statement.edition_id), at)


def _nearest_to_forged(content: bytes, at: datetime) -> Finding:
    letter = genuine.read(content)["letter"]
    names = ("headline", "summary", "salutation", "body", "closing")
    parts = [letter[name] for name in names if isinstance(letter.get(name), str)]
    found = by_text("\n\n".join(markup.to_text(part) for part in parts)[:MOST_TEXT], at)
    # Its words may all be ours while a fact or a file is not.
    if found.verdict in (Verdict.CURRENT, Verdict.CORRECTED):
        return Finding(Verdict.ALTERED, found.edition, why="signature")
    return found if found.verdict == Verdict.ALTERED else Finding(Verdict.UNKNOWN, why="signature")


# --- A pasted text ------------------------------------------------------------------------------


def by_text(text: str, at: datetime) -> Finding:
    """Ours if it is signed by us, as a letter.txt is at its end, or else word by word.

    Of a text whose words are no longer there, the signature alone can tell.
    """
    content = text.replace("\r\n", "\n").encode(errors="surrogatepass")
    try:
        return _stated(genuine.check_signed(content, signing.keys()).statement, at)
    except (genuine.Unreadable, signing.Forged):
        return _by_words(genuine.unsigned(content)[0].decode(errors="surrogatepass"), at)


def _by_words(text: str, at: datetime) -> Finding:
    """Ours if the whole letter stands in it, with no word more than stands on its page."""
    pasted = nearest.tokens(text)
    found, most = None, (0.0, 0.0)
    for edition in nearest.candidates(text, _ever(at)):
        if _is_whole(pasted, edition, at):
            return standing(edition, at)
        likeness = nearest.likeness(pasted, nearest.tokens(reading.in_words(edition)))
        if likeness > most:
            found, most = edition, likeness
    if found is None or most[0] < NEAR:
        return Finding(Verdict.UNKNOWN)
    withdrawal = found.letter.withdrawal(found.language, at)
    if withdrawal is not None and withdrawal.kind != Withdrawal.Kind.KEPT:
        return Finding(Verdict.UNKNOWN)
    lines = "\n\n".join(line.strip() for line in text.splitlines() if line.strip())
    redacted = Redaction.objects.exclude(confirmed_at=None).select_related("edition")
    return Finding(
        Verdict.ALTERED,
        found,
        pieces=differences.words(_like(found, lines), lines),
        emptied=list(
            redacted.filter(edition__letter=found.letter, edition__language=found.language)
        ),
    )


def _like(edition: Edition, text: str) -> str:
    """The letter, with as much of what stands around it on its page as the text has."""
    there = set(nearest.tokens(text))
    around = reading.parties_by_role(edition)

    def named(role: str) -> list[str]:
        return [line for party in around[role] for line in (party.name, party.title)]

    with translation.override(edition.language):
        day = date_format(edition.dated, "DATE_FORMAT") if edition.dated else ""
    before = [edition.headline, edition.summary, *named("addressees")]
    letter = [edition.salutation, *edition.paragraphs, *edition.closing.splitlines()]
    after = [*named("signatories"), f"{edition.place}, {day}"]
    lines = [
        *(line for line in before if there.issuperset(nearest.tokens(line))),
        *letter,
        *(line for line in after if there.issuperset(nearest.tokens(line))),
    ]
    return "\n\n".join(line for line in lines if line.strip())


def _is_whole(pasted: list[str], edition: Edition, at: datetime) -> bool:
    """The letter from first to last word, between words of its page in their order, or none."""
    letter = [edition.salutation, markup.to_text(edition.body), edition.closing]
    core = nearest.tokens(" ".join(letter))
    start = _place(core, pasted)
    if start is None:
        return False
    page = nearest.tokens(_page(edition, at))
    of_page = _place(core, page)
    if of_page is None:
        return False
    before, after = pasted[:start], pasted[start + len(core) :]
    return _in_order(before, page[:of_page]) and _in_order(after, page[of_page + len(core) :])


def _place(some: list[str], whole: list[str]) -> int | None:
    if not some:
        return None
    length = len(some)
    for start in range(len(whole) - length + 1):
        if whole[start] == some[0] and whole[start : start + length] == some:
            return start
    return None


def _in_order(some: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(word in rest for word in some)


def _page(edition: Edition, at: datetime) -> str:
    """Everything that stands on the page of a letter and in its files."""
    with translation.override(edition.language):
        context = reading.parties_by_role(edition) | {
            "edition": edition,
            "office": Office.objects.current(),
            "withdrawal": edition.letter.withdrawal(edition.language, at),
            "code": record.check_code(edition.digest),
        }
        return render_to_string("letters/letter.txt", context)
