"""Well-formed HTML, as the sanitiser returns it, read into lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from letters.repair.lines import Block, Element, Run

_CONTAINERS = frozenset({"ul", "ol", "li", "blockquote"})
_LEAVES = {"p": "p", "h1": "h2", "h2": "h2", "h3": "h3", "h4": "h3", "h5": "h3", "h6": "h3"}
_BREAKS = frozenset(
    ["div", "section", "article", "header", "footer", "main", "aside", "nav", "center", "address"]
    + ["pre", "figure", "figcaption", "dl", "dt", "dd", "hr", "tbody", "thead", "tfoot", "caption"]
)
_TABLE = frozenset({"table", "tr", "td", "th"})
_MARKS = {"strong": "strong", "b": "strong", "em": "em", "i": "em", "sup": "sup", "sub": "sub"}
_INLINE = frozenset(_MARKS) | {"a", "span", "br"}
ELEMENTS = _CONTAINERS | set(_LEAVES) | _BREAKS | _TABLE | _INLINE
_DEEPEST = 60

_TOKEN = re.compile(
    r"<!--(?P<comment>.*?)-->|<(?P<end>/?)(?P<tag>[a-z0-9]+)(?P<attrs>[^<>]*)>|(?P<text>[^<]+)",
    re.DOTALL,
)
_MARKER = re.compile(r"\(?\w{1,5}[.)]|[^\w\s]|o|§")
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')


class Reader:
    """Well-formed HTML, as the sanitiser returns it, into blocks."""

    def __init__(self, *, from_word: bool) -> None:
        self.blocks: list[Block] = []
        self._from_word = from_word
        self._open: list[tuple[str, int, int, bool]] = []  # tag; path, marks, whether a marker
        self._path: list[Element] = []
        self._marks: list[Element] = []
        self._last_item: dict[int, Element] = {}
        self._runs: list[Run] = []
        self._tag = self._attrs = self._marker = ""
        self._level = 0
        self._in_marker = False
        self._row = self._cell = 0
        self._cells: list[tuple[int, int]] = []

    def read(self, html: str) -> None:
        for token in _TOKEN.finditer(html):
            if (comment := token["comment"]) is not None:
                if "supportLists" in comment:
                    self._in_marker = True
                elif "endif" in comment:
                    self._in_marker = False
            elif token["text"]:
                self._write(token["text"])
            elif token["end"]:
                self._end(token["tag"])
            elif token["tag"] == "br":
                self._runs.append(Run("\n"))
            elif token["tag"] == "hr":
                self._break()
            else:
                self._start(token["tag"], dict(_ATTRIBUTE.findall(token["attrs"])))
        self._break()

    def _start(self, tag: str, attrs: dict[str, str]) -> None:
        style = attrs.pop("style", "").lower().replace(" ", "")
        href = f' href="{attrs["href"]}"' if "href" in attrs else ""
        spoken = "".join(f' {a}="{attrs[a]}"' for a in ("lang", "dir") if a in attrs)
        if tag not in _INLINE:
            self._break()
        before = (tag, len(self._path), len(self._marks), self._in_marker)
        self._open.append(before)
        if tag in _CONTAINERS:
            self._enter(tag, "" if tag in ("ul", "ol") else spoken)
        elif tag in _LEAVES:
            self._tag, self._attrs = _LEAVES[tag], spoken
            if level := re.search(r"mso-list:\w+level(\d)", style):
                self._level = int(level[1])
        elif tag in ("td", "th"):
            self._cell += 1
            self._cells.append((self._row, self._cell))
        elif tag == "tr":
            self._row = self._cell = self._cell + self._row + 1
        elif tag in _INLINE and len(self._marks) < _DEEPEST:
            if "mso-list:ignore" in style:
                self._in_marker = True
            if tag == "a" and href:
                self._marks.append(Element("a", href + spoken))
            elif tag == "span" and spoken and not self._from_word:
                self._marks.append(Element("span", spoken))
            there = {mark.tag for mark in self._marks}
            said = sorted(_emphasis(tag, style) - there)
            self._marks.extend(Element(mark) for mark in said)

    def _enter(self, tag: str, attrs: str) -> None:
        """Into a container. An item needs a list, and a list inside a list an item."""
        around = self._path[-1] if self._path else None
        in_list = around is not None and around.tag in ("ul", "ol")
        if len(self._path) >= _DEEPEST:
            return
        if tag == "li" and not in_list:
            self._path.append(self._loose_list() or Element("ul"))
        elif tag != "li" and in_list and around is not None:
            item = self._last_item.get(around.number) or Element("li")
            self._path.append(item)
        element = Element(tag, attrs)
        if tag == "li":
            self._last_item[self._path[-1].number] = element
        self._path.append(element)

    def _loose_list(self) -> Element | None:
        """The list that the item before, which stood in none either, was put into."""
        depth = len(self._path)
        before = self.blocks[-1].path if self.blocks else ()
        beside = before[:depth] == tuple(self._path) and len(before) > depth
        return before[depth] if beside and before[depth].tag == "ul" else None

    def _end(self, tag: str) -> None:
        if tag not in _INLINE:
            self._break()
        while self._open:
            name, path, marks, in_marker = self._open.pop()
            del self._path[path:], self._marks[marks:]
            self._in_marker = in_marker if tag in _INLINE else False
            if name in ("td", "th") and self._cells:
                self._cells.pop()
            if name == tag:
                return

    def _write(self, text: str) -> None:
        text = re.sub(r"[ \t\n\r\f]+", " ", text.replace("&nbsp;", "\u00a0"))
        if self._in_marker:
            self._marker += text
        else:
            self._runs.append(Run(text, tuple(self._marks)))

    def _break(self) -> None:
        marker = self._marker.replace("\u00a0", " ").strip()
        if marker and (self._in_marker or not _MARKER.fullmatch(marker)):
            self._runs.insert(
                0, Run(f"{marker} ")
            )  # it marks no item: nothing that was said is lost
            marker = ""
        path = tuple(self._path)
        if path and path[-1].tag in ("ul", "ol"):
            path += (Element("li"),)
        block = Block(
            path,
            self._tag,
            self._attrs,
            tuple(_tidied(self._runs)),
            self._level or int(bool(marker)),
            marker,
            self._cells[-1] if self._cells else None,
        )
        if block.text.strip():
            self.blocks.append(block)
        self._runs, self._tag, self._attrs, self._level = [], "", "", 0
        self._marker, self._in_marker = "", False


def _emphasis(tag: str, style: str) -> set[str]:
    """The marks of an inline element, by its name and then by its style."""
    marks = {_MARKS[tag]} if tag in _MARKS else set()
    if weight := re.search(r"font-weight:(\w+)", style):
        bold = weight[1] in ("bold", "bolder") or (weight[1].isdecimal() and int(weight[1]) >= 600)
        marks = marks | {"strong"} if bold else marks - {"strong"}
    if slant := re.search(r"font-style:(\w+)", style):
        marks = marks | {"em"} if slant[1] in ("italic", "oblique") else marks - {"em"}
    if place := re.search(r"vertical-align:(super|sub)\b", style):
        marks |= {{"super": "sup", "sub": "sub"}[place[1]]}
    return marks


def _tidied(runs: list[Run]) -> Iterator[Run]:
    """White space as a reader sees it: one space, none at the ends of a line."""
    before = "\n"
    for run in _without_space_before_breaks(runs):
        text = re.sub(r"[ \u00a0]{2,}", " ", run.text)
        if before[-1:] in "\n \u00a0":
            text = text.lstrip(" ") if before != "\n" else text.lstrip(" \u00a0")
        if text:
            yield replace(run, text=text)
            before = text


def _without_space_before_breaks(runs: list[Run]) -> list[Run]:
    kept: list[Run] = []
    at_end = True
    for run in reversed(runs):
        text = run.text.rstrip(" \u00a0") if at_end and run.text != "\n" else run.text
        if text:
            kept.append(replace(run, text=text))
            at_end = text == "\n"
    return kept[::-1]
