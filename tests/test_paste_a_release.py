"""“Paste a release” in the desk: read, corrected beside its source, saved as drafts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from letters.models import Correspondent, CountryName, Edition, Editor, Letter
from tests.letters_at_stages import make_correspondent
from tests.the_desk import filled_in, form_of, parsed, save, signed_in, words

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

PASTE = "/admin/letters/letter/paste/"
RELEASES = Path(__file__).parent / "importing" / "releases"


@pytest.fixture
def desk(drafter: User) -> Client:
    for code, name in {"XV": "Valdora", "XS": "Sarvenia", "XO": "Ostmark"}.items():
        CountryName.objects.create(code=code, language="en", name=name)
    return signed_in(drafter)


def text(name: str) -> str:
    return (RELEASES / f"{name}.txt").read_text(encoding="utf-8")


def read(desk: Client, source: str, **more: str) -> HttpResponse:
    return desk.post(PASTE, {"source": source, "html": "", "language": "", **more})


def save_as_draft(desk: Client, review: HttpResponse, **corrected: Any) -> HttpResponse:
    return desk.post(PASTE, filled_in(review) | {"save": "Save as draft"} | corrected)


def test_a_release_becomes_a_draft_of_whoever_pasted_it(desk, drafter):
    (release,) = json.loads((RELEASES / "en-quoted-once.json").read_text(encoding="utf-8"))
    review = read(desk, text("en-quoted-once"))
    assert review.status_code == 200
    assert "One letter was found." in words(review)
    assert not Letter.objects.exists()

    answer = save_as_draft(desk, review)
    edition = Edition.objects.select_related("letter", "kind").get()
    assert answer["Location"] == form_of(edition)
    assert (edition.headline, edition.summary) == (release["headline"], release["summary"])
    assert edition.paragraphs == release["paragraphs"]
    assert edition.kind.code == "congratulation"
    assert edition.dated is None
    assert [(p.role, p.name, p.title, p.country_name) for p in edition.parties.all()] == [
        ("sender", "Mira Halden", "President", "Valdora"),
        ("addressee", "Jonas Brandt", "President-elect", "Sarvenia"),
    ]
    assert [e.user for e in Editor.objects.filter(edition=edition)] == [drafter]


@pytest.mark.parametrize("name", sorted(path.stem for path in RELEASES.glob("en-*.txt")))
def test_nothing_placed_is_lost_between_reading_and_saving(name, desk):
    expected = json.loads((RELEASES / f"{name}.json").read_text(encoding="utf-8"))
    save_as_draft(desk, read(desk, text(name)))
    for release, edition in zip(expected, Edition.objects.order_by("pk"), strict=True):
        assert edition.headline == release["headline"]
        assert edition.summary == release["summary"]
        assert edition.salutation == release["salutation"]
        assert edition.body == release["body"]
        assert edition.closing == release["closing"]
        assert edition.not_placed.splitlines() == release["not_placed"]
        assert str(edition.dated or "") == (release["dated"] or "")
        names = {party.name for party in edition.parties.all()}
        assert {person["name"] for person in release["senders"]} <= names
        assert {person["name"] for person in release["addressees"]} <= names


def test_what_was_not_placed_stays_with_the_draft_until_it_is_emptied(desk):
    save_as_draft(desk, read(desk, text("en-quoted-once")))
    edition = Edition.objects.get()
    page = desk.get(form_of(edition))
    assert "Lines of the pasted source have no place yet." in words(page)
    assert filled_in(page)["not_placed"].startswith("You Might Also Like")
    save(desk, edition, not_placed="")
    assert "Lines of the pasted source" not in words(desk.get(form_of(edition)))


def test_several_letters_on_one_page_become_drafts_of_their_own(desk):
    review = read(desk, text("en-several-letters"))
    assert "2 letters were found, and each becomes a draft of its own." in words(review)
    data = filled_in(review)
    assert "Lena Hart" in data["letter-1-headline"]
    assert "King Aldric II" in data["letter-2-headline"]

    answer = desk.post(
        PASTE, data | {"save": "1", "letter-2-headline": "Condolences to the King"}, follow=True
    )
    references = Letter.objects.order_by("pk").values_list("reference", flat=True)
    assert f"Drafts saved: {', '.join(references)}." in words(answer)
    headlines = Edition.objects.order_by("pk").values_list("headline", flat=True)
    assert list(headlines) == [data["letter-1-headline"], "Condolences to the King"]
    # The same sender in both is one correspondent.
    assert Correspondent.objects.filter(names__name="Mira Halden").count() == 1


def test_the_same_release_twice_adds_nothing_even_after_the_draft_was_edited(desk):
    save_as_draft(desk, read(desk, text("en-quoted-once")))
    edition = Edition.objects.select_related("letter").get()
    save(desk, edition, headline="Edited")

    review = read(desk, text("en-quoted-once"))
    assert f"This release was imported already, as {edition.letter.reference} ." in words(review)
    answer = desk.post(PASTE, filled_in(review) | {"save": "1"}, follow=True)
    assert "This release was imported already; nothing was added." in words(answer)
    assert [e.headline for e in Edition.objects.all()] == ["Edited"]


@pytest.mark.parametrize(
    "source, status, message",
    [
        ("", 400, "This field is required."),
        (" \n\t ", 400, "This field is required."),
        ("\u200b\u200b", 400, "There is no text to read."),
        ("a\x00b", 400, "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_read_is_said_beside_it(source, status, message, desk):
    page = read(desk, source)
    assert page.status_code == status
    assert message in words(page)
    assert 'name="source"' in page.content.decode()


def test_a_text_in_a_language_of_no_page_of_ours_is_refused_and_kept(desk):
    page = read(desk, text("ru-kavychki"), language="xx")
    assert page.status_code == 400
    assert "Select a valid choice." in words(page)
    assert filled_in(page)["source"].strip() == text("ru-kavychki").strip()

    page = read(desk, text("ru-kavychki"))
    assert page.status_code in (200, 400)  # recognised among our languages, or refused
    assert not Letter.objects.exists()
    if page.status_code == 400:
        assert "Choose one of the site's languages." in words(page)
    assert "Мира Хальден" in words(page)


def test_an_arabic_release_is_read_in_arabic(desk):
    review = read(desk, text("ar-khabar"))
    assert review.status_code == 200
    save_as_draft(desk, review)
    assert Edition.objects.get().language == "ar"


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("letter-1-dated", "the 40th of May", "Write the day like"),
        ("letter-1-kind", "999999", "Select a valid choice."),
        ("letter-1-headline", "x" * 301, "at most 300 characters"),
        ("letter-1-direction", "sideways", "Select a valid choice."),
        ("letter-1-parties-0-role", "king", "Select a valid choice."),
        ("letter-1-parties-0-name", "x" * 201, "at most 200 characters"),
        ("letter-1-parties-0-correspondent", "999999", "Select a valid choice."),
        ("letter-1-parties-TOTAL_FORMS", "", "Nothing is saved yet"),
    ],
)
def test_a_wrong_correction_is_told_beside_its_field_and_the_rest_is_kept(
    field, value, message, desk
):
    review = read(desk, text("en-quoted-once"))
    page = save_as_draft(desk, review, **{"letter-1-place": "Harborg", field: value})
    assert page.status_code == 400
    assert message in words(page)
    assert "Nothing is saved yet: see the fields marked below." in words(page)
    kept = filled_in(page)
    assert kept["letter-1-place"] == "Harborg"
    if field == "letter-1-dated":
        (inputs,) = [i for i in parsed(page).iter("input") if i.get("name") == field]
        assert inputs.get("value") == value
        assert inputs.get("aria-invalid") == "true"
    assert not Letter.objects.exists()
    mended = filled_in(review) | {"letter-1-place": "Harborg", "save": "1"}
    assert desk.post(PASTE, mended).status_code == 302


def test_a_known_correspondent_is_matched_and_gives_the_title_of_that_day(desk):
    known = make_correspondent(names={"en": "Mira Halden"}, titles={"en": "Head of State"})
    review = read(desk, text("en-quoted-once"))
    data = filled_in(review)
    assert data["letter-1-parties-0-correspondent"] == str(known.pk)
    save_as_draft(desk, review, **{"letter-1-parties-0-title": "", "letter-1-dated": "2020-11-08"})
    sender = Edition.objects.get().parties.get(role="sender")
    assert (sender.correspondent, sender.title) == (known, "Head of State")


def test_a_new_correspondent_is_added_only_when_asked(desk):
    review = read(desk, text("en-quoted-once"))
    data = filled_in(review)
    data.pop("letter-1-parties-1-is_new")
    desk.post(PASTE, data | {"save": "1"})
    assert Correspondent.objects.filter(names__name="Mira Halden").exists()
    assert not Correspondent.objects.filter(names__name="Jonas Brandt").exists()
    assert Edition.objects.get().parties.get(role="addressee").name == "Jonas Brandt"


def test_who_may_not_add_correspondents_adds_none(approver):
    desk = signed_in(approver)
    review = read(desk, text("en-quoted-once"))
    assert "Add to the correspondents" not in words(review)
    save_as_draft(desk, review, **{"letter-1-parties-0-is_new": "on"})
    assert Edition.objects.count() == 1
    assert not Correspondent.objects.exists()


def test_a_text_pasted_as_html_keeps_its_markup_and_loses_what_is_hostile(desk):
    html = (RELEASES / "en-html-page.html").read_text(encoding="utf-8")
    review = read(desk, "plain", html=html + "<script>alert(1)</script>")
    assert review.status_code == 200
    save_as_draft(desk, review)
    edition = Edition.objects.get()
    assert edition.paragraphs
    assert "script" not in edition.body


def test_a_very_long_text_is_read(desk):
    assert read(desk, "Word after word. " * 60_000).status_code in (200, 400)
    assert read(desk, "x" * 7_000_000).status_code == 400


@pytest.mark.parametrize("member", ["publisher", "administrator"])
def test_who_does_not_draft_does_not_paste(member, request):
    client = signed_in(request.getfixturevalue(member))
    assert client.get(PASTE).status_code == 403
    assert read(client, text("en-quoted-once")).status_code == 403
