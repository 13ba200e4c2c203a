"""The text of a letter as HTML: the one sanitiser, and its ways to plain text. Pure."""

import re
import textwrap
import unicodedata
from collections import Counter
from html import escape
from html.parser import HTMLParser

import nh3

BLOCKS = frozenset({"p", "h2", "h3", "blockquote", "ul", "ol", "li"})
INLINE = frozenset({"strong", "em", "sup", "sub", "br", "a", "span"})
ATTRIBUTES = {"a": {"href"}} | {
    tag: {"lang", "dir"} for tag in (BLOCKS | INLINE) - {"br", "a", "ul", "ol", "li"}
}
ATTRIBUTES["a"] = {"href", "lang", "dir"}

# Characters that change how the text around them is shown, or cannot be seen at all. The marks
# that right-to-left prose needs (U+200C–U+200F) stay; direction is otherwise said by `dir`.
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u202a-\u202e\u2060-\u206f\ufeff]"
)
DEEPEST = 500
# A tag that can nest; those left out close themselves or hold no element.
_TAG = re.compile(
    r"<(/?)(?!/|(?:p|li|br|hr|img|meta|link|input|col|wbr|td|th|tr|dt|dd|option|script|style|title)"
    r"(?![\w:-]))([a-zA-Z][^\s/<>]*)[^<>]*>?",
    re.IGNORECASE,
)
RENAMED = (("b", "strong"), ("i", "em"), ("h1", "h2"), ("h4", "h3"), ("h5", "h3"), ("h6", "h3"))


def attribute(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute as it may stand, or None."""
    if name == "dir":
        return value if value in ("rtl", "ltr", "auto") else None
    if name == "lang":
        return value if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value) else None
    # Browsers take white space out of an address before they read it.
    if name == "href" and "".join(value.split()).startswith(("//", "\\", "/\\")):
        return None
    return value


_cleaner = nh3.Cleaner(
    tags=set(BLOCKS | INLINE),
    attributes=ATTRIBUTES,
    attribute_filter=attribute,
    clean_content_tags={"script", "style", "template", "title"},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)


def clean(html: str) -> str:
    """The HTML with nothing but the elements a letter may have, NFC-normalised.

    What it returns it also returns unchanged: approval and publication rest on that. Hostile
    nesting takes the sanitiser more than one pass, hence the loop.
    """
    html = shallow(plain(html))
    for old, new in RENAMED:
        html = re.sub(rf"<(/?){old}(?=[\s>/])", rf"<\1{new}", html, flags=re.IGNORECASE)
    for _ in range(max(4, min(100, 10_000_000 // (len(html) + 1)))):
        once = html
        html = re.sub(r"<(p|h2|h3|li|blockquote|strong|em|span)>\s*</\1>", "", _cleaner.clean(html))
        html = plain(html).strip()
        if html == once:
            return html
    text = escape(to_text(html), quote=False)
    return f"<p>{text}</p>" if text else ""


def shallow(html: str) -> str:
    """The HTML, without its elements but paragraphs and items where they nest beyond all sense.

    The parser's work grows with the square of the depth: a paste could keep a server busy.
    """
    opened: Counter[str] = Counter()
    depth = 0
    for closing, name in _TAG.findall(html):
        name = name.lower()
        if closing and opened[name]:
            opened[name] -= 1
            depth -= 1
        elif not closing:
            opened[name] += 1
            depth += 1
            if depth > DEEPEST:
                return _TAG.sub(" ", html)
    return html


def as_html(text: str) -> str:
    """Text that may have been typed without the editor: paragraphs, where it has no element."""
    if re.search(r"<[a-zA-Z/!]", text):
        return text
    blocks = re.split(r"\n\s*\n", plain(text).strip())
    return "".join(f"<p>{escape(block, quote=False)}</p>" for block in blocks if block)


def plain(text: str) -> str:
    """NFC-normalised text with Unix line ends and without invisible characters."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return UNSEEN.sub("", text)


class _Paragraphs(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = [""]

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in BLOCKS:
            self.found.append("")
        elif tag == "br":
            self.found[-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.found.append("")

    def handle_data(self, data: str) -> None:
        self.found[-1] += data.replace("\n", " ")


def paragraphs(html: str) -> list[str]:
    """The plain text of each block of clean HTML, in order."""
    parser = _Paragraphs()
    parser.feed(html)
    parser.close()
    lines = ("\n".join(" ".join(line.split()) for line in p.split("\n")) for p in parser.found)
    return [line.strip() for line in lines if line.strip()]


def to_text(html: str) -> str:
    """Clean HTML as plain text, an empty line between blocks."""
    return "\n\n".join(paragraphs(html))


class _Printed(HTMLParser):
    """Lines of text, each behind the marks of the quotations and list items that it stands in."""

    def __init__(self, width: int) -> None:
        super().__init__(convert_charrefs=True)
        self.width = width
        self.lines: list[str] = []
        self.block = ""
        self.within: list[tuple[str, list[str]]] = []  # tag; mark of its first line, of the others
        self.numbers: list[int] = []  # of the items so far, in each list that is open
        self.above: list[str] = []  # what the block above stood in

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "br":
            self.block += "\n"
        if tag not in BLOCKS:
            return
        self.end_block()
        marks = ["", ""]
        if tag == "blockquote":
            marks = ["> ", "> "]
        elif tag in ("ol", "ul"):
            self.numbers.append(0)
        elif tag == "li":
            mark = "– "
            if self.numbers:
                self.numbers[-1] += 1
                if [t for t, _ in self.within if t in ("ol", "ul")][-1] == "ol":
                    mark = f"{self.numbers[-1]}. "
            marks = [mark, " " * len(mark)]
        self.within.append((tag, marks))

    def handle_endtag(self, tag: str) -> None:
        if tag not in BLOCKS:
            return
        self.end_block()
        if tag in ("ol", "ul"):
            self.numbers.pop()
        self.within.pop()

    def handle_data(self, data: str) -> None:
        self.block += data.replace("\n", " ")

    def end_block(self) -> None:
        text = "\n".join(" ".join(line.split()) for line in self.block.split("\n")).strip()
        self.block = ""
        if not text:
            return
        tags = [tag for tag, _ in self.within]
        begins_item = any(tag == "li" and marks[0].strip() for tag, marks in self.within)
        if self.lines and not (begins_item and "li" in self.above):
            both = list(zip(tags, self.above, strict=False))
            self.lines.append("> " * both.count(("blockquote", "blockquote")))
        self.above = tags
        for line in text.split("\n"):
            room = max(self.width - sum(len(marks[1]) for _, marks in self.within), 20)
            for part in textwrap.wrap(
                line, room, break_long_words=False, break_on_hyphens=False
            ) or [""]:
                self.lines.append("".join(marks[0] for _, marks in self.within) + part)
                for _, marks in self.within:
                    marks[0] = marks[1]


def as_plain_text(html: str, width: int) -> str:
    """Clean HTML as it is read without any: quotations and list items keep their marks.

    For people. What is searched or compared is `to_text`, which has the words alone.
    """
    parser = _Printed(width)
    parser.feed(html)
    parser.close()
    parser.end_block()
    return "\n".join(line.rstrip() for line in parser.lines)


# Where, in one text to many, the sentence of each letter's own stands.
OWN_SENTENCE = "[own sentence]"


def with_sentence(body: str, sentence: str) -> str:
    """The body (clean HTML) with a plain sentence in its marked place, or else at its end.

    Without a sentence the marked place goes, and the paragraph with it when nothing else is there.
    """
    text = escape(sentence.strip())
    if OWN_SENTENCE in body:
        filled = body.replace(OWN_SENTENCE, text)
        return clean(filled if text else filled.replace("<p></p>", ""))
    return clean(f"{body}<p>{text}</p>") if text else body
