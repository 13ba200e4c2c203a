"""The verbs: who may do what from where, and what each one does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from letters import roles, workflow
from letters.models import Direction, Edition, Editor, Event, Letter, Party, Role, Stage, Withdrawal
from letters.workflow import (
    TRANSITIONS,
    Incomplete,
    NotAllowed,
    NotPossible,
    Refused,
    Stale,
    standard_reasons,
)
from tests.letters_at_stages import (
    approve,
    do,
    edit,
    make_correction,
    make_correspondent,
    make_draft,
    make_edition,
    person,
    publish,
    schedule,
    submit,
    withdraw,
)

pytestmark = pytest.mark.django_db

MEMBER = {
    "Drafters": "second_drafter",
    "Approvers": "second_approver",
    "Publishers": "second_publisher",
    "Administrators": "administrator",
}


def rows() -> dict[str, list[Any]]:
    """Every row of ours."""
    models = apps.get_app_config("letters").get_models()
    return {m.__name__: list(m._default_manager.order_by("pk").values()) for m in models}


@contextmanager
def refused(
    why: type[Refused], words: str = "", before: dict[str, list[Any]] | None = None
) -> Iterator[None]:
    """The verb is refused for that reason, and not a row is different afterwards."""
    before = before or rows()
    with pytest.raises(why) as caught, transaction.atomic():
        yield
    assert caught.type is why
    assert words in str(caught.value)
    assert rows() == before


# --- The table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", Stage)
def test_a_verb_is_done_from_its_stages_by_its_roles_and_by_nobody_else(stage, clock):
    """Each verb by each role, of one text: what was done is undone before the next."""
    made = make_edition(stage, clock=clock)
    # What was approved waits for no review: tests/test_workflow_emergency.py.
    to_review = (
        make_edition(stage, clock=clock, approved=False) if "review" in verbs_of(stage) else made
    )
    for name in (*MEMBER.values(), "superuser", "second_superuser"):
        person(name)
    clock.shift(60)
    start, before = timezone.now(), rows()
    for verb in TRANSITIONS:
        for role in (*roles.GROUPS, "superuser"):
            with saying(f"{verb} by {role}"), transaction.atomic():
                edition = to_review if verb == "review" else made
                edition = Edition.objects.select_related("letter").get(pk=edition.pk)
                is_done_or_refused(stage, verb, role, edition, clock, before)
                transaction.set_rollback(True)
            clock.move_to(start)


def verbs_of(stage: Stage) -> list[str]:
    return [verb for verb, transition in TRANSITIONS.items() if stage in transition.stages]


@contextmanager
def saying(words: str) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        error.add_note(words)
        raise


def is_done_or_refused(
    stage: Stage,
    verb: str,
    role: str,
    edition: Edition,
    clock: time_machine.Traveller,
    before: dict[str, list[Any]],
) -> None:
    can = verb in verbs_of(stage)
    if verb in ("drop_redaction", "redact") and can:  # another person has asked for it
        workflow.ask_redaction(edition, by=person("second_superuser"), reason="By law.")
        edition = Edition.objects.get(pk=edition.pk)
        clock.shift(60)
        before = rows()
    by = person(MEMBER.get(role, role))
    transition = TRANSITIONS[verb]
    may = role == "superuser" or transition.permission in roles.GROUPS[role]

    open_verbs = workflow.open_verbs(edition, by=by, at=timezone.now())
    assert (verb in open_verbs) == (may and can)

    if not (may and can):
        with refused(NotPossible if may else NotAllowed, before=before):
            do(verb, edition, by)
        return

    last = Event.objects.latest("number")
    do(verb, edition, by)
    clock.shift(60)

    event = Event.objects.latest("number")
    assert (event.number, event.verb, event.by) == (last.number + 1, verb, by)
    assert event.by_name == by.get_full_name()
    after = Edition.objects.get(pk=edition.pk)
    if verb == "correct":
        assert event.edition.state == "draft"
        assert event.edition.number == edition.number + 1
        editions = Edition.objects.order_by("pk").exclude(pk=event.edition_id)
        assert list(editions.values()) == before["Edition"]
    else:
        assert event.edition == edition
        assert after.version == edition.version + 1
        assert after.state == (transition.to or edition.state)
        reached = {
            "publish": "live",
            "emergency": "live",
            "withdraw": "withdrawn",
            "restore": "live",
        }
        stays = stage if transition.to is None else after.state
        assert after.stage(timezone.now()) == reached.get(verb, stays)


def test_the_table_names_every_verb_of_one_edition():
    for verb, transition in TRANSITIONS.items():
        assert callable(getattr(workflow, verb))
        assert transition.permission in {
            roles.DRAFT,
            roles.APPROVE,
            roles.PUBLISH,
            roles.EMERGENCY,
            roles.REDACT,
        }


@pytest.mark.parametrize("verb", TRANSITIONS)
def test_a_stale_version_is_refused(verb, clock, superuser):
    edition = make_edition(TRANSITIONS[verb].stages[0], clock=clock)
    clock.shift(60)
    edition.version -= 1
    with refused(Stale):
        do(verb, edition, superuser)


@pytest.mark.parametrize("verb", TRANSITIONS)
def test_an_inactive_account_may_nothing(verb, clock, superuser):
    superuser.is_active = False
    edition = make_edition(TRANSITIONS[verb].stages[0], clock=clock)
    with refused(NotAllowed):
        do(verb, edition, superuser)


# --- Two pairs of eyes --------------------------------------------------------------------------


def test_nobody_approves_what_they_edited_not_even_a_superuser(superuser, drafter):
    edition = edit(make_draft(by=superuser), drafter, headline="Another headline")
    edition = workflow.submit(edition, by=drafter)
    assert edition.last_edited_by == drafter

    assert "approve" not in workflow.open_verbs(edition, by=superuser, at=timezone.now())
    with refused(NotAllowed, "You edited this text"):
        workflow.approve(edition, by=superuser)


def test_an_approver_cannot_approve_what_they_edited(drafter, approver, second_approver):
    edition = edit(make_draft(by=drafter), approver, place="Old Valmere")
    edition = edit(edition, drafter, place="Valmere")
    edition = workflow.submit(edition, by=drafter)
    with refused(NotAllowed):
        workflow.approve(edition, by=approver)
    assert workflow.approve(edition, by=second_approver).approved_by == second_approver


def test_who_edited_once_stays_an_editor_when_the_text_is_sent_back(
    drafter, second_drafter, approver, superuser
):
    edition = edit(make_draft(by=superuser), drafter, headline="Another headline")
    edition = workflow.send_back(submit(edition), by=approver, remark="No.")
    edition = workflow.submit(edit(edition, second_drafter, place="Osk"), by=second_drafter)
    with refused(NotAllowed):
        workflow.approve(edition, by=superuser)


def test_sending_back_does_not_make_an_editor(approver):
    edition = workflow.send_back(submit(make_draft()), by=approver, remark="No.")
    assert workflow.approve(submit(edition), by=approver).state == "approved"


def test_submitting_the_text_of_another_does_not_make_an_editor(drafter, approver):
    edition = workflow.submit(make_draft(by=drafter), by=approver)
    assert workflow.approve(edition, by=approver).state == "approved"


def test_an_approver_may_publish_what_they_approved(superuser):
    edition = workflow.approve(submit(make_draft()), by=superuser)
    assert workflow.publish(edition, by=superuser)[0].state == "published"


def test_where_three_people_are_asked_for_who_took_part_does_not_publish(
    settings, superuser, drafter, approver, publisher
):
    settings.PRESSOFFICE_THREE_PEOPLE = True
    edition = approve(make_draft(by=superuser))
    approver.user_permissions.set(publisher.groups.get().permissions.all())
    approver = User.objects.get(pk=approver.pk)
    for by in (superuser, approver):
        assert "publish" not in workflow.open_verbs(edition, by=by, at=timezone.now())
        with refused(NotAllowed, "three people"):
            workflow.publish(edition, by=by)
    assert "publish" in workflow.open_verbs(edition, by=publisher, at=timezone.now())
    assert workflow.publish(edition, by=publisher)[0].state == "published"


# --- Drafting -----------------------------------------------------------------------------------


def test_a_save_that_changes_nothing_makes_no_editor(second_drafter):
    edition = make_draft()
    events = Event.objects.count()
    same = edit(edition, second_drafter, headline=edition.headline)
    assert same.version == edition.version
    assert same.last_edited_by == edition.last_edited_by
    assert not Editor.objects.filter(edition=edition, user=second_drafter).exists()
    assert Event.objects.count() == events


CHANGES = {
    "headline": "Another headline",
    "summary": "Another context.",
    "form": "excerpt",
    "standing": "courtesy",
    "letter_language": "fr",
    "dated": date(2026, 11, 8),
    "place": "Osk",
    "salutation": "Sire,",
    "body": "<p>Another text.</p>",
    "closing": "Yours ever,",
    "notes": "A note.",
    "press_contact": "press@valdora.example",
    "first_published": date(2020, 1, 1),
    "correction_note": "A note.",
    "not_before": datetime(2026, 12, 1, 12, tzinfo=UTC),
}


@pytest.mark.parametrize("fact", CHANGES)
def test_a_save_that_changes_a_fact_makes_an_editor_and_raises_the_version(
    fact, clock, second_drafter
):
    edition = make_draft()
    after = edit(edition, second_drafter, **{fact: CHANGES[fact]})
    assert after.version == 2
    assert after.last_edited_by == second_drafter
    assert Editor.objects.filter(edition=edition, user=second_drafter).count() == 1


def test_changing_one_addressee_alone_makes_an_editor(second_drafter):
    edition = make_draft()
    with workflow.drafting(edition, by=second_drafter) as draft:
        draft.parties.filter(role=Role.ADDRESSEE).update(title="King of the Ostmark")
    assert Editor.objects.filter(edition=edition, user=second_drafter).exists()
    assert Edition.objects.get(pk=edition.pk).version == edition.version == 2


def test_the_same_person_may_save_twice_with_the_edition_in_hand(drafter):
    edition = make_draft()
    for headline in ("One headline", "Another headline"):
        with workflow.drafting(edition, by=drafter) as draft:
            draft.headline = headline
            draft.save()
    assert Edition.objects.get(pk=edition.pk).headline == "Another headline"


def test_a_stale_tab_does_not_overwrite(drafter, second_drafter):
    opened = make_draft()
    edit(Edition.objects.get(pk=opened.pk), second_drafter, headline="Theirs")
    with refused(Stale, "Second Drafter Osk changed this text"):
        edit(opened, drafter, headline="Mine")


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage != Stage.DRAFT])
def test_only_a_draft_is_edited(stage, clock, superuser):
    edition = make_edition(stage, clock=clock)
    with refused(NotPossible, "Only a draft can be edited"):
        edit(edition, superuser, headline="Mine")


def test_a_draft_saved_by_somebody_who_may_not_draft_is_refused(publisher):
    with refused(NotAllowed):
        edit(make_draft(), publisher, headline="Mine")


def test_nothing_of_a_save_that_fails_half_way_stays(drafter):
    edition = make_draft()
    before = rows()
    with pytest.raises(ZeroDivisionError), workflow.drafting(edition, by=drafter) as draft:
        draft.headline = "Mine"
        draft.save()
        draft.parties.all().delete()
        raise ZeroDivisionError
    assert rows() == before


# --- Beginnings ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["publisher", "administrator"])
def test_who_may_not_draft_begins_nothing(name):
    live = make_edition()
    by = person(name)
    with refused(NotAllowed):
        make_draft(by=by)
    with refused(NotAllowed):
        workflow.translate(live, "fr", by=by)


def test_references_count_within_the_year_of_the_office(clock, settings):
    assert [make_draft().letter.reference for _ in range(2)] == ["2026-1", "2026-2"]
    clock.move_to(datetime(2026, 12, 31, 22, 0, tzinfo=UTC))
    settings.TIME_ZONE = "Asia/Baku"
    assert make_draft().letter.reference == "2027-1"


def test_starting_an_edition_makes_an_editor_and_an_event(drafter):
    edition = make_draft(by=drafter)
    assert list(edition.editors.all()) == [drafter]
    event = Event.objects.get()
    assert (event.verb, event.edition, event.number) == ("start", edition, 1)


def test_a_text_with_something_missing_is_not_submitted(drafter):
    edition = make_draft(kind=None, headline="", summary="", dated=None, body="<p></p>", parties=[])
    with refused(Incomplete):
        workflow.submit(edition, by=drafter)
    with pytest.raises(Incomplete) as caught:
        workflow.submit(edition, by=drafter)
    fields = [problem.field for problem in caught.value.problems]
    assert fields == ["kind", "dated", "parties", "parties", "headline", "summary", "body"]


def test_a_correction_without_its_public_note_is_not_submitted(drafter):
    correction = workflow.correct(make_edition(), by=drafter)
    with refused(Incomplete, "Say to the public"):
        workflow.submit(correction, by=drafter)


def test_a_translation_copies_what_is_common_and_names_people_as_on_the_letters_date(drafter):
    mira = make_correspondent(
        names={"en": "Mira Halden", "fr": "Mira Halden (fr)"},
        titles={"en": "President of Valdora", "fr": "Présidente de Valdora"},
        since=date(2024, 1, 1),
    )
    make_correspondent(
        titles={"en": "Minister of Valdora", "fr": "Ministre de Valdora"},
        since=date(2018, 1, 1),
        until=date(2023, 12, 31),
    )
    tomas = make_correspondent("tomas-reyk", names={"en": "Tomas Reyk"})
    day = date(2023, 5, 6)
    parties = [
        Party.of(mira, Role.SENDER, "en", day),
        Party.of(tomas, Role.ADDRESSEE, "en", day, country="SE"),
        Party(role=Role.COPY, name="The participants"),
    ]
    embargo = datetime(2023, 5, 7, tzinfo=UTC)
    edition = make_draft(parties=parties, dated=day, not_before=embargo, first_published=day)
    assert edition.parties.get(role=Role.SENDER).title == "Minister of Valdora"

    french = workflow.translate(edition, "fr", by=drafter)

    assert (french.letter, french.number, french.state) == (edition.letter, 1, "draft")
    assert french.standing == "courtesy"
    for fact in ("kind", "form", "letter_language", "dated", "not_before", "first_published"):
        assert getattr(french, fact) == getattr(edition, fact), fact
    for text in ("headline", "summary", "body", "salutation", "closing", "place", "notes"):
        assert getattr(french, text) == "", text
    assert list(french.parties.values_list("role", "name", "title", "country", "country_name")) == [
        ("sender", "Mira Halden (fr)", "Ministre de Valdora", "XV", "XV"),
        ("addressee", "", "", "SE", "Sweden"),
        ("copy", "", "", "", ""),
    ]
    assert edition.parties.count() == 3


def test_a_letter_has_one_text_a_language(drafter):
    edition = make_edition()
    with refused(NotPossible, "already has a text"):
        workflow.translate(edition, "en", by=drafter)
    french = workflow.translate(edition, "fr", by=drafter)
    with refused(NotPossible, "already has a text"):
        workflow.translate(edition, "fr", by=drafter)
    workflow.discard(french, by=drafter)
    assert workflow.translate(edition, "fr", by=drafter).number == 1


# --- Sending back, discarding -------------------------------------------------------------------


def test_sending_back_an_approved_text_drops_the_approver(approver):
    edition = workflow.send_back(make_edition(Stage.APPROVED), by=approver, remark="No.")
    assert (edition.state, edition.approved_by) == ("draft", None)
    assert submit(edition).approved_by is None


def test_sending_back_says_why(approver):
    with refused(NotPossible, "Say what should be changed"):
        workflow.send_back(make_edition(Stage.SUBMITTED), by=approver, remark="  ")


def test_a_discarded_correction_gives_its_number_to_the_next(drafter, clock):
    live = make_edition(clock=clock)
    first = workflow.correct(live, by=drafter)
    workflow.discard(first, by=drafter)
    assert workflow.correct(live, by=drafter).number == first.number == 2


# --- Publishing ---------------------------------------------------------------------------------


def test_nothing_is_published_before_its_embargo(clock, publisher):
    embargo = timezone.now() + timedelta(minutes=10)
    edition = approve(make_draft(not_before=embargo))
    with refused(Incomplete, "Under embargo until 9 November 2026, 09:40:00 UTC"):
        workflow.publish(edition, by=publisher)
    with refused(Incomplete):
        early = embargo - timedelta(microseconds=1)
        workflow.publish(edition, by=publisher, moment=early)
    assert workflow.publish(edition, by=publisher, moment=embargo)[0].live_from == embargo


def test_an_embargo_that_has_passed_is_no_hindrance(clock, publisher):
    edition = approve(make_draft(not_before=timezone.now() + timedelta(minutes=10)))
    clock.shift(600)
    assert workflow.publish(edition, by=publisher)[0].live_from == timezone.now()


def test_a_moment_without_a_time_zone_is_refused(publisher):
    edition = make_edition(Stage.APPROVED)
    before = rows()
    with pytest.raises(ValueError, match="time zone"):
        workflow.publish(edition, by=publisher, moment=datetime(2126, 1, 1, 12))
    assert rows() == before


def test_a_moment_is_at_least_two_seconds_ahead(clock, publisher):
    edition = make_edition(Stage.APPROVED)
    clock.shift(1)
    two = timezone.now() + timedelta(seconds=2)
    for moment in (
        two - timedelta(microseconds=1),
        timezone.now(),
        datetime(2020, 1, 1, tzinfo=UTC),
    ):
        with refused(NotPossible, "at least two seconds ahead"):
            workflow.publish(edition, by=publisher, moment=moment)
    assert workflow.publish(edition, by=publisher, moment=two)[0].live_from == two


def test_a_letter_dated_more_than_a_day_after_its_moment_is_refused(clock, publisher):
    edition = approve(make_draft(dated=date(2026, 11, 11)))
    with refused(Incomplete, "dated more than a day after"):
        workflow.publish(edition, by=publisher)
    moment = datetime(2026, 11, 10, 0, 0, tzinfo=UTC)
    assert workflow.publish(edition, by=publisher, moment=moment)


def test_what_was_approved_is_word_for_word_what_is_published(clock):
    edition = make_edition(Stage.SUBMITTED)
    words = Edition.objects.values("digest", "headline", "body", "summary").get(pk=edition.pk)
    publish(edition, clock)
    assert Edition.objects.values(*words).get(pk=edition.pk) == words


def test_a_batch_appears_at_one_instant(clock, publisher):
    batch = [make_edition(Stage.APPROVED) for _ in range(3)]
    moment = timezone.now() + timedelta(hours=1)
    published = workflow.publish(*batch, by=publisher, moment=moment)
    assert [edition.pk for edition in published] == [edition.pk for edition in batch]
    assert {edition.live_from for edition in published} == {moment}
    assert Event.objects.filter(verb="publish").count() == 3
    assert not Edition.objects.live(moment - timedelta(microseconds=1)).exists()
    assert Edition.objects.live(moment).count() == 3


def test_a_batch_is_published_whole_or_not_at_all(clock, publisher):
    ready = [make_edition(Stage.APPROVED) for _ in range(2)]
    embargoed = approve(make_draft(not_before=timezone.now() + timedelta(days=1)))
    with refused(Incomplete):
        workflow.publish(*ready, embargoed, by=publisher)
    with refused(NotPossible):
        workflow.publish(*ready, make_edition(Stage.SUBMITTED), by=publisher)
    stale = make_edition(Stage.APPROVED)
    stale.version -= 1
    with refused(Stale):
        workflow.publish(*ready, stale, by=publisher)


def test_an_edition_named_twice_in_a_batch_is_published_once(clock, publisher):
    edition = make_edition(Stage.APPROVED)
    workflow.publish(edition, edition, by=publisher)
    assert Event.objects.filter(verb="publish").count() == 1


def test_all_languages_of_a_letter_appear_at_one_instant(clock, drafter, publisher):
    english = make_draft()
    french = workflow.translate(english, "fr", by=drafter)
    for party in french.parties.all():
        party.name = party.name or "Nom"
        party.save()
    french = edit(
        french, drafter, headline="Félicitations", summary="Contexte.", body="<p>Texte</p>"
    )
    english, french = approve(english), approve(french)
    workflow.publish(english, french, by=publisher)
    clock.shift(1)
    assert set(Edition.objects.listed(timezone.now())) == {english, french}


# --- Recalling ----------------------------------------------------------------------------------


def test_a_scheduled_text_is_recalled_until_two_seconds_before(clock, publisher):
    edition = schedule(make_draft(), timezone.now() + timedelta(seconds=60))
    clock.shift(timedelta(seconds=58, microseconds=1))
    assert "recall" not in workflow.open_verbs(edition, by=publisher, at=timezone.now())
    with refused(NotPossible, "too late to recall"):
        workflow.recall(edition, by=publisher)
    clock.shift(timedelta(microseconds=-1))
    assert "recall" in workflow.open_verbs(edition, by=publisher, at=timezone.now())
    edition = workflow.recall(edition, by=publisher)
    assert (edition.state, edition.live_from) == ("approved", None)
    assert edition.approved_by == person("approver")


def test_a_text_is_not_recalled_once_it_is_live(clock, publisher):
    edition = schedule(make_draft(), timezone.now() + timedelta(seconds=60))
    clock.shift(60)
    with refused(NotPossible, "the text is live"):
        workflow.recall(edition, by=publisher)


def test_recalling_a_correction_leaves_the_earlier_edition_open(clock, publisher):
    live = make_edition(clock=clock)
    correction = schedule(make_correction(live))
    live.refresh_from_db()
    assert live.live_until == correction.live_from
    workflow.recall(correction, by=publisher)
    live.refresh_from_db()
    assert live.live_until is None
    assert live.stage(timezone.now() + timedelta(days=1)) == Stage.LIVE


def test_recalling_the_second_correction_leaves_the_first_edition_closed(clock, publisher):
    first = make_edition(clock=clock)
    second = publish(make_correction(first), clock)
    third = schedule(make_correction(second))
    workflow.recall(third, by=publisher)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.live_until, second.live_until) == (second.live_from, None)


# --- Correcting ---------------------------------------------------------------------------------


def test_a_correction_takes_the_earlier_ones_place_in_the_same_instant(clock):
    live = make_edition(clock=clock)
    correction = schedule(make_correction(live, headline="Corrected"))
    moment = correction.live_from
    assert Edition.objects.listed(moment - timedelta(microseconds=1)).get() == live
    assert Edition.objects.listed(moment).get() == correction
    live.refresh_from_db()
    assert live.stage(moment) == Stage.SUPERSEDED


def test_a_correction_copies_the_text_and_the_parties_but_no_embargo(clock, drafter):
    live = make_edition(clock=clock, notes="A note.", not_before=timezone.now())
    correction = workflow.correct(live, by=drafter)
    for fact in ("kind", "headline", "summary", "body", "dated", "notes", "closing", "place"):
        assert getattr(correction, fact) == getattr(live, fact), fact
    assert correction.not_before is None
    shown = ("role", "name", "title", "country", "country_name")
    assert list(correction.parties.values_list(*shown)) == list(live.parties.values_list(*shown))
    assert live.parties.count() == 2
    assert list(correction.editors.all()) == [drafter]


def test_no_second_correction_while_one_is_in_progress_or_scheduled(clock, drafter):
    live = make_edition(clock=clock)
    correction = make_correction(live)
    with refused(NotPossible, "already in progress"):
        workflow.correct(live, by=drafter)
    assert "correct" not in workflow.open_verbs(live, by=drafter, at=timezone.now())
    correction = schedule(correction)
    live.refresh_from_db()
    with refused(NotPossible, "scheduled already"):
        workflow.correct(live, by=drafter)
    assert "correct" not in workflow.open_verbs(live, by=drafter, at=timezone.now())
    with refused(NotPossible, "the text is scheduled"):
        workflow.correct(correction, by=drafter)


# --- Withdrawing --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["kept", "removed"])
def test_a_withdrawal_covers_every_edition_and_restoring_does_not_rewrite_the_past(
    kind, clock, publisher
):
    first = make_edition(clock=clock)
    second = publish(make_correction(first), clock)
    withdrawn = withdraw(second, kind, clock)
    since = Withdrawal.objects.get().since
    assert not Edition.objects.listed(since).exists()
    assert list(Edition.objects.live(since)) == [second]
    assert withdrawn.stage(timezone.now()) == Stage.WITHDRAWN

    clock.shift(60)
    restored = workflow.restore(withdrawn, by=publisher)
    clock.shift(60)
    assert Edition.objects.listed(timezone.now()).get() == second
    assert not Edition.objects.listed(since).exists()
    assert Edition.objects.listed(since - timedelta(microseconds=1)).get() == second
    assert restored.stage(timezone.now()) == Stage.LIVE


def test_a_withdrawal_says_why(clock, publisher):
    edition = make_edition(clock=clock)
    with refused(NotPossible, "Choose a standard reason"):
        workflow.withdraw(edition, by=publisher, kind="removed", reason="In my words.")
    workflow.withdraw(edition, by=publisher, kind="removed")
    assert Withdrawal.objects.get().reason == standard_reasons("en", "removed")[0]


def test_a_letter_moves_to_another_letter_that_is_public(clock, publisher):
    there, here = make_edition(clock=clock), make_edition(clock=clock)
    withdraw(here, "moved", clock, moved_to=there.letter)
    assert Withdrawal.objects.get().moved_to == there.letter


def test_a_letter_does_not_move_to_itself_or_to_one_the_public_cannot_read(clock, publisher):
    here = make_edition(clock=clock)
    targets = {
        stage: make_edition(stage, clock=clock).letter
        for stage in Stage
        if stage not in (Stage.LIVE, Stage.SUPERSEDED)
    }
    targets["itself"] = here.letter
    targets["in another language"] = make_edition(clock=clock, language="fr").letter
    for letter in targets.values():
        with refused(NotPossible, "has to be public, and another one"):
            withdraw(here, "moved", moved_to=letter)
    with refused(NotPossible, "Name the letter it has moved to"):
        withdraw(here, "moved")
    with refused(NotPossible, "Name the letter it has moved to, and only then"):
        withdraw(here, "removed", moved_to=make_edition(clock=clock).letter)


def test_withdrawing_again_replaces_the_notice_without_a_gap(clock):
    edition = withdraw(make_edition(clock=clock), "removed", clock)
    edition = withdraw(edition, "kept", clock, reason="Under review.")
    first, second = Withdrawal.objects.order_by("since")
    assert (first.until, second.until) == (second.since, None)
    assert (first.kind, second.kind, second.reason) == ("removed", "kept", "Under review.")


def test_a_letter_is_withdrawn_and_restored_while_a_correction_is_in_progress(clock, publisher):
    live = make_edition(clock=clock)
    correction = schedule(make_correction(live))
    live.refresh_from_db()
    live = withdraw(live, "removed", clock)
    clock.move_to(correction.live_from)
    assert list(Edition.objects.live(timezone.now())) == [correction]
    assert not Edition.objects.listed(timezone.now()).exists()
    correction = Edition.objects.get(pk=correction.pk)
    assert correction.stage(timezone.now()) == Stage.WITHDRAWN
    workflow.restore(correction, by=publisher)
    clock.shift(1)
    assert Edition.objects.listed(timezone.now()).get() == correction


def test_withdrawing_one_language_leaves_the_others(clock, drafter, publisher):
    english = make_edition(clock=clock)
    french = workflow.translate(english, "fr", by=drafter)
    french.parties.update(name="Nom")
    facts = {"headline": "Félicitations", "summary": "Contexte.", "body": "<p>Texte</p>"}
    french = publish(edit(french, drafter, **facts), clock)
    withdraw(english, "removed", clock)
    assert Edition.objects.listed(timezone.now()).get() == french


# --- The clock ----------------------------------------------------------------------------------


def test_two_verbs_in_one_reading_of_the_clock_get_moments_in_order(clock, publisher):
    edition = make_edition(clock=clock)
    edition = workflow.withdraw(edition, by=publisher, kind="removed")
    workflow.restore(edition, by=publisher)
    moments = list(Event.objects.order_by("number").values_list("at", flat=True))
    assert len(moments) == 6
    assert moments == sorted(set(moments))


def test_a_clock_that_went_back_more_than_a_second_is_refused(clock, publisher, drafter):
    edition = make_edition(clock=clock)
    last = Event.objects.latest("number").at
    clock.move_to(last - timedelta(seconds=1, microseconds=1))
    for verb in ("correct", "withdraw"):
        with refused(NotPossible, "clock of this server is behind"):
            do(verb, edition, person("superuser"))
    with refused(NotPossible, "clock of this server is behind"):
        make_draft()
    with refused(NotPossible, "clock of this server is behind"):
        workflow.translate(edition, "fr", by=drafter)


def test_a_clock_that_went_back_less_than_a_second_writes_the_next_moment(clock, publisher):
    edition = make_edition(Stage.APPROVED)
    last = Event.objects.latest("number").at
    clock.move_to(last - timedelta(seconds=1))
    (edition,) = workflow.publish(edition, by=publisher)
    assert edition.live_from == last + timedelta(microseconds=1)


def test_a_moment_of_recall_counts_from_the_record_when_the_clock_is_behind_it(clock, publisher):
    edition = schedule(make_draft(), timezone.now() + timedelta(seconds=60))
    clock.shift(57.5)
    make_draft()
    clock.shift(-0.9)
    workflow.recall(edition, by=publisher)
    assert Event.objects.latest("number").at > timezone.now() + timedelta(seconds=0.9)


# --- Letters ------------------------------------------------------------------------------------


def test_a_reply_names_the_letter_it_answers(drafter):
    received = make_edition(direction=Direction.RECEIVED)
    reply = workflow.start(
        by=drafter, direction=Direction.SENT, language="en", in_reply_to=received.letter
    )
    assert list(Letter.objects.filter(in_reply_to=received.letter)) == [reply.letter]
