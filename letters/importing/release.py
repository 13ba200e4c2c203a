"""The text of a press release turned into the fields of letter drafts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from letters.importing import furniture, phrases
from letters.importing.dates import find_date, place_and_date
from letters.importing.languages import language_of
from letters.importing.letter import Letter, is_prose
from letters.importing.names import Known, Person
from letters.importing.page import Piece, pieces
from letters.importing.parties import Parties, kind_of, parties_of
from letters.importing.pasted_html import html_lines, is_html
from letters.importing.people import Reader
from letters.importing.places import folded
from letters.importing.source import Line, Unreadable, plain_lines, text_of

__all__ = ["Known", "Person", "Release", "Unreadable", "read"]

_LONGEST_SUMMARY = 600
_LONGEST_HEADLINE = 300


@dataclass(frozen=True)
class Release:
    """One letter of a release. What the source does not give is empty."""

    language: str
    headline: str
    summary: str
    form: str  # full, excerpt or reported
    direction: str  # sent or received
    kind: str  # "" when not recognised
    senders: tuple[Person, ...]
    addressees: tuple[Person, ...]
    dated: date | None
    place: str
    salutation: str
    paragraphs: tuple[str, ...]
    body: str
    closing: str
    signatures: tuple[Person, ...]
    not_placed: tuple[str, ...]
    addressee_block: tuple[str, ...] = ()  # the source's lines that name and place the addressee
    signature_block: tuple[str, ...] = ()  # the source's lines that sign the letter
    lead_in: str = ""  # "The letter reads:"
    date_line: str = ""  # place and date in the source's words


def read(source: str | bytes, *, known: Known, language: str = "") -> list[Release]:
    """The letters a release holds, in their order, at least one.

    Every line of the source is in a field of one of them or in its `not_placed`.
    """
    text = text_of(source)
    lines = html_lines(text) if is_html(text) else plain_lines(text)
    if not lines:
        raise Unreadable("There is no text to read.")
    lines = [replace(line, number=number) for number, line in enumerate(lines)]
    if not language:
        language = language_of("\n".join(line.text for line in lines[:400]), known.languages)
    reader = Reader(known, language)
    found = pieces(lines, reader, language)
    heads = [_read_head(piece, language, reader) for piece in found]
    _share_page_headline(heads)
    return [
        _release(piece, head, reader, known, language)
        for piece, head in zip(found, heads, strict=True)
    ]


# --- above the letter -----------------------------------------------------------------------------


@dataclass
class _Head:
    headline: str = ""
    summary: str = ""
    lead_in: str = ""
    report: tuple[Line, ...] = ()  # the text of a report, when the letter's is not given
    dated: date | None = None
    place: str = ""
    date_line: str = ""
    titles: tuple[str, ...] = ()  # headlines above the one that is the letter's


def _read_head(piece: Piece, language: str, reader: Reader) -> _Head:
    head = _Head()
    told: list[Line] = []
    for at, line in enumerate(piece.head):
        given = place_and_date(line.text, language)
        if given and not line.is_heading and head.dated is None:
            head.dated, head.date_line = given.dated, line.text
            # The line right above a letter is the letter's own; higher up it is the letterhead's.
            if at == len(piece.head) - 1 and at > 0 and piece.lead_in is None:
                head.place = given.place
        elif (
            not line.is_heading
            and furniture.is_letterhead(line.text)
            or furniture.is_separator(line.text)
        ):
            piece.not_placed.append(line)
        else:
            told.append(line)
    told = _take_headline(told, head, piece)
    told = [_without_dateline(line, head, piece, language) for line in told]
    if piece.letter is None:
        _read_report(told, head, piece)
        return head
    lead_in = piece.lead_in
    if lead_in is not None:
        lead_in = _without_dateline(lead_in, head, piece, language)
        context = _sentence_before(lead_in.text)
        if context:
            told.append(lead_in.cut(0, context))
            lead_in = lead_in.cut(context)
        head.lead_in = lead_in.text
    _take_summary(told, head, piece)
    if not head.summary and head.lead_in and parties_of(head.lead_in, reader):
        head.summary, head.lead_in = head.lead_in, ""
    return head


def _take_headline(lines: list[Line], head: _Head, piece: Piece) -> list[Line]:
    """The headline taken off; what stands above it belongs to the page."""
    headings = [at for at, line in enumerate(lines) if line.is_heading]
    if headings:
        # A page's own title may stand above that of its first letter.
        at = headings[-1] if all(index < 3 for index in headings) else headings[0]
    elif lines and len(lines[0].text) <= _LONGEST_HEADLINE and not _is_sentence(lines[0].text):
        at = 0
        if len(lines) > 2 and not is_prose(lines[1].text) and is_prose(lines[2].text):
            at = _better_headline(lines)
    else:
        return lines
    head.headline = lines[at].text
    head.titles = tuple(line.text for line in lines[:at])
    piece.not_placed.extend(lines[:at])
    rest = []
    for line in lines[at + 1 :]:
        if folded(line.text) == folded(head.headline):
            piece.not_placed.append(line)
        else:
            rest.append(line)
    return rest


def _better_headline(lines: Sequence[Line]) -> int:
    """Of two short lines above the text, the one that speaks of a letter."""
    return 1 if not kind_of(lines[0].text) and kind_of(lines[1].text) else 0


def _is_sentence(text: str) -> bool:
    return len(text.split()) >= 4 and text.rstrip('"”»’)')[-1:] == "."


def _without_dateline(line: Line, head: _Head, piece: Piece, language: str) -> Line:
    end = furniture.dateline(line.text)
    if not end:
        return line
    piece.not_placed.append(line.cut(0, end))
    found = find_date(line.text[:end], language)
    if found and head.dated is None:
        head.dated = found.day
    return line.cut(end)


def _take_summary(lines: Iterable[Line], head: _Head, piece: Piece) -> None:
    """The context sentences; what is too long for a summary is left to the drafter."""
    lines = list(lines)
    prose = [line for line in lines if _is_sentence(line.text) or is_prose(line.text)]
    if not prose and lines and kind_of(lines[0].text):
        prose = lines[:1]
    summary = ""
    for line in lines:
        longer = f"{summary} {line.text}".strip()
        if line in prose and (not summary or len(longer) <= _LONGEST_SUMMARY):
            summary = longer
        else:
            piece.not_placed.append(line)
    head.summary = summary


def _read_report(lines: list[Line], head: _Head, piece: Piece) -> None:
    """A report without the letter's text: its first sentence is the context."""
    if not lines:
        return
    first = lines[0]
    if len(lines) == 1:
        end = _first_sentence(first.text)
        if end:
            head.summary = first.cut(0, end).text
            head.report = (first.cut(end),)
        elif head.headline or _is_sentence(first.text):
            head.summary = first.text
        else:
            head.report = (first,)
    elif len(first.text) <= _LONGEST_SUMMARY:
        head.summary = first.text
        head.report = tuple(lines[1:])
    else:
        head.report = tuple(lines)


# A stop after a long word or a Roman number ends a sentence, after "Dr" or an initial it does not.
_SENTENCE_END = re.compile(
    r"(?:(?<=[^\W\d_]{3})|(?<=[IVX]{2})|(?<=\d)|(?<=[”»\")]))[.!?؟][»”\"]?\s(?=[\"“«„]?[^\W\d_])"
)
_SHORTEST_SENTENCE = 30


def _sentence_ends(text: str) -> list[int]:
    return [
        found.end()
        for found in _SENTENCE_END.finditer(text)
        if found.end() > _SHORTEST_SENTENCE and not text[found.end()].islower()
    ]


def _first_sentence(text: str) -> int:
    """Where the first sentence of a paragraph ends, 0 when there is but one."""
    return next(iter(_sentence_ends(text)), 0)


def _sentence_before(text: str) -> int:
    """Where the last sentence of a lead-in begins, 0 when it is the only one."""
    return max(_sentence_ends(text), default=0)


def _sentences(text: str) -> list[str]:
    ends = [0, *_sentence_ends(text), len(text)]
    return [text[start:stop].strip() for start, stop in zip(ends, ends[1:], strict=False)]


def _share_page_headline(heads: Sequence[_Head]) -> None:
    """One headline above several letters is the headline of each that has none."""
    if len(heads) < 2 or any(head.headline for head in heads[1:]):
        return
    for head in heads[1:]:
        head.headline = heads[0].headline


# --- the whole ------------------------------------------------------------------------------------


def _release(piece: Piece, head: _Head, reader: Reader, known: Known, language: str) -> Release:
    letter = piece.letter or Letter(body=list(head.report))
    for person in letter.signatures:
        if person.name and not person.name.isupper():
            reader.learn(person.name)
    texts = [*_sentences(head.summary), head.lead_in, head.headline]
    told = [parties_of(text, reader) for text in texts if text]
    senders = _merged([*(parties.senders for parties in told), tuple(letter.signatures)])
    senders = _with_formal_titles(senders, letter.signatures)
    addressees = _merged([*(parties.addressees for parties in told), tuple(letter.addressees)])
    addressees = _with_formal_titles(addressees, letter.addressees)
    first = letter.body[0].text[:400] if letter.body else ""
    not_placed = sorted([*piece.not_placed, *letter.not_placed], key=lambda line: line.number)
    dates = list(letter.date_lines)
    dated, place = letter.dated, letter.place
    if dated is None:
        dated, place = head.dated, head.place
        dates = [head.date_line] if head.date_line else []
    elif head.date_line:
        not_placed = _with_text(not_placed, head.date_line, piece)
    return Release(
        language=language,
        headline=head.headline,
        summary=head.summary,
        form=_form(piece, head),
        direction=_direction(told, senders, addressees, known),
        kind=kind_of(head.headline, head.summary, head.lead_in) or kind_of(first),
        senders=senders,
        addressees=addressees,
        dated=dated,
        place=place,
        salutation=letter.salutation,
        paragraphs=tuple(line.text for line in letter.body),
        body=_body(letter.body),
        closing=letter.closing,
        signatures=tuple(letter.signatures),
        not_placed=tuple(line.text for line in not_placed),
        addressee_block=tuple(letter.addressee_block),
        signature_block=tuple(letter.signature_block),
        lead_in=head.lead_in,
        date_line=" / ".join(dates),
    )


def _with_text(not_placed: list[Line], text: str, piece: Piece) -> list[Line]:
    line = next(line for line in piece.head if line.text == text)
    return sorted([*not_placed, line], key=lambda line: line.number)


_ATTRIBUTED = re.compile(r"[”»\"],?\s[–—-]?\s?[^\W\d_]")


def _form(piece: Piece, head: _Head) -> str:
    if piece.letter is None:
        return "reported"
    body = piece.letter.body
    in_part = phrases.is_in_part(head.lead_in) or (
        not head.lead_in and phrases.is_in_part(head.summary)
    )
    omits = any(phrases.is_omission(line.text) or phrases.has_omission(line.text) for line in body)
    quoted_in_pieces = (
        piece.lead_in is not None
        and bool(body)
        and body[0].text[0] in '"“„«'
        and _ATTRIBUTED.search(body[0].text) is not None
    )
    return "excerpt" if in_part or omits or quoted_in_pieces else "full"


def _direction(
    told: Sequence[Parties],
    senders: Sequence[Person],
    addressees: Sequence[Person],
    known: Known,
) -> str:
    if known.home:
        if any(person.country == known.home for person in senders):
            return "sent"
        if any(person.country == known.home for person in addressees):
            return "received"
    return "received" if any(parties.received for parties in told) else "sent"


def _merged(lists: Sequence[tuple[Person, ...]]) -> tuple[Person, ...]:
    """The first list that names anyone, its gaps filled from what the others say of the same."""
    base = next((people for people in lists if people), ())
    others = [person for people in lists if people is not base for person in people]
    merged = []
    for person in base:
        for other in others:
            if _same(person, other, alone=len(base) == 1):
                person = Person(
                    _fuller_name(person.name, other.name),
                    person.title or other.title,
                    person.country or other.country,
                )
        merged.append(person)
    return tuple(merged)


def _same(one: Person, other: Person, *, alone: bool) -> bool:
    if one.name and other.name:
        first, second = folded(one.name).split(), folded(other.name).split()
        return set(first) <= set(second) or set(second) <= set(first)
    same_country = not (one.country and other.country) or one.country == other.country
    return same_country and (alone or folded(one.title) == folded(other.title))


def _fuller_name(one: str, other: str) -> str:
    if one.isupper() and not other.isupper() and len(other.split()) >= len(one.split()):
        return other
    return other if len(other.split()) > len(one.split()) else one


def _with_formal_titles(people: tuple[Person, ...], formal: Sequence[Person]) -> tuple[Person, ...]:
    """People with the title the letter itself gives them, and those only it names."""
    if len(formal) > len(people) and all(
        any(_same(person, given, alone=False) for given in formal) for person in people
    ):
        return tuple(
            next(
                (
                    replace(given, name=_fuller_name(given.name, person.name))
                    for person in people
                    if _same(person, given, alone=False)
                ),
                given,
            )
            for given in formal
        )
    titled = []
    for person in people:
        for given in formal:
            if given.title and _same(person, given, alone=len(people) == len(formal) == 1):
                person = replace(person, title=given.title, country=given.country or person.country)
        titled.append(person)
    return tuple(titled)


def _body(lines: Sequence[Line]) -> str:
    """The letter's paragraphs as HTML, its lists and quotations kept."""
    quoted_whole = bool(lines) and all(line.tag == "blockquote" for line in lines)
    parts: list[str] = []
    container = ""
    for line in lines:
        wanted = line.tag if line.tag in ("ul", "ol", "blockquote") and not quoted_whole else ""
        if wanted != container:
            if container:
                parts.append(f"</{container}>")
            if wanted:
                parts.append(f"<{wanted}>")
            container = wanted
        tag = "li" if container in ("ul", "ol") else "p"
        parts.append(f"<{tag}>{line.html}</{tag}>")
    if container:
        parts.append(f"</{container}>")
    return "".join(parts)
