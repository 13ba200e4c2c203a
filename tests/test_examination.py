"""The record is walked once a day, whatever is killed when; who keeps the office learns of it."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from letters import verifying
from letters.models import Delivery, Edition, Event, Examination, triggers
from tests.letters_at_stages import make_edition, person
from tests.the_desk import signed_in, words

pytestmark = pytest.mark.django_db


def deliver() -> None:
    call_command("deliver", "--once", stdout=StringIO(), stderr=StringIO())


def tamper(edition: Edition) -> None:
    with triggers.lifted(connection):
        Edition.objects.filter(pk=edition.pk).update(headline="To the Queen")


def with_an_address(name: str) -> User:
    keeper = person(name)
    User.objects.filter(pk=keeper.pk).update(email=f"{name}@valdora.example")
    return keeper


def test_the_worker_walks_the_record_once_a_day_and_the_desk_says_so(clock: Any) -> None:
    make_edition(clock=clock)
    desk = signed_in(person("administrator"))
    assert "The record was not checked yet." in words(desk.get("/admin/"))
    for _time in range(2):
        deliver()
        clock.shift(60)
    assert Examination.objects.count() == 1
    assert "it is whole" in words(desk.get("/admin/"))
    assert "it is whole" not in words(signed_in(person("drafter")).get("/admin/"))
    clock.shift(86_400)
    deliver()
    assert Examination.objects.count() == 2


def test_what_does_not_fit_is_mailed_to_administrators_once_and_shown_to_them(clock: Any) -> None:
    edition = make_edition(clock=clock)
    keeper = with_an_address("administrator")
    with_an_address("drafter")
    tamper(edition)
    mail.outbox.clear()
    for _time in range(2):
        deliver()
    (told,) = [one for one in mail.outbox if "record" in one.subject]
    assert told.to == ["administrator@valdora.example"]
    assert "its text is not the one with its digest" in told.body
    assert edition.headline not in told.body
    page = words(signed_in(keeper).get("/admin/"))
    assert "1 thing does not fit" in page
    assert f"{edition.letter.reference} (en), edition 1" in page


def test_a_walk_that_died_is_made_again_and_one_under_way_is_left_alone(clock: Any) -> None:
    make_edition(clock=clock)
    now = timezone.now()
    Examination.objects.create(day=timezone.localdate(now), begun_at=now)
    assert verifying.examine(now + timedelta(minutes=1)) is None
    done = verifying.examine(now + verifying.LEASE + timedelta(seconds=1))
    assert done is not None
    assert done.done_at
    assert verifying.examine(now + verifying.LEASE * 3) is None


def test_a_crash_between_the_walk_and_the_mail_tells_nobody_twice(clock: Any) -> None:
    tamper(make_edition(clock=clock))
    with_an_address("administrator")
    verifying.examine(timezone.now())
    Examination.objects.update(done_at=None, begun_at=timezone.now() - verifying.LEASE * 2)
    verifying.examine(timezone.now())
    assert Delivery.objects.filter(what="faults").count() == 1


def test_a_verb_during_the_walk_is_no_fault(clock: Any) -> None:
    """Its line is after the end as it was, and before the end as it is."""
    make_edition(clock=clock)
    walk = verifying._lines()
    found = next(walk)
    make_edition(clock=clock)
    for more in walk:
        found += more
    assert found == []
    last = Event.objects.latest("number")
    with triggers.lifted(connection), connection.cursor() as cursor:
        cursor.execute("DELETE FROM letters_event WHERE number = %s", [last.number])
    assert any(fault.where == "The end of the record" for f in verifying._lines() for fault in f)
