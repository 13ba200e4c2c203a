"""What the public page says of what happened to a letter: corrected, withdrawn, restored."""

from __future__ import annotations

import pytest

from letters import workflow
from letters.models import Edition
from tests.letters_at_stages import (
    edit,
    make_correction,
    make_edition,
    person,
    publish,
    withdraw,
)
from tests.the_desk import words

pytestmark = pytest.mark.django_db

RESTORED = "Withdrawn for a time, and restored"
BEHIND = "this translation does not follow it yet"


def page(citizen, edition: Edition) -> str:
    return words(citizen.get(edition.get_absolute_url()))


def test_a_restored_letter_says_that_it_was_withdrawn_and_why(clock, citizen):
    edition = make_edition(clock=clock)
    assert RESTORED not in page(citizen, edition)
    edition = withdraw(edition, "kept", clock, reason="Under review.")
    assert RESTORED not in page(citizen, edition)
    edition = withdraw(edition, "removed", clock, reason="Sent in error.")
    workflow.restore(edition, by=person("publisher"))
    clock.shift(1)
    said = page(citizen, edition)
    assert said.count(RESTORED) == 1
    assert "Sent in error." in said
    assert "Under review." not in said  # that notice gave way to the other one


def test_a_correction_made_under_a_withdrawal_shows_after_the_restore(clock, citizen):
    edition = make_edition(clock=clock)
    draft = make_correction(edition, headline="Mended")
    withdraw(edition, "removed", clock)
    second = publish(draft, clock)
    assert citizen.get(edition.get_absolute_url()).status_code == 410
    withdrawn = Edition.objects.select_related("letter").get(pk=second.pk)
    workflow.restore(withdrawn, by=person("publisher"))
    clock.shift(1)
    assert "Mended" in page(citizen, second)


def test_a_translation_says_that_its_original_was_corrected_until_it_follows(clock, citizen):
    original = make_edition(clock=clock)
    draft = workflow.translate(original, "fr", by=person("drafter"))
    draft.parties.update(name="Tomas Reyk")
    facts = {"headline": "Au Roi", "summary": "Au Roi.", "body": "<p>Nos vœux les meilleurs.</p>"}
    french = publish(edit(draft, person("drafter"), **facts), clock)
    assert "ne le suit pas encore" not in page(citizen, french)
    publish(make_correction(original), clock)
    assert "ne le suit pas encore" in page(citizen, french)
    assert BEHIND not in page(citizen, original)
    follows = publish(make_correction(french), clock)
    assert "ne le suit pas encore" not in page(citizen, follows)


def test_the_history_shows_what_each_correction_changed_word_by_word(clock, citizen):
    first = make_edition(clock=clock, body="<p>We send our warmest wishes.</p>")
    second = publish(make_correction(first, body="<p>I send our warmest wishes.</p>"), clock)
    publish(make_correction(second, body="<p>I send my warmest wishes.</p>"), clock)
    response = citizen.get(f"{first.get_absolute_url()}editions/")
    html = response.content.decode()
    for gone, new in (("We", "I"), ("our", "my")):
        assert f"</span>{gone}</del>" in html
        assert f"</span>{new}</ins>" in html
    assert citizen.get(f"{first.get_absolute_url()}editions/1/")["X-Robots-Tag"] == "noindex"


def test_letters_never_move_in_a_circle(clock, citizen):
    one, two = make_edition(clock=clock), make_edition(clock=clock)
    withdraw(one, "moved", clock, moved_to=two.letter)
    moved = citizen.get(one.get_absolute_url())
    assert (moved.status_code, moved["Cache-Control"]) == (302, "no-store")
    with pytest.raises(workflow.NotPossible):
        withdraw(two, "moved", clock, moved_to=one.letter)
    with pytest.raises(workflow.NotPossible):
        withdraw(two, "moved", clock, moved_to=two.letter)
