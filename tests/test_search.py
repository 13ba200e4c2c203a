"""Search finds the letter that was meant, harms nothing, and shows what is public."""

from __future__ import annotations

import html5lib
import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from letters import search
from letters.models import listing
from tests.judged_searches import JUDGED, MEANT
from tests.sample import sample_office  # noqa: F401

# Of 90. SQLite knows the stems of English words only, and of Azerbaijani ones the endings.
RIGHT = {"postgresql": 86, "sqlite": 80}


def found(citizen: Client, language: str, q: str, **more: str) -> list[str]:
    page = citizen.get(f"/{language}/search/", {"q": q, **more})
    assert page.status_code == 200, q
    sources = [edition.letter.source for edition in page.context["archive"].letters]
    return [source.removeprefix("sample:") for source in sources]


@pytest.mark.usefixtures("sample_office")
def test_of_ninety_judged_searches_nearly_all_give_the_right_letter_first(citizen):
    wrong = []
    for language, q, key in JUDGED:
        first = next(iter(found(citizen, language, q)), None)
        if first != key:
            wrong.append((language, q, first))
    assert len(JUDGED) == 90
    assert len(JUDGED) - len(wrong) >= RIGHT[connection.vendor], wrong


@pytest.mark.usefixtures("sample_office")
@pytest.mark.parametrize(("language", "q", "meant"), MEANT)
def test_a_misspelt_name_is_met_with_the_one_that_was_meant(language, q, meant, citizen):
    archive = citizen.get(f"/{language}/search/", {"q": q}).context["archive"]
    assert (archive.letters, archive.meant) == ([], meant)
    assert found(citizen, language, meant)


@pytest.mark.usefixtures("sample_office")
def test_filters_narrow_a_search_and_counts_stand_beside_them(citizen):
    every = found(citizen, "en", "invitation")
    replies = found(citizen, "en", "invitation", kind="reply")
    assert 0 < len(replies) < len(every)
    assert set(replies) < set(every)
    choices = citizen.get("/en/search/?q=invitation").context["archive"].choices
    assert {choice.value: choice.n for choice in choices.kinds}["reply"] == len(replies)


@pytest.mark.usefixtures("sample_office")
def test_a_snippet_shows_what_was_asked_for_and_breaks_no_markup(citizen):
    page = citizen.get("/en/search/?q=hydrologists").content.decode()
    assert "<mark>hydrologists</mark>" in page
    hostile = citizen.get("/en/search/", {"q": "<script>alert(1)</script> king"}).content.decode()
    own = '<script src="/static/suggest.js" defer>'
    assert "<script" not in hostile.replace(own, "", 1)
    html5lib.HTMLParser(strict=True).parse(hostile)


@pytest.mark.usefixtures("sample_office")
@pytest.mark.parametrize(
    "query",
    [
        "",
        "?q=",
        "?q=%00",
        "?q=" + "x" * 300,
        "?q=king&year=never",
        "?q=king&page=99999999999",
        "?q=king&page=-1",
        "?q=king&before=2026-02-31.5",
        "?q=%F0%9F%92%A9",
        "?q=the+of+and",
        "?q=" + "a+" * 99,
        "?q=%22%22%22",
        "?q=king%5C%27%5C",
    ],
)
def test_nothing_searched_for_is_a_server_error(query, citizen):
    for page in ("search/", "letters/", "feed.atom"):
        assert citizen.get(f"/en/{page}{query}").status_code in (200, 400)


@pytest.mark.usefixtures("sample_office")
def test_the_archive_finds_by_words_too_the_newest_first(citizen):
    archive = citizen.get("/en/letters/?q=summit").context["archive"]
    days = [edition.dated for edition in archive.letters]
    assert days == sorted(days, reverse=True)
    assert len(days) == archive.count > 1


@pytest.mark.usefixtures("sample_office")
@pytest.mark.parametrize("q", ["king", "kelecin", "zzzz", ""])
def test_a_search_takes_nine_queries_at_most_and_three_more_to_say_what_was_meant(q, citizen):
    with CaptureQueriesContext(connection) as queries:
        page = citizen.get("/en/search/", {"q": q})
    assert len(queries) <= (9 if page.context["archive"].letters or not q else 12)


@pytest.mark.usefixtures("sample_office")
def test_words_narrow_the_letters_of_a_country_and_a_correspondent_too(citizen):
    both = "?country=XV&correspondent=elena-marovel"
    every, named, none = (
        citizen.get(f"/en/letters/{both}{words}").context["archive"].count
        for words in ("", "&q=summit", "&q=zzzz")
    )
    assert every > named > none == 0


@pytest.mark.django_db
def test_words_that_most_letters_have_are_looked_for_among_the_newest(citizen, monkeypatch):
    call_command("seed_letters", 60, verbosity=0)
    rare = citizen.get("/en/search/?q=friendship").context["archive"]
    monkeypatch.setattr(listing, "FREQUENT", 0)
    monkeypatch.setattr("letters.public.archive.WALKED", 25)
    if connection.vendor == "postgresql":
        met: set[int] = set()
        query = "?q=friendship"
        for _walk in range(20):
            archive = citizen.get(f"/en/search/{query}").context["archive"]
            met |= {edition.pk for edition in archive.letters}
            query = archive.older
            if not query:
                break
        assert len(met) == rare.count


def test_texts_are_folded_to_the_same_words_however_they_are_written():
    assert search.words("Şəki, ŞƏKİ and Seki") == ["seki", "seki", "and", "seki"]
    assert search.words("Чехов ЧЕХОВ") == ["чехов", "чехов"]
    assert search.words("Край ещё") == ["край", "еще"]
    assert search.words("الأُمَّة وَالأمه") == ["امه", "امه"]
    assert search.words("l’Œuvre n’est pas straße") == [
        *("l", "oeuvre", "n", "est", "pas", "strasse"),
    ]


def test_a_question_has_phrases_words_and_the_start_of_the_last_one():
    asked = search.Question.of('great "forum of rivers" grand-duc con')
    assert [term.words for term in asked.terms] == [
        ("great",),
        ("forum", "of", "rivers"),
        ("grand", "duc"),
        ("con",),
    ]
    assert [term.is_begun for term in asked.terms] == [False, False, False, True]
    assert search.Question.of("con ").terms[0].is_begun is False
    # No beginning of the word that stands for a correspondent in what is indexed.
    assert search.Question.of("zz").terms[0].is_begun is False


def test_of_two_spellings_of_a_name_either_finds_the_person():
    asked = search.Question.of("Chekhov").with_people([(7, "Антон Чехов"), (7, "Anton Chekhov")])
    assert asked.terms[0].people == (7,)
