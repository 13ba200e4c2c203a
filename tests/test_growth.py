"""A text twice as long makes about twice the work, whatever is posted or pasted."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest

from letters import checks, differences, markup
from letters.collation import Collation, Sheet, Text
from letters.importing.names import Known
from letters.importing.release import read
from letters.importing.source import Unreadable
from letters.repair import repaired
from tests.letters_at_stages import make_draft, make_edition

pytestmark = pytest.mark.django_db

# Each is said again and again. What costs the square of a text shows in a run of one of them.
SIGNS = [
    "a", "A", "é", "ə", "б", "و", "你", "🙏", "\u0301", "\u200b", "\u00ad", "_", "1", "1-", "1.",
    "1)", "-", "–", ".", "…", ",", ":", ";", "'", "\"", "“", "”", "«", "»", "‘", "’", "(", ")",
    "[", "]", "{", "}", "<", "<<", ">", "&", "&#", "*", "?", "%", "$", "=", "\\", "/", "#",
    "|", "@", "a@", "://", "a://", "http://a/", "a\"", "a\u0301", "a-", "الله", "{{", "${",
    "<!--", "<p", "<p>", "</p>", "<b>", "<ul><li>",
]  # fmt: skip
WORDS = [
    "word ", "Dear ", "Your Majesty, ", "Mr. Dr. ", "Mr., ", "H.E. the ", "To: ", "XX ", "[…] ",
    "[date] ", "(to come) ", "‘b ", "2026-1 ", "1 June 2026 ", "King of ", "Tomas Reyk ", "و ",
    "<a href='", "<span style='", "<!-- ", " ", "\t", "\n", "\n\n", "a\n", "A b.\n", "1. \n", "> ",
]  # fmt: skip
SHORT, LONG = 20_000, 40_000
KNOWN = Known(
    countries={"Valdora": "XV", "Ostmark": "XO"},
    correspondents=["Mira Halden", "Tomas Reyk"],
    home="XV",
    languages=("en", "fr", "es", "ru", "az", "ar"),
)


def run_of(sign: str, length: int) -> str:
    return (sign * (length // len(sign) + 1))[:length]


def seconds(reader: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    reader(text)
    return time.process_time() - began


def assert_in_proportion(
    reader: Callable[[str], object], signs: Sequence[str] = (*SIGNS, *WORDS)
) -> None:
    """Twice the text is three times the work at most; below 0.2 s nothing is compared."""
    dear = []
    for sign in signs:
        short, long = run_of(sign, SHORT), run_of(sign, LONG)
        for _try in range(4):
            spent = seconds(reader, long)
            if spent < 0.2 or spent <= 3 * seconds(reader, short):
                break
        else:
            dear.append(sign)
    assert not dear


def pasted(text: str) -> None:
    with suppress(Unreadable):
        read(text, known=KNOWN)


def compared(text: str) -> None:
    half = len(text) // 2
    differences.words(text, f"{text[:half]}Q{text[half:]}")
    differences.words(f"One {text} two", f"Two {text[1:]} one")


def cleaned(text: str) -> None:
    markup.paragraphs(markup.clean(markup.as_html(text)))


@pytest.mark.parametrize("reader", [pasted, compared, cleaned, repaired])
def test_a_long_run_of_one_sign_costs_no_more_than_its_length(reader):
    assert_in_proportion(reader)


def test_a_text_beside_a_long_letter_of_the_same_words_costs_no_more_than_its_length():
    def collated(text: str) -> None:
        half = len(text) // 2
        Collation(Text(text), Sheet([("body", f"{text[:half]}Q{text[half:]}")]))

    assert_in_proportion(collated, [*SIGNS[::4], *WORDS[::4], "a b c "])


def test_a_long_run_of_one_sign_in_a_draft_is_checked_in_proportion():
    draft = make_draft()

    def checked(text: str) -> None:
        draft.body = f"<p>{markup.escape(text)}</p>"
        checks.to_submit(draft)

    assert_in_proportion(checked)


def test_a_text_that_a_stranger_posts_to_be_checked_costs_no_more_than_its_length(citizen, clock):
    make_edition(clock=clock, salutation="Dear Dear Dear", body="<p>Dear Dear a a a a a</p>")

    def posted(text: str) -> None:
        assert citizen.post("/en/verify/", {"text": text}).status_code == 200

    assert_in_proportion(posted)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/en/verify/", "text"),
        ("/en/verify/?code=A", "reference"),
        ("/en/search/", "q"),
        ("/en/search/suggestions/", "q"),
    ],
)
def test_what_is_asked_for_in_a_line_costs_no_more_than_its_length(path, field, citizen):
    def asked(text: str) -> None:
        assert citizen.get(path, {field: text}).status_code in (200, 400)

    assert_in_proportion(asked, SIGNS[::5])
