"""The end of the record is signed day by day, for outsiders to keep."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from letters import record, signing
from letters.models import Event, Seal, triggers
from letters.public import seals
from tests.letters_at_stages import make_draft, submit
from tests.test_verify_record import faults

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def test_each_past_day_with_lines_is_sealed_once(clock):
    submit(make_draft())
    assert record.seal(timezone.now()) == []  # the day is not over
    clock.move_to(datetime(2026, 11, 9, 23, 59, 59, tzinfo=UTC))
    submit(make_draft())
    last = Event.objects.latest("number")
    clock.move_to(datetime(2026, 11, 12, 0, 0, tzinfo=UTC))
    make_draft()
    (seal,) = record.seal(timezone.now())
    assert (seal.day, seal.number, seal.hash) == (date(2026, 11, 9), last.number, last.hash)
    signing.check(signing.SEAL, record.sealed(seal), seal.jws, signing.keys())
    assert record.seal(timezone.now()) == []
    clock.shift(timedelta(days=1))
    assert [seal.day for seal in record.seal(timezone.now())] == [date(2026, 11, 12)]
    assert faults() == []


def test_the_worker_seals(clock):
    make_draft()
    clock.shift(timedelta(days=1))
    call_command("deliver", "--once", stdout=StringIO())
    assert Seal.objects.count() == 1


def test_a_past_written_anew_does_not_fit_its_seal(clock):
    make_draft()
    clock.shift(timedelta(days=1))
    record.seal(timezone.now())
    with triggers.lifted(connection):
        event = Event.objects.select_related("letter", "edition").get()
        event.by_name = "Somebody Else"
        event.hash = record.chained("", event)
        event.save()
    assert "The seal of 2026-11-09: line 1 is not the one that was sealed." in faults()


def test_the_feed_has_an_entry_a_day_and_no_word_of_a_letter(clock, citizen):
    make_draft(headline="Secret")
    for _day in range(3):
        clock.shift(timedelta(days=1))
        make_draft(headline="Secret")
        record.seal(timezone.now())
    response = citizen.get("/en/record.atom")
    feed = ElementTree.fromstring(response.content)  # noqa: S314
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert titles == ["2026-11-11: line 3", "2026-11-10: line 2", "2026-11-09: line 1"]
    said = [entry.findtext(f"{ATOM}summary").split() for entry in feed.iter(f"{ATOM}entry")]
    newest = Seal.objects.first()
    assert said[0] == ["2026-11-11", "3", newest.hash, newest.jws]
    assert b"Secret" not in response.content


def test_the_feed_is_walked_page_by_page(clock, citizen, monkeypatch):
    monkeypatch.setattr(seals, "ENTRIES", 2)
    for _day in range(5):
        make_draft()
        clock.shift(timedelta(days=1))
    record.seal(timezone.now())
    address, days = "/en/record.atom", []
    while address:
        feed = ElementTree.fromstring(citizen.get(address).content)  # noqa: S314
        days += [entry.findtext(f"{ATOM}title")[:10] for entry in feed.iter(f"{ATOM}entry")]
        links = feed.iter(f"{ATOM}link")
        onward = [link.get("href") for link in links if link.get("rel") == "next"]
        address = onward[0] if onward else ""
    assert days == [f"2026-11-{day:02}" for day in (13, 12, 11, 10, 9)]
    assert citizen.get("/en/record.atom?before=never").status_code == 400
