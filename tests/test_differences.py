"""Two texts compared word by word: nothing of either is lost, and long ones take no time."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from letters.differences import words

WORDS = st.sampled_from(
    ["the", "King", "of", "Ostmark", ",", " ", "  ", "\n", "\n\n", "الملك", "!"]
)
TEXTS = st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=60)


def told(before: str, after: str) -> str:
    """As one line: [-gone-] and {+new+}."""
    shape = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return "".join(shape[kind].format(text) for kind, text in words(before, after))


@given(TEXTS, TEXTS)
@example("", "\n")
@example("a\r\nb", "a\nb")
@example("a b", "a\u00a0b")
def test_no_character_of_either_text_is_lost(before, after):
    found = words(before, after)
    assert "".join(text for kind, text in found if kind != "new") == before
    assert "".join(text for kind, text in found if kind != "gone") == after
    assert {kind for kind, _text in found} <= {"same", "gone", "new"}
    assert all(text for _kind, text in found)
    assert all(one[0] != next_[0] for one, next_ in zip(found, found[1:], strict=False))


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text):
    assert words(text, text) == ([("same", text)] if text else [])


@given(TEXTS, TEXTS)
def test_texts_that_differ_show_it(before, after):
    changed = [kind for kind, _text in words(before, after) if kind != "same"]
    assert bool(changed) == (before != after)


@pytest.mark.parametrize(
    "before, after, expected",
    [
        ("I send you my wishes.", "I send you our wishes.", "I send you [-my-]{+our+} wishes."),
        (
            "I send my warm wishes.",
            "I send our best wishes.",
            "I send [-my warm-]{+our best+} wishes.",
        ),
        ("the day", "the day,", "the day{+,+}"),
        ("a day and a day", "a day", "a day[- and a day-]"),
        ("الملك الحسن", "الملك حسن", "الملك [-الحسن-]{+حسن+}"),
        ("مُحَمَّد", "مُحَمَّد كريم", "مُحَمَّد{+ كريم+}"),
        ("我祝贺你们", "我祝贺他们", "我祝贺[-你-]{+他+}们"),
        ("One.\n\nTwo.", "One.\n\nAnd a half.\n\nTwo.", "One.\n\n{+And a half.\n\n+}Two."),
        ("One.\n\nTwo.", "Two.\n\nOne.", "[-One.\n\n-]Two.{+\n\nOne.+}"),
        ("One.", "One.\n\nTwo.", "One.{+\n\nTwo.+}"),
        ("One.\n\nTwo.", "One. Two.", "One.[-\n\n-]{+ +}Two."),
        ("", "All new.", "{+All new.+}"),
        ("All gone.", "", "[-All gone.-]"),
    ],
)
def test_what_changed_is_marked_word_by_word(before, after, expected):
    assert told(before, after) == expected


def letter(length: int, vocabulary: int, seed: int) -> list[str]:
    chance = random.Random(seed)  # noqa: S311
    return [f"word{chance.randrange(vocabulary)}" for _ in range(length)]


LONG = 20_000


def changed_in_places(text: list[str], every: int) -> list[str]:
    return [f"other{place}" if place % every == 0 else word for place, word in enumerate(text)]


@pytest.mark.parametrize(
    "texts",
    [
        lambda n: (letter(n, 4000, 1), changed_in_places(letter(n, 4000, 1), 50)),
        lambda n: (letter(n, 4000, 1), changed_in_places(letter(n, 4000, 1), 2)),
        lambda n: (letter(n, 4000, 1), letter(n, 4000, 2)),
        lambda n: (letter(n, 3, 1), letter(n, 3, 2)),
        lambda n: (["very"] * n, ["very", "much"] * (n // 2)),
        lambda n: (letter(n, n * 9, 1), letter(n, n * 9, 1)[::-1]),
    ],
    ids=["few", "every other", "another", "three words", "one word", "backwards"],
)
def test_five_times_as_many_words_take_no_more_than_ten_times_as_long(texts):
    """Comparing every word with every other would take 25 times as long."""

    def seconds(n: int) -> float:
        was, now = (" ".join(text) for text in texts(n))
        spent = []
        for _time in range(2):
            began = time.process_time()
            found = words(was, now)
            spent.append(time.process_time() - began)
        assert "".join(text for kind, text in found if kind != "new") == was
        return min(spent)

    assert seconds(LONG) < 10 * max(seconds(LONG // 5), 0.02)


def test_a_change_in_a_long_letter_is_found_and_nothing_else():
    text = letter(LONG, 4000, 1)
    after = [*text[:9000], "moreover", *text[9000:]]
    assert [p for p in words(" ".join(text), " ".join(after)) if p[0] != "same"] == [
        ("new", "moreover ")
    ]
