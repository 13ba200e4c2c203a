"""What is suggested while somebody types, of the sample office."""

from __future__ import annotations

import pytest

from tests.sample import sample_office  # noqa: F401
from tests.test_suggestions import answer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample_office")]


@pytest.mark.parametrize(
    ("language", "typed", "name", "address"),
    [
        ("en", "marov", "Elena Marovel", "/en/correspondents/elena-marovel/"),
        ("en", "ele mar", "Elena Marovel", "/en/correspondents/elena-marovel/"),
        ("en", "MAROVEL elena", "Elena Marovel", "/en/correspondents/elena-marovel/"),
        ("en", "kelm", "Kelmark", "/en/countries/XA/"),
        ("fr", "kelm", "Kelmark", "/fr/countries/XA/"),
        ("ar", "marovel", "إيلينا ماروفيل", "/ar/correspondents/elena-marovel/"),
        ("ar", "كيل", "كيلمارك", "/ar/countries/XA/"),
    ],
)
def test_a_person_or_a_country_is_suggested_by_the_beginning_of_any_word_of_a_name(
    language, typed, name, address, citizen
):
    found = answer(citizen, typed, language)["found"]
    assert {"name": name, "address": address}.items() <= found[0].items()
    assert citizen.get(address).status_code == 200


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_every_suggestion_leads_to_its_page(language, citizen):
    for typed in ("20", "ma", "re", "ال", "la", "co"):
        for one in answer(citizen, typed, language)["found"]:
            assert citizen.get(one["address"]).status_code == 200, one
            assert all(one.values()), one


def test_letters_are_suggested_by_their_headline_the_newest_first(citizen):
    found = answer(citizen, "congratu")
    assert found["found"]
    for one in found["found"]:
        assert "congratul" in one["name"].lower()
    assert str(len(found["found"])) in found["said"]
    assert answer(citizen, "zzyzx") == {"said": "No suggestions.", "found": []}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("?q=", 200),
        ("?q=a", 200),
        ("?q=%20%20%20a", 200),
        ("?q=%27%27", 200),
        ("?q=%22%22%22", 200),
        ("?q=the+of", 200),
        ("?q=%27)%3B+drop+table+letters_edition", 200),
        ("?q=%3A*A", 200),
        ("?q=" + "a+" * 99, 200),
        ("?q=" + "%F0%9F%92%A9" * 9, 200),
        ("?q=%00ab", 400),
        ("?q=%FF%FE", 200),
        ("?q=" + "x" * 201, 400),
        ("?q=king%5C%27%5C&q=ab", 200),
    ],
)
def test_nothing_typed_is_a_server_error(query, status, citizen):
    response = citizen.get(f"/en/search/suggestions/{query}")
    assert response.status_code == status
    assert response.json().keys() == {"said", "found"}
    if status == 400:
        assert response.json()["found"] == []


def test_copies_are_good_for_a_second_and_no_search_engine_lists_them(citizen):
    response = citizen.get("/en/search/suggestions/?q=marov")
    assert "s-maxage=1" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert not response.cookies
    assert citizen.post("/en/search/suggestions/?q=marov").status_code == 405
    # Staff may ask for another moment, nobody else.
    assert citizen.get("/en/search/suggestions/?q=ma&at=2026-01-01T00:00:00Z").status_code == 403


def test_the_script_is_there_where_there_is_a_box_and_nowhere_else(citizen):
    for page in ("", "letters/", "search/", "search/?q=king"):
        assert "/static/suggest.js" in citizen.get(f"/en/{page}").content.decode(), page
    for page in ("correspondents/", "countries/", "countries/XA/", "verify/"):
        assert "/static/suggest.js" not in citizen.get(f"/en/{page}").content.decode(), page
