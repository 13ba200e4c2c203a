"""What holds for any source: it is read or refused, nothing is lost, and it does not take long."""

from __future__ import annotations

import contextlib
import re
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from letters.importing.pasted_html import html_lines, is_html
from letters.importing.release import Known, Release, Unreadable, read
from letters.importing.source import plain_lines, text_of
from tests.importing.test_release import KNOWN, SOURCES

FRAGMENTS = [
    *(line for path in SOURCES for line in path.read_text(encoding="utf-8").splitlines()),
    *("", "", "* * *", "# # #", "The letter reads:", "“", "”", '"', "«", "»", "„", "…", "[…]"),
    *("BAKU, Dec. 26 –", "Dear Mr. President,", "Sincerely,", "1 September 2020", "Print"),
    *("<p>", "</p>", "<br>", "<b>", "</b>", "<li>", "<ul>", "<!--", "-->", "&amp;", "<blockquote>"),
]
UNSEEN = r"<(script|style|xml)\b.*?</\1>|<!--.*?-->|<[^<>]*>|&\w+;"


def words(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in re.findall(r"\w+", text))


def placed(releases: Iterable[Release]) -> Iterable[str]:
    for release in releases:
        yield from (release.headline, release.summary, release.lead_in, release.date_line)
        yield from (release.salutation, release.closing)
        yield from release.addressee_block
        yield from release.signature_block
        yield from release.paragraphs
        yield from release.not_placed


def lost_words(source: str | bytes, known: Known = KNOWN) -> Counter[str]:
    text = text_of(source)
    lines = html_lines(text) if is_html(text) else plain_lines(text)
    return words(line.text for line in lines) - words(placed(read(source, known=known)))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_word_of_a_release_is_in_a_field_or_not_placed(source: Path) -> None:
    assert not lost_words(source.read_bytes())


@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=25).map("\n".join))
def test_no_word_is_lost_however_releases_are_cut_and_mixed(source: str) -> None:
    try:
        assert not lost_words(source)
    except Unreadable:
        assert not re.search(r"\w", re.sub(UNSEEN, "", source, flags=re.S))


@given(st.text() | st.text(alphabet="\"'“”«»„<>/!-&;:,. \n\tabАбəا٣0123", max_size=400))
@example("<")
@example("<!")
@example("\ud800")
@example('"')
@example("Dear\u00ad")
def test_any_text_is_read_or_refused(source: str) -> None:
    try:
        assert read(source, known=KNOWN)
    except Unreadable as refusal:
        assert str(refusal).endswith(".")


@given(st.binary(max_size=600))
@example(b"\xff\xfe")
@example(b"\x00a")
@example(b"<meta charset=utf-7>\xff")
@example(b"<meta charset=hex>\xff")
def test_any_bytes_are_read_or_refused(source: bytes) -> None:
    try:
        assert read(source, known=KNOWN)
    except Unreadable as refusal:
        assert str(refusal).endswith(".")


def seconds(source: str) -> float:
    """Of this process's own time, whatever else the machine does."""
    began = time.process_time()
    with contextlib.suppress(Unreadable):
        read(source, known=KNOWN)
    return time.process_time() - began


def grows_with_its_length(unit: str, length: int) -> bool:
    """Whether four times the text takes nowhere near sixteen times as long."""
    short, long = unit * (length // len(unit)), unit * (4 * length // len(unit))
    return seconds(long) < 10 * seconds(short) + 1


def test_a_long_paste_of_releases_takes_as_long_as_its_length() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SOURCES if path.suffix == ".txt"]
    pages = "\n\n# # #\n\n".join(texts)
    assert grows_with_its_length(pages, 2 * len(pages))


def test_a_long_paragraph_takes_as_long_as_its_length() -> None:
    assert grows_with_its_length("The word, a word; one “word” more. ", 250_000)


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "Mira Halden ",
        "Dear Mr. President,\n",
        "Mira Halden\nPresident of Valdora\n",
        "The letter reads:\n",
        'The letter reads: "a',
        "1 September 2020\n",
        '"',
        "“a\n",
        "« ",
        "<p>",
        "<!--",
        "<!",
        "</",
        "<b>a",
        "<a href=",
        "&",
        "<ul><li>a",
        "\u00ad\n",
        "BAKU, Dec. 26 – ",
        "* * *\n",
        "His Excellency\n",
        "word word, word. Word word word word word word word word word\n",
        "ÐÑ",
        "Президент Вальдоры направил письмо\n",
        "<h2>President of Valdora congratulates King of Ostmark</h2><p>a</p>",
    ],
)
def test_what_is_repeated_without_end_takes_as_long_as_its_length(unit: str) -> None:
    assert grows_with_its_length(unit, 20_000)
