"""The source of a release, as bytes or text, turned into clean lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape


class Unreadable(ValueError):
    """The source cannot be read as text. The message is one plain sentence."""


@dataclass(frozen=True)
class Run:
    """A stretch of text under the same inline marks, outermost first ("strong", 'a href="…"')."""

    text: str
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line of the source: a paragraph, a heading, a list item or a line of a block."""

    runs: tuple[Run, ...]
    tag: str = "p"  # p, h1 to h6, ul or ol (an item of one), blockquote, title, aside
    gap: bool = True  # set apart from the line before it
    number: int = 0  # its place in the source

    @cached_property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def is_heading(self) -> bool:
        return len(self.tag) == 2 and self.tag[0] == "h"

    def cut(self, start: int, stop: int | None = None) -> Line:
        """The same line from one character to another, without the space at either end."""
        text = self.text
        stop = len(text) if stop is None else stop
        piece = text[start:stop]
        start += len(piece) - len(piece.lstrip())
        stop -= len(piece) - len(piece.rstrip())
        runs = []
        at = 0
        for run in self.runs:
            kept = run.text[max(start - at, 0) : max(stop - at, 0)]
            if kept:
                runs.append(Run(kept, run.marks))
            at += len(run.text)
        return replace(self, runs=tuple(runs))

    @cached_property
    def html(self) -> str:
        """The inline HTML of the line, text escaped."""
        parts: list[str] = []
        open_marks: tuple[str, ...] = ()
        for run in (*self.runs, Run("")):
            shared = 0
            for before, now in zip(open_marks, run.marks, strict=False):
                if before != now:
                    break
                shared += 1
            parts.extend(f"</{mark.split()[0]}>" for mark in reversed(open_marks[shared:]))
            parts.extend(f"<{mark}>" for mark in run.marks[shared:])
            parts.append(escape(run.text, quote=False))
            open_marks = run.marks
        return "".join(parts)


def plain_line(text: str, *, gap: bool = True) -> Line:
    return Line((Run(text),), gap=gap)


# --- bytes to text ------------------------------------------------------------------------------

_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_KINDS_OF_FILE = (
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a zipped document such as a Word file"),
    (b"\xd0\xcf\x11\xe0", "an old Word or Office file"),
    (b"{\\rtf", "a rich text (RTF) file"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
)
_DECLARED_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset=[\"']?([A-Za-z0-9_-]{2,20})", re.I)
_FREQUENT_BYTES = {
    "cp1251": frozenset("оеаинтсрвл".encode("cp1251")),
    "cp1256": frozenset("الميونرتبة".encode("cp1256")),
}
_FORBIDDEN_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def decode(source: bytes) -> str:
    """The text of a file whose encoding nobody has told."""
    for start, kind in _KINDS_OF_FILE:
        if source.startswith(start):
            raise Unreadable(f"This is {kind}, not text: paste or export its text instead.")
    for mark, encoding in _BYTE_ORDER_MARKS:
        if source.startswith(mark):
            body = source[len(mark) :]
            return (
                _decode_unmarked(body) if encoding == "utf-8" else body.decode(encoding, "replace")
            )
    wide = _wide_encoding(source)
    if wide:
        return source.decode(wide, "replace")
    if b"\x00" in source:
        raise Unreadable("This file holds binary data, not text.")
    return _decode_unmarked(source)


def _wide_encoding(source: bytes) -> str:
    """UTF-16 without a mark: every other byte of its Latin letters, digits and spaces is zero.

    Other scripts show by the same high byte coming back at every second place.
    """
    sample = source[:4000]
    if len(sample) < 4 or len(source) % 2:
        return ""
    half = len(sample) // 2
    for encoding, high in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        low = sample[0::2] if high is not sample[0::2] and encoding == "utf-16-le" else sample[1::2]
        zeros = high.count(0)
        scripts = sum(high.count(byte) for byte in (0x01, 0x02, 0x04, 0x06, 0x20))
        if zeros and zeros + scripts > 0.9 * half and low.count(0) < 0.05 * half:
            return encoding
    return ""


def _decode_unmarked(source: bytes) -> str:
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED_CHARSET.search(source[:4000])
    if declared:
        try:
            return source.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError, UnicodeError):
            pass
    legacy = _legacy_encoding(source)
    # Pieces of two files pasted together keep each its own encoding, so each line is taken alone.
    return "\n".join(_decode_line(line, legacy) for line in re.split(rb"\r\n|\r|\n", source))


def _decode_line(line: bytes, legacy: str) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if re.search(rb"[\xc3-\xf4][\x80-\xbf]", line):
        mended = line.decode("utf-8", "surrogateescape")
        strays = sum("\udc80" <= char <= "\udcff" for char in mended)
        if strays * 2 <= sum(char > "\x7f" for char in mended):
            return re.sub(
                "[\udc80-\udcff]",
                lambda found: bytes([ord(found[0]) - 0xDC00]).decode("cp1252", "replace"),
                mended,
            )
    return line.decode(legacy, "replace")


def _legacy_encoding(source: bytes) -> str:
    """Windows code page of the lines that are not UTF-8, told by which bytes are frequent."""
    high = [byte for byte in source[:200_000] if byte >= 0xC0]
    latin = sum(65 <= byte <= 90 or 97 <= byte <= 122 for byte in source[:200_000])
    if len(high) < 0.4 * (len(high) + latin):
        return "cp1252"
    return max(
        _FREQUENT_BYTES, key=lambda name: sum(byte in _FREQUENT_BYTES[name] for byte in high)
    )


# --- text to clean text -------------------------------------------------------------------------

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    "\ufff9-\ufffb\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]"
)
_SOFT_HYPHEN_AT_LINE_END = re.compile("\u00ad[ \t]{0,20}\n[ \t]{0,20}(?=\\S)")
# A joiner means something between two Arabic letters (Persian uses it) and nowhere else here.
_STRAY_JOINER = re.compile("(?<![\u0600-\u06ff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\u06ff])")
_SPACES = re.compile(r"[^\S\n]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DOUBLED_APOSTROPHES = re.compile(r"(?<!['’`])(?:''|’’|``)(?!['’`])")

# The five bytes that windows-1252 leaves open come out as control characters.
_WINDOWS_BYTES = {
    bytes([byte]).decode(
        "cp1252" if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "latin-1"
    ): byte
    for byte in range(0x80, 0x100)
}
_WINDOWS_HIGH = "".join(re.escape(char) for char, byte in _WINDOWS_BYTES.items() if byte < 0xC0)
_MISREAD_UTF8 = re.compile(
    f"(?:â[{_WINDOWS_HIGH}]{{2}}|[ÂÃ][{_WINDOWS_HIGH}]|É™|(?:[ÐÑØÙÄÅ][{_WINDOWS_HIGH}]){{2,50}})"
)


def clean(text: str) -> str:
    """The text without what cannot be seen: one kind of line end, one kind of space."""
    text = _SURROGATE.sub("\ufffd", text)
    text = _LINE_ENDS.sub("\n", text)
    text = _MISREAD_UTF8.sub(_read_again, text)
    text = _SOFT_HYPHEN_AT_LINE_END.sub("", text)
    text = _INVISIBLE.sub("", text.replace("\t", " "))
    text = _STRAY_JOINER.sub("", text)
    text = _DOUBLED_APOSTROPHES.sub('"', text)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text))


def _read_again(misread: re.Match[str]) -> str:
    try:
        return bytes(_WINDOWS_BYTES[char] for char in misread[0]).decode("utf-8")
    except (KeyError, UnicodeError):
        return misread[0]


def text_of(source: str | bytes) -> str:
    """The whole source as text, or `Unreadable`."""
    text = decode(source) if isinstance(source, bytes) else source
    if not text.strip():
        raise Unreadable("There is no text to read.")
    sample = text[:20_000]
    strange = len(_FORBIDDEN_CONTROLS.findall(sample)) + sample.count("\ufffd")
    if strange > 2 + 0.02 * len(sample):
        raise Unreadable("This file holds binary data, not text.")
    return text


# --- plain text to lines ------------------------------------------------------------------------

_CONTINUES = re.compile(r"[^\W\d_A-Z]|[\d(—–-]")
_SHORTEST_WRAP, _LONGEST_WRAP = 45, 120


def plain_lines(text: str) -> list[Line]:
    """The lines of a plain text, those wrapped by a mail program or an editor joined again."""
    lines: list[Line] = []
    gap = True
    for raw in clean(text).split("\n"):
        stripped = raw.strip()
        if stripped:
            lines.append(plain_line(stripped, gap=gap))
        gap = not stripped
    return join_wrapped(lines)


def join_wrapped(lines: Sequence[Line]) -> list[Line]:
    """Lines that were broken only because the next word did not fit any more, put together."""
    width = _wrap_width(lines)
    if not width:
        return list(lines)
    paragraphs: list[list[Line]] = []
    for line in lines:
        if paragraphs and _was_wrapped(paragraphs[-1][-1], line, width):
            paragraphs[-1].append(line)
        else:
            paragraphs.append([line])
    return [_joined(parts) for parts in paragraphs]


def _wrap_width(lines: Sequence[Line]) -> int:
    """The width the text was wrapped at; 0 when it was not.

    Only a line that goes on in small letters was surely wrapped. Scripts without capitals go on
    whenever the line before has no stop.
    """
    sure = [
        len(line.text)
        for line, following in zip(lines, lines[1:], strict=False)
        if not following.gap
        and _SHORTEST_WRAP <= len(line.text) <= _LONGEST_WRAP
        and line.text[-1] not in ".!?:؟"
        and _CONTINUES.match(following.text)
        and not following.text[0].isupper()
    ]
    return max(sure) if len(sure) >= 2 else 0


def _was_wrapped(line: Line, following: Line, width: int) -> bool:
    if following.gap or line.tag != following.tag or line.is_heading:
        return False
    first_word = following.text.split(" ", 1)[0]
    return _SHORTEST_WRAP <= len(line.text) <= width + 2 < len(line.text) + 4 + len(first_word)


def _joined(parts: Iterable[Line]) -> Line:
    first, *others = parts
    runs = list(first.runs)
    for line in others:
        before = runs[-1].text
        hyphenated = before.endswith("-") and before[-2:-1].isalpha() and line.text[0].isalpha()
        runs.extend((() if hyphenated else (Run(" "),)) + line.runs)
    return replace(first, runs=tuple(runs))
