"""What is said of a text, a file, a code or an address that somebody asks about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from letters.collation import ENOUGH, Collation
from letters.collation.texts import CORE
from letters.models import Edition, Redaction, Withdrawal

Piece = tuple[str, str]
LONGEST_AROUND = 400  # characters of what stands around a letter, beside the place in the letter


class Verdict(StrEnum):
    """What was compared, and what came of it."""

    WHOLE = "whole"  # every word of the letter
    BODY = "body"  # every word of its text, without salutation or close
    PART = "part"  # every word of what was pasted
    SOME = "some"  # some of what was pasted
    ABOUT = "about"  # what the office says about a letter
    CHANGED = "changed"
    FILE = "file"  # signed by the office
    FORGED = "forged"  # with the words of a letter, and not as it was signed
    CODE = "code"  # looked up, and nothing compared; so the next two
    REFERENCE = "reference"
    ADDRESS = "address"
    UNKNOWN = "unknown"
    SHORT = "short"
    UNREADABLE = "unreadable"


FOUND = (Verdict.WHOLE, Verdict.BODY, Verdict.PART, Verdict.FILE)
LOOKED_UP = (Verdict.CODE, Verdict.REFERENCE, Verdict.ADDRESS)


@dataclass
class Finding:
    """What is said of what was asked. No text of a letter that is not to be read any more."""

    verdict: Verdict
    edition: Edition | None = None
    current: Edition | None = None  # the text that stands in its place, if another
    withdrawal: Withdrawal | None = None
    collation: Collation | None = None
    since: Sequence[Piece] = ()  # what a correction changed
    others: Sequence[Edition] = ()  # that have the same words
    emptied: Sequence[Redaction] = field(default_factory=list)  # whose words cannot be compared
    why: str = ""
    words: int = 0

    @property
    def standing(self) -> str:
        """What became of the text that was found."""
        if self.withdrawal:
            return "withdrawn"
        if self.edition and self.edition.redacted_at:
            return "redacted"
        return "superseded" if self.current else "current"

    @property
    def is_sealed(self) -> bool:
        """Whether its words are not to be read here."""
        removed = self.withdrawal and self.withdrawal.kind != Withdrawal.Kind.KEPT
        return bool(removed or (self.edition and self.edition.redacted_at))

    @property
    def tone(self) -> str:
        """How it looks; the words say the same."""
        if self.verdict in (Verdict.CHANGED, Verdict.FORGED):
            return "no"
        if self.edition is None:
            return "none"
        if self.standing == "withdrawn":
            return "no"
        return "yes" if self.verdict in FOUND and self.standing == "current" else "look"

    @property
    def is_looked_up(self) -> bool:
        return self.verdict in LOOKED_UP

    @property
    def around(self) -> list[str]:
        """The pieces of what was pasted that are not in the letter."""
        found = self.collation
        if found is None:
            return []
        pieces = [found.text.between(*span) for span in sorted(found.foreign)]
        words = [found.text.words(*span) for span in sorted(found.foreign)]
        return [
            piece if len(piece) <= LONGEST_AROUND else f"{piece[:LONGEST_AROUND]}…"
            for piece, count in zip(pieces, words, strict=True)
            if count
        ]

    @property
    def changed_since(self) -> list[list[Piece]]:
        """What a correction changed, where the earlier text may be read."""
        return [] if self.is_sealed else _of_change(self.since)

    @property
    def paragraphs(self) -> list[list[Piece]]:
        """What is shown of the two: pieces of text, each with what it is."""
        found = self.collation
        if found is None or self.is_sealed or self.verdict == Verdict.FORGED:
            return []
        if self.verdict in (Verdict.WHOLE, Verdict.BODY):
            return _pasted(found) if found.around else []
        if self.verdict == Verdict.CHANGED:
            return _in_place(found, list(_changes(found)))
        return _in_place(found, list(_passages(found, self.verdict)))


def weigh(found: Collation) -> Verdict | None:
    """What the comparison with one letter says; None where they have too little in common."""
    if found.changes:
        likely = found.longest >= ENOUGH or found.found >= 0.6 * found.total
        if found.found < ENOUGH or not likely:
            return None
        if found.inserted <= found.found:
            return Verdict.CHANGED
        return Verdict.SOME if found.longest >= ENOUGH else None
    if not found.runs:
        return None
    # A few words may be all of one letter, and stand in any other.
    if found.found >= ENOUGH or found.found >= found.around:
        if not found.missing:
            return Verdict.WHOLE
        if "body" not in found.missing and found.size:
            return Verdict.BODY
    if found.longest < ENOUGH:
        return None
    if found.found < ENOUGH:
        return Verdict.ABOUT if found.found_around >= found.around else None
    return Verdict.PART if found.around <= found.found else Verdict.SOME


# --- What is shown of it ------------------------------------------------------------------------


def _of_change(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The paragraphs in which something was changed, and signs of the others."""
    shown: list[list[Piece]] = []
    for line in _lines(pieces):
        if all(kind == "same" for kind, _text in line):
            line = [("cut", "[…]")]
        if not shown or line != shown[-1]:
            shown.append(line)
    return shown


def _pasted(found: Collation) -> list[list[Piece]]:
    """What was pasted, with what is not of the letter marked."""
    pieces: list[Piece] = []
    at = 0
    tokens = found.text.tokens
    for start, end in sorted(found.foreign):
        if found.text.words(start, end):
            pieces.append(("same", found.text.text[at : tokens[start].start]))
            pieces.append(("foreign", found.text.between(start, end)))
            at = tokens[end - 1].end
    pieces.append(("same", found.text.text[at:]))
    return _lines(pieces)


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Each line of the pieces as a paragraph of its own."""
    lines: list[list[Piece]] = [[]]
    for kind, text in pieces:
        for n, part in enumerate(text.split("\n")):
            if n:
                lines.append([])
            if part.strip():
                lines[-1].append((kind, part))
    return [line for line in lines if line]


# A place in the letter: from and to which character, what the words there are, other words there.
Mark = tuple[int, int, str, str]


def _passages(found: Collation, verdict: Verdict) -> Iterator[Mark]:
    for gap in _together(found):
        words = found.sheet.words(gap[0], gap[1])
        if words >= ENOUGH or (words and verdict == Verdict.PART):
            tokens = found.sheet.tokens
            for start, end in _by_block(found, tokens[gap[0]].start, tokens[gap[1] - 1].end):
                yield start, end, "passage", ""


def _together(found: Collation) -> list[tuple[int, int]]:
    """The stretches of the letter that the text has, without the joints within them."""
    spans: list[tuple[int, int]] = []
    for gap in found.same:
        if gap.j == gap.j_end:
            continue
        if spans and spans[-1][1] == gap.j:
            spans[-1] = (spans[-1][0], gap.j_end)
        else:
            spans.append((gap.j, gap.j_end))
    return spans


def _by_block(found: Collation, start: int, end: int) -> Iterator[tuple[int, int]]:
    for _name, first, last in found.sheet.blocks:
        if first < end and start < last:
            yield max(first, start), min(last, end)


def _changes(found: Collation) -> Iterator[Mark]:
    tokens, text = found.sheet.tokens, found.sheet.text
    for gap in found.changes:
        if gap.j < gap.j_end:
            start, end = tokens[gap.j].start, tokens[gap.j_end - 1].end
        else:
            start = end = tokens[gap.j - 1].end if gap.j else 0
        new = found.text.between(gap.i, gap.i_end)
        spans = list(_by_block(found, start, end)) if start < end else [(start, end)]
        for n, (first, last) in enumerate(spans):
            yield first, last, "gone" if text[first:last] else "new", new if n == 0 else ""


def _in_place(found: Collation, marks: list[Mark]) -> list[list[Piece]]:
    """The paragraphs of the letter that have a mark and those beside them, and signs of a gap."""
    text = found.sheet.text
    shown: list[list[Piece]] = []
    marked = [
        [mark for mark in marks if first <= mark[0] < last or first < mark[1] <= last]
        for _name, first, last in found.sheet.blocks
    ]
    left_out = False
    for number, (name, first, last) in enumerate(found.sheet.blocks):
        beside = any(marked[max(0, number - 1) : number + 2])
        if not marked[number] and (name not in CORE or not beside):
            left_out |= name in CORE
            continue
        if left_out:
            shown.append([("cut", "[…]")])
        left_out = False
        if not marked[number]:
            shown.append([("far", text[first:last])])
            continue
        pieces: list[Piece] = []
        at = first
        for start, end, kind, new in sorted(marked[number], key=lambda mark: mark[:2]):
            pieces.append(("same", text[at:start]))
            if start < end:
                pieces.append((kind, text[start:end]))
            if new:
                pieces += [("same", " "), ("new", new)]
            at = end
        pieces.append(("same", text[at:last]))
        shown.append([piece for piece in pieces if piece[1]])
    if left_out:
        shown.append([("cut", "[…]")])
    return shown
