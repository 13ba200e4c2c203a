"""The worker: nothing lost when it is killed, nothing twice but for what a crash left open."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from letters import workflow
from letters.deliveries import mails, sending
from letters.models import Delivery, Preferences
from tests.letters_at_stages import make_draft, person, submit
from tests.mail_server import MailServer


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def by_smtp(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> MailServer:
    """Mails of this process go to the server."""
    monkeypatch.setattr(settings, "MAILERS", smtp(server.port))
    return server


def smtp(port: int) -> dict[str, dict[str, object]]:
    options = {"host": "127.0.0.1", "port": port, "timeout": 5}
    return {
        "default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}
    }


def addressed(*names: str) -> list[User]:
    found = [person(name) for name in names]
    for user in found:
        user.email = f"{user.username}@valdora.example"
        user.save()
    return found


def some_mails(number: int) -> list[Delivery]:
    """That many texts submitted, of each of which one approver is told."""
    addressed("approver")
    draft = make_draft()
    for _number in range(number):
        draft = workflow.send_back(submit(draft), by=person("approver"), remark="Once more.")
    Delivery.objects.exclude(what="submit").delete()
    # An event that follows another at once is a little later than the clock, which may stand still.
    Delivery.objects.update(due_at=timezone.now())
    return list(Delivery.objects.filter(what="submit"))


def deliver(**options: object) -> str:
    out = StringIO()
    call_command("deliver", "--once", stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


# --- Killed ---------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_killed_workers_lose_no_mail_and_repeat_only_what_they_were_sending(
    server: MailServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = {mails.message_id(one) for one in some_mails(60)}
    assert len(expected) == 60
    server.pause = 0.005  # of the time a mail takes, so much that kills fall there
    dice = random.Random(20261109)  # noqa: S311
    workers = [start_worker(server.port, tmp_path, number) for number in range(2)]
    kills, deadline = 0, time.monotonic() + 90
    try:
        while Delivery.objects.filter(done_at=None).exists():
            assert time.monotonic() < deadline
            assert not any(worker.poll() for worker in workers)
            before = len(server.mails)
            if kills < 5:
                while len(server.mails) == before and time.monotonic() < deadline:
                    time.sleep(0.002)
                time.sleep(dice.uniform(0, 0.1))
                victim = dice.randrange(2)
                workers[victim].kill()
                workers[victim].wait()
                kills += 1
                workers[victim] = start_worker(server.port, tmp_path, victim)
            else:
                time.sleep(0.05)
        while len(list(tmp_path.glob("alive*"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        asked = time.monotonic()
        for worker in workers:
            worker.terminate()
        codes = [worker.wait() for worker in workers]
        assert codes == [0, 0]
        assert time.monotonic() - asked < 3  # a second, on a machine that does nothing else
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    times = Counter(server.ids)
    twice = sum(times.values()) - len(times)
    with capsys.disabled():
        print(f"\n60 mails, {kills} kills: {len(times)} arrived, {twice} of them twice")  # noqa: T201
    assert times.keys() == expected
    assert twice <= kills == 5


def start_worker(port: int, folder: Path, number: int) -> subprocess.Popen[bytes]:
    """`manage.py deliver` on this test's database."""
    alive = folder / f"alive{number}"
    alive.unlink(missing_ok=True)
    there = connection.settings_dict
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "pressoffice.settings",
        "PRESSOFFICE_MAIL_SERVER": f"127.0.0.1:{port}",
        "PRESSOFFICE_MAIL_TLS": "none",
        "PRESSOFFICE_MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "PRESSOFFICE_KEYS": str(settings.PRESSOFFICE_KEYS),
    }
    if connection.vendor == "sqlite":
        environment.pop("DATABASE_URL", None)
        environment["PRESSOFFICE_DATA"] = str(folder)
        if not (folder / "db.sqlite3").exists():
            (folder / "db.sqlite3").symlink_to(there["NAME"])
    else:
        host = quote(there["HOST"], safe="")
        environment["DATABASE_URL"] = f"postgres://{there['USER']}@{host}/{there['NAME']}"
    return subprocess.Popen(
        [sys.executable, "manage.py", "deliver", "--lease", "2", "--alive", str(alive)],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


@pytest.mark.usefixtures("db")
def test_a_mail_whose_worker_died_before_noting_it_goes_again_as_the_same_mail(
    by_smtp: MailServer, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_mails(1)

    def crash(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(sending, "_noted", crash)
        deliver()
    assert deliver() == "Mails: none is due.\n"
    clock.shift(sending.LEASE + timedelta(seconds=1))
    assert deliver() == "Mails: 1 sent.\n"
    first, second = by_smtp.ids
    assert first == second


@pytest.mark.usefixtures("db")
def test_what_one_worker_has_claimed_no_other_takes(clock: time_machine.Traveller) -> None:
    some_mails(1)
    assert sending.claim(sending.LEASE) is not None
    assert sending.claim(sending.LEASE) is None
    clock.shift(sending.LEASE + timedelta(seconds=1))
    assert sending.claim(sending.LEASE) is not None


# --- Once -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("db")
def test_once_sends_what_is_due_over_one_connection_and_says_how_many(by_smtp: MailServer) -> None:
    some_mails(7)
    assert deliver() == "Mails: 7 sent.\n"
    assert deliver() == "Mails: none is due.\n"
    assert len(by_smtp.mails) == 7
    assert by_smtp.connections == 1


@pytest.mark.usefixtures("db")
def test_json_is_one_object_a_mail_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printing = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
    monkeypatch.setattr(settings, "MAILERS", printing)
    one, other = some_mails(2)
    call_command("deliver", "--once", "--json")
    printed = capsys.readouterr()
    lines = [json.loads(line) for line in printed.out.splitlines()]
    assert [line["status"] for line in lines] == ["sent", "sent"]
    assert {line["key"] for line in lines} == {one.key, other.key}
    assert lines[0]["message_id"] in printed.err


# --- Failing --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("db")
def test_a_mail_that_fails_is_tried_again_for_a_day_and_then_given_up(
    by_smtp: MailServer, clock: time_machine.Traveller
) -> None:
    (one,) = some_mails(1)
    by_smtp.answer = lambda command: "451 try later" if command.upper().startswith("RCPT") else ""
    begun = timezone.now()
    tries = []
    while one.given_up_at is None:
        assert deliver().startswith("Mails: 1 ")
        one.refresh_from_db()
        tries.append((timezone.now() - begun).total_seconds() / 60)
        assert one.error == "451 try later"
        assert Delivery.objects.failing().filter(pk=one.pk).exists()
        if one.given_up_at is None:
            clock.move_to(one.due_at)
    assert tries == [0, 1, 6, 21, 81, 321, 1041, 1441]
    assert not by_smtp.mails


@pytest.mark.usefixtures("db")
def test_a_refused_address_is_given_up_at_once_and_holds_up_no_other_mail(
    by_smtp: MailServer,
) -> None:
    some_mails(1)
    (second,) = addressed("second_approver")
    (administrator,) = addressed("administrator")
    submit(make_draft())
    by_smtp.answer = lambda command: "550 no such person" if "<approver@" in command else ""
    assert deliver() == "Mails: 2 given up, 2 sent.\n"
    refused = Delivery.objects.filter(given_up_at__isnull=False)
    assert [one.error for one in refused] == ["550 no such person"] * 2
    arrived = {str(mail["To"]) for mail in by_smtp.mails}
    assert arrived == {second.email, administrator.email}


@pytest.mark.usefixtures("db")
def test_administrators_are_told_once_of_mails_given_up_and_never_of_that_mail_itself(
    by_smtp: MailServer,
) -> None:
    some_mails(3)
    addressed("administrator")
    by_smtp.answer = lambda command: "550 nobody here" if command.upper().startswith("RCPT") else ""
    deliver()
    told = Delivery.objects.filter(what="failure")
    assert [str(one.to) for one in told] == ["administrator"]
    assert told.get().given_up_at is not None


@pytest.mark.usefixtures("db")
def test_a_mail_server_that_does_not_answer_is_seen_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, server: MailServer, clock: time_machine.Traveller
) -> None:
    (one,) = some_mails(1)
    monkeypatch.setattr(settings, "MAILERS", smtp(1))  # where nothing listens
    assert deliver() == "Mails: 1 failed.\n"
    one.refresh_from_db()
    assert one.error.startswith("ConnectionRefusedError")
    monkeypatch.setattr(settings, "MAILERS", smtp(server.port))
    clock.shift(timedelta(minutes=1))
    assert deliver() == "Mails: 1 sent.\n"
    assert server.ids == [mails.message_id(one)]


@pytest.mark.usefixtures("db")
def test_a_mail_that_cannot_be_written_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    first, _second = some_mails(2)
    whole = mails.compose

    def compose(delivery: Delivery, *args: object) -> object:
        if delivery.pk == first.pk:
            raise LookupError("a template is missing")
        return whole(delivery, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(mails, "compose", compose)
    assert deliver() == "Mails: 1 failed, 1 sent.\n"
    assert len(mail.outbox) == 1


@pytest.mark.usefixtures("db")
def test_whoever_wants_no_mail_any_more_gets_none_that_was_already_due() -> None:
    (one,) = some_mails(1)
    Preferences.objects.create(user=one.to, mail=Preferences.Mail.NONE)
    assert deliver() == "Mails: 1 dropped.\n"
    assert not mail.outbox
