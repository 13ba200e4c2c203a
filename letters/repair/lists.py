"""Paragraphs that are items of a list, as Word writes them or as people type them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from letters.repair.lines import Block, Element, Run

_NUMBERED = re.compile(r"(\d{1,2})[.)][ \u00a0]+(?=[^ \u00a0])")
_BULLETED = re.compile(r"([·•‣▪●○◦∙*–-])[ \u00a0]+(?=[^ \u00a0])")
_WORD_NUMBER = re.compile(r"\(?(\d{1,3}|[a-zA-Z]|[ivxIVX]{2,5})[.)]")


def word_lists(blocks: list[Block]) -> Iterator[Block]:
    """The paragraphs that Word shows as items become items, where they would read the same."""
    for _key, group in groupby(blocks, lambda block: (bool(block.marker), block.path)):
        lines = list(group)
        if not lines[0].marker:
            yield from lines
        elif _reads_the_same(lines):
            yield from _nested(lines)
        else:
            for line in lines:
                yield replace(line, runs=(Run(f"{line.marker} "), *line.runs))


def _reads_the_same(items: list[Block]) -> bool:
    """An ordered list can only count from 1; deeper ones by letters or Roman numerals too."""
    at: dict[int, int] = {}
    for item in items:
        at = {level: number for level, number in at.items() if level <= item.level}
        numbered = _WORD_NUMBER.fullmatch(item.marker)
        if not numbered:
            at.pop(item.level, None)
            continue
        at[item.level] = at.get(item.level, 0) + 1
        if numbered[1].isdecimal():
            if int(numbered[1]) != at[item.level]:
                return False
        elif item.level == 1 or (at[item.level] == 1 and numbered[1].lower() not in ("a", "i")):
            return False
    return True


def _nested(items: list[Block]) -> Iterator[Block]:
    """Paragraphs with levels and markers, as lists inside the items of lists."""
    lists: list[tuple[int, Element, Element]] = []  # level, list, its last item
    for item in items:
        kind = "ol" if _WORD_NUMBER.fullmatch(item.marker) else "ul"
        while lists and lists[-1][0] > item.level:
            lists.pop()
        if lists and lists[-1][0] == item.level:
            same = lists.pop()[1]
            holder = same if same.tag == kind else Element(kind)
        else:
            holder = Element(kind)
        entry = Element("li")
        around = tuple(part for _level, *pair in lists for part in pair)
        lists.append((item.level, holder, entry))
        yield replace(
            item, path=(*item.path, *around, holder, entry), tag="p" if item.attrs else ""
        )


def typed_lists(blocks: Iterable[Block]) -> Iterator[Block]:
    """At least two paragraphs in a row that begin “1.”, “2.” or each with a bullet are a list."""
    waiting: list[Block] = []
    for block in blocks:
        if waiting and not _follows(waiting, block):
            yield from _as_list(waiting)
            waiting = []
        if waiting or _marker(block) in ("1", *"·•‣▪●○◦∙*–-"):
            waiting.append(block)
        else:
            yield block
    yield from _as_list(waiting)


def _marker(block: Block) -> str:
    if block.tag != "p" or any(element.tag != "blockquote" for element in block.path):
        return ""
    found = _NUMBERED.match(block.text) or _BULLETED.match(block.text)
    return found[1] if found else ""


def _follows(items: list[Block], block: Block) -> bool:
    first, here = _marker(items[0]), _marker(block)
    if block.path != items[0].path:
        return False
    return here == (str(len(items) + 1) if first.isdecimal() else first)


def _as_list(items: list[Block]) -> Iterator[Block]:
    if len(items) < 2:
        yield from items
        return
    holder = Element("ol" if _marker(items[0]).isdecimal() else "ul")
    for item in items:
        found = _NUMBERED.match(item.text) or _BULLETED.match(item.text)
        path = (*item.path, holder, Element("li"))
        runs = tuple(_cut(item.runs, found.end() if found else 0))
        yield replace(item, path=path, tag="p" if item.attrs else "", runs=runs)


def _cut(runs: tuple[Run, ...], length: int) -> Iterator[Run]:
    for run in runs:
        if length < len(run.text):
            yield replace(run, text=run.text[length:])
        length = max(0, length - len(run.text))
