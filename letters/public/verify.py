"""Whether a text is ours: by its address, by its reference and check code, as a file, or pasted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from letters import differences, genuine, markup, record, signing
from letters.collation import ENOUGH, Collation, Text
from letters.models import Edition, Redaction, Statement
from letters.models.edition import EditionQuerySet
from letters.public import nearest, reading
from letters.public.verdicts import FOUND, Finding, Verdict, weigh
from letters.public.views import show

LARGEST = 20 * 2**20
MOST_TEXT = 100_000
SHOWN = 5  # other letters with the same words, at most
_CODE = re.compile(r"\b[A-Z0-9]{5}-?[A-Z0-9]{5}\b", re.IGNORECASE)


class Question(forms.Form):
    """One of three ways to ask; the first that is filled in counts."""

    reference = forms.CharField(label=_("Reference"), required=False, max_length=40)
    code = forms.CharField(label=_("Check code"), required=False, max_length=20)
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
        # Before a byte of it is read: the server would keep all of it first.
        length = str(request.META.get("CONTENT_LENGTH"))
        if length.isdecimal() and int(length) > LARGEST + 2**20:
            form = Question({})
            form.add_error("file", gettext("This file is larger than any of ours."))
            return show(request, "letters/verify.html", {"form": form}, 413)
        form = Question(request.POST or request.GET, request.FILES)
        finding = None
        status = 200 if form.is_valid() else 400
        if form.is_valid():
            finding = _answer(form, timezone.now(), language)
        context: dict[str, Any] = {"form": form, "found": finding}
        if finding and finding.edition and finding.is_looked_up and not finding.is_sealed:
            context |= reading.parties_by_role(finding.edition)
        response = show(request, "letters/verify.html", context, status)
        response["Cache-Control"] = "no-store" if form.is_valid() and finding else "no-cache"
        return response


def _answer(form: Question, at: datetime, language: str) -> Finding | None:
    asked = form.cleaned_data
    if asked["reference"] and asked["code"]:
        return by_code(asked["reference"], asked["code"], at)
    if asked["reference"]:
        return by_reference([_reference(asked["reference"])], at, language)
    if asked["file"] is not None:
        return by_file(asked["file"], at, language)
    if asked["text"]:
        return by_text(asked["text"], at, language)
    return None


# --- What became of a text that was found -------------------------------------------------------


def standing(verdict: Verdict, edition: Edition, at: datetime) -> Finding:
    """With the text that stands in its place, and how that differs, or the withdrawal."""
    found = Finding(verdict, edition, withdrawal=edition.letter.withdrawal(edition.language, at))
    if found.withdrawal is None:
        own = _ever(at).live(at).filter(letter=edition.letter, language=edition.language)
        current = own.exclude(pk=edition.pk).first()
        found.current = current
        if current and not edition.redacted_at and not current.redacted_at:
            found.since = differences.words(reading.in_words(edition), reading.in_words(current))
    return found


def _ever(at: datetime) -> EditionQuerySet:
    return Edition.objects.once_live(at).filter(language__in=reading.LANGUAGES).in_full()


def _emptied(letters: Iterable[str], at: datetime) -> list[Redaction]:
    """Texts of these letters of which no word is left."""
    done = Redaction.objects.exclude(confirmed_at=None)
    done = done.filter(edition__in=Edition.objects.once_live(at))
    done = done.filter(edition__letter__reference__in=list(letters)[: nearest.MOST_REFERENCES])
    return list(done.select_related("edition__letter").order_by("pk")[:SHOWN])


# --- What is only looked up ---------------------------------------------------------------------


def by_code(reference: str, code: str, at: datetime) -> Finding:
    """The text with that reference and check code; what is easily misread is forgiven."""
    asked = _typed(code)
    for edition in _ever(at).filter(letter__reference=_reference(reference)):
        if asked and asked == _typed(record.check_code(edition.digest)):
            return standing(Verdict.CODE, edition, at)
    return Finding(Verdict.UNKNOWN, why="code")


def _reference(typed: str) -> str:
    return "".join(Text(typed).keys)


def _typed(code: str) -> str:
    letters = re.sub(r"[^A-Z0-9]", "", normalize("NFKC", code).upper())
    return letters.translate(str.maketrans("018", "OIB"))


def by_reference(references: list[str], at: datetime, language: str) -> Finding:
    """The letter's text of today: in the language of the page, or else as it was written."""
    found = _ever(at).live(at).filter(letter__reference__in=references[:1])
    editions = sorted(
        found, key=lambda one: (one.language != language, one.language != one.letter_language)
    )
    if not editions:
        return Finding(Verdict.UNKNOWN, why="reference")
    return standing(Verdict.REFERENCE, editions[0], at)


def is_address(text: str) -> bool:
    """Whether it is nothing but an address, typed with or without its beginning."""
    host = urlsplit(reading.absolute("/")).netloc
    return len(text.split()) == 1 and ("//" in text or text.strip().startswith(f"{host}/"))


def by_address(address: str, at: datetime) -> Finding:
    """The letter at an address of this site, whatever name the site was asked by."""
    unknown = Finding(Verdict.UNKNOWN, why="address")
    try:
        url = urlsplit(address.strip() if "//" in address else f"//{address.strip()}")
        if url.netloc.lower() != urlsplit(reading.absolute("/")).netloc.lower():
            return unknown
        match = resolve(unquote(url.path))
    except (ValueError, Resolver404):
        return unknown
    reference, language = match.kwargs.get("reference"), match.kwargs.get("language")
    ours = _ever(at).filter(letter__reference=reference).order_by("language", "-number")
    if language:
        ours = ours.filter(language=language)
    if number := match.kwargs.get("number"):
        ours = ours.filter(number=number)
    edition = ours.first() if reference else None
    return standing(Verdict.ADDRESS, edition, at) if edition else unknown


# --- Files --------------------------------------------------------------------------------------


def by_file(content: bytes, at: datetime, language: str) -> Finding:
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
    if len(text) > MOST_TEXT:
        return Finding(Verdict.UNREADABLE)
    return by_text(text, at, language)


def _by_json(content: bytes, at: datetime) -> Finding:
    try:
        return _stated(genuine.check(content, signing.keys()).statement, at)
    except genuine.Unreadable:
        return Finding(Verdict.UNREADABLE)
    except signing.Forged:
        return _words_of_forged(content, at)


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
        return Finding(Verdict.UNKNOWN, why="record")
    return standing(Verdict.FILE, _ever(at).get(pk=statement.edition_id), at)


def _words_of_forged(content: bytes, at: datetime) -> Finding:
    letter = genuine.read(content)["letter"]
    names = ("headline", "summary", "salutation", "body", "closing")
    parts = [letter[name] for name in names if isinstance(letter.get(name), str)]
    found = by_words("\n\n".join(markup.to_text(part) for part in parts)[:MOST_TEXT], at)
    # Its words may all be ours while a fact or a file is not.
    if found.verdict in FOUND:
        found.verdict = Verdict.FORGED
    if found.edition is None:
        return Finding(Verdict.UNKNOWN, why="signature")
    return found


# --- A pasted text ------------------------------------------------------------------------------


def by_text(text: str, at: datetime, language: str) -> Finding:
    """By the signature at its end, as a letter.txt has one, or else word by word.

    Of a text whose words are no longer there, the signature alone can tell.
    """
    if is_address(text):
        return by_address(text, at)
    content = text.replace("\r\n", "\n").encode(errors="surrogatepass")
    try:
        return _stated(genuine.check_signed(content, signing.keys()).statement, at)
    except (genuine.Unreadable, signing.Forged):
        unsigned = genuine.unsigned(content)[0].decode(errors="surrogatepass")
        return by_words(unsigned, at, language)


def by_words(text: str, at: datetime, language: str = "") -> Finding:
    """The letter that has most of the words; of letters with as many, the one that is named."""
    pasted = Text(text.replace("\r\n", "\n"))
    named = nearest.references(pasted)
    if pasted.words() < ENOUGH:
        if named and (code := _CODE.search(text.replace(named[0], " "))):
            return by_code(named[0], code[0], at)
        return by_reference(named, at, language) if named else Finding(Verdict.SHORT)
    weighed = []
    for edition, sheet in nearest.candidates(pasted, _ever(at)):
        collation = Collation(pasted, sheet)
        verdict = weigh(collation)
        if verdict is None:
            continue
        found = Finding(verdict, edition, collation=collation)
        found.withdrawal = edition.letter.withdrawal(edition.language, at)
        # Of a text that was removed only who has all of it learns anything.
        if found.is_sealed and verdict not in (Verdict.WHOLE, Verdict.BODY):
            continue
        is_live = edition.live_until is None or edition.live_until > at
        weight = (
            collation.found - collation.differing,
            verdict in (Verdict.WHOLE, Verdict.BODY),
            edition.letter.reference in named,
            is_live and found.withdrawal is None,
            collation.found_around,
            edition.live_from,
        )
        weighed.append((weight, edition.pk, found))
    if not weighed:
        unknown = Finding(Verdict.UNKNOWN, why="words", words=pasted.words())
        unknown.emptied = _emptied(named, at)
        return unknown
    weighed.sort(reverse=True, key=lambda one: one[:2])
    best = weighed[0][2]
    assert best.edition  # noqa: S101
    found = standing(best.verdict, best.edition, at)
    found.collation, found.words = best.collation, pasted.words()
    if found.verdict in (Verdict.PART, Verdict.CHANGED, Verdict.SOME):
        found.emptied = _emptied({best.edition.letter.reference, *named}, at)
    if found.verdict in (Verdict.WHOLE, Verdict.BODY, Verdict.PART):
        found.others = _with_the_same_words([one for _w, _pk, one in weighed], found)
    return found


def _with_the_same_words(weighed: list[Finding], best: Finding) -> list[Edition]:
    """Other letters of which the same is to be said, in whatever order they were found."""
    assert best.edition and best.collation  # noqa: S101
    found: dict[int, Edition] = {best.edition.letter_id: best.edition}
    for other in weighed:
        if other.edition and other.collation and not other.is_sealed:
            same = other.collation.found == best.collation.found and not other.collation.changes
            if same and other.verdict == best.verdict:
                found.setdefault(other.edition.letter_id, other.edition)
    return list(found.values())[1 : SHOWN + 1]
