"""Where the words of a text stand in a letter, and which of them do not. Pure.

Words are compared as they are read: spaces, line ends, capital letters, kinds of quotation marks
and of dashes, hyphens, Arabic vowel signs and unseen characters are not. Everything here grows
with the length of the two texts, not with their product.
"""

from __future__ import annotations

import re
from functools import cached_property

from letters.collation.runs import ENOUGH, Gap, Run, is_apart, runs_in_common
from letters.collation.texts import CORE, Sheet, Text

__all__ = ["ENOUGH", "Collation", "Sheet", "Text"]


class Collation:
    """A text beside a letter: what of it stands there, and where the two differ."""

    def __init__(self, text: Text, sheet: Sheet) -> None:
        self.text, self.sheet = text, sheet
        self.runs = runs_in_common(text, sheet)
        self.same: list[Gap] = [Gap(r.i, r.i + r.length, r.j, r.j + r.length) for r in self.runs]
        self.changes: list[Gap] = []
        self.left_out = False  # whether it passes over words that stand between what it has
        self.foreign: list[tuple[int, int]] = []
        if self.runs:
            self._weigh()

    def _weigh(self) -> None:
        first, last = self.runs[0], self.runs[-1]
        self._at_the_edge(first, before=True)
        for one, other in zip(self.runs, self.runs[1:], strict=False):
            gap = Gap(one.i + one.length, other.i, one.j + one.length, other.j)
            if self._squashed(gap.i, gap.i_end, self.text) == self._squashed(
                gap.j, gap.j_end, self.sheet
            ):
                self.same.append(gap)
            elif self._is_change(one, other, gap):
                self.changes.append(gap)
            else:
                self.foreign.append((gap.i, gap.i_end))
                between = range(gap.j, gap.j_end)
                self.left_out |= any(
                    self.sheet.part(j) in CORE and self.sheet.tokens[j].is_word for j in between
                ) and {self.sheet.part(gap.j - 1), self.sheet.part(gap.j_end)} <= {*CORE}
        self._at_the_edge(last, before=False)
        self.same.sort()
        self.changes.sort()

    def _squashed(self, start: int, end: int, text: Text) -> str:
        """Without what only divides words: a text may be spaced and hyphenated anew."""
        tokens = [t for t in text.tokens[start:end] if text is self.sheet or not t.is_layout]
        return re.sub(r"(?<!\d)-|-(?!\d)", "", "".join(token.key for token in tokens))

    def _at_the_edge(self, run: Run, *, before: bool) -> None:
        """The words before the first or after the last run: other ones in their place, or around.

        In their place, where a paragraph of the letter lacks one or two and the line has them.
        """
        text, sheet = self.text, self.sheet
        near = edge = run.i if before else run.i + run.length
        place = j = run.j if before else run.j + run.length
        if before:
            while edge and not is_apart(text, edge):
                edge -= 1
            while j and not sheet.begins(j):
                j -= 1
            gap = Gap(edge, near, j, place)
        else:
            while edge < len(text.tokens) and not is_apart(text, edge):
                edge += 1
            while j < len(sheet.tokens) and not sheet.begins(j):
                j += 1
            gap = Gap(near, edge, place, j)
        theirs, ours = text.words(gap.i, gap.i_end), sheet.words(gap.j, gap.j_end)
        if 0 < theirs <= ours <= 2:
            self.changes.append(gap)
            near = edge
        around = (0, near) if before else (near, len(text.tokens))
        self.foreign.append(around)

    def _is_change(self, one: Run, other: Run, gap: Gap) -> bool:
        """Whether the letter was changed there, and not quoted in parts or without a part."""
        text, sheet = self.text, self.sheet
        tokens = [t for t in text.tokens[gap.i : gap.i_end] if not t.is_layout]
        theirs = sum(token.is_word for token in tokens)
        ours = sheet.words(gap.j, gap.j_end)
        if not theirs and ours and any(token.key == "…" for token in tokens):
            return False
        if self._is_quoted_on(one, other, gap):
            return False
        within = not sheet.begins(gap.j) or not sheet.begins(gap.j_end)
        if theirs and ours and within:
            return True
        in_letter = {sheet.part(gap.j - 1), sheet.part(gap.j_end)} <= {*CORE}
        if not in_letter:
            return False
        return bool(theirs) or within or not ours

    def _is_quoted_on(self, one: Run, other: Run, gap: Gap) -> bool:
        """Whether a quotation ends there and another begins, with words of the quoting between."""
        text = self.text
        shorter = min(text.words(run.i, run.i + run.length) for run in (one, other))
        if gap.i_end - gap.i < 3 or shorter < ENOUGH:
            return False
        first, last = text.tokens[gap.i], text.tokens[gap.i_end - 1]
        return (
            first.key == last.key == '"'
            and first.start == text.tokens[gap.i - 1].end
            and last.end == text.tokens[gap.i_end].start
        )

    # In numbers of words

    @cached_property
    def total(self) -> int:
        return self.text.words()

    @cached_property
    def found(self) -> int:
        """Words of the text that are those of the letter itself."""
        found = 0
        for gap in self.same:
            if gap.i_end - gap.i != gap.j_end - gap.j:  # spaced or hyphenated anew
                found += self.text.words(gap.i, gap.i_end)
                continue
            for i, j in zip(range(gap.i, gap.i_end), range(gap.j, gap.j_end), strict=True):
                found += self.text.tokens[i].is_word and self.sheet.part(j) in CORE
        return found

    @cached_property
    def found_around(self) -> int:
        """Words of the text that are those of the page, above or below the letter."""
        return sum(self.text.words(gap.i, gap.i_end) for gap in self.same) - self.found

    @property
    def found_of_the_page(self) -> int:
        return self.found + self.found_around

    @cached_property
    def longest(self) -> int:
        return max((self.text.words(gap.i, gap.i_end) for gap in self.same), default=0)

    @cached_property
    def inserted(self) -> int:
        return sum(self.text.words(gap.i, gap.i_end) for gap in self.changes)

    @cached_property
    def differing(self) -> int:
        return sum(
            max(self.text.words(gap.i, gap.i_end), self.sheet.words(gap.j, gap.j_end))
            for gap in self.changes
        )

    @cached_property
    def around(self) -> int:
        return sum(self.text.words(start, end) for start, end in self.foreign)

    @cached_property
    def missing(self) -> list[str]:
        """The parts of the letter that are not whole in the text."""
        has = bytearray(len(self.sheet.tokens))
        for gap in (*self.same, *self.changes):
            has[gap.j : gap.j_end] = b"\1" * (gap.j_end - gap.j)
        return [
            name
            for name in CORE
            if any(
                token.is_word and not has[j] and self.sheet.part(j) == name
                for j, token in enumerate(self.sheet.tokens)
            )
        ]

    @cached_property
    def size(self) -> int:
        """How many words the letter itself has, or only its text where the rest is missing."""
        names = ("body",) if self.missing else CORE
        tokens = enumerate(self.sheet.tokens)
        return sum(token.is_word and self.sheet.part(j) in names for j, token in tokens)
