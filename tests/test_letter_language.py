"""The archive narrowed by the language in which a letter was written itself."""

from __future__ import annotations

import importlib
from itertools import product
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from letters import listing
from letters.models import Listing, Party, Role, Tally
from letters.models.listing import LETTER_LANGUAGE
from tests.letters_at_stages import (
    make_correction,
    make_correspondent,
    make_edition,
    publish,
    schedule,
    withdraw,
)

pytestmark = pytest.mark.django_db

MIGRATION = importlib.import_module("letters.migrations.0012_letter_language")


def to(code: str, someone: str) -> list[Party]:
    return [
        Party(role=Role.SENDER, name="Mira Halden", country="XV"),
        Party(
            role=Role.ADDRESSEE,
            name=someone,
            country=code,
            correspondent=make_correspondent(someone),
        ),
    ]


@pytest.fixture
def five_letters(clock):
    for n, (language, code, someone) in enumerate(
        [
            ("en", "XA", "first"),
            ("en", "XB", "second"),
            ("fr", "XA", "first"),
            ("fr", "XA", "second"),
            ("fr", "XB", "second"),
        ]
    ):
        facts = {"letter_language": language, "headline": f"Letter {n} {language}"}
        make_edition(clock=clock, parties=to(code, someone), **facts)


def archive(citizen: Client, query: str, page: str = "letters") -> SimpleNamespace:
    found = citizen.get(f"/en/{page}/{query}").context["archive"]
    choices = {
        name: {choice.value: choice.n for choice in getattr(found.choices, name)}
        for name in ("letter_languages", "countries", "correspondents", "kinds")
    }
    return SimpleNamespace(
        **choices,
        headlines=sorted(edition.headline for edition in found.letters),
        count=found.count,
        filters=found.filters,
    )


@pytest.mark.usefixtures("five_letters")
def test_letters_are_narrowed_to_those_written_in_a_language(citizen):
    every = archive(citizen, "")
    assert every.letter_languages == {"en": 2, "fr": 3}
    french = archive(citizen, "?letter_language=fr")
    assert french.headlines == ["Letter 2 fr", "Letter 3 fr", "Letter 4 fr"]
    assert french.count == 3
    assert french.letter_languages == {"en": 2, "fr": 3}  # in place of the one chosen
    assert french.countries == {"XA": 2, "XB": 1, "XV": 3}
    assert french.correspondents == {"first": 1, "second": 2}
    assert [(f["name"], f["label"]) for f in french.filters] == [("letter_language", "French")]
    assert "letter_language" not in french.filters[0]["without"]


COMBINED = [
    ("?letter_language=fr&country=XA", ["Letter 2 fr", "Letter 3 fr"]),
    ("?letter_language=fr&correspondent=second", ["Letter 3 fr", "Letter 4 fr"]),
    ("?letter_language=fr&country=XA&correspondent=second", ["Letter 3 fr"]),
    ("?letter_language=en&country=XB&correspondent=first", []),
    ("?letter_language=ar", []),
    ("?letter_language=fr&correspondent=nobody", []),
    ("?letter_language=fr&direction=received", []),
    ("?letter_language=fr&q=%22letter+2%22", ["Letter 2 fr"]),
    ("?letter_language=fr&country=XA&q=%22letter+3%22", ["Letter 3 fr"]),
    ("?country=XB&correspondent=second&q=%22letter+1%22", ["Letter 1 en"]),
]


@pytest.mark.usefixtures("five_letters")
def test_it_combines_with_every_other_filter(citizen):
    for query, found in COMBINED:
        narrowed = archive(citizen, query)
        assert (narrowed.headlines, narrowed.count) == (found, len(found)), query
        if "q=" in query:
            assert archive(citizen, query, "search").headlines == found, query


@pytest.mark.usefixtures("five_letters")
def test_beside_each_choice_stands_how_many_letters_it_leaves(citizen):
    names = {
        "letter_languages": "letter_language",
        "countries": "country",
        "correspondents": "correspondent",
    }
    for one, other in product(
        ("country=XA", "letter_language=fr", "correspondent=second"),
        ("", "&letter_language=fr", "&country=XA", "&q=letter"),
    ):
        query = f"?{one}{other}"
        before = archive(citizen, query)
        for name, parameter in names.items():
            for value, n in getattr(before, name).items():
                if n is None:  # in the place of the only one chosen, with words
                    assert "q=" in query
                    continue
                instead = "&".join(p for p in query[1:].split("&") if not p.startswith(parameter))
                found = archive(citizen, f"?{instead}&{parameter}={value}")
                assert n == found.count, (query, name, value)


def test_where_all_letters_are_in_one_language_there_is_no_choice(citizen, clock):
    make_edition(clock=clock)
    page = citizen.get("/en/letters/")
    assert page.context["archive"].choices.letter_languages == []
    assert 'name="letter_language"' not in page.content.decode()
    make_edition(clock=clock, letter_language="fr")
    assert 'name="letter_language"' in citizen.get("/en/letters/").content.decode()
    chosen = citizen.get("/en/letters/?letter_language=ru&kind=reply").content.decode()
    assert '<option value="ru" selected>Russian</option>' in chosen


def test_a_feed_and_the_api_take_it_and_a_feed_tells_what_left_it(citizen, clock):
    make_edition(clock=clock, letter_language="en", headline="An English letter")
    gone = make_edition(clock=clock, letter_language="fr", headline="A French letter")
    for address in ("/en/feed.atom?", "/en/feed.json?", "/api/v1/letters?language=en&"):
        page = citizen.get(f"{address}letter_language=fr").content.decode()
        assert "A French letter" in page, address
        assert "An English letter" not in page, address
    withdraw(gone, "kept", clock)
    assert gone.letter.reference in citizen.get("/en/feed.atom?letter_language=fr").content.decode()
    english = citizen.get("/en/feed.atom?letter_language=en").content.decode()
    assert gone.letter.reference not in english


@pytest.mark.parametrize("value", ["FR", "%00", "x" * 13, "l%25", "'", "é"])
def test_nonsense_is_refused(value, citizen):
    assert citizen.get(f"/en/letters/?letter_language={value}").status_code == 400
    assert citizen.get(f"/en/feed.atom?letter_language={value}").status_code == 400
    assert citizen.get(f"/api/v1/letters?letter_language={value}").status_code == 400


@pytest.mark.usefixtures("five_letters")
def test_it_takes_no_more_queries_than_another_filter(citizen):
    for query, most in (
        ("?letter_language=fr", 6),
        ("?letter_language=fr&kind=reply", 6),
        ("?letter_language=fr&country=XA", 7),
        ("?letter_language=fr&country=XA&correspondent=second", 7),
    ):
        with CaptureQueriesContext(connection) as queries:
            citizen.get(f"/en/letters/{query}")
        assert len(queries) <= most, query


# --- What was published before ------------------------------------------------------------------


def rows() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    listed = Listing.objects.order_by("edition", "facet", "since")
    tally = Tally.objects.exclude(n=0).order_by("language", "kind", "direction", "period", "facet")
    return list(listed.values_list()), list(tally.values_list())


@pytest.mark.usefixtures("five_letters")
def test_letters_of_before_get_their_rows_and_lose_them_on_the_way_back(clock, monkeypatch):
    corrected = make_edition(clock=clock)
    publish(make_correction(corrected, letter_language="fr"), clock)
    schedule(make_correction(make_edition(clock=clock), letter_language="ru"))
    withdraw(make_edition(clock=clock), "kept", clock)
    call_command("seed_letters", 30, verbosity=0)
    as_written = rows()
    editor = SimpleNamespace(connection=connection)
    monkeypatch.setattr(MIGRATION, "BATCH", 7)
    MIGRATION.take_away(apps, editor)
    bare = rows()
    assert not Listing.objects.filter(facet__startswith=LETTER_LANGUAGE).exists()
    assert len(bare[0]) < len(as_written[0])
    MIGRATION.add(apps, editor)
    assert rows() == as_written
    MIGRATION.add(apps, editor)  # once more, as after it was broken off
    assert rows() == as_written
    listing.rebuild()
    assert rows() == as_written
    MIGRATION.take_away(apps, editor)
    assert rows() == bare


def test_what_the_version_before_wrote_meanwhile_stays_counted_right(clock):
    """It writes a letter's rows anew without the language, and discounts those that were there."""
    edition = make_edition(clock=clock)
    cell = Tally.objects.of_all().filter(facet="len")
    assert cell.get().n == 1
    own = listing._facets
    try:
        listing._facets = lambda of: {f for f in own(of) if not f.startswith("l")}
        listing.refresh([edition.letter_id])
    finally:
        listing._facets = own
    assert cell.get().n == 0
    assert not Listing.objects.filter(facet="len").exists()
    MIGRATION.add(apps, SimpleNamespace(connection=connection))
    assert cell.get().n == 1
