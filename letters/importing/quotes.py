"""Quotation marks round a letter, taken off; those inside it stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from letters.importing.source import Line

_FAMILIES = ('"“”„‟', "«»", "‘’‚'")
_DOUBLE, _GUILLEMETS, _SINGLE = _FAMILIES
_AFTER_CLOSE = " .,;!?…)،"
_BEFORE_OPEN = " ([{—–-/\u00a0"


@dataclass(frozen=True)
class Quotation:
    lines: tuple[Line, ...]  # without the marks round them
    taken: int  # how many of the given lines the quotation takes up
    rest: Line | None = None  # what followed the closing mark on its last line
    closed: bool = True


def opens_quotation(text: str) -> bool:
    return bool(text) and text[0] in '"“„«‘‟”' and len(text) > 1


def quotation(lines: Sequence[Line]) -> Quotation | None:
    """The quotation that the first line opens, however it goes on in the lines after it.

    It may be opened once, or again at each paragraph, and closed once or each time. None when
    the first line opens none, or only quotes some words and goes on.
    """
    if not lines or not opens_quotation(lines[0].text):
        return None
    family = next(marks for marks in _FAMILIES if lines[0].text[0] in marks)
    repeated = len(lines) > 1 and lines[1].text[0] in family
    inside: list[Line] = []
    closed = False
    for index, line in enumerate(lines):
        text = line.text
        reopens = index > 0 and text[0] in family and _goes_on(text, family)
        if closed and not (repeated and reopens):
            return Quotation(tuple(inside), index)
        start = 1 if index == 0 or reopens else 0
        end = _closing_mark(text, start, family)
        if end is None:
            inside.append(line.cut(start))
            closed = False
            continue
        rest = text[end + 1 :].strip(_AFTER_CLOSE)
        if rest:
            if index == 0:
                return None
            inside.append(_without(line, start, end, end + 1))
            return Quotation(tuple(inside), index + 1, line.cut(end + 1))
        inside.append(_without(line, start, end, len(text)))
        closed = True
    if not closed:
        inside[-1] = _without_stray_end(inside[-1])
    return Quotation(tuple(line for line in inside if line.text), len(lines), closed=closed)


def _goes_on(text: str, family: str) -> bool:
    """Whether a mark at the start of a later paragraph repeats the one round the whole letter.

    It does not when it opens a quotation inside the letter, which ends before the paragraph does.
    """
    if text[0] == "»":
        return True
    end = _closing_mark(text, 1, family)
    return end is None or not text[end + 1 :].strip(_AFTER_CLOSE)


def _closing_mark(text: str, start: int, family: str) -> int | None:
    """Where a quotation that is open at the start of a text ends in it."""
    if family is _SINGLE:
        last = len(text.rstrip(_AFTER_CLOSE)) - 1
        return last if last > start and text[last] in "’'" else None
    depth = 1
    for at in range(start, len(text)):
        if text[at] not in family:
            continue
        depth += 1 if _is_opening(text, at) else -1
        if depth == 0:
            return at
    return None


def _is_opening(text: str, at: int) -> bool:
    """The shape of a mark tells less than its place: “ closes in German, ” opens in Swedish."""
    mark = text[at]
    if mark in "„«":
        return True
    if mark == "»":
        return False
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    return (before in _BEFORE_OPEN or before in "“„«") and after.isalnum()


def _without(line: Line, start: int, mark: int, stop: int) -> Line:
    """A line without its closing mark, keeping the stop that may follow it."""
    inner = line.cut(start, mark)
    tail = line.text[mark + 1 : stop].strip()
    if tail and tail[0] in ".!?…" and not inner.text.endswith((".", "!", "?", "…")):
        return replace(inner, runs=(*inner.runs, *line.cut(mark + 1, stop).runs))
    return inner


def _without_stray_end(line: Line) -> Line:
    """A closing mark of another kind than the opening one still ends the letter."""
    bare = line.text.rstrip(_AFTER_CLOSE)
    if bare and bare[-1] in '"”»“':
        family = next(marks for marks in _FAMILIES if bare[-1] in marks)
        opened = sum(_is_opening(bare, at) for at in range(len(bare)) if bare[at] in family)
        closes = sum(mark in family for mark in bare) - opened
        if closes > opened:
            return _without(line, 0, len(bare) - 1, len(line.text))
    return line
