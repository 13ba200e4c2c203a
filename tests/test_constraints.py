"""What the database refuses, whoever asks: each test goes round the Python code.

Every constraint of the models and every trigger has its attempt below; one without fails.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from letters import workflow
from letters.models import (
    Appearance,
    Appointment,
    AppointmentTitle,
    Clearance,
    Correspondent,
    CorrespondentName,
    CountryName,
    Edition,
    Editor,
    Event,
    File,
    Kind,
    KindName,
    Letter,
    Listing,
    Note,
    NoticeBar,
    OfficePage,
    Party,
    Phrase,
    Presence,
    Reader,
    RecordHead,
    Redaction,
    Seal,
    Sentence,
    Stage,
    StandIn,
    State,
    Statement,
    Submission,
    Withdrawal,
    triggers,
)
from letters.models.edition import MOVABLE, MOVES
from letters.models.periods import NeverOverlap
from tests.letters_at_stages import (
    make_correction,
    make_correspondent,
    make_draft,
    make_edition,
    person,
    publish,
    schedule,
    withdraw,
)

pytestmark = pytest.mark.django_db

POSTGRESQL = connection.vendor == "postgresql"
HOUR = timedelta(hours=1)

ATTEMPTS: dict[str, Callable[[], Any]] = {}


def attempt(*names: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Against the rule of that name: what is made ready, then yields, then tries."""

    def register(made: Callable[[], Any]) -> Callable[[], Any]:
        for name in names:
            assert name not in ATTEMPTS
            ATTEMPTS[name] = made
        return made

    return register


@contextmanager
def refused(words: str) -> Iterator[None]:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
        connection.check_constraints()  # keys to other rows are otherwise checked at commit
    assert words in str(caught.value)


@contextmanager
def lifted() -> Iterator[None]:
    """Without the triggers, to see that the constraint holds by itself."""
    connection.check_constraints()
    with triggers.lifted(connection):
        yield


def without_exclusion(table: str, constraint: str) -> None:
    """PostgreSQL would otherwise refuse by it what another constraint has to refuse by itself."""
    if POSTGRESQL:
        connection.check_constraints()
        raw(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


def of(edition: Edition) -> models.QuerySet[Edition]:
    return Edition.objects.filter(pk=edition.pk)


def raw(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def raw_edition(like: Edition, **facts: Any) -> None:
    """A row beside `like`, by bulk_create: no save(), no verb."""
    facts = {"number": 99, "language": like.language, **facts}
    Edition.objects.bulk_create(
        [Edition(letter=like.letter, last_edited_by=like.last_edited_by, **facts)]
    )


# --- Constraints --------------------------------------------------------------------------------


@attempt("one_edition_in_progress")
def two_drafts():
    draft = make_draft()
    yield "letters_edition.letter_id, letters_edition.language"
    raw_edition(draft)


@attempt("one_open_ended_publication")
def two_open_publications():
    live = make_edition()
    correction = approved(make_correction(live))
    yield "letters_edition.letter_id, letters_edition.language"
    without_exclusion("letters_edition", "publications_never_overlap")
    with lifted():
        of(correction).update(state="published", live_from=timezone.now() + HOUR)


@attempt("one_edition_a_number")
def the_same_number_twice():
    live = make_edition()
    yield "letters_edition.letter_id, letters_edition.language, letters_edition.number"
    raw_edition(live, number=1)


@attempt("edition_state_is_known")
def a_state_of_no_name():
    draft = make_draft()
    yield
    with lifted():
        of(draft).update(state="lost", digest="0" * 64)


@attempt("published_means_live_from")
def published_without_a_moment():
    edition = make_edition(Stage.APPROVED)
    yield
    of(edition).update(state="published")


@attempt("live_until_is_after_live_from")
def a_publication_that_ends_as_it_begins():
    edition = make_edition()
    yield
    of(edition).update(live_until=edition.live_from)


@attempt("nothing_is_live_before_its_embargo")
def live_before_the_embargo():
    edition = approved(make_draft(not_before=timezone.now() + HOUR))
    yield
    of(edition).update(state="published", live_from=timezone.now())


@attempt("a_frozen_text_has_a_digest")
def submitted_without_a_digest():
    draft = make_draft()
    yield
    of(draft).update(state="submitted")


@attempt("approved_has_an_approver")
def approved_by_nobody():
    edition = make_edition(Stage.SUBMITTED)
    yield
    of(edition).update(state="approved")


@attempt("nobody_approves_their_own_text")
def approved_by_its_last_editor():
    edition = make_edition(Stage.SUBMITTED)
    yield
    of(edition).update(state="approved", approved_by=edition.last_edited_by)


@attempt("a_published_letter_has_kind_and_date")
def published_without_a_kind():
    draft = make_draft(kind=None)
    of(draft).update(state="submitted", digest="0" * 64)
    of(draft).update(state="approved", approved_by=person("approver"))
    yield
    of(draft).update(state="published", live_from=timezone.now())


@attempt("publications_never_overlap", "keep_letters_edition_overlap_update")
def two_closed_publications_overlap():
    first = make_edition()
    second = publish(make_correction(first))
    third = schedule(make_correction(second))
    second.refresh_from_db()
    yield "publications_never_overlap" if POSTGRESQL else "Two periods overlap."
    of(first).update(live_until=third.live_from - timedelta(microseconds=1))


@attempt("keep_letters_edition_overlap_insert")
def a_publication_inserted_over_another():
    live = make_edition()
    if not POSTGRESQL:
        raw("DROP TRIGGER keep_letters_edition_start_insert")
    yield "Two periods overlap."
    facts = {"kind": live.kind, "dated": live.dated, "digest": live.digest, "state": "published"}
    start = live.live_from + HOUR
    facts |= {"live_from": start, "live_until": start + HOUR, "approved_by": live.approved_by}
    raw_edition(live, **facts)


@attempt("withdrawal_ends_after_start")
def a_withdrawal_that_ends_as_it_begins():
    withdrawal = a_withdrawal()
    yield
    Withdrawal.objects.update(until=withdrawal.since)


@attempt("withdrawal_moved_names_the_letter")
def moved_to_nowhere():
    live = make_edition()
    yield
    raw_withdrawal(live.letter, kind="moved")


@attempt("withdrawal_has_a_reason")
def withdrawn_without_a_reason():
    live = make_edition()
    yield
    raw_withdrawal(live.letter, reason="")


@attempt("one_open_withdrawal_a_language")
def two_open_withdrawals():
    withdrawal = a_withdrawal()
    yield "letters_withdrawal.letter_id, letters_withdrawal.language"
    without_exclusion("letters_withdrawal", "withdrawals_never_overlap")
    with lifted():
        raw_withdrawal(withdrawal.letter, since=withdrawal.since + HOUR)


@attempt("withdrawals_never_overlap", "keep_letters_withdrawal_overlap_insert")
def a_withdrawal_within_another():
    withdrawal = a_closed_withdrawal()
    yield "withdrawals_never_overlap" if POSTGRESQL else "Two periods overlap."
    since = withdrawal.since - HOUR
    raw_withdrawal(withdrawal.letter, since=since, until=withdrawal.until - timedelta(minutes=1))


@attempt("keep_letters_withdrawal_overlap_update")
def a_withdrawal_grown_into_the_next():
    withdrawal = a_closed_withdrawal()
    since = withdrawal.since - 2 * HOUR
    # Open-ended rows overlap what follows, so this one is put there with the rules lifted.
    connection.check_constraints()
    triggers.remove(connection)
    raw_withdrawal(withdrawal.letter, since=since, until=since + HOUR)
    Withdrawal.objects.filter(since=since).update(until=None)
    triggers.install(connection)
    yield "Two periods overlap."
    Withdrawal.objects.filter(since=since).update(until=withdrawal.until)


@attempt("one_editor_an_edition_and_user")
def the_same_editor_twice():
    draft = make_draft()
    yield "letters_editor.edition_id, letters_editor.user_id"
    Editor.objects.bulk_create([Editor(edition=draft, user=draft.last_edited_by)])


@attempt("one_record_head")
def a_second_end_of_the_record():
    make_draft()
    yield
    RecordHead.objects.bulk_create([RecordHead(pk=2)])


@attempt("one_letter_a_year_and_number")
def the_same_letter_number_twice():
    letter = make_draft().letter
    yield "letters_letter.year, letters_letter.number"
    raw_letter(year=letter.year, number=letter.number)


@attempt("a_source_is_imported_once")
def one_source_imported_twice():
    raw_letter(source="f" * 64 + ":0")
    yield "letters_letter.source"
    raw_letter(number=3, reference="1999-3", source="f" * 64 + ":0")


@attempt("note_has_words")
def a_public_note_without_words():
    edition = make_edition()
    yield
    raw_note(edition=edition, text="")


@attempt("note_is_about_one_thing")
def a_public_note_about_nothing():
    edition = make_edition()
    yield
    Note.objects.bulk_create(
        [Note(letter=edition.letter, text="A slip.", by=person("drafter"), at=timezone.now())]
    )


@attempt("note_approval_is_whole")
def a_public_note_approved_by_nobody():
    edition = make_edition()
    yield
    raw_note(edition=edition, approved_at=timezone.now())


@attempt("note_is_approved_by_another")
def a_public_note_approved_by_its_author():
    edition = make_edition()
    yield
    raw_note(edition=edition, approved_by=person("drafter"), approved_at=timezone.now())


@attempt("sentence_is_approved_by_another")
def a_standard_reason_approved_by_its_author():
    author = person("administrator")
    yield
    Sentence.objects.bulk_create(
        [Sentence(language="en", kind="kept", text="An error.", by=author, approved_by=author)]
    )


@attempt("one_page_of_a_kind_and_language")
def two_pages_of_a_kind():
    page = OfficePage.objects.create(kind="about", language="en", body="<p>Who we are.</p>")
    yield "letters_officepage.language, letters_officepage.kind"
    OfficePage.objects.bulk_create([OfficePage(kind=page.kind, language="en", body="<p>We.</p>")])


@attempt("a_notice_ends_after_it_begins")
def a_notice_that_ends_before_it_begins():
    now = timezone.now()
    yield
    NoticeBar.objects.bulk_create([NoticeBar(language="en", text="Closed.", since=now, until=now)])


@attempt("one_appearance")
def a_second_look():
    yield
    Appearance.objects.bulk_create([Appearance(id=2)])


@attempt("redaction_takes_two")
def a_redaction_confirmed_by_whoever_asked():
    raw_redaction(superseded())
    yield
    confirmed(confirmed_by=person("administrator"))


@attempt("redaction_confirmation_is_whole")
def a_redaction_confirmed_by_nobody():
    raw_redaction(superseded())
    yield
    confirmed(confirmed_by=None)


@attempt("one_shown_name_a_language")
def two_names_shown():
    someone = make_correspondent()
    yield "letters_correspondentname.correspondent_id, letters_correspondentname.language"
    name = CorrespondentName(correspondent=someone, language="en", name="Mira H.")
    CorrespondentName.objects.bulk_create([name])


@attempt("appointment_ends_after_it_begins")
def an_appointment_that_ends_before_it_begins():
    make_correspondent(titles={"en": "President"}, since=date(2020, 1, 1))
    yield
    Appointment.objects.update(until=date(2019, 12, 31))


@attempt("one_title_an_appointment_and_language")
def two_titles_in_one_language():
    make_correspondent(titles={"en": "President"})
    yield "letters_appointmenttitle.appointment_id, letters_appointmenttitle.language"
    title = AppointmentTitle(appointment=Appointment.objects.get(), language="en", title="King")
    AppointmentTitle.objects.bulk_create([title])


@attempt("one_name_a_country_and_language")
def a_country_named_twice():
    yield "letters_countryname.code, letters_countryname.language"
    names = [
        CountryName(code="XO", language="en", name=name) for name in ("Ostmark", "The Ostmark")
    ]
    CountryName.objects.bulk_create(names)


@attempt("one_name_a_kind_and_language")
def a_kind_named_twice():
    yield "letters_kindname.kind_id, letters_kindname.language"
    KindName.objects.bulk_create(
        [KindName(kind=Kind.objects.get(code="reply"), language="en", name="Answer")]
    )


@attempt("withdrawal_kind_is_known")
def withdrawn_in_a_way_of_no_name():
    live = make_edition()
    yield
    raw_withdrawal(live.letter, kind="hidden")


@attempt("an_emergency_is_published_unapproved")
def an_emergency_of_an_approved_text():
    edition = make_edition()
    yield
    of(edition).update(emergency="In a hurry.")


@attempt("an_emergency_is_reviewed_by_another")
def an_emergency_reviewed_by_its_editor():
    edition = make_edition(approved=False)
    yield
    of(edition).update(reviewed_by=edition.last_edited_by)


@attempt("file_type_is_known")
def a_file_of_another_type():
    draft = make_draft()
    yield
    raw_file(draft, type="image/gif")


@attempt("focal_point_is_inside")
def a_focal_point_beside_the_picture():
    draft = make_draft()
    yield
    raw_file(draft, focal_x=101)


@attempt("asked_of_one_person_or_one_group")
def asked_of_a_person_and_a_group():
    edition = make_edition(Stage.SUBMITTED)
    approver = person("approver")
    yield
    Submission.objects.filter(edition=edition).update(
        asked_of=approver, asked_group=approver.groups.get()
    )


@attempt("standing_in_ends_after_it_begins")
def standing_in_until_before_it_begins():
    days = {"since": date(2026, 11, 9), "until": date(2026, 11, 8)}
    people = {"absent": person("approver"), "stand_in": person("second_approver")}
    yield
    StandIn.objects.bulk_create([StandIn(**people, **days)])


@attempt("nobody_stands_in_for_themselves")
def standing_in_for_oneself():
    day = date(2026, 11, 9)
    approver = person("approver")
    yield
    StandIn.objects.bulk_create([StandIn(absent=approver, stand_in=approver, since=day, until=day)])


@attempt("a_decision_has_its_moment")
def cleared_at_no_moment():
    draft = make_draft()
    yield
    raw_clearance(draft, decision="cleared")


@attempt("a_change_asked_for_says_which")
def a_change_asked_for_without_a_word():
    draft = make_draft()
    yield
    raw_clearance(draft, decision="change", decided_at=timezone.now())


@attempt("one_phrase_a_language")
def a_phrase_to_avoid_twice():
    yield "letters_phrase.language, letters_phrase.phrase"
    Phrase.objects.bulk_create([Phrase(language="en", phrase="going forward") for _ in range(2)])


@attempt("one_presence_a_tab")
def one_tab_twice():
    draft = make_draft()
    here = {"edition": draft, "user": person("drafter"), "tab": "a", "at": timezone.now()}
    yield "letters_presence.edition_id, letters_presence.tab"
    Presence.objects.bulk_create([Presence(**here) for _ in range(2)])


@attempt("one_reader_a_letter_and_user")
def one_reader_twice():
    letter, drafter = make_draft().letter, person("drafter")
    yield "letters_reader.letter_id, letters_reader.user_id"
    Reader.objects.bulk_create([Reader(letter=letter, user=drafter) for _ in range(2)])


# --- Triggers -----------------------------------------------------------------------------------


@attempt("keep_letters_edition_text_update")
def a_frozen_word():
    edition = make_edition(Stage.SUBMITTED)
    yield
    raw("UPDATE letters_edition SET body = body || '.' WHERE id = %s", edition.pk)


@attempt("keep_letters_edition_move_update")
def back_to_draft_from_published():
    edition = make_edition()
    yield
    of(edition).update(state="draft", live_from=None)


@attempt("keep_letters_edition_start_insert")
def inserted_as_published():
    # In French, where nothing else of this letter could refuse it.
    edition = make_edition()
    yield
    facts = {name: getattr(edition, name) for name in ("kind", "dated", "digest", "live_from")}
    facts |= {"state": "published", "approved_by": edition.approved_by, "language": "fr"}
    raw_edition(edition, **facts)


@attempt("keep_letters_edition_moment_update")
def another_moment_of_publication():
    edition = make_edition()
    yield
    of(edition).update(live_from=edition.live_from - HOUR)


@attempt("keep_letters_edition_dated_update")
def dated_two_days_after_it_goes_live():
    edition = approved(make_draft(dated=date(2099, 1, 3)))
    yield
    of(edition).update(state="published", live_from=datetime(2099, 1, 1, 23, 59, tzinfo=UTC))


@attempt("keep_letters_edition_kept_delete")
def an_edition_deleted():
    edition = make_edition(Stage.DISCARDED)
    raw_delete_of_what_refers_to(edition)
    yield
    raw("DELETE FROM letters_edition WHERE id = %s", edition.pk)


@attempt("keep_letters_party_frozen_insert")
def a_party_slipped_in():
    edition = make_edition(Stage.SUBMITTED)
    yield
    Party.objects.bulk_create([Party(edition=edition, role="copy", name="A. Nother")])


@attempt("keep_letters_party_frozen_update")
def a_title_changed():
    make_edition(Stage.SUBMITTED)
    yield
    Party.objects.filter(role="sender").update(title="Queen of Valdora")


@attempt("keep_letters_party_frozen_delete")
def a_party_taken_out():
    make_edition(Stage.SUBMITTED)
    yield
    raw("DELETE FROM letters_party WHERE role = 'sender'")


@attempt("keep_letters_file_frozen_insert")
def a_photograph_slipped_in():
    edition = make_edition(Stage.SUBMITTED)
    yield
    raw_file(edition)


@attempt("keep_letters_file_frozen_update")
def a_description_changed():
    frozen_with_a_file()
    yield
    File.objects.update(alt="Another description")


@attempt("keep_letters_file_frozen_delete")
def a_photograph_taken_out():
    frozen_with_a_file()
    yield
    raw("DELETE FROM letters_file")


@attempt("keep_letters_editor_frozen_insert")
def an_editor_slipped_in():
    edition = make_edition(Stage.SUBMITTED)
    approver = person("approver")
    yield
    Editor.objects.bulk_create([Editor(edition=edition, user=approver)])


@attempt("keep_letters_editor_once_update")
def an_editor_replaced():
    make_draft()
    approver = person("approver")
    yield
    Editor.objects.update(user=approver)


@attempt("keep_letters_editor_kept_delete")
def an_editor_removed():
    make_draft()
    yield
    raw("DELETE FROM letters_editor")


@attempt("keep_letters_letter_reference_update")
def another_reference():
    make_draft()
    yield
    Letter.objects.update(reference="2026-999")


@attempt("keep_letters_letter_facts_update")
def sent_turned_into_received():
    make_edition(Stage.SUBMITTED)
    yield
    Letter.objects.update(direction="received")


@attempt("keep_letters_kind_signed_update")
def another_code_of_a_kind():
    edition = make_edition(Stage.APPROVED)
    yield
    Kind.objects.filter(pk=edition.kind_id).update(code="another")


@attempt("keep_letters_correspondent_signed_update")
def another_slug_of_a_correspondent():
    draft = make_draft()
    draft.parties.update(correspondent=make_correspondent())
    approved(draft)
    yield
    Correspondent.objects.update(slug="another")


@attempt("keep_letters_withdrawal_once_update")
def another_reason():
    a_withdrawal()
    yield
    Withdrawal.objects.update(reason="Another reason.")


@attempt("keep_letters_withdrawal_kept_delete")
def a_withdrawal_deleted():
    a_withdrawal()
    yield
    raw("DELETE FROM letters_withdrawal")


@attempt("keep_letters_statement_once_update")
def a_statement_about_another_moment():
    raw_statement(make_edition())
    yield
    Statement.objects.update(digest="1" * 64)


@attempt("keep_letters_statement_kept_delete")
def a_statement_taken_away():
    raw_statement(make_edition())
    yield
    raw("DELETE FROM letters_statement")


@attempt("keep_letters_note_once_update")
def other_public_words():
    raw_note(edition=make_edition())
    yield
    Note.objects.update(text="Other words.")


@attempt("keep_letters_note_kept_delete")
def a_public_note_deleted():
    raw_note(edition=make_edition())
    yield
    raw("DELETE FROM letters_note")


@attempt("keep_letters_redaction_once_update")
def another_reason_of_a_redaction():
    raw_redaction(make_edition())
    yield
    Redaction.objects.update(reason="Another.")


@attempt("keep_letters_redaction_kept_delete")
def a_redaction_deleted():
    raw_redaction(superseded())
    confirmed()
    yield
    raw("DELETE FROM letters_redaction")


@attempt("keep_letters_redaction_asked_insert")
def a_redaction_that_nobody_asked_for():
    edition = make_edition()
    yield
    raw_redaction(edition, confirmed_by=person("publisher"), confirmed_at=timezone.now())


@attempt("keep_letters_redaction_superseded_update")
def a_redaction_of_what_is_public():
    raw_redaction(make_edition())
    yield
    confirmed()


@attempt("keep_letters_seal_once_update")
def another_seal():
    Seal.objects.bulk_create([Seal(day=date(2026, 1, 1), number=1, hash="0" * 64)])
    yield
    Seal.objects.update(number=2)


@attempt("keep_letters_seal_kept_delete")
def a_seal_broken():
    Seal.objects.bulk_create([Seal(day=date(2026, 1, 1), number=1, hash="0" * 64)])
    yield
    raw("DELETE FROM letters_seal")


@attempt("keep_letters_listing_moment_insert")
def listed_before_its_moment():
    edition = schedule(make_draft())
    row = Listing.objects.get(edition=edition, facet="")
    yield
    row.facet, row.since = "cXX", timezone.now()
    Listing.objects.bulk_create([row])


@attempt("keep_letters_listing_moment_update")
def a_listing_moved_ahead():
    edition = schedule(make_draft())
    yield
    Listing.objects.filter(edition=edition).update(since=timezone.now())


@attempt("keep_letters_event_once_update")
def another_line_of_the_record():
    make_draft()
    yield
    Event.objects.update(by_name="Somebody Else")


@attempt("keep_letters_event_kept_delete")
def a_line_of_the_record_deleted():
    make_draft()
    yield
    raw("DELETE FROM letters_event")


@attempt("keep_letters_recordhead_forward_update")
def the_record_cut_short():
    make_edition()
    yield
    RecordHead.objects.update(number=1)


@attempt("keep_letters_recordhead_kept_delete")
def the_end_of_the_record_deleted():
    make_draft()
    yield
    raw("DELETE FROM letters_recordhead")


# --- What the attempts need ---------------------------------------------------------------------


def approved(draft: Edition) -> Edition:
    edition = workflow.submit(draft, by=person("drafter"))
    return workflow.approve(edition, by=person("approver"))


def a_withdrawal() -> Withdrawal:
    withdraw(make_edition())
    return Withdrawal.objects.get()


def a_closed_withdrawal() -> Withdrawal:
    """From now until in an hour."""
    withdrawal = a_withdrawal()
    Withdrawal.objects.update(until=withdrawal.since + HOUR)
    return Withdrawal.objects.get()


def raw_withdrawal(letter: Letter, **more: Any) -> None:
    values = {"language": "en", "kind": "removed", "reason": "Error.", "since": timezone.now()}
    Withdrawal.objects.bulk_create([Withdrawal(letter=letter, **{**values, **more})])


def raw_file(edition: Edition, **more: Any) -> None:
    values = {"sha256": "0" * 64, "type": "image/jpeg", "size": 1, "alt": "The palace", **more}
    File.objects.bulk_create([File(edition=edition, **values)])


def frozen_with_a_file() -> Edition:
    draft = make_draft()
    raw_file(draft)
    return workflow.submit(draft, by=person("drafter"))


def raw_clearance(edition: Edition, **more: Any) -> None:
    at = timezone.now()
    values = {"digest": "0" * 64, "token_digest": "0" * 64, "name": "The Minister", "made_at": at}
    values |= {"made_by": edition.last_edited_by, "expires_at": at + HOUR, **more}
    Clearance.objects.bulk_create([Clearance(edition=edition, **values)])


def raw_statement(edition: Edition) -> None:
    if not Statement.objects.filter(edition=edition).exists():
        statement = Statement(edition=edition, live_from=timezone.now(), digest="0" * 64)
        Statement.objects.bulk_create([statement])


def raw_note(**more: Any) -> None:
    letter = next(about.letter for about in more.values() if hasattr(about, "letter"))
    values = {"language": "en", "text": "A slip.", "by": person("drafter"), "at": timezone.now()}
    Note.objects.bulk_create([Note(letter=letter, **{**values, **more})])


def superseded() -> Edition:
    edition = make_edition()
    of(edition).update(live_until=edition.live_from + timedelta(microseconds=1))
    return edition


def confirmed(**more: Any) -> None:
    by = {"confirmed_by": person("approver"), "confirmed_at": timezone.now()}
    Redaction.objects.update(**{**by, **more})


def raw_redaction(edition: Edition, **more: Any) -> None:
    asked = {"reason": "By law.", "asked_by": person("administrator"), "asked_at": timezone.now()}
    Redaction.objects.bulk_create([Redaction(edition=edition, **{**asked, **more})])


def raw_letter(**more: Any) -> None:
    values = {"year": 1999, "number": 2, "reference": "1999-2", "created_at": timezone.now()}
    Letter.objects.bulk_create([Letter(**{**values, **more})])


def raw_delete_of_what_refers_to(edition: Edition) -> None:
    connection.check_constraints()
    with triggers.lifted(connection):
        for model in (Event, Editor, Party, Statement):
            raw(f"DELETE FROM {model._meta.db_table} WHERE edition_id = %s", edition.pk)


# --- Each is refused ----------------------------------------------------------------------------

MODELS = list(apps.get_app_config("letters").get_models())
CONSTRAINTS = sorted(
    {
        constraint.name
        for model in MODELS
        for constraint in model._meta.constraints
        if POSTGRESQL or not isinstance(constraint, NeverOverlap)
    }
)
RULES = {rule.trigger: rule for rule in triggers.rules(connection.vendor)}


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_a_constraint_refuses_whoever_goes_round_the_code(name):
    trying = ATTEMPTS[name]()
    columns = next(trying)
    # SQLite names the columns of a unique index, PostgreSQL names every constraint.
    with refused(name if POSTGRESQL or columns is None else columns):
        next(trying, None)


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_trigger_refuses_whoever_goes_round_the_code(name):
    trying = ATTEMPTS[name]()
    next(trying)
    with refused(RULES[name].message):
        next(trying, None)


@pytest.mark.parametrize("name", sorted(RULES))
def test_it_is_that_trigger_which_refuses(name):
    """Without it, and with every other rule in its place, the same attempt gets past it."""
    trying = ATTEMPTS[name]()
    next(trying)
    connection.check_constraints()
    table = RULES[name].model._meta.db_table
    raw(f"DROP TRIGGER {name}" + (f" ON {table}" if POSTGRESQL else ""))
    next(trying, None)


def test_every_attempt_is_against_a_rule_of_one_of_the_databases():
    known = {c.name for model in MODELS for c in model._meta.constraints}
    known |= {
        rule.trigger for vendor in ("postgresql", "sqlite") for rule in triggers.rules(vendor)
    }
    assert set(ATTEMPTS) == known


# --- The frozen text ----------------------------------------------------------------------------

FROZEN = [field.name for field in Edition._meta.concrete_fields if field.column not in MOVABLE]


def another_value(edition: Edition, name: str) -> Any:
    """A value the column could have, other than the one it has."""
    field = Edition._meta.get_field(name)
    match field:
        case models.ForeignKey():
            now = getattr(edition, field.attname)
            made = {"letter": lambda: make_draft().letter, "kind": Kind.objects.first}
            made["begun_from"] = make_draft
            made["last_edited_by"] = lambda: person("second_drafter")
            other = made[name]()
            assert other.pk != now
            return other.pk
        case models.DateTimeField():
            return datetime(2001, 2, 3, 4, 5, 6, 7, tzinfo=UTC)
        case models.DateField():
            return date(2001, 2, 3)
        case models.IntegerField() | models.AutoField():
            return getattr(edition, name) + 1000
    return "ar" if getattr(edition, name) != "ar" else "fr"


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage != Stage.DRAFT])
def test_no_column_of_a_frozen_text_changes_by_raw_sql(stage):
    edition = make_edition(stage, kind=Kind.objects.last(), language="fr")
    assert {"body", "headline", "digest", "not_before", "letter", "last_edited_by"} < set(FROZEN)
    for name in FROZEN:
        value = another_value(edition, name)
        # Under another key a row would overlap itself: on SQLite that rule may speak first.
        with refused("The text is frozen." if name != "id" else ""):
            of(edition).update(**{name: value})


@pytest.mark.parametrize("name", FROZEN)
def test_a_frozen_column_does_not_change_together_with_a_move_to_draft(name):
    edition = make_edition(Stage.APPROVED, kind=Kind.objects.last(), language="fr")
    value = another_value(edition, name)
    with refused("The text is frozen."):
        of(edition).update(state="draft", approved_by=None, **{name: value})


@pytest.mark.parametrize("name", [name for name in FROZEN if Edition._meta.get_field(name).null])
def test_a_frozen_column_is_not_emptied_either(name):
    facts = {name: another_value(Edition(), name)} if name not in ("kind", "dated") else {}
    if name == "begun_from":
        facts = {name: make_draft()}
    if name == "not_before":
        facts = {name: timezone.now()}
    edition = make_edition(Stage.LIVE, **facts)
    with refused("The text is frozen."):
        of(edition).update(**{name: None})


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage != Stage.DRAFT])
def test_no_row_beside_a_frozen_text_changes(stage):
    edition = make_edition(stage)
    draft = make_draft()
    party, theirs = edition.parties.first(), draft.parties.first()
    new = {"role": "copy", "name": "A. Nother"}
    with refused("The text is frozen."):
        Party.objects.bulk_create([Party(edition=edition, **new)])
    for field in ("role", "position", "name", "title", "country", "country_name"):
        value = 7 if field == "position" else "xx"
        with refused("The text is frozen."):
            edition.parties.filter(pk=party.pk).update(**{field: value})
    with refused("The text is frozen."):
        Party.objects.filter(pk=party.pk).update(correspondent=make_correspondent())
    with refused("The text is frozen."):
        Party.objects.filter(pk=party.pk).update(edition=draft)
    with refused("The text is frozen."):
        Party.objects.filter(pk=theirs.pk).update(edition=edition)
    with refused("The text is frozen."):
        raw_file(edition)
    with refused("The text is frozen."):
        edition.parties.all().delete()
    with refused("The text is frozen."):
        Editor.objects.bulk_create([Editor(edition=edition, user=person("approver"))])


def test_a_draft_is_changed_by_anybody_who_can_write_to_the_database():
    draft = make_draft()
    of(draft).update(headline="Another", not_before=timezone.now())
    draft.parties.update(title="Another")
    draft.parties.filter(role="sender").delete()


# --- Moves --------------------------------------------------------------------------------------

STAGE_OF = {
    State.DRAFT: Stage.DRAFT,
    State.SUBMITTED: Stage.SUBMITTED,
    State.APPROVED: Stage.APPROVED,
    State.PUBLISHED: Stage.LIVE,
    State.DISCARDED: Stage.DISCARDED,
}


@pytest.mark.parametrize(
    ("old", "new"),
    [(old, new) for old in State for new in State if old != new and (old, new) not in MOVES],
)
def test_a_move_that_is_not_in_the_list_is_refused(old, new):
    edition = make_edition(STAGE_OF[old])
    moment = timezone.now() if new == State.PUBLISHED else None
    with refused("That change of state is not allowed."):
        of(edition).update(state=new, live_from=moment, approved_by=person("approver"))


def test_the_moves_of_the_database_are_those_of_the_workflow():
    stored = {
        Stage.SCHEDULED: State.PUBLISHED,
        Stage.LIVE: State.PUBLISHED,
        Stage.WITHDRAWN: State.PUBLISHED,
    }
    wanted = {
        (stored.get(stage, stage.value), transition.to)
        for transition in workflow.TRANSITIONS.values()
        for stage in transition.stages
        if transition.to
    }
    # A recall of what nobody had approved.
    wanted.add((State.PUBLISHED, State.SUBMITTED))
    assert wanted == {(str(old), new) for old, new in MOVES}


@pytest.mark.parametrize("state", [state for state in State if state != State.DRAFT])
def test_an_edition_is_not_inserted_but_as_a_draft(state):
    edition = make_edition()
    moment = timezone.now() if state == State.PUBLISHED else None
    facts = {"state": state, "digest": "0" * 64, "live_from": moment, "language": "fr"}
    with refused("An edition begins as a draft."):
        raw_edition(edition, kind=edition.kind, approved_by=person("approver"), **facts)


# --- Nothing is deleted -------------------------------------------------------------------------


@pytest.mark.parametrize("model", [Letter, Edition, Editor, Withdrawal, Event, RecordHead])
@pytest.mark.parametrize("stage", Stage)
def test_nothing_with_a_history_is_deleted_by_raw_sql(model, stage):
    make_edition(stage)
    withdraw(make_edition())
    with pytest.raises(IntegrityError), transaction.atomic():
        raw(f"DELETE FROM {model._meta.db_table}")
        connection.check_constraints()


if POSTGRESQL:
    # On SQLite there is no TRUNCATE: DELETE empties a table, row by row.

    @pytest.mark.parametrize("model", triggers.NEVER_TRUNCATED)
    def test_a_table_is_not_truncated(model):
        make_edition()
        connection.check_constraints()
        with refused(f"The rows of {model._meta.db_table} are kept."):
            raw(f"TRUNCATE {model._meta.db_table} CASCADE")

    def test_a_flush_is_refused():
        make_edition()
        connection.check_constraints()
        with refused("are kept."):
            tables = ", ".join(sorted(model._meta.db_table for model in MODELS))
            raw(f"TRUNCATE {tables}")


# --- The triggers themselves --------------------------------------------------------------------


def test_no_trigger_is_missing():
    assert triggers.missing(connection) == set()


def test_a_trigger_dropped_by_hand_is_reported_and_installed_again():
    name = "keep_letters_event_kept_delete"
    raw(f"DROP TRIGGER {name}" + (" ON letters_event" if POSTGRESQL else ""))
    assert triggers.missing(connection) == {name}
    triggers.install(connection)
    triggers.install(connection)
    assert triggers.missing(connection) == set()


def test_the_triggers_are_lifted_for_a_while_and_back_afterwards():
    edition = make_edition()
    connection.check_constraints()
    with triggers.lifted(connection):
        of(edition).update(headline="Redacted")
    assert triggers.missing(connection) == set()
    with refused("The text is frozen."):
        of(edition).update(headline="Another")


def test_triggers_lifted_by_a_block_that_fails_are_back_and_its_changes_undone():
    edition = make_edition()
    connection.check_constraints()
    with pytest.raises(ZeroDivisionError), triggers.lifted(connection):
        of(edition).update(headline="Redacted")
        raise ZeroDivisionError
    assert triggers.missing(connection) == set()
    assert of(edition).filter(headline=edition.headline).exists()


@pytest.fixture
def later_migrations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any, transactional_db: None
) -> Iterator[str]:
    """Our migrations and one more, which alters the table of editions and one that refers to it."""
    here = MigrationLoader(connection).graph.leaf_nodes("letters")[0][1]
    package = tmp_path / "later_migrations"
    source = Path(apps.get_app_config("letters").path, "migrations")
    shutil.copytree(source, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "9999_later.py").write_text(
        "from django.db import migrations, models\n"
        "class Migration(migrations.Migration):\n"
        f"    dependencies = [('letters', '{here}')]\n"
        "    operations = [\n"
        "        migrations.AlterField('edition', 'place', models.CharField(max_length=150)),\n"
        "        migrations.AlterField('party', 'name', models.CharField(max_length=250)),\n"
        "        migrations.AddField(\n"
        "            'edition', 'classification', models.CharField(max_length=9, default='')),\n"
        "    ]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {"letters": "later_migrations"}
    yield here
    call_command("migrate", "letters", here, verbosity=0)


def test_the_rules_hold_after_a_later_migration_and_after_one_backwards(later_migrations):
    edition = make_edition(Stage.APPROVED)

    def the_rules_hold() -> None:
        assert triggers.missing(connection) == set()
        with refused("The text is frozen."):
            raw("UPDATE letters_edition SET place = 'Osk' WHERE id = %s", edition.pk)
        with refused("The text is frozen."):
            raw("UPDATE letters_party SET name = 'Osk' WHERE edition_id = %s", edition.pk)
        with refused("The record is not deleted."):
            raw("DELETE FROM letters_event")

    call_command("migrate", "letters", verbosity=0)
    the_rules_hold()
    if POSTGRESQL:  # where the rule names no column: a column the models do not know is frozen too
        with refused("The text is frozen."):
            raw("UPDATE letters_edition SET classification = 'none' WHERE id = %s", edition.pk)
    call_command("migrate", "letters", later_migrations, verbosity=0)
    the_rules_hold()


def test_the_rules_are_there_again_after_a_migrate_to_zero_and_back(transactional_db):
    make_edition(Stage.APPROVED)
    try:
        call_command("migrate", "letters", "zero", verbosity=0)
        tables = connection.introspection.table_names()
        assert not [table for table in tables if table.startswith("letters_")]
    finally:
        call_command("migrate", verbosity=0)
    assert triggers.missing(connection) == set()
    assert Kind.objects.count() == 7
    edition = make_edition()
    with refused("The text is frozen."):
        of(edition).update(body="<p>Another</p>")


def test_loaded_rows_are_refused_unless_the_rules_are_lifted(tmp_path, transactional_db):
    make_edition()
    dump = tmp_path / "rows.json"
    call_command("dumpdata", "letters", "auth.user", output=str(dump), verbosity=0)
    with pytest.raises(IntegrityError):
        call_command("loaddata", str(dump), verbosity=0)
    with triggers.lifted(connection):
        call_command("loaddata", str(dump), verbosity=0)
    assert Correspondent.objects.count() == 0
    assert Edition.objects.get().parties.count() == 2
