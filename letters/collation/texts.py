"""Texts as the words, numbers and signs by which they are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple
from unicodedata import normalize

SEED = 3  # words or signs in a row with which a run in common begins


_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_VOWELS = "\u064b-\u065f\u0670\u06d6-\u06ed\u0640"
_IN_WORD = rf"[\w\u0300-\u036f{_VOWELS}{_UNSEEN}]"
_QUOTES = "\"“”„‟«»‹›″‘’‚‛′'ʼ`´"
_DASHES = r"\-‐‑‒–—―−"
_TOKEN = re.compile(
    rf"{_IN_WORD}+(?:(?:(?<=\d)[.,:/{_DASHES}](?=\d)|[-‐‑'’ʼ`´](?=\w)){_IN_WORD}+)*"
    rf"|\.{{2,}}|[{_DASHES}]+|\S"
)
# What a reader's program puts before a line: marks of a quotation, of an item of a list.
_BEFORE_LINE = re.compile(r"^[ \t]*(?:>[ \t]*)*(?:(?:\d{1,3}[.)]|[–—•-])(?=[ \t]))?", re.MULTILINE)
_DROPPED = re.compile(rf"[_{_VOWELS}{_UNSEEN}]")
_SIGNS = str.maketrans(
    dict.fromkeys(_QUOTES, '"') | dict.fromkeys(_DASHES[1:], "-") | dict.fromkeys("*•~", "")
)


class Token(NamedTuple):
    """A word, a number or a sign of a text, and where it stands there."""

    key: str
    start: int
    end: int
    is_word: bool
    is_layout: bool  # in front of its line, perhaps put there by a program


def _key(raw: str) -> str:
    # Composed first: a hamza above its letter is no vowel sign.
    seen = _DROPPED.sub("", normalize("NFC", raw))
    if not any(letter.isalnum() for letter in seen):
        return (
            "…" if seen.startswith(("..", "…")) else normalize("NFKC", seen.translate(_SIGNS))[:1]
        )
    folded = normalize("NFKC", normalize("NFKC", seen).casefold())
    folded = folded.replace("i\u0307", "i").replace("ё", "е")
    folded = re.sub("[’ʼ`´]", "'", folded)
    folded = re.sub(rf"(?<=\d)[{_DASHES}](?=\d)", "\0", folded)
    folded = re.sub(rf"[{_DASHES}]", "", folded).replace("\0", "-")
    # Digits of every script are the same numbers.
    return re.sub(r"[^\W\D0-9]", lambda digit: str(int(digit[0])), folded)


class Text:
    """A text and its words and signs."""

    def __init__(self, text: str) -> None:
        self.text = text
        keys: dict[str, str] = {}
        layout = [found.span() for found in _BEFORE_LINE.finditer(text) if found[0].strip()]
        self.tokens: list[Token] = []
        line = 0
        for found in _TOKEN.finditer(text):
            key = keys.get(found[0])
            if key is None:
                key = keys[found[0]] = _key(found[0])
            if not key:
                continue
            while line < len(layout) and layout[line][1] <= found.start():
                line += 1
            in_front = line < len(layout) and layout[line][0] <= found.start()
            is_word = key[0].isalnum() or len(key) > 1
            self.tokens.append(Token(key, found.start(), found.end(), is_word, in_front))
        self.keys = [token.key for token in self.tokens]

    def words(self, start: int = 0, end: int | None = None) -> int:
        """How many of these tokens are words."""
        before = self._words_before
        return before[len(self.tokens) if end is None else end] - before[start]

    @cached_property
    def _words_before(self) -> list[int]:
        counts = [0]
        for token in self.tokens:
            counts.append(counts[-1] + token.is_word)
        return counts

    @cached_property
    def seeds(self) -> set[tuple[str, ...]]:
        return set(zip(*(self.keys[n:] for n in range(SEED)), strict=False))

    def between(self, start: int, end: int) -> str:
        """The text from the first to the last of these tokens, as it was written."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end] if start < end else ""


CORE = ("salutation", "body", "closing")  # of a letter; the rest of a page stands around them


class Sheet(Text):
    """A letter with what stands around it on its page, in the order in which it is read."""

    def __init__(self, parts: Iterable[tuple[str, str]]) -> None:
        """Each line or paragraph with the name of its part: see CORE."""
        self.blocks: list[tuple[str, int, int]] = []
        text = ""
        for name, words in parts:
            for block in words.split("\n\n"):
                if block.strip():
                    self.blocks.append((name, len(text), len(text) + len(block)))
                    text += f"{block}\n\n"
        super().__init__(text)
        self.block_of: list[int] = []
        number = 0
        for token in self.tokens:
            while token.start >= self.blocks[number][2]:
                number += 1
            self.block_of.append(number)

    def part(self, token: int) -> str:
        return self.blocks[self.block_of[token]][0]

    def begins(self, token: int) -> bool:
        """Whether a paragraph begins with it, or the sheet is at its end."""
        return token in (0, len(self.tokens)) or self.block_of[token - 1] != self.block_of[token]
