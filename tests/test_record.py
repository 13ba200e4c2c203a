"""The record: the digest of a text, and the chain that says nothing was taken out."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.utils import timezone

from letters import record, workflow
from letters.models import Direction, Edition, Event, File, Kind, Party, RecordHead, Stage
from tests.letters_at_stages import (
    make_correction,
    make_correspondent,
    make_draft,
    make_edition,
    publish,
    withdraw,
)

pytestmark = pytest.mark.django_db


def hashed(content: dict[str, Any]) -> str:
    """RFC 8785 once more, as far as text, whole numbers and ASCII names of members need it."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def test_every_event_is_chained_to_the_one_before(clock, publisher):
    live = make_edition(clock=clock)
    second = publish(make_correction(live), clock)
    workflow.restore(withdraw(second, clock=clock), by=publisher)

    events = list(Event.objects.order_by("number"))
    assert [event.verb for event in events] == [
        *("start", "submit", "approve", "publish"),
        *("correct", "submit", "approve", "publish"),
        *("withdraw", "restore"),
    ]
    previous = ""
    for number, event in enumerate(events, start=1):
        assert event.number == number
        assert event.hash == record.chained(previous, event)
        previous = event.hash
    head = RecordHead.objects.get()
    assert (head.number, head.at, head.hash) == (10, events[-1].at, previous)


def test_the_hash_of_an_event_is_what_a_second_implementation_makes_of_it(clock, publisher):
    make_edition(clock=clock)
    fourth = Event.objects.get(number=4)
    content = {
        "previous": Event.objects.get(number=3).hash,
        "number": "4",
        "at": "2026-11-09T09:30:00.000003+00:00",
        "verb": "publish",
        "letter": "2026-1",
        "language": "en",
        "edition": 1,
        "by": str(publisher.pk),
        "by_name": "Publisher Osk",
        "remark": "",
        "moment": "2026-11-09T09:30:00.000003+00:00",
        "digest": fourth.digest,
    }
    assert fourth.hash == hashed(content)


CHANGES = {
    "number": 3,
    "at": datetime(2026, 1, 1, tzinfo=UTC),
    "verb": "approve",
    "by_id": 7000,
    "by_name": "Somebody Else",
    "remark": "Another remark.",
    "moment": datetime(2026, 1, 1, tzinfo=UTC),
    "digest": "0" * 64,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_line_of_the_record_no_longer_fits_the_chain(name, clock):
    make_edition(clock=clock)
    previous, event = Event.objects.order_by("number")[2:4]
    setattr(event, name, CHANGES[name])
    assert record.chained(previous.hash, event) != event.hash


@pytest.mark.parametrize("member", ["letter", "edition"])
def test_a_line_given_to_another_letter_no_longer_fits_the_chain(member, clock):
    make_edition(clock=clock)
    previous, event = Event.objects.order_by("number")[2:4]
    other = make_draft(language="fr")
    setattr(event, member, {"edition": other, "letter": other.letter}[member])
    assert record.chained(previous.hash, event) != event.hash


def test_a_line_taken_out_of_the_record_is_noticed(clock):
    make_edition(clock=clock)
    first, _second, third = Event.objects.order_by("number")[:3]
    assert record.chained(first.hash, third) != third.hash


FACTS = {
    **dict.fromkeys(record.TEXTS, "Another"),
    **{"form": "excerpt", "standing": "courtesy", "letter_language": "fr"},
    "dated": date(2026, 11, 8),
    "first_published": date(2026, 11, 8),
    "not_before": datetime(2026, 11, 8, tzinfo=UTC),
}
# Fields of an edition which no reader sees, or which say where it stands.
APART = {
    *("id", "letter", "language", "number", "state", "version", "digest", "not_placed"),
    *("last_edited_by", "approved_by", "live_from", "live_until"),
    *("begun_from", "planned_for", "emergency", "reviewed_by"),
}


def test_every_fact_of_an_edition_is_in_its_digest():
    fields = {field.name for field in Edition._meta.concrete_fields}
    assert set(FACTS) | {"kind"} == fields - APART


@pytest.mark.parametrize("fact", FACTS)
def test_the_digest_changes_with_any_fact(fact, clock):
    edition = make_draft()
    before = record.digest(edition)
    setattr(edition, fact, FACTS[fact])
    assert record.digest(edition) != before


def test_the_digest_changes_with_the_kind_and_the_facts_of_the_letter():
    edition, other = make_draft(), make_draft()
    digests = {record.digest(edition)}
    edition.kind = Kind.objects.get(code="reply")
    digests.add(record.digest(edition))
    edition.letter.direction = Direction.RECEIVED
    digests.add(record.digest(edition))
    edition.letter.in_reply_to = other.letter
    digests.add(record.digest(edition))
    assert len(digests) == 4


@pytest.mark.parametrize("field", ["role", "name", "title", "country", "country_name"])
def test_the_digest_changes_with_any_word_of_a_party(field):
    edition = make_draft()
    before = record.digest(edition)
    Party.objects.filter(edition=edition, role="sender").update(
        **{field: {"role": "signatory", "country": "XS"}.get(field, "Another")}
    )
    assert record.digest(edition) != before


def test_every_fact_of_a_file_is_in_the_digest():
    """But for the order of its row, its size in bytes and pixels, and the last day of its use."""
    edition = make_draft()
    digests = [record.digest(edition)]
    file = File.objects.create(edition=edition, sha256="0" * 64, type="image/jpeg", size=1)
    digests.append(record.digest(edition))
    apart = {"id", "edition", "position", "size", "width", "height", "expires"}
    for field in File._meta.concrete_fields:
        if field.name not in apart:
            value = {"role": "facsimile", "type": "image/png"}.get(field.name, "7")
            File.objects.filter(pk=file.pk).update(**{field.name: value})
            digests.append(record.digest(edition))
    assert len(set(digests)) == len(digests) == 10


def test_the_digest_changes_with_who_the_party_is_and_with_the_order_of_parties():
    edition = make_draft(parties=[Party(role="copy", name=name) for name in ("One", "Two")])
    digests = {record.digest(edition)}
    edition.parties.filter(name="One").update(correspondent=make_correspondent())
    digests.add(record.digest(edition))
    edition.parties.filter(name="One").update(position=2)
    digests.add(record.digest(edition))
    edition.parties.filter(name="Two").delete()
    digests.add(record.digest(edition))
    assert len(digests) == 4


def test_the_digest_does_not_change_with_where_the_text_stands(clock):
    edition = make_edition(Stage.SUBMITTED)
    submitted = edition.digest
    assert record.digest(edition) == submitted
    edition = publish(edition, clock)
    clock.shift(timedelta(days=1))
    assert record.digest(Edition.objects.get(pk=edition.pk)) == submitted
    assert set(Event.objects.exclude(digest="").values_list("digest", flat=True)) == {submitted}


def test_the_digest_is_what_a_second_implementation_makes_of_the_text(clock):
    answered = make_draft()
    edition = workflow.start(
        by=answered.last_edited_by,
        direction=Direction.SENT,
        language="ar",
        in_reply_to=answered.letter,
        facts={
            "kind": Kind.objects.get(code="thanks"),
            "headline": "رسالة شكر",
            "summary": "« Merci » — “thanks”, \\ and \"quotes\"\nand a new line",
            "letter_language": "ar",
            "dated": date(2026, 11, 9),
            "not_before": timezone.now(),
            "body": "<p>شكرا 🕊</p>",
        },
        parties=[
            Party(role="sender", name="Mira Halden", title="President", country="XV"),
            Party(role="addressee", correspondent=make_correspondent("tomas-reyk"), name="Tomas"),
        ],
    )  # fmt: skip
    edition = Edition.objects.get(pk=edition.pk)
    content = {
        "headline": "رسالة شكر",
        "summary": "« Merci » — “thanks”, \\ and \"quotes\"\nand a new line",
        "form": "full",
        "standing": "official",
        "letter_language": "ar",
        "place": "",
        "salutation": "",
        "body": "<p>شكرا 🕊</p>",
        "closing": "",
        "notes": "",
        "press_contact": "",
        "correction_note": "",
        "dated": "2026-11-09",
        "first_published": None,
        "not_before": "2026-11-09T09:30:00+00:00",
        "direction": "sent",
        "in_reply_to": "2026-1",
        "kind": "thanks",
        "parties": [
            {
                "role": "sender",
                "correspondent": None,
                "name": "Mira Halden",
                "title": "President",
                "country": "XV",
                "country_name": "",
            },
            {
                "role": "addressee",
                "correspondent": "tomas-reyk",
                "name": "Tomas",
                "title": "",
                "country": "",
                "country_name": "",
            },
        ],
    }  # fmt: skip
    assert record.canonical(edition) == content
    assert record.digest(edition) == hashed(content)


def test_a_moment_has_one_digest_in_whatever_zone_it_was_given():
    edition = make_draft()
    edition.not_before = datetime(2026, 11, 9, 12, tzinfo=UTC)
    utc = record.digest(edition)
    edition.not_before = edition.not_before.astimezone(timezone.get_fixed_timezone(240))
    assert record.digest(edition) == utc
