"""The runs of words that a text and a letter have in common. Linear in the length of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from letters import differences
from letters.collation.texts import SEED, Sheet, Text

# A quotation of fewer words than these stands in many letters.
ENOUGH = 6
PLACES = 8  # at most so many places of the same few words are tried
NEAR = 100  # how long a stretch is, at most, in which single words are matched too
EDGE = 12  # and how long one before the first run or after the last


class Run(NamedTuple):
    """So many tokens of the text, from `i`, that are those of the letter, from `j`."""

    i: int
    j: int
    length: int


class Gap(NamedTuple):
    """What stands in the text, and what in the letter, between two runs or beside one."""

    i: int
    i_end: int
    j: int
    j_end: int


def runs_in_common(text: Text, sheet: Sheet) -> list[Run]:
    """The runs in common, ascending in both, those that together have the most."""
    found = _joined(_chain(_longest_runs(text.keys, sheet.keys), len(sheet.keys)), text, sheet)
    whole: list[Run] = []
    for run in found:
        if whole:
            last = whole[-1]
            i, j = last.i + last.length, last.j + last.length
            whole += _near(text, sheet, Gap(i, run.i, j, run.j))
        whole.append(run)
    if whole:
        first, last = whole[0], whole[-1]
        i, j = last.i + last.length, last.j + last.length
        start = Gap(max(0, first.i - EDGE), first.i, max(0, first.j - EDGE), first.j)
        end = Gap(i, min(len(text.keys), i + EDGE), j, min(len(sheet.keys), j + EDGE))
        before, after = _near(text, sheet, start), _near(text, sheet, end)
        whole = [*before, *whole, *after]
    whole = _merged(whole)
    while len(whole) > 1 and _is_weak(text, sheet, whole[0], whole[0], whole[1]):
        whole.pop(0)
    while len(whole) > 1 and _is_weak(text, sheet, whole[-1], whole[-2], whole[-1]):
        whole.pop()
    return whole


def _longest_runs(text: Sequence[str], sheet: Sequence[str]) -> Iterator[Run]:
    """From the beginning of the text on, each time the longest run that begins there."""
    places: dict[tuple[str, ...], list[int]] = {}
    for j, seed in enumerate(zip(*(sheet[n:] for n in range(SEED)), strict=False)):
        known = places.setdefault(seed, [])
        if len(known) < PLACES:
            known.append(j)
    i = expected = 0
    while i + SEED <= len(text):
        best = Run(i, 0, 0)
        for j in places.get(tuple(text[i : i + SEED]), ()):
            length = SEED
            while (
                i + length < len(text)
                and j + length < len(sheet)
                and text[i + length] == sheet[j + length]
            ):
                length += 1
            if length > best.length or (length == best.length and best.j < expected <= j):
                best = Run(i, j, length)
        if best.length:
            yield best
            i, expected = i + best.length, best.j + best.length
        else:
            i += 1


def _chain(runs: Iterable[Run], size: int) -> list[Run]:
    """Of runs in the order of the text those in the order of the letter that have the most."""
    every = list(runs)
    best: list[tuple[int, int]] = [(0, -1)] * (size + 2)  # a Fenwick tree of (tokens, last run)
    previous: list[int] = []
    top = (0, -1)
    for number, run in enumerate(every):
        # Two runs may both claim a sign or two, which go to the former.
        place, before = min(run.j + SEED, size + 1), (0, -1)
        while place:
            before = max(before, best[place])
            place &= place - 1
        previous.append(before[1])
        here = (before[0] + run.length, number)
        top = max(top, here)
        place = run.j + run.length + 1
        while place < len(best):
            best[place] = max(best[place], here)
            place += place & -place
    chain = []
    number = top[1]
    while number >= 0:
        chain.append(every[number])
        number = previous[number]
    return chain[::-1]


def _joined(chain: list[Run], text: Text, sheet: Sheet) -> list[Run]:
    """The same, each as long as it goes in both directions."""
    found: list[Run] = []
    for n, run in enumerate(chain):
        i, j, length = run
        low_i = found[-1].i + found[-1].length if found else 0
        low_j = found[-1].j + found[-1].length if found else 0
        claimed = max(0, low_j - j)
        i, j, length = i + claimed, j + claimed, length - claimed
        if length <= 0:
            continue
        while i > low_i and j > low_j and text.keys[i - 1] == sheet.keys[j - 1]:
            i, j, length = i - 1, j - 1, length + 1
        top_i, top_j = chain[n + 1][:2] if n + 1 < len(chain) else (len(text.keys), len(sheet.keys))
        while (
            i + length < top_i
            and j + length < top_j
            and text.keys[i + length] == sheet.keys[j + length]
        ):
            length += 1
        found.append(Run(i, j, length))
    return found


def _merged(runs: list[Run]) -> list[Run]:
    found: list[Run] = []
    for run in runs:
        if found and (run.i, run.j) == (
            found[-1].i + found[-1].length,
            found[-1].j + found[-1].length,
        ):
            found[-1] = found[-1]._replace(length=found[-1].length + run.length)
        else:
            found.append(run)
    return found


def _near(text: Text, sheet: Sheet, gap: Gap) -> list[Run]:
    """Single words in common, where the texts differ in a few."""
    fewer, more = sorted((gap.i_end - gap.i, gap.j_end - gap.j))
    if more > NEAR or more > 3 * fewer + EDGE:
        return []
    ours, theirs = sheet.keys[gap.j : gap.j_end], text.keys[gap.i : gap.i_end]
    pairs = differences.matches(ours, theirs)
    return _merged([Run(gap.i + theirs_at, gap.j + at, 1) for at, theirs_at in pairs])


def is_apart(text: Text, token: int) -> bool:
    """Whether a line begins there, or words of another: after a colon or a quotation mark."""
    if not 0 < token < len(text.tokens):
        return True
    here, before = text.tokens[token], text.tokens[token - 1]
    between = text.text[before.end : here.start]
    return "\n" in between or before.key in (":", '"') or here.key == '"'


def _is_weak(text: Text, sheet: Sheet, edge: Run, one: Run, other: Run) -> bool:
    """Whether it is by chance that the first or last run stands in both, far from the next."""
    words = text.words(edge.i, edge.i + edge.length)
    theirs = text.words(one.i + one.length, other.i)
    ours = sheet.words(one.j + one.length, other.j)
    return words < ENOUGH and theirs + ours > 3 * words and not (theirs == 0 and words >= 4)
