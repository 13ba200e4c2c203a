"""Two plain texts compared, word by word. Pure."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

# White space, one character of a script that writes without it, a word, or one sign.
_TOKEN = re.compile(r"\s+|[\u3040-\u30ff\u3400-\u9fff]|[\w\u0300-\u036f\u064b-\u065f\u0670'’-]+|.")
_PARAGRAPH = re.compile(r"[^\n]+|\n+")

# Where no word marks the place, the best match is sought in pieces up to this product of lengths.
SMALL = 4_000


def words(before: str, after: str) -> list[tuple[str, str]]:
    """The pieces of both texts in order, each "same", "gone" or "new".

    "same" and "gone" joined are `before`, "same" and "new" joined are `after`, to the character.
    Paragraphs are matched first, then the words of those that differ.
    """
    was, now = _PARAGRAPH.findall(before), _PARAGRAPH.findall(after)
    found: list[tuple[str, str]] = []
    for same, old, new in _pieces(was, now):
        if same:
            found.append(("same", "".join(old)))
        else:
            found += _reworded("".join(old), "".join(new))
    return _joined(found)


def lines(before: Sequence[str], after: Sequence[str]) -> list[tuple[str, str]]:
    """Each line of both in order, "same", "gone" or "new": what is gone before what is new."""
    found = []
    for same, old, new in _pieces(before, after):
        found += [("same" if same else "gone", line) for line in old]
        found += [("new", line) for line in new if not same]
    return found


def _reworded(before: str, after: str) -> Iterator[tuple[str, str]]:
    """A space alone between two changes is no common ground: it changes with them."""
    pieces = list(_pieces(_TOKEN.findall(before), _TOKEN.findall(after)))
    for place, (same, old, new) in enumerate(pieces):
        text = "".join(old)
        between = 0 < place < len(pieces) - 1 and text.isspace() and "\n" not in text
        if same and not between:
            yield "same", text
        else:
            yield "gone", text
            yield "new", "".join(new)


def _joined(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Neighbours of a kind as one piece; of a change what is gone comes first."""
    found: list[tuple[str, str]] = []
    gone = new = ""

    def change() -> list[tuple[str, str]]:
        return [piece for piece in (("gone", gone), ("new", new)) if piece[1]]

    for kind, text in pieces:
        if kind == "gone":
            gone += text
        elif kind == "new":
            new += text
        elif text:
            found += change()
            gone = new = ""
            if found and found[-1][0] == "same":
                text = found.pop()[1] + text
            found.append(("same", text))
    return found + change()


def _pieces(
    before: Sequence[str], after: Sequence[str]
) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """Runs of both sequences, in order: whether they are the same, and each one's part."""
    i = j = 0
    pairs = matches(before, after)
    at = 0
    while at < len(pairs):
        start, other = pairs[at]
        length = 1
        while at + length < len(pairs) and pairs[at + length] == (
            start + length,
            other + length,
        ):
            length += 1
        if (i, j) != (start, other):
            yield False, before[i:start], after[j:other]
        i, j = start + length, other + length
        yield True, before[start:i], after[other:j]
        at += length
    if i < len(before) or j < len(after):
        yield False, before[i:], after[j:]


def matches(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The places that match, ascending in both.

    What is alike at both ends, then what stands once in each text and in the same order, then the
    same again between those ("patience"). Close to linear, where the longest common
    subsequence of two long texts is not.
    """
    found: list[tuple[int, int]] = []
    todo = [(0, len(before), 0, len(after))]
    while todo:
        i, i_end, j, j_end = todo.pop()
        while i < i_end and j < j_end and before[i] == after[j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        while i < i_end and j < j_end and before[i_end - 1] == after[j_end - 1]:
            i_end, j_end = i_end - 1, j_end - 1
            found.append((i_end, j_end))
        if i == i_end or j == j_end:
            continue
        anchors = _anchors(before[i:i_end], after[j:j_end])
        if anchors:
            ends = [*((i + a, j + b) for a, b in anchors), (i_end, j_end)]
            found += ends[:-1]
            for a, b in ends:
                todo.append((i, a, j, b))
                i, j = a + 1, b + 1
        elif (i_end - i) * (j_end - j) <= SMALL:
            longest = _longest(before[i:i_end], after[j:j_end])
            found += [(i + a, j + b) for a, b in longest]
    return sorted(found)


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """What stands once in each: of it the longest run of places ascending in both."""
    here, there = Counter(before), Counter(after)
    place = {token: j for j, token in enumerate(after) if there[token] == 1}
    pairs = [
        (i, place[token])
        for i, token in enumerate(before)
        if here[token] == 1 and token in place and not token.isspace()
    ]
    lowest: list[int] = []  # of a run of each length, the lowest last place in `after`
    ends: list[int] = []  # and which pair that is
    previous: list[int] = []
    for number, (_i, j) in enumerate(pairs):
        length = bisect_left(lowest, j)
        previous.append(ends[length - 1] if length else -1)
        lowest[length : length + 1] = [j]
        ends[length : length + 1] = [number]
    run = []
    number = ends[-1] if ends else -1
    while number >= 0:
        run.append(pairs[number])
        number = previous[number]
    return run[::-1]


def _longest(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The longest common subsequence of two short sequences."""
    rows = [[0] * (len(after) + 1)]
    for token in before:
        above, row = rows[-1], [0]
        for j, other in enumerate(after):
            row.append(above[j] + 1 if token == other else max(above[j + 1], row[j]))
        rows.append(row)
    found = []
    i, j = len(before), len(after)
    while i and j:
        if before[i - 1] == after[j - 1]:
            i, j = i - 1, j - 1
            found.append((i, j))
        elif rows[i - 1][j] >= rows[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return found[::-1]
