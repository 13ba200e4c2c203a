"""What differs between two texts: every part of what is approved is told, none is hidden."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters import markup, record
from letters.admin.comparing import compare, earlier, reading_of, visible
from letters.models import Edition, File, Kind, Letter, Party
from tests.letters_at_stages import (
    edit,
    make_correction,
    make_correspondent,
    make_draft,
    person,
    publish,
)

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


@dataclass
class Fake:
    """A row of an edition in memory: nothing is stored to be compared."""

    rows: list[Any]

    def all(self) -> list[Any]:
        return self.rows

    def select_related(self, *_names: str) -> list[Any]:
        return self.rows


class Text(Edition):
    class Meta:
        proxy = True
        app_label = "letters"

    parties: Any = None
    files: Any = None


def text(**facts: Any) -> Text:
    parties = facts.pop("parties", [party()])
    files = facts.pop("files", [file()])
    letter = {name: facts.pop(name) for name in ("direction", "in_reply_to") if name in facts}
    found = Text(
        pk=1, language="en", body="<p>Words.</p>", headline="A headline", letter=Letter(**letter)
    )
    for name, value in facts.items():
        setattr(found, name, value)
    found.parties, found.files = Fake(parties), Fake(files)
    return found


def party(**facts: Any) -> Party:
    known = {"role": "sender", "name": "Mira Halden", "title": "President", "country": "XV"}
    return Party(**known | {"country_name": "Valdora"} | facts)


def file(**facts: Any) -> File:
    known = {"role": "photograph", "sha256": "a" * 64, "type": "image/jpeg", "alt": "Two flags"}
    return File(**known | {"caption": "At noon", "credit": "The office"} | facts)


# For each key of the canonical form, another value of it.
ANOTHER: dict[str, Callable[[], Any]] = {
    "headline": lambda: "Another headline",
    "summary": lambda: "A context",
    "form": lambda: "excerpt",
    "standing": lambda: "courtesy",
    "letter_language": lambda: "fr",
    "place": lambda: "Harborg",
    "salutation": lambda: "Dear friend,",
    "body": lambda: "<p>Other words.</p>",
    "closing": lambda: "Yours,",
    "notes": lambda: "A note.",
    "press_contact": lambda: "press@example.org",
    "correction_note": lambda: "The day was wrong.",
    "dated": lambda: date(2026, 11, 8),
    "first_published": lambda: date(2026, 11, 7),
    "not_before": lambda: datetime(2026, 11, 20, 9, tzinfo=UTC),
    "direction": lambda: "received",
    "in_reply_to": lambda: Letter(reference="2026-7"),
    "kind": lambda: Kind(code="thanks"),
    "parties": lambda: [],
    "files": lambda: [],
}
OF_A_PARTY: dict[str, Callable[[], Any]] = {
    "role": lambda: "signatory",
    "correspondent": lambda: make_correspondent(),
    "name": lambda: "Mira  Halden",
    "title": lambda: "",
    "country": lambda: "XO",
    "country_name": lambda: "Republic of Valdora",
}
OF_A_FILE: dict[str, Callable[[], Any]] = {
    "role": lambda: "facsimile",
    "sha256": lambda: "b" * 64,
    "type": lambda: "image/png",
    "alt": lambda: "",
    "caption": lambda: "At night",
    "credit": lambda: "Another",
    "focal_point": lambda: 10,
}


def test_every_part_of_the_canonical_form_is_tried_here():
    form = record.canonical(text())
    assert ANOTHER.keys() == form.keys()
    assert OF_A_PARTY.keys() == form["parties"][0].keys()
    assert OF_A_FILE.keys() == form["files"][0].keys()


@pytest.mark.parametrize("name", ANOTHER)
def test_no_difference_of_a_fact_hides(name):
    before, after = text(), text(**{name: ANOTHER[name]()})
    for a, b in ((before, after), (after, before)):
        (change,) = compare(a, b)
        assert change.name == name
        assert change.label != name  # it has a name of its own in the language of the desk
        assert {kind for kind, _text in change.pieces} & {"gone", "new"}


@pytest.mark.parametrize(
    "name, key, another",
    [
        *(("parties", key, make) for key, make in OF_A_PARTY.items()),
        *(("files", key, make) for key, make in OF_A_FILE.items()),
    ],
)
def test_no_difference_of_a_line_hides(name, key, another):
    row, field = (party, key) if name == "parties" else (file, key)
    field = "focal_x" if field == "focal_point" else field
    changed = row(**{field: another()})
    (change,) = compare(text(), text(**{name: [changed]}))
    assert change.name == name
    assert [kind for kind, _line in change.pieces] == ["gone", "new"]
    assert change.pieces[0][1] != change.pieces[1][1]


def test_the_order_of_lines_is_a_difference():
    a, b = party(), party(role="addressee", name="Tomas Reyk")
    (change,) = compare(text(parties=[a, b]), text(parties=[b, a]))
    assert sorted(kind for kind, _line in change.pieces) == ["gone", "new", "same"]


def test_texts_that_are_alike_have_no_difference():
    assert compare(text(), text()) == []
    assert compare(None, text()) == []


def test_the_body_is_compared_word_by_word_and_its_formatting_is_told():
    before = text(body="<p>I send you my wishes.</p><p>Yours.</p>")
    after = text(body='<p>I send you <em>my</em> wishes.</p><p lang="fr">Yours.</p>')
    (change,) = compare(before, after)
    assert change.pieces == [
        ("same", "I send you "),
        ("new", "⟨italic⟩"),
        ("same", "my"),
        ("new", "⟨/italic⟩"),
        ("same", " wishes.\n\n"),
        ("new", "⟨paragraph lang=fr⟩"),
        ("same", "Yours."),
    ]


BLOCKS = ["<p>", "</p>", "<ul><li>", "</li></ul>", "<strong>", "</strong>", "<em>", "</em>", "<br>"]
MORE = ["one", "two", " ", "\n", "<h2>", "</h2>", '<a href="/x">', "</a>", "<blockquote>", "&amp;"]
HTML = st.lists(st.sampled_from(BLOCKS + MORE), max_size=14).map("".join).map(markup.clean)


@given(HTML, HTML)
def test_bodies_that_differ_at_all_show_it(one, other):
    changes = compare(text(body=one), text(body=other))
    assert bool(changes) == (one != other)
    for change in changes:
        told = [piece for kind, piece in change.pieces if kind != "same"]
        assert told and all(piece.strip() for piece in told)


@pytest.mark.parametrize(
    "before, after, told",
    [
        ("a b", "a\u00a0b", "[no-break space]"),
        ("شكرا", "\u200fشكرا", "[right-to-left mark]"),
        ("One.", "One. ", "One.␣"),
    ],
)
def test_what_cannot_be_seen_is_named(before, after, told):
    (change,) = compare(text(headline=before), text(headline=after))
    assert told in "".join(piece for kind, piece in change.pieces if kind != "gone")
    assert visible("a\nb\n\nc\n\n\nd") == "a↵\nb¶\nc¶\n↵\nd"


def test_a_moment_is_told_to_the_second_and_with_its_zone():
    after = text(not_before=datetime(2026, 11, 20, 9, 0, 5, tzinfo=UTC))
    (change,) = compare(text(), after)
    assert change.pieces == [("new", "20 November 2026, 09:00:05 UTC")]


def test_a_long_text_shows_the_words_around_each_change_only():
    long = "<p>" + "word " * 500 + "{}" + " more" * 500 + "</p>"
    (change,) = compare(text(body=long.format("here")), text(body=long.format("there")))
    told = "".join(piece for _kind, piece in change.pieces)
    assert "here" in told and "there" in told and len(told) < 400


def test_names_of_formatting_and_links_are_read():
    html = '<h2>Title</h2><ul><li>One</li></ul><p>See <a href="https://x.example/">this</a>.</p>'
    assert reading_of(html) == (
        "⟨heading⟩Title⟨/heading⟩\n\n⟨list⟩\n\n⟨item⟩One\n\n⟨/list⟩\n\n"
        "See ⟨link https://x.example/⟩this⟨/link⟩."
    )


# --- What a text is compared with -----------------------------------------------------------------


def test_a_correction_is_compared_with_the_edition_it_takes_the_place_of(clock):
    first = publish(make_draft(), clock)
    second = make_correction(first, place="Harborg")
    assert earlier(second, person("approver")) == first
    found = {change.name: change.pieces for change in compare(first, second)}
    assert found["place"] == [("gone", "Valmere"), ("new", "Harborg")]
    assert found.keys() == {"place", "correction_note"}
    assert earlier(first, person("approver")) is None


def test_a_letter_begun_from_another_is_compared_with_that_one_if_it_is_open_to_the_reader(clock):
    from letters import workflow

    drafter, approver = person("drafter"), person("approver")
    first = publish(make_draft(), clock)
    (again,) = workflow.repeat(first, by=drafter)
    edit(again, drafter, place="Harborg")
    again = Edition.objects.get(pk=again.pk)
    assert earlier(again, approver) == first
    assert {change.name for change in compare(first, again)} == {"place", "dated"}
    workflow.restrict(first.letter, [drafter], by=drafter, reason="A visit not announced yet.")
    assert earlier(again, approver) is None
    assert earlier(again, drafter) == first
