"""HTML pasted from a page or from Word, turned into clean lines."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from letters.importing.source import Line, Run, clean, join_wrapped

_A_TAG = re.compile(
    r"<!doctype html|</?(?:html|body|p|div|br|span|h[1-6]|table|tr|td|ul|ol|li|strong|em|b|i|a|"
    r"blockquote|article|section|meta|o:p|font)(?:\s[^<>]*)?/?>",
    re.I,
)
_INLINE = {"strong": "strong", "b": "strong", "em": "em", "i": "em"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BREAKS = _HEADINGS | {
    *("p", "div", "li", "ul", "ol", "blockquote", "tr", "td", "th", "table", "section", "article"),
    *("header", "footer", "nav", "aside", "main", "figure", "figcaption", "dl", "dt", "dd", "pre"),
    *("address", "hr", "body", "form", "fieldset", "title", "button", "select", "option", "center"),
}
_UNSEEN = {"script", "style", "noscript", "template", "xml", "svg", "object", "iframe"}
_ASIDE = {"nav", "footer", "aside", "button", "select"}
_SAFE_LINK = re.compile(r"(?:https?:|mailto:)\S+$", re.I)
_NUMBER = re.compile(r"\(?(\d{1,3})[.)]$")
_BULLET = re.compile(r"[^\w\s]$|o$|§$")


def is_html(text: str) -> bool:
    return _A_TAG.search(text) is not None


def html_lines(text: str) -> list[Line]:
    reader = _Reader()
    reader.feed(_without_loose_ends(text))
    reader.close()
    reader.end_line()
    return join_wrapped(reader.lines)


_TAG_NAME = re.compile(r"[a-z][\w:-]*")
_OPENING = re.compile(
    r"<(?:(?P<tag>/?[A-Za-z][^<>]*>)|(?P<comment>!--)|(?P<declaration>![^<>]*>))?"
)


def _without_loose_ends(text: str) -> str:
    """The same HTML without comments, scripts and styles, every "<" that opens nothing escaped.

    What is never closed is no comment and hides nothing: a paste may be cut off anywhere.
    The parser of the standard library goes back over the rest of the text for each one that is
    never closed, which takes minutes on a large paste.
    """
    pieces: list[str] = []
    never_closed: set[str] = set()
    at = 0
    while True:
        found = _OPENING.search(text, at)
        if found is None:
            pieces.append(text[at:])
            return "".join(pieces)
        pieces.append(text[at : found.start()])
        at = found.end()
        if found["comment"]:
            end = text.find("-->", at)
            if end == -1:
                pieces.append("&lt;!--")
                pieces.append(text[at:].replace("<", "&lt;"))
                return "".join(pieces)
            if text[at:end].startswith(("[if !supportLists]", "[endif]")):
                pieces.append(f"<!--{text[at:end]}-->")
            at = end + 3
        elif found["tag"]:
            name = _TAG_NAME.match(found["tag"].lower())
            unseen = name[0] if name else ""
            if unseen not in _UNSEEN:
                pieces.append(found[0])
            elif unseen not in never_closed and not found["tag"].endswith("/>"):
                closing = re.compile(rf"</{unseen}\s*>", re.I).search(text, at)
                if closing:
                    at = closing.end()
                else:
                    never_closed.add(unseen)
        elif found["declaration"]:
            pieces.append(found[0])
        else:
            pieces.append("&lt;")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self._runs: list[Run] = []
        self._marks: list[str] = []
        self._tags: list[str] = []  # open lists and quotations, innermost last
        self._heading = ""
        self._in_item = False
        self._aside = 0
        self._gap = True
        self._marker: str | None = None  # text of Word's list marker while inside it
        self._word_item = ""
        self._word_number = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            empty = not self._has_text
            self.end_line(gap=empty)
        elif tag in _BREAKS:
            self.end_line()
            self._gap = True
            if tag in _ASIDE:
                self._aside += 1
            elif tag in _HEADINGS or tag == "title":
                self._heading = tag
            elif tag in ("ul", "ol", "blockquote"):
                self._tags.append(tag)
            elif tag == "li":
                self._in_item = True
        elif tag in _INLINE:
            self._marks.append(_INLINE[tag])
        elif tag == "a":
            target = (dict(attrs).get("href") or "").strip()
            self._marks.append(_link(target) if _SAFE_LINK.match(target) else "a")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BREAKS:
            self.end_line()
            self._gap = True
            if tag in _ASIDE:
                self._aside = max(0, self._aside - 1)
            elif tag in _HEADINGS or tag == "title":
                self._heading = ""
            elif tag == "li":
                self._in_item = False
            elif tag in self._tags:
                while self._tags.pop() != tag:
                    pass
        else:
            self._close_mark(_INLINE.get(tag, tag))

    def _close_mark(self, name: str) -> None:
        for index in range(len(self._marks) - 1, max(-1, len(self._marks) - 20), -1):
            if self._marks[index].split()[0] == name:
                del self._marks[index]
                return

    def handle_data(self, data: str) -> None:
        if self._marker is not None:
            self._marker += data
            return
        text = clean(data).replace("\n", " ")
        if not self._has_text:
            text = text.lstrip()
        elif self._runs and self._runs[-1].text.endswith(" "):
            text = text.lstrip(" ")
        if text:
            # Marks nested deeper than anyone writes them are a broken page's; they would grow
            # every run of the text.
            kept = tuple(dict.fromkeys(mark for mark in self._marks[:8] if mark != "a"))
            self._runs.append(Run(text, kept))

    def handle_comment(self, data: str) -> None:
        if data.startswith("[if !supportLists]"):
            self._marker = ""
        elif data.startswith("[endif]"):
            self._end_marker()

    def unknown_decl(self, data: str) -> None:
        if data.startswith("if !supportLists"):
            self._marker = ""
        elif data.startswith("endif"):
            self._end_marker()

    def _end_marker(self) -> None:
        """Word writes a list as paragraphs with the bullet or number typed in front."""
        if self._marker is None:
            return
        marker = clean(self._marker).strip()
        self._marker = None
        number = _NUMBER.match(marker)
        if number and int(number[1]) == self._word_number + 1:
            self._word_item = "ol"
            self._word_number += 1
        elif _BULLET.match(marker):
            self._word_item = "ul"
        elif marker:
            self.handle_data(f"{marker} ")

    @property
    def _has_text(self) -> bool:
        return bool(self._runs)

    def end_line(self, *, gap: bool | None = None) -> None:
        if self._marker is not None:
            unclosed, self._marker = self._marker, None
            self.handle_data(unclosed)
        runs, self._runs = self._runs, []
        while runs and not runs[-1].text.strip():
            runs.pop()
        if runs:
            runs[-1] = Run(runs[-1].text.rstrip(), runs[-1].marks)
            tag = self._tag()
            self.lines.append(Line(tuple(runs), tag, self._gap))
            if tag != "ol":
                self._word_number = 0
            self._gap = False
            self._word_item = ""
        if gap:
            self._gap = True

    def _tag(self) -> str:
        if self._aside:
            return "aside"
        if self._heading:
            return self._heading
        if self._word_item:
            return self._word_item
        if self._in_item:
            inside = [tag for tag in self._tags[-3:] if tag in ("ul", "ol")]
            return inside[-1] if inside else "ul"
        return self._tags[-1] if self._tags and self._tags[-1] == "blockquote" else "p"


def _link(target: str) -> str:
    safe = target.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return f'a href="{safe}"'
