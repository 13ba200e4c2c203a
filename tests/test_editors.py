"""Whoever's words are in a text is its editor, by whatever way they came, and never approves it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from letters.models import Edition
from letters.workflow.verbs import may_approve
from tests import test_autosave, test_paste_a_release, test_series
from tests.letters_at_stages import make_draft, person, publish_in_an_emergency
from tests.the_desk import filled_in, press, save, signed_in

pytestmark = pytest.mark.django_db

RELEASES = Path(__file__).parent / "importing" / "releases"


def newest() -> Edition:
    return Edition.objects.select_related("letter").latest("pk")


# --- The ways, each by the pages of the desk: `writer` writes, a drafter does the rest -----------


def _begun(writer: User, drafter: User) -> Edition:
    desk = signed_in(writer)
    desk.post("/admin/letters/letter/add/", filled_in(desk.get("/admin/letters/letter/add/")))
    return newest()


def _pasted(writer: User, drafter: User) -> Edition:
    desk = signed_in(writer)
    source = (RELEASES / "en-quoted-once.txt").read_text(encoding="utf-8")
    test_paste_a_release.save_as_draft(desk, test_paste_a_release.read(desk, source))
    return newest()


def _typed(writer: User, drafter: User) -> Edition:
    draft = make_draft(drafter)
    save(signed_in(writer), draft, headline="Of the writer")
    return draft


def _saved_by_itself(writer: User, drafter: User) -> Edition:
    draft, desk = make_draft(drafter), signed_in(writer)
    page = test_autosave.opened(desk, draft)
    assert test_autosave.autosave(desk, draft, page, headline="Typed").status_code == 200
    return draft


def _set_aside_and_merged_by_another(writer: User, drafter: User) -> Edition:
    draft, desk = make_draft(drafter), signed_in(writer)
    page = test_autosave.opened(desk, draft)
    save(signed_in(drafter), draft, place="Harborg")
    answer = test_autosave.autosave(desk, draft, page, headline="Of the writer")
    merge, other = answer.json()["merge"], signed_in(drafter)
    assert writer not in draft.editors.all()
    form = filled_in(other.get(merge))
    assert form["choice-headline"] == "mine"
    assert other.post(merge, form).status_code == 302
    assert newest().headline == "Of the writer"
    return draft


def _translated(writer: User, drafter: User) -> Edition:
    original = make_draft(drafter)
    signed_in(writer).post(f"/admin/letters/letter/{original.letter_id}/translate/fr/")
    return newest()


def _corrected_after_an_emergency(writer: User, drafter: User) -> Edition:
    draft = make_draft(drafter)
    save(signed_in(writer), draft, headline="Of the writer")
    publish_in_an_emergency(Edition.objects.get(pk=draft.pk))
    press(signed_in(drafter), "correct", draft)
    return newest()


def _begun_from_what_nobody_approved(writer: User, drafter: User) -> Edition:
    draft = make_draft(drafter)
    save(signed_in(writer), draft, headline="Of the writer")
    signed_in(drafter).post(f"/admin/letters/letter/{draft.letter_id}/repeat/")
    return newest()


def _listed_as_a_recipient(writer: User, drafter: User) -> Edition:
    draft = make_draft(drafter, body=test_series.BODY)
    line = "Ada Bern;;;;I remember our talk."
    test_series.save(signed_in(writer), draft, table=line, **{"to-0-DELETE": "on"})
    return draft


def _made_one_of_many(writer: User, drafter: User) -> Edition:
    draft, desk = _listed_as_a_recipient(writer, drafter), signed_in(drafter)
    make = f"{test_series.list_of(draft)}make/"
    desk.post(make, filled_in(desk.get(make)))
    assert "I remember our talk." in newest().body
    return newest()


def _said_to_answer_another(writer: User, drafter: User) -> Edition:
    draft, asked = make_draft(drafter), make_draft(drafter, direction="received")
    signed_in(writer).post(
        f"/admin/letters/letter/{draft.letter_id}/thread/",
        {"direction": "sent", "in_reply_to": asked.letter.reference},
    )
    return draft


# By the function that writes into the text.
WAYS: dict[str, list[Callable[[User, User], Edition]]] = {
    "admin.beginnings.answer": [_said_to_answer_another],
    "admin.drafting.autosave": [_saved_by_itself],
    "admin.editions._save": [_typed],
    "admin.merging.merge": [_set_aside_and_merged_by_another],
    "admin.series._save": [_listed_as_a_recipient],
    "workflow.beginnings._again": [_begun_from_what_nobody_approved],
    "workflow.beginnings.correct": [_corrected_after_an_emergency],
    "workflow.beginnings.multiply": [_made_one_of_many],
    "workflow.beginnings.start": [_begun, _pasted],
    "workflow.beginnings.translate": [_translated],
}


@pytest.mark.parametrize("way", [way for ways in WAYS.values() for way in ways])
def test_whoever_wrote_words_of_a_text_is_its_editor_and_does_not_approve_it(way, drafter):
    writer = person("superuser")
    edition = way(writer, drafter)
    assert writer in edition.editors.all()
    assert not may_approve(writer, edition)
    assert may_approve(person("second_superuser"), edition)


def _writing() -> Iterator[str]:
    """Each function of the desk and the workflow that begins a text or changes one."""
    for path in sorted((settings.BASE_DIR / "letters").glob("[aw]*/*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = {
                ast.unparse(node.func).rpartition(".")[2]
                for node in ast.walk(function)
                if isinstance(function, ast.FunctionDef) and isinstance(node, ast.Call)
            }
            if called & {"begin", "drafting"}:
                yield f"{path.parent.name}.{path.stem}.{function.name}"


def test_no_way_into_a_text_is_left_out_here():
    assert sorted(_writing()) == sorted(WAYS)
