"""A page taken apart into its letters: what stands above each, how it begins, where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from letters.importing import furniture, phrases
from letters.importing.letter import (
    Letter,
    addressee_block_at,
    is_prose,
    names_a_group,
    read_ending,
    read_letter,
    salutation_at,
)
from letters.importing.parties import kind_of, parties_of
from letters.importing.people import Reader
from letters.importing.quotes import opens_quotation, quotation
from letters.importing.source import Line


@dataclass
class Piece:
    """One letter of a page, or one report of a letter when there is no text of it."""

    head: list[Line]
    lead_in: Line | None = None
    letter: Letter | None = None
    not_placed: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class _Start:
    at: int  # the line the letter begins on
    head_stop: int  # the line the head ends before
    lead_in: Line | None = None
    first: Line | None = None  # the rest of the lead-in's line, where the letter begins on it


def pieces(lines: Sequence[Line], reader: Reader, language: str) -> list[Piece]:
    """The letters of a page in their order; every line is in one of the pieces."""
    content, strays = _without_furniture(lines)
    found: list[Piece] = []
    at = 0
    while at < len(content):
        start = _next_start(content, at, reader)
        if start is None:
            break
        piece, at = _read_piece(content, at, start, reader, language)
        found.append(piece)
    rest = content[at:]
    if not found:
        found = _reports(rest, reader)
    else:
        found[-1].not_placed.extend(rest)
    found[0].not_placed.extend(strays)
    return found


def _without_furniture(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    content: list[Line] = []
    strays: list[Line] = []
    for at, line in enumerate(lines):
        if furniture.begins_related(line.text) and len(content) >= 2:
            later = lines[at + 1 :]
            if not any(phrases.names_the_letter(after.text) for after in later):
                strays.extend(lines[at:])
                break
            strays.append(line)
        elif furniture.is_furniture(line) or furniture.begins_related(line.text):
            strays.append(line)
        else:
            content.append(line)
    return content, strays


def _next_start(lines: Sequence[Line], at: int, reader: Reader) -> _Start | None:
    if at == 0 and lines and opens_quotation(lines[0].text):
        whole = quotation(lines)
        if whole and whole.taken == len(lines) and whole.rest is None:
            return _Start(0, 0)
    for here in range(at, len(lines)):
        line = lines[here]
        text = line.text
        opening = phrases.inline_lead_in(text)
        if opening:
            return _Start(here, here, line.cut(0, opening), line.cut(opening))
        if phrases.is_lead_in(text) and here + 1 < len(lines):
            if text[-1] in ":：":
                return _Start(here + 1, here, line)
            # 'The letter reads: "' on one line, the text on the next.
            mark = len(text.rstrip("\"“”„«‟'‘ "))
            return _Start(here + 1, here, line.cut(0, mark), line.cut(mark))
        if here > at and line.tag == "blockquote":
            return _Start(here, here)
        if here > at and opens_quotation(text) and _is_quoted_whole(lines, here):
            return _Start(here, here)
        if salutation_at(lines, here):
            return _Start(here, here)
        if addressee_block_at(lines, here, reader) and not (here == at and names_a_group(text)):
            return _Start(here, here)
    return None


def _is_quoted_whole(lines: Sequence[Line], at: int) -> bool:
    """Whether a paragraph in quotation marks is a letter's, not a headline with a quotation."""
    found = quotation(lines[at : at + 60])
    if found is None:
        return False
    return len(lines[at].text) > 60 or (found.closed and found.taken > 1)


def _read_piece(
    lines: Sequence[Line], at: int, start: _Start, reader: Reader, language: str
) -> tuple[Piece, int]:
    """The letter that starts here, and the line after it."""
    piece = Piece(list(lines[at : start.head_stop]), start.lead_in)
    limit = _limit(lines, start, reader)
    text = list(lines[start.at + (start.first is not None and start.at == start.head_stop) : limit])
    if start.first is not None:
        text = _with_first(start.first, text)
    if text and text[0].tag == "blockquote":
        stop = next((n for n, line in enumerate(text) if line.tag != "blockquote"), len(text))
        inner = quotation(text[:stop])
        whole = inner is not None and inner.taken == stop and inner.rest is None
        inside, after = (list(inner.lines) if inner and whole else text[:stop]), text[stop:]
    elif quoted := quotation(text):
        inside = list(quoted.lines)
        after = ([quoted.rest] if quoted.rest else []) + text[quoted.taken :]
    else:
        piece.letter = read_letter(text, reader, language)
        return piece, limit - len(piece.letter.rest)
    piece.letter = read_letter(inside, reader, language, whole=True)
    piece.not_placed.extend(piece.letter.rest)
    piece.letter.rest = []
    if inside and after and after[0].number == inside[-1].number:
        # Who said it, after the closing mark: "…", the President wrote.
        piece.not_placed.append(after.pop(0))
    read_ending(after, piece.letter, reader, language)
    return piece, limit - len(piece.letter.rest)


def _with_first(first: Line, text: list[Line]) -> list[Line]:
    """The letter's lines with what stood on its lead-in's line: some text, or only the mark."""
    if len(first.text) == 1 and text:
        return [
            Line((*first.runs, *text[0].runs), text[0].tag, text[0].gap, text[0].number),
            *text[1:],
        ]
    return [first, *text]


def _limit(lines: Sequence[Line], start: _Start, reader: Reader) -> int:
    """The line before which a letter must end: another letter's head, an end mark, a heading."""
    for here in range(start.at + 1, len(lines)):
        line = lines[here]
        if line.is_heading:
            return here
        if furniture.is_separator(line.text) and not phrases.is_omission(line.text):
            if furniture.is_end_mark(line.text) or _next_is_head(lines, here + 1, reader):
                return here
        elif phrases.names_the_letter(line.text):
            return _head_of(lines, start.at + 1, here, reader)
    return len(lines)


def _next_is_head(lines: Sequence[Line], at: int, reader: Reader) -> bool:
    """Whether another letter's head begins here, or nothing does."""
    near = lines[at : at + 3]
    return not near or any(
        line.is_heading
        or phrases.is_lead_in(line.text)
        or bool(parties_of(line.text[:600], reader))
        for line in near
    )


def _head_of(lines: Sequence[Line], least: int, lead_in: int, reader: Reader) -> int:
    """Where the head begins whose lead-in this is: a context sentence, a headline above it."""
    here = lead_in
    for _ in range(3):
        if here - 1 < least:
            break
        text = lines[here - 1].text
        told = kind_of(text) and parties_of(text, reader) if len(text) < 600 else False
        if furniture.is_separator(text) or not told:
            break
        here -= 1
        if not is_prose(text):
            break
    return here


def _reports(lines: Sequence[Line], reader: Reader) -> list[Piece]:
    """A page without the text of a letter: one report, or several under headings or rules."""
    parts: list[list[Line]] = [[]]
    rules: list[Line] = []
    for line in lines:
        if furniture.is_separator(line.text):
            rules.append(line)
            parts.append([])
        else:
            if line.is_heading and parts[-1]:
                parts.append([])
            parts[-1].append(line)
    parts = [part for part in parts if part]
    told: list[list[Line]] = []
    strays: list[Line] = []
    for part in parts:
        near = [line.text for line in part[:3] if len(line.text) < 600]
        if len(part) > 1 and any(parties_of(text, reader) for text in near):
            told.append(part)
        else:
            strays.extend(part)
    if len(told) > 1:
        found = [Piece(part) for part in told]
        found[0].not_placed.extend(strays)
    else:
        found = [Piece([line for line in lines if not furniture.is_separator(line.text)])]
    found[0].not_placed.extend(rules)
    return found
