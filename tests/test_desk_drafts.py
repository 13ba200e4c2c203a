"""A draft's form on the desk: what happens to what people type, stale and wrong things included."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from letters import workflow
from letters.models import (
    CountryName,
    Edition,
    Editor,
    Party,
    Role,
    Stage,
)
from tests.letters_at_stages import (
    make_correspondent,
    make_draft,
    make_edition,
)
from tests.the_desk import (
    filled_in,
    form_of,
    hub,
    links,
    page_of,
    parsed,
    save,
    signed_in,
    words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

LIST = "/admin/letters/letter/"


def again(edition: Edition) -> Edition:
    return Edition.objects.select_related("letter").get(pk=edition.pk)


# --- A draft's form -----------------------------------------------------------------------------


def test_saving_unchanged_makes_nobody_an_editor(drafter, second_drafter):
    draft = make_draft(drafter)
    response = save(signed_in(second_drafter), draft)
    assert response.status_code == 302
    assert again(draft).version == draft.version
    assert [e.user for e in Editor.objects.filter(edition=draft)] == [drafter]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_saving_unchanged_changes_no_field_with_everything_filled_in(language, drafter):
    known = make_correspondent(titles={"en": "President"})
    draft = make_draft(
        drafter,
        language=language,
        parties=[Party(role=Role.SENDER, correspondent=known, name="M. H.", title="P.")],
        summary="One.\n\nTwo.",
        notes="A\nB",
        press_contact="C",
        first_published=date(2020, 2, 29),
        not_before=datetime(2027, 1, 1, 9, 0, 30, tzinfo=UTC),
        not_placed="Share",
        body="<h2>A</h2><p>B<br>C “D” &amp; E</p><ul><li>F</li></ul>",
    )
    before = Edition.objects.filter(pk=draft.pk).values().get()
    assert save(signed_in(drafter), draft).status_code == 302
    assert Edition.objects.filter(pk=draft.pk).values().get() == before


def test_changing_only_one_addressee_raises_the_version(drafter, second_drafter):
    draft = make_draft(drafter)
    save(signed_in(second_drafter), draft, **{"parties-1-name": "Thomas Reyk"})
    saved = again(draft)
    assert saved.version == draft.version + 1
    assert saved.last_edited_by == second_drafter
    assert [p.name for p in saved.parties.all()] == ["Mira Halden", "Thomas Reyk"]


def test_a_stale_tab_shows_both_texts_and_overwrites_nothing(drafter, second_drafter):
    draft = make_draft(drafter)
    tab = filled_in(signed_in(drafter).get(form_of(draft)))
    save(signed_in(second_drafter), draft, headline="Theirs", place="Harborg")

    mine = {
        "headline": "Mine",
        "body": "<p>My own words.</p>",
        "not_before_0": "2027-01-02",
        "not_before_1": "08:30",
        "parties-0-name": "My President",
    }
    conflict = signed_in(drafter).post(form_of(draft), tab | mine | {"_save": "1"})

    assert conflict.status_code == 409
    read = words(conflict)
    assert "Second Drafter Osk changed this text after you opened it." in read
    for typed in ("Mine", "My own words.", "2 January 2027, 08:30:00 UTC", "My President"):
        assert typed in read
    for stored in ("Theirs", "Harborg", "my warmest wishes", "Mira Halden"):
        assert stored in read
    assert "Your Majesty" not in read  # what is the same is not shown
    saved = again(draft)
    assert (saved.headline, saved.place, saved.not_before) == ("Theirs", "Harborg", None)


@pytest.mark.parametrize("stage", [s for s in Stage if s != Stage.DRAFT])
def test_a_frozen_text_is_not_changed_by_a_crafted_form(stage, drafter, clock):
    edition = make_edition(stage, clock=clock)
    before = Edition.objects.filter(pk=edition.pk).values().get()
    answer = signed_in(drafter).post(
        form_of(edition),
        {"version": edition.version, "headline": "Changed", "parties-TOTAL_FORMS": "0"},
    )
    assert answer.status_code == 409
    assert "Changed" in words(answer)
    assert Edition.objects.filter(pk=edition.pk).values().get() == before


def test_a_publisher_reads_a_draft_and_cannot_save_it(publisher):
    draft = make_draft()
    client = signed_in(publisher)
    assert "Your account may read it, not change it." in words(client.get(form_of(draft)))
    answer = client.post(form_of(draft), {"version": draft.version, "headline": "Mine"})
    assert answer.status_code == 403
    assert again(draft).headline == draft.headline


def test_a_form_without_its_fields_is_a_conflict_or_a_form_with_errors(drafter):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    assert client.post(form_of(draft)).status_code == 409
    for data in ({}, {"parties-TOTAL_FORMS": "x"}, {"parties-TOTAL_FORMS": "99999999"}):
        response = client.post(form_of(draft), {"version": draft.version, **data})
        assert response.status_code == 200
        assert "Please correct the error" in words(response)
    assert again(draft).version == draft.version


def test_saving_goes_on_to_what_was_asked_for(drafter):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    data = filled_in(client.get(form_of(draft)))
    ways = {
        "_save": hub(draft.letter),
        "_continue": form_of(draft),
        "_preview": f"/admin/letters/edition/{draft.pk}/preview/",
        "_submit": page_of("submit", draft),
    }
    for name, address in ways.items():
        assert client.post(form_of(draft), data | {name: "1"})["Location"] == address


def test_the_problems_of_a_draft_lead_to_their_fields(drafter):
    draft = workflow.start(by=drafter, direction="sent", language="en")
    page = signed_in(drafter).get(form_of(draft))
    there = {tag.get("id") for tag in parsed(page).iter() if tag.get("id")}
    targets = {link[1:] for link in links(page) if link.startswith("#") and len(link) > 1}
    assert "Give the date of the letter." in words(page)
    assert {"id_kind", "id_headline", "id_dated", "parties-group"} <= targets
    assert targets <= there | {"content-start"}


# --- Parties ------------------------------------------------------------------------------------

NEW = {
    "parties-2-role": "copy",
    "parties-2-correspondent": "",
    "parties-2-country": "",
    "parties-2-name": "",
    "parties-2-title": "",
}


@pytest.fixture
def president():
    person = make_correspondent(
        names={"en": "Mira Halden"}, titles={"en": "Minister"}, until=date(2020, 12, 31)
    )
    return make_correspondent(titles={"en": "President"}, since=date(2021, 1, 1)) and person


@pytest.mark.parametrize(
    "dated, title", [("2020-06-01", "Minister"), ("2026-06-01", "President"), ("", "")]
)
def test_a_party_with_only_a_correspondent_has_the_title_held_on_that_date(
    dated, title, president, drafter
):
    CountryName.objects.create(code="XV", language="en", name="Valdora")
    draft = make_draft(drafter)
    chosen = {"parties-2-correspondent": president.pk, "dated": dated}
    assert save(signed_in(drafter), draft, **NEW | chosen).status_code == 302
    party = draft.parties.get(role="copy")
    assert (party.name, party.title, party.position) == ("Mira Halden", title, 2)
    assert (party.country, party.country_name) == (("XV", "Valdora") if title else ("", ""))


def test_a_title_left_empty_comes_with_the_date(president, drafter):
    draft = make_draft(drafter, dated=None)
    client = signed_in(drafter)
    save(client, draft, **NEW | {"parties-2-correspondent": president.pk})
    assert draft.parties.get(role="copy").title == ""
    save(client, draft, dated="2026-06-01")
    assert draft.parties.get(role="copy").title == "President"


def test_another_correspondent_does_not_keep_the_name_of_the_first(president, drafter):
    draft = make_draft(drafter)
    save(signed_in(drafter), draft, **{"parties-1-correspondent": president.pk})
    party = draft.parties.get(role="addressee")
    assert (party.name, party.title, party.country) == ("Mira Halden", "President", "XV")


def test_what_is_typed_stands_in_place_of_what_is_known(president, drafter):
    draft = make_draft(drafter)
    typed = {"parties-2-correspondent": president.pk, "parties-2-name": "H.E. Mira Halden"}
    save(signed_in(drafter), draft, **NEW | typed)
    party = draft.parties.get(role="copy")
    assert (party.name, party.title) == ("H.E. Mira Halden", "President")


def test_a_party_can_be_deleted(drafter):
    draft = make_draft(drafter)
    save(signed_in(drafter), draft, **{"parties-1-DELETE": "on"})
    assert [p.role for p in draft.parties.all()] == ["sender"]
    assert again(draft).version == draft.version + 1


def test_a_line_with_nobody_in_it_is_refused_beside_its_name(drafter):
    draft = make_draft(drafter)
    page = save(signed_in(drafter), draft, **NEW | {"parties-2-country": "FR"})
    assert page.status_code == 200
    assert "Type a name, or choose a correspondent." in words(page)
    assert draft.parties.count() == 2


# --- Bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("dated", "31/31/2026", "Write the day like"),
        ("dated", "yesterday", "Write the day like"),
        ("kind", "999999", "Select a valid choice."),
        ("kind", "x", "Select a valid choice."),
        ("form", "poem", "Select a valid choice."),
        ("letter_language", "xx", "Select a valid choice."),
        ("headline", "x" * 301, "at most 300 characters"),
        ("headline", "x" * 5_000_000, "at most 300 characters"),
        ("place", "a\x00b", "Null characters are not allowed."),
        ("not_before_0", "2027-01-01", "Give the time too, like 17:30."),
        ("parties-0-name", "x" * 201, "at most 200 characters"),
        ("parties-0-role", "", "This field is required."),
        ("parties-0-correspondent", "999999", "Select a valid choice."),
        ("parties-0-country", "QQQ", "Select a valid choice."),
        ("parties-0-id", "999999", "Please correct the error"),
    ],
)
def test_a_bad_value_is_told_and_the_rest_stays_in_the_form(field, value, message, drafter):
    draft = make_draft(drafter)
    page = save(signed_in(drafter), draft, **{"salutation": "My dear King,", field: value})
    assert page.status_code == 200
    assert message in words(page)
    assert 'value="My dear King,"' in page.content.decode()
    assert again(draft).version == draft.version


@pytest.mark.parametrize("zone", ["Europe/Paris"])
@pytest.mark.parametrize(
    "day, time, message",
    [
        ("2027-03-28", "02:30", "The clocks go forward on 28 March 2027"),
        ("2027-10-31", "02:30", "The clocks go back on 31 October 2027"),
        ("0001-01-01", "00:00", ""),
        ("9999-12-31", "23:59", "Give a year from 2000 to 2100."),
        ("2027-13-01", "09:00", "Write the day like"),
        ("2027-01-01", "25:00", "Write the time in 24 hours"),
    ],
)
def test_a_moment_that_is_none_is_refused(day, time, message, zone, drafter, settings):
    settings.TIME_ZONE = zone
    draft = make_draft(drafter)
    with timezone.override(zone):
        page = save(signed_in(drafter), draft, not_before_0=day, not_before_1=time)
    assert page.status_code == 200
    assert message in words(page)
    assert f'value="{time}"' in page.content.decode()
    assert again(draft).not_before is None


def test_five_megabytes_of_text_are_taken_and_seven_are_refused(drafter):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    data = filled_in(client.get(form_of(draft)))
    long = "<p>" + "word " * 1_000_000 + "</p>"
    assert client.post(form_of(draft), data | {"body": long}).status_code == 302
    assert len(again(draft).body) > 4_900_000
    assert client.post(form_of(draft), data | {"body": "x" * 7_000_000}).status_code == 400


def test_hostile_markup_in_a_text_is_cleaned_on_the_way_in(drafter):
    draft = make_draft(drafter)
    hostile = '<p onclick="x()">Dear <script>alert(1)</script><b>King</b></p><iframe src="//x">'
    save(signed_in(drafter), draft, body=hostile)
    assert again(draft).body == "<p>Dear <strong>King</strong></p>"


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 40])
def test_what_is_not_there_is_not_found(pk, superuser):
    client = signed_in(superuser)
    for address in (f"edition/{pk}/preview/", f"edition/{pk}/submit/", f"letter/{pk}/change/"):
        assert client.get(f"/admin/letters/{address}").status_code == 404
    assert client.post(f"/admin/letters/letter/{pk}/translate/fr/").status_code == 404
    assert client.get(f"/admin/letters/edition/{pk}/change/").status_code == 302


def test_an_unknown_verb_is_not_found_and_an_unfit_method_not_allowed(superuser):
    edition = make_draft()
    client = signed_in(superuser)
    for verb in ("burn", "_move", "start", "drafting"):
        assert client.get(page_of(verb, edition)).status_code == 404
        assert client.post(page_of(verb, edition)).status_code == 404
    assert client.post(f"/admin/letters/edition/{edition.pk}/preview/").status_code == 405
    assert client.get(f"{LIST}{edition.letter_id}/translate/fr/").status_code == 405
    assert client.get("/admin/letters/edition/add/").status_code == 403
    assert client.post(f"/admin/letters/edition/{edition.pk}/delete/").status_code == 403
    assert client.post(f"{LIST}{edition.letter_id}/delete/").status_code == 403
