"""Pasted HTML put right before it is cleaned: what a class or a style said becomes an element.

Word writes a list as paragraphs with the bullet typed in front, Google Docs writes bold as a
style, web pages write paragraphs as a soup of `div` and `br`. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import nh3

from letters import markup
from letters.repair.lines import Block, Element, Run
from letters.repair.lists import typed_lists, word_lists
from letters.repair.reader import ELEMENTS, Reader

__all__ = ["repaired"]

_keep = nh3.Cleaner(
    tags=set(ELEMENTS),
    attributes={"*": {"style", "lang", "dir"}, "a": {"href"}},
    attribute_filter=markup.attribute,
    clean_content_tags={"script", "style", "template", "title"},
    strip_comments=False,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)
LONGEST = 300_000  # of HTML: a longer one is cleaned, not repaired, for the sake of the server


def repaired(html: str) -> str:
    """The same HTML with its lists, emphasis and paragraphs as elements, and clean.

    What has nothing to repair comes back as `markup.clean` leaves it. Repaired again it stays as
    it is: once a style has become a list, its only paragraph may be seen to be the item itself.
    """
    for _round in range(4):
        before, html = html, _once(html)
        if html == before:
            break
    return html


def _once(html: str) -> str:
    # Without pictures and style sheets; plain once more, now that entities are characters.
    kept = markup.plain(_keep.clean(markup.shallow(markup.plain(html))))
    clean = markup.clean(html)
    if len(kept) > LONGEST:
        return clean
    reader = Reader(from_word="mso-" in html or "MsoNormal" in html)
    reader.read(kept)
    blocks = [split for block in _rows(reader.blocks) for split in _split(block)]
    made = markup.clean(_written(typed_lists(word_lists(_bare(blocks)))))
    return clean if _squeezed(made) == _squeezed(clean) else made


def _squeezed(html: str) -> str:
    html = re.sub(r"[ \t\n\r\f]+", " ", html)
    return re.sub(r" ?(</?(?:p|h2|h3|li|ul|ol|blockquote|br)(?: [^>]*)?>) ?", r"\1", html)


def _rows(blocks: list[Block]) -> Iterator[Block]:
    """A table's row as one line, when each of its cells is one; other cells stand alone."""
    for row, group in groupby(blocks, lambda block: block.cell[0] if block.cell else None):
        lines = list(group)
        one_each = len({line.cell for line in lines}) == len(lines) > 1
        if row is not None and one_each and all(not line.path for line in lines):
            joined: list[Run] = []
            for line in lines:
                joined += [Run(" – "), *line.runs] if joined else line.runs
            yield replace(lines[0], tag="p", runs=tuple(joined))
        else:
            yield from lines


def _split(block: Block) -> Iterator[Block]:
    """Two line breaks end a paragraph."""
    parts: list[list[Run]] = [[]]
    breaks = 0
    for run in block.runs:
        if run.text == "\n":
            breaks += 1
            continue
        if breaks and parts[-1]:
            if breaks == 1 or block.tag in ("h2", "h3"):
                parts[-1].append(Run("\n"))
            else:
                parts.append([])
        breaks = 0
        parts[-1].append(run)
    tag = block.tag or ("p" if not block.path or len(parts) > 1 else "")
    for part in parts:
        yield replace(block, tag=tag, runs=tuple(part))
        block = replace(block, marker="", level=0)


def _bare(blocks: list[Block]) -> list[Block]:
    """The only paragraph of an item is the item itself."""
    lines = Counter(block.path for block in blocks)
    return [
        replace(block, tag="")
        if block.path
        and block.path[-1].tag == "li"
        and block.tag == "p"
        and not block.attrs
        and lines[block.path] == 1
        else block
        for block in blocks
    ]


def _written(blocks: Iterator[Block]) -> str:
    html: list[str] = []
    around: tuple[Element, ...] = ()
    for block in blocks:
        html += _turn(around, block.path)
        around = block.path
        text = "".join(_inline(block.runs))
        html.append(f"<{block.tag}{block.attrs}>{text}</{block.tag}>" if block.tag else text)
    html += _turn(around, ())
    return "".join(html)


def _inline(runs: tuple[Run, ...]) -> Iterator[str]:
    marks: tuple[Element, ...] = ()
    for run in runs:
        yield from _turn(marks, run.marks)
        marks = run.marks
        yield "<br>" if run.text == "\n" else run.text
    yield from _turn(marks, ())


def _turn(old: tuple[Element, ...], new: tuple[Element, ...]) -> Iterator[str]:
    """The tags between two places: those left are closed, those entered are opened."""
    shared = 0
    while shared < min(len(old), len(new)) and old[shared] == new[shared]:
        shared += 1
    yield from (f"</{element.tag}>" for element in reversed(old[shared:]))
    yield from (f"<{element.tag}{element.attrs}>" for element in new[shared:])
