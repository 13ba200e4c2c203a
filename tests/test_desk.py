"""The desk as staff meet it: who sees and may do what, and what each verb's page does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from letters import workflow
from letters.admin.verbs import FORMS
from letters.models import (
    Edition,
    Event,
    Stage,
    Withdrawal,
)
from letters.workflow import TRANSITIONS
from tests.letters_at_stages import (
    approve,
    edit,
    make_draft,
    make_edition,
    person,
    standard_reason,
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
    signed_in,
    words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

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


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage != Stage.DISCARDED])
def test_the_hub_has_one_button_for_each_verb_of_the_role_and_no_other(stage, clock):
    edition = make_edition(stage, clock=clock)
    reached = again(edition)
    if stage == Stage.SUPERSEDED:  # the edition that took its place has the buttons
        reached = Edition.objects.get(letter=edition.letter, number=2)
    for role in MEMBER:
        by = person(MEMBER[role])
        may = {v for v, t in TRANSITIONS.items() if by.has_perm(t.permission)}
        expected = {v for v in may if reached.stage(timezone.now()) in TRANSITIONS[v].stages}
        expected -= {"review"}  # nothing was published in an emergency
        shown = links(signed_in(by).get(hub(edition.letter)))
        pages = {verb: page_of(verb, reached) for verb in TRANSITIONS}
        assert {verb for verb, page in pages.items() if page in shown} == expected, role
        assert len([link for link in shown if link in pages.values()]) == len(expected), role


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


@pytest.mark.parametrize("stage", Stage)
def test_the_text_can_be_read_at_every_stage_by_every_role(stage, clock):
    edition = make_edition(stage, clock=clock)
    for role in ("Drafters", "Publishers"):
        client = signed_in(person(MEMBER[role]))
        text = client.get(form_of(edition))
        assert text.status_code == 200, role
        assert "On your national day I send you my warmest wishes." in words(text), role
        drafts = stage == Stage.DRAFT and role == "Drafters"
        assert (b'name="version"' in text.content) == drafts, role
        if not drafts:
            assert "<p>" not in words(text), role
        preview = client.get(f"/admin/letters/edition/{edition.pk}/preview/")
        assert preview.status_code == 200, role


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

    data = {"version": edition.version, "digest": edition.digest, "remark": "Read twice."}
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
    assert "Say what should be changed." in words(page)
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


@pytest.mark.parametrize("language", ["en", "fr", "es", "ru", "az", "ar"])
@pytest.mark.parametrize("typed", ["2027-01-05", "05/01/2027", "05.01.2027"])
def test_a_date_is_read_day_first_as_it_is_shown(typed, language, publisher, clock):
    """In a form that the language does not write it is refused, never guessed."""
    edition = approve(make_draft())
    client = signed_in(publisher)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    fields = {"when": "moment", "moment_0": typed, "moment_1": "09:30"}
    page = press(client, "publish", edition, **fields)
    unknown = {"fr": ".", "es": ".", "ru": "/", "az": "/"}
    if unknown.get(language, "?") in typed:
        assert (page.status_code, again(edition).live_from) == (400, None)
    else:
        assert again(edition).live_from == datetime(2027, 1, 5, 9, 30, tzinfo=UTC)
        assert "09:30:00" in words(client.get(hub(edition.letter)))


@pytest.mark.parametrize(
    "typed, message",
    [
        ({"when": "moment"}, "Give the date and the time."),
        ({"when": "moment", "moment_0": "2026-11-20"}, "Give the time too, like 17:30."),
        ({"when": "moment", "moment_1": "09:00"}, "Give the day too, like 2026-12-31."),
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
    assert "Under embargo until 19 November 2026, 09:00:00 UTC" in "".join(told.itertext())
    assert again(edition).live_from is None

    assert press(client, "publish", edition).status_code == 302
    assert again(edition).live_from == datetime(2026, 11, 19, 9, tzinfo=UTC)


@pytest.mark.parametrize("kind", Withdrawal.Kind.values)
def test_a_letter_is_withdrawn_in_each_of_three_ways_and_restored(kind, publisher, clock):
    edition, other = make_edition(clock=clock), make_edition(clock=clock)
    client = signed_in(publisher)
    moved = {"moved_to": other.letter.reference} if kind == "moved" else {}
    standard_reason("The date was wrong.", kind)
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
        ({"kind": "kept", "reason": "Sent thrice."}, 400, "Select a valid choice."),
        ({"kind": "kept", "reason": "Sent twice."}, 400, "for another kind of withdrawal."),
    ],
)
def test_a_withdrawal_that_says_too_little_is_refused(typed, status, message, publisher, clock):
    edition = make_edition(clock=clock)
    assert edition.letter.reference == "2026-1"
    standard_reason("Sent twice.", "removed")
    data = {"moved_to": ""} | typed
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


def test_a_page_that_an_account_may_not_open_says_so_and_leads_back(drafter):
    page = signed_in(drafter).get(page_of("approve", make_edition(Stage.SUBMITTED)))
    assert page.status_code == 403
    said = words(page)
    assert "Your account may not open this page" in said
    assert "Press office desk" in said
    assert reverse("admin:index") in links(page)
