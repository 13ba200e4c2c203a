"""What is suggested while somebody types: what is public now, and nothing else."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from letters.models import CorrespondentName, Party, Role
from letters.public import suggesting
from tests.letters_at_stages import (
    make_correspondent,
    make_draft,
    make_edition,
    schedule,
    withdraw,
)

pytestmark = pytest.mark.django_db


def answer(citizen: Client, typed: str, language: str = "en") -> dict[str, Any]:
    response = citizen.get(f"/{language}/search/suggestions/?q={quote(typed)}")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    found: dict[str, Any] = response.json()
    assert len(found["found"]) <= suggesting.MOST
    return found


def names(citizen: Client, typed: str, language: str = "en") -> list[str]:
    return [one["name"] for one in answer(citizen, typed, language)["found"]]


def test_accents_and_another_script_are_forgiven(citizen, clock):
    someone = make_correspondent("anton-chekhov", {"en": "Anton Chekhov"})
    more = {"correspondent": someone, "language": "ru", "is_display": True}
    CorrespondentName.objects.create(name="Антон Чехов", **more)
    parties = [
        Party(role=Role.SENDER, name="Mira Halden"),
        Party(role=Role.ADDRESSEE, name="Anton Chekhov", correspondent=someone, country="CI"),
    ]
    make_edition(clock=clock, parties=parties, headline="Félicitations à Şəki")
    for typed in ("чех", "антон", "chek", "CHÉK"):
        assert names(citizen, typed)[0] == "Anton Chekhov", typed
    for typed in ("felicit", "seki", "Şək", "a sek"):
        assert names(citizen, typed) == ["Félicitations à Şəki"], typed
    assert names(citizen, "cote d iv") == names(citizen, "Côte d'I") == ["Côte d'Ivoire"]


def test_of_nobody_without_a_listed_letter_is_there_a_word(citizen, clock):
    someone = make_correspondent("quor-name", {"en": "Quorname Someone"})
    parties = [
        Party(role=Role.SENDER, name="Mira Halden"),
        Party(role=Role.ADDRESSEE, name="Quorname", correspondent=someone, country="JP"),
    ]
    facts = {"parties": parties, "headline": "Quorheadline"}
    coming = schedule(make_draft(**facts))
    for typed in ("quor", "japan", "quorheadline"):
        assert names(citizen, typed) == [], typed
    clock.move_to(coming.live_from)
    assert names(citizen, "quor") == ["Quorname Someone", "Quorheadline"]
    assert names(citizen, "japan") == ["Japan"]
    assert names(citizen, "quor", "fr") == []  # in which there is no letter
    clock.shift(1)
    withdraw(coming, "kept", clock)
    for typed in ("quor", "japan"):
        assert names(citizen, typed) == [], typed


def test_the_number_of_queries_does_not_grow_with_the_letters(citizen):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            answer(citizen, "wri")
        return len(queries)

    call_command("seed_letters", 20, verbosity=0)
    few = asked()
    call_command("seed_letters", 300, "--seed", "2", verbosity=0)
    assert asked() == few <= 7


def test_of_words_that_very_many_headlines_have_the_newest_are_looked_through(citizen, monkeypatch):
    call_command("seed_letters", 60, verbosity=0)
    by_the_index = names(citizen, "writ")
    monkeypatch.setattr(suggesting, "FREQUENT", 0)
    assert names(citizen, "writ") == by_the_index
    monkeypatch.setattr(suggesting, "WALKED", 3)
    assert len(by_the_index) == 8
    # SQLite has no need of it: its index finds the newest first.
    walked = by_the_index[:3] if connection.vendor == "postgresql" else by_the_index
    assert names(citizen, "writ") == walked


def test_a_word_of_the_text_alone_suggests_no_letter(citizen, clock):
    letter = make_edition(clock=clock, headline="To a friend", body="<p>Quorbody</p>")
    for typed in ("friend", "a fri", letter.letter.reference, letter.letter.reference[:6]):
        assert names(citizen, typed) == ["To a friend"], typed
    for typed in ("quorbody", "halden", "reyk"):  # who writes and receives it
        assert names(citizen, typed) == [], typed
