"""The desk as staff meet it: who sees and may do what, and what happens to what they type."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from letters import roles, workflow
from letters.admin.verbs import FORMS
from letters.models import (
    CountryName,
    Edition,
    Editor,
    Event,
    Kind,
    Letter,
    Party,
    Role,
    Stage,
    Withdrawal,
)
from letters.workflow import TRANSITIONS
from tests.letters_at_stages import (
    approve,
    edit,
    make_correction,
    make_correspondent,
    make_draft,
    make_edition,
    person,
    publish,
    submit,
)
from tests.the_desk import (
    filled_in,
    form_of,
    hub,
    links,
    page_of,
    parsed,
    press,
    save,
    signed_in,
    words,
)

pytestmark = pytest.mark.django_db

MEMBER = {
    "Drafters": "second_drafter",
    "Approvers": "second_approver",
    "Publishers": "second_publisher",
    "Administrators": "administrator",
    "superuser": "superuser",
}
LIST = "/admin/letters/letter/"


def again(edition: Edition) -> Edition:
    return Edition.objects.select_related("letter").get(pk=edition.pk)


# --- Who sees which buttons ---------------------------------------------------------------------


@pytest.mark.parametrize("role", MEMBER)
@pytest.mark.parametrize("stage", [stage for stage in Stage if stage != Stage.DISCARDED])
def test_the_hub_has_one_button_for_each_verb_of_the_role_and_no_other(stage, role, clock):
    edition = make_edition(stage, clock=clock)
    reached = again(edition)
    if stage == Stage.SUPERSEDED:  # the edition that took its place has the buttons
        reached = Edition.objects.get(letter=edition.letter, number=2)
    by = person(MEMBER[role])
    may = {v for v, t in TRANSITIONS.items() if by.has_perm(t.permission)}
    expected = {v for v in may if reached.stage(timezone.now()) in TRANSITIONS[v].stages}

    shown = links(signed_in(by).get(hub(edition.letter)))

    pages = {verb: page_of(verb, reached) for verb in TRANSITIONS}
    assert {verb for verb, page in pages.items() if page in shown} == expected
    assert len([link for link in shown if link in pages.values()]) == len(expected)


@pytest.mark.parametrize(
    "stage, role",
    [*((stage, "superuser") for stage in Stage), *((Stage.SUBMITTED, role) for role in MEMBER)],
)
def test_no_page_of_a_verb_breaks_whatever_the_stage_and_whoever_asks(stage, role, clock):
    edition = make_edition(stage, clock=clock)
    by = person(MEMBER[role])
    client = signed_in(by)
    for verb, transition in TRANSITIONS.items():
        may = by.has_perm(transition.permission)
        page = page_of(verb, edition)
        assert client.get(page).status_code == (200 if may else 403)
        # A form that is not there at all, then one that is not the page's own.
        assert client.post(page).status_code == (400 if may else 403)
        crafted = client.post(page, {"version": "9" * 30, "remark": "\x00", "when": "then"})
        assert crafted.status_code in ((400, 409) if may else (403,))
    assert again(edition).stage(timezone.now()) == stage


@pytest.mark.parametrize("role", ["Drafters", "Publishers"])
@pytest.mark.parametrize("stage", Stage)
def test_the_text_can_be_read_at_every_stage_by_every_role(stage, role, clock):
    edition = make_edition(stage, clock=clock)
    client = signed_in(person(MEMBER[role]))
    text = client.get(form_of(edition))
    assert text.status_code == 200
    assert "On your national day I send you my warmest wishes." in words(text)
    drafts = stage == Stage.DRAFT and roles.DRAFT in roles.GROUPS.get(role, {roles.DRAFT})
    assert (b'name="version"' in text.content) == drafts
    if not drafts:
        assert "<p>" not in words(text)
    assert client.get(f"/admin/letters/edition/{edition.pk}/preview/").status_code == 200


def test_every_verb_of_the_table_has_its_form():
    assert FORMS.keys() == TRANSITIONS.keys()


def test_the_next_step_stands_out_and_the_others_do_not(superuser):
    edition = approve(make_draft())
    page = parsed(signed_in(superuser).get(hub(edition.letter)))
    first = [a for a in page.iter("a") if "default" in a.get("class", "").split()]
    assert [a.get("href") for a in first] == [page_of("publish", edition)]


def test_who_cannot_go_on_reads_whom_the_text_waits_for(drafter, approver):
    edition = submit(make_draft(drafter))
    assert "Waiting for an approver who did not edit it." in words(
        signed_in(drafter).get(hub(edition.letter))
    )
    approve(edition)
    assert "Waiting for a publisher." in words(signed_in(approver).get(hub(edition.letter)))


def test_an_approver_who_edited_has_no_button_and_is_refused_when_they_ask_all_the_same(approver):
    draft = edit(make_draft(), approver, place="Harborg")
    edition = submit(draft)
    client = signed_in(approver)
    assert page_of("approve", edition) not in links(client.get(hub(edition.letter)))

    page = client.get(page_of("approve", edition))
    assert "You edited this text, so another person has to approve it." in words(page)
    assert b'value="Approve"' not in page.content

    data = {"version": edition.version, "remark": "Read twice."}
    refusal = client.post(page_of("approve", edition), data)
    assert refusal.status_code == 403
    assert "You edited this text, so another person has to approve it." in words(refusal)
    assert again(edition).state == "submitted"


def test_without_an_account_there_is_only_the_sign_in(citizen):
    edition = make_draft()
    for page in (LIST, hub(edition.letter), form_of(edition), page_of("submit", edition)):
        response = citizen.get(page)
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")


def test_staff_without_a_group_reach_nothing():
    nobody = User.objects.create_user("nobody", is_staff=True)
    edition = make_draft()
    client = signed_in(nobody)
    pages = [hub(edition.letter), form_of(edition), page_of("submit", edition), LIST]
    pages += [LIST + "add/", LIST + "paste/", f"/admin/letters/edition/{edition.pk}/preview/"]
    assert [client.get(page).status_code for page in pages] == [403] * len(pages)
    assert client.post(form_of(edition), {"version": 1}).status_code == 403
    assert client.post(f"{LIST}{edition.letter_id}/translate/fr/").status_code == 403


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
    for typed in ("Mine", "My own words.", "2027-01-02 08:30", "My President"):
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
        ("dated", "31/31/2026", "Enter a valid date."),
        ("dated", "yesterday", "Enter a valid date."),
        ("kind", "999999", "Select a valid choice."),
        ("kind", "x", "Select a valid choice."),
        ("form", "poem", "Select a valid choice."),
        ("letter_language", "xx", "Select a valid choice."),
        ("headline", "x" * 301, "at most 300 characters"),
        ("headline", "x" * 5_000_000, "at most 300 characters"),
        ("place", "a\x00b", "Null characters are not allowed."),
        ("not_before_0", "2027-01-01", "Enter a valid time."),
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
        ("2027-03-28", "02:30", "it may be ambiguous or it may not exist"),
        ("2027-10-31", "02:30", "it may be ambiguous or it may not exist"),
        ("0001-01-01", "00:00", ""),
        ("9999-12-31", "23:59", "Give a year from 2000 to 2100."),
        ("2027-13-01", "09:00", "Enter a valid date."),
        ("2027-01-01", "25:00", "Enter a valid time."),
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


# --- Verbs --------------------------------------------------------------------------------------


def test_a_refused_verb_keeps_the_remark_and_can_be_pressed_again(approver, second_drafter):
    edition = submit(make_draft())
    client = signed_in(approver)
    tab = filled_in(client.get(page_of("approve", edition)))
    edition = submit(
        edit(
            workflow.send_back(edition, by=approver, remark="The place."),
            second_drafter,
            place="Harborg",
        )
    )
    page = client.post(page_of("approve", edition), tab | {"remark": "Checked with protocol."})
    assert page.status_code == 409
    assert "The text has moved on since you opened it" in words(page)
    assert "Harborg" in words(page)
    kept = filled_in(page)
    assert kept["remark"] == "Checked with protocol."
    assert client.post(page_of("approve", edition), kept).status_code == 302
    assert Event.objects.latest("number").remark == "Checked with protocol."


def test_an_unready_text_is_not_submitted_and_its_page_says_why(drafter):
    draft = make_draft(drafter, headline="")
    page = press(signed_in(drafter), "submit", draft, remark="Please be quick.")
    assert page.status_code == 409
    assert "Write a headline." in words(page)
    assert filled_in(page)["remark"] == "Please be quick."
    assert again(draft).is_draft


def test_sending_back_asks_for_a_remark(approver):
    edition = submit(make_draft())
    page = press(signed_in(approver), "send_back", edition, remark="  ")
    assert page.status_code == 400
    assert "This field is required." in words(page)
    assert again(edition).state == "submitted"


def test_publishing_now_and_at_a_moment(publisher, clock):
    client = signed_in(publisher)
    now, later = approve(make_draft()), approve(make_draft())
    answer = press(client, "publish", now)
    assert answer["Location"] == hub(now.letter)
    assert again(now).live_from < timezone.now() + timedelta(seconds=1)
    press(client, "publish", later, when="moment", moment_0="2026-11-10", moment_1="08:00:05")
    assert again(later).live_from == datetime(2026, 11, 10, 8, 0, 5, tzinfo=UTC)
    assert "scheduled" in words(client.get(hub(later.letter)))


@pytest.mark.parametrize(
    "typed, message",
    [
        ({"when": "moment"}, "Give the date and the time."),
        ({"when": "moment", "moment_0": "2026-11-20"}, "Enter a valid time."),
        ({"when": "moment", "moment_1": "09:00"}, "Enter a valid date."),
        ({"when": "now", "moment_0": "2026-11-20", "moment_1": "09:00"}, "Which is it?"),
        ({"when": "moment", "moment_0": "2026-11-01", "moment_1": "09:00"}, "This moment is past."),
        ({"when": "moment", "moment_0": "3026-11-01", "moment_1": "09:00"}, "Give a year from"),
        ({"when": "soon"}, "Select a valid choice."),
    ],
)
def test_a_moment_that_cannot_be_is_refused_beside_its_field(typed, message, publisher, clock):
    edition = approve(make_draft())
    empty = {"moment_0": "", "moment_1": "", "remark": "For the gazette."}
    page = press(signed_in(publisher), "publish", edition, **empty | typed)
    assert page.status_code == 400
    assert message in words(page)
    assert filled_in(page)["remark"] == "For the gazette."
    assert again(edition).live_from is None


@pytest.mark.parametrize(
    "typed, field",
    [
        ({"when": "now", "moment_0": "", "moment_1": ""}, "id_when_error"),
        (
            {"when": "moment", "moment_0": "2026-11-19", "moment_1": "08:59:59"},
            "id_moment_error",
        ),
    ],
)
def test_nothing_is_published_before_its_embargo(typed, field, publisher, clock):
    edition = approve(make_draft(not_before=datetime(2026, 11, 19, 9, tzinfo=UTC)))
    client = signed_in(publisher)
    offered = filled_in(client.get(page_of("publish", edition)))
    assert (offered["when"], offered["moment_0"]) == ("moment", "2026-11-19")

    page = press(client, "publish", edition, **typed)
    assert page.status_code == 409
    (told,) = [e for e in parsed(page).iter() if e.get("id") == field]
    assert "Under embargo until 2026-11-19 09:00:00 UTC" in "".join(told.itertext())
    assert again(edition).live_from is None

    assert press(client, "publish", edition).status_code == 302
    assert again(edition).live_from == datetime(2026, 11, 19, 9, tzinfo=UTC)


@pytest.mark.parametrize("kind", Withdrawal.Kind.values)
def test_a_letter_is_withdrawn_in_each_of_three_ways_and_restored(kind, publisher, clock):
    edition, other = make_edition(clock=clock), make_edition(clock=clock)
    client = signed_in(publisher)
    moved = {"moved_to": other.letter.reference} if kind == "moved" else {}
    answer = press(client, "withdraw", edition, kind=kind, reason="The date was wrong.", **moved)
    assert answer.status_code == 302
    withdrawal = Withdrawal.objects.get()
    assert (withdrawal.kind, withdrawal.moved_to) == (kind, other.letter if moved else None)
    clock.shift(1)
    assert "The date was wrong." in words(client.get(hub(edition.letter)))
    assert press(client, "restore", edition).status_code == 302
    clock.shift(1)
    assert again(edition).stage(timezone.now()) == Stage.LIVE


@pytest.mark.parametrize(
    "typed, status, message",
    [
        ({"kind": "moved"}, 400, "Name the letter it has moved to, and only then."),
        ({"kind": "moved", "moved_to": "1999-1"}, 400, "There is no letter 1999-1."),
        ({"kind": "removed", "moved_to": "2026-1"}, 400, "and only then."),
        ({"kind": "moved", "moved_to": "2026-1"}, 409, "has to be public, and another one."),
        ({"kind": "burnt"}, 400, "Select a valid choice."),
        ({"kind": "kept", "reason": " "}, 400, "This field is required."),
    ],
)
def test_a_withdrawal_that_says_too_little_is_refused(typed, status, message, publisher, clock):
    edition = make_edition(clock=clock)
    assert edition.letter.reference == "2026-1"
    data = {"reason": "Sent twice.", "moved_to": ""} | typed
    page = press(signed_in(publisher), "withdraw", edition, **data)
    assert page.status_code == status
    assert message in words(page)
    assert not Withdrawal.objects.exists()


def test_a_correction_leads_to_its_own_draft(drafter, clock):
    edition = make_edition(clock=clock)
    answer = press(signed_in(drafter), "correct", edition)
    draft = Edition.objects.get(letter=edition.letter, number=2)
    assert answer["Location"] == form_of(draft)
    page = signed_in(drafter).get(form_of(draft))
    assert "Say to the public what this correction changes, and why." in words(page)
    assert "correction_note" in filled_in(page)
    assert page_of("correct", edition) not in links(signed_in(drafter).get(hub(edition.letter)))


# --- Letters ------------------------------------------------------------------------------------


def test_a_letter_is_begun_in_the_language_chosen(drafter):
    answer = signed_in(drafter).post(LIST + "add/", {"direction": "received", "language": "ar"})
    edition = Edition.objects.select_related("letter").get()
    assert answer["Location"] == form_of(edition)
    assert (edition.letter.direction, edition.language) == ("received", "ar")
    assert 'dir="rtl"' in signed_in(drafter).get(form_of(edition)).content.decode()


@pytest.mark.parametrize(
    "typed, message",
    [
        ({}, "This field is required."),
        ({"direction": "sideways", "language": "en"}, "Select a valid choice."),
        ({"direction": "sent", "language": "xx"}, "Select a valid choice."),
        ({"direction": "sent", "language": "en", "in_reply_to": "1-1"}, "There is no letter 1-1."),
        ({"direction": "sent", "language": "en", "in_reply_to": "\x00"}, "Null characters"),
    ],
)
def test_a_letter_that_cannot_be_begun_is_not(typed, message, drafter):
    page = signed_in(drafter).post(LIST + "add/", typed)
    assert page.status_code == 400
    assert message in words(page)
    assert not Letter.objects.exists()


def test_a_reply_goes_the_other_way_between_the_same_people(president, drafter, clock):
    received = make_edition(
        direction="received",
        clock=clock,
        parties=[
            Party(role=Role.SENDER, correspondent=president, name="M. Halden", title="President"),
            Party(role=Role.ADDRESSEE, name="Tomas Reyk", title="King of Ostmark"),
        ],
    )
    client = signed_in(drafter)
    (link,) = [a for a in links(client.get(hub(received.letter))) if "in_reply_to=" in a]
    offered = filled_in(client.get(link))
    assert (offered["direction"], offered["in_reply_to"]) == ("sent", received.letter.reference)
    client.post(link, offered)
    reply = Edition.objects.get(letter__in_reply_to=received.letter)
    assert [(p.role, p.name, p.title) for p in reply.parties.all()] == [
        ("addressee", "Mira Halden", "President"),
        ("sender", "Tomas Reyk", "King of Ostmark"),
    ]
    assert f"Answers {received.letter.reference}" in words(client.get(hub(reply.letter)))
    assert client.get(LIST + "add/?in_reply_to=%00").status_code == 200


def test_a_language_is_added_with_the_common_facts(drafter):
    draft = make_draft(drafter)
    client = signed_in(drafter)
    address = f"{LIST}{draft.letter_id}/translate/fr/"
    answer = client.post(address)
    french = Edition.objects.get(language="fr")
    assert answer["Location"] == form_of(french)
    assert (french.kind, french.dated, french.headline) == (draft.kind, draft.dated, "")
    assert "already has a text in that language" in words(client.post(address, follow=True))
    assert Edition.objects.filter(language="fr").count() == 1
    assert address not in client.get(hub(draft.letter)).content.decode()
    assert client.post(f"{LIST}{draft.letter_id}/translate/xx/").status_code == 302
    assert Edition.objects.count() == 2


def test_the_list_reads_as_letters(drafter, clock):
    edition = make_edition(clock=clock)
    workflow.translate(edition, "fr", by=drafter)
    page = words(signed_in(drafter).get(LIST))
    assert "Congratulations to the King of Ostmark" in page
    assert f"{edition.letter.reference} · sent · Congratulation" in page
    assert "Mira Halden → to Tomas Reyk" in page
    assert "en live" in page
    assert "fr draft" in page


def test_the_list_is_narrowed_and_searched(drafter, clock):
    live, draft = make_edition(clock=clock), make_draft(headline="A draft", kind=None)
    workflow.translate(live, "fr", by=drafter)

    def found(query: str) -> set[int]:
        page = signed_in(drafter).get(LIST + query)
        assert page.status_code == 200
        return {letter.pk for letter in page.context["cl"].result_list}

    live_letter, draft_letter = live.letter_id, draft.letter_id
    assert found("?stage=live") == {live_letter}
    assert found("?stage=draft") == {live_letter, draft_letter}
    assert found("?stage=draft&language=en") == {draft_letter}
    assert found("?stage=live&language=fr") == set()
    assert found("?language=fr") == {live_letter}
    assert found("?kind=congratulation") == {live_letter}
    assert found("?direction=received") == set()
    assert found("?q=reyk") == {live_letter, draft_letter}
    assert found(f"?q={live.letter.reference}") == {live_letter}
    assert found("?q=draft") == {draft_letter}
    for nonsense in ("stage", "language", "kind", "direction"):
        assert found(f"?{nonsense}=%00'") == {live_letter, draft_letter}


@pytest.mark.parametrize("query", ["reference=%00", "editions__body__contains=x", "year=x"])
def test_the_list_takes_no_other_parameter(query, drafter):
    assert signed_in(drafter).get(f"{LIST}?{query}").status_code == 400


@pytest.mark.parametrize("query", ["q=%00", "p=x", "p=999999", "o=9.-9", "all=1"])
def test_odd_addresses_of_the_list_are_no_error(query, drafter):
    make_draft(drafter)
    assert signed_in(drafter).get(f"{LIST}?{query}", follow=True).status_code == 200


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_the_list_asks_as_often_for_many_letters_as_for_few(drafter, clock):
    client = signed_in(drafter)
    make_edition(clock=clock)
    client.get(LIST)
    few = queries(client, LIST)
    for stage in (Stage.LIVE, Stage.WITHDRAWN, Stage.SCHEDULED, Stage.DRAFT, Stage.SUPERSEDED):
        make_edition(stage, clock=clock)
    assert queries(client, LIST) == few <= 12


def test_the_hub_asks_as_often_for_a_long_story_as_for_a_short_one(superuser, clock):
    client = signed_in(superuser)
    edition = make_edition(clock=clock)
    client.get(hub(edition.letter))
    short = queries(client, hub(edition.letter))
    for _ in range(3):
        edition = publish(make_correction(edition), clock)
    assert queries(client, hub(edition.letter)) == short <= 15


def test_a_form_asks_as_often_for_many_parties_as_for_few(drafter):
    client = signed_in(drafter)
    few, many = (
        make_draft(drafter),
        make_draft(
            drafter, parties=[Party(role=Role.ADDRESSEE, name=f"Person {n}") for n in range(8)]
        ),
    )
    client.get(form_of(few))
    assert queries(client, form_of(many)) == queries(client, form_of(few))


# --- What administrators keep -------------------------------------------------------------------


def test_an_administrator_keeps_a_correspondent_with_names_and_titles(administrator):
    client = signed_in(administrator)
    add = "/admin/letters/correspondent/add/"
    offered = filled_in(client.get(add))
    languages = [offered[f"names-{n}-language"] for n in range(3)]
    assert languages == ["en", "fr", "ar"]
    typed = {
        "slug": "mira-halden",
        "names-0-name": "Mira Halden",
        "appointments-TOTAL_FORMS": "1",
        "appointments-0-country": "FR",
        "appointments-0-since": "2021-01-01",
        "appointments-0-title_en": "President",
        "appointments-0-title_fr": "Présidente",
    }
    answer = client.post(add, offered | typed)
    assert answer.status_code == 302, words(answer)
    address = reverse("admin:letters_correspondent_changelist")
    assert "Mira Halden" in words(client.get(address))
    (change,) = [a for a in links(client.get(address)) if a.endswith("/change/")]
    kept = filled_in(client.get(change))
    assert [kept[f"names-{n}-language"] for n in range(3)] == ["en", "fr", "ar"]
    assert kept["appointments-0-title_fr"] == "Présidente"
    retitled = {"appointments-0-title_en": "The President", "appointments-0-title_fr": ""}
    assert client.post(change, kept | retitled).status_code == 302
    again = filled_in(client.get(change))
    assert (again["appointments-0-title_en"], again["appointments-0-title_fr"]) == (
        "The President",
        "",
    )


def test_saving_a_kind_unchanged_keeps_its_names_in_languages_of_no_page(administrator):
    kind = Kind.objects.get(code="congratulation")
    before = set(kind.names.values_list("language", "name"))
    assert {"ru", "az", "es"} <= {language for language, _name in before}
    client = signed_in(administrator)
    address = reverse("admin:letters_kind_change", args=[kind.pk])
    assert client.post(address, filled_in(client.get(address))).status_code == 302
    assert set(kind.names.values_list("language", "name")) == before


def test_the_record_is_read_in_words_and_never_changed(superuser):
    submit(make_draft())
    client = signed_in(superuser)
    page = words(client.get("/admin/letters/event/"))
    assert "submitted" in page
    assert "began the letter" in page
    assert client.get("/admin/letters/event/?verb=submit").status_code == 200
    assert client.post("/admin/letters/event/1/change/", {"verb": "x"}).status_code == 403
    assert client.post("/admin/letters/event/1/delete/").status_code == 403
    assert client.get("/admin/letters/event/add/").status_code == 403


@pytest.mark.parametrize("role", MEMBER)
def test_every_page_of_the_desk_opens_for_those_it_is_for(role, clock):
    by = person(MEMBER[role])
    make_correspondent(titles={"en": "President"})
    make_edition(clock=clock)
    client = signed_in(by)
    index = client.get("/admin/")
    assert index.status_code == 200
    offered = {a.split("?")[0] for a in links(index) if a.startswith("/admin/letters/")}
    assert offered
    for address in offered:
        assert client.get(address).status_code == 200, address
        for row in [a for a in links(client.get(address)) if a.endswith("/change/")][:1]:
            assert client.get(row).status_code == 200, row
