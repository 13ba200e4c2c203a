"""After a change the worker calls others: the site itself, and whoever drops what caches hold."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from letters import workflow
from letters.models import Delivery, Edition, Stage, Withdrawal
from tests.letters_at_stages import (
    make_correction,
    make_draft,
    make_edition,
    person,
    publish,
    schedule,
    withdraw,
)

pytestmark = [pytest.mark.django_db, pytest.mark.pages]
Clock = time_machine.Traveller


class Machine:
    """A machine elsewhere: it keeps what it is told, and answers as it should."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.page = 200, b""

    def __enter__(self) -> Machine:
        outer = self

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                outer.told.append((self.path, dict(self.headers), self.rfile.read(length)))
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(outer.page)))
                self.end_headers()
                self.wfile.write(outer.page)

            do_GET = do_POST

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with Machine() as machine:
        yield machine


@pytest.fixture
def site(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """What answers at the site's own address."""
    monkeypatch.setattr(settings, "PRESSOFFICE_SEEN_AT", machine.address)
    monkeypatch.setattr(settings, "PRESSOFFICE_SITE_URL", "https://press.example.org")
    return machine


@pytest.fixture
def cache(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(settings, "PRESSOFFICE_PURGE_URL", f"{machine.address}/purge")
    monkeypatch.setattr(settings, "PRESSOFFICE_PURGE_TOKEN", "a-token")
    return machine


def deliver() -> list[str]:
    """What became of each call that is due."""
    out = StringIO()
    call_command("deliver", "--once", "--json", stdout=out, stderr=StringIO())
    outcomes = [json.loads(line) for line in out.getvalue().splitlines()]
    return [f"{one['key'].partition(':')[0]} {one['status']}" for one in outcomes]


def page_of(edition: Edition) -> bytes:
    return Client().get(edition.get_absolute_url()).content


# --- Is it really shown? --------------------------------------------------------------------------


def test_the_site_is_asked_once_the_moment_has_come(clock: Clock, site: Machine) -> None:
    edition = schedule(make_draft(), timezone.now() + timedelta(hours=1))
    assert deliver() == []
    clock.shift(timedelta(hours=1, seconds=2))
    site.page = page_of(edition)
    assert deliver() == ["seen sent"]
    ((path, headers, _body),) = site.told
    assert path == edition.get_absolute_url()
    assert headers["Host"] == "press.example.org"
    assert Delivery.objects.get(what="seen").context["seconds"] == 2


def test_a_text_that_is_not_shown_is_looked_for_again_and_an_old_one_is_not_it(
    clock: Clock, site: Machine
) -> None:
    edition = publish(make_draft(), clock)
    site.page = page_of(edition)
    assert deliver() == ["seen sent"]
    corrected = publish(make_correction(edition), clock)
    assert deliver() == ["seen failed"]  # the page of the first is still there
    assert "is live and not shown" in Delivery.objects.get(done_at=None).error
    site.status = 500
    clock.shift(1)
    assert deliver() == ["seen failed"]
    site.status, site.page = 200, page_of(corrected)
    clock.shift(2)
    assert deliver() == ["seen sent"]
    assert Delivery.objects.order_by("pk").last().context["seconds"] == 4


def test_all_that_goes_live_at_one_moment_is_asked_for_once(clock: Clock, site: Machine) -> None:
    moment = timezone.now() + timedelta(hours=1)
    first = schedule(make_draft(), moment)
    schedule(make_draft(), moment)
    workflow.recall(first, by=person("publisher"))
    clock.shift(timedelta(hours=1))
    site.page = page_of(Edition.objects.live(timezone.now()).get())
    assert deliver() == ["seen sent"]


@pytest.mark.parametrize("what", ["recall", "withdraw"])
def test_what_is_not_to_be_shown_any_more_is_not_looked_for(
    clock: Clock, site: Machine, what: str
) -> None:
    edition = schedule(make_draft())
    if what == "recall":
        workflow.recall(edition, by=person("publisher"))
    clock.shift(timedelta(hours=2))
    if what == "withdraw":
        withdraw(edition, clock=clock)
    assert deliver() == ["seen dropped"]
    assert site.told == []


def test_the_time_until_a_text_was_seen_is_measured(
    clock: Clock, site: Machine, citizen: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PRESSOFFICE_METRICS_TOKEN", "a-token")

    def measured() -> dict[str, float]:
        written = citizen.get("/metrics", headers={"Authorization": "Bearer a-token"}).content
        lines = [line.split() for line in written.decode().splitlines() if line[0] != "#"]
        return {line[0]: float(line[-1]) for line in lines}

    edition = publish(make_draft(), clock)
    clock.shift(4)
    deliver()
    assert measured()["pressoffice_moments_not_seen"] == 1
    clock.shift(1)
    site.page = page_of(edition)
    deliver()
    site.page = page_of(publish(make_draft(), clock))
    deliver()
    found = measured()
    assert found["pressoffice_moments_not_seen"] == 0
    assert found["pressoffice_seen_live_worst_seconds"] == 6
    assert found["pressoffice_seen_live_seconds"] == 1


# --- What caches are to drop ----------------------------------------------------------------------


def test_caches_are_told_of_every_change_the_public_can_see(clock: Clock, cache: Machine) -> None:
    edition = schedule(make_draft())
    assert deliver() == []
    clock.shift(timedelta(hours=1))
    assert deliver() == ["purge sent"]
    edition = publish(make_correction(edition), clock)
    edition = withdraw(edition, Withdrawal.Kind.KEPT, clock)
    workflow.restore(edition, by=person("publisher"))
    clock.shift(1)
    assert deliver() == ["purge sent"] * 3
    told = [json.loads(body) for _path, _headers, body in cache.told]
    keys = ["pages", f"letter-{edition.letter.reference}"]
    assert told == [
        {"keys": keys, "verb": verb} for verb in ("publish", "publish", "withdraw", "restore")
    ]
    path, headers, _body = cache.told[0]
    assert (path, headers["Authorization"]) == ("/purge", "Bearer a-token")


def test_a_purge_that_fails_is_repeated_soon_and_waits_for_no_mail_server(
    clock: Clock, cache: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"host": "127.0.0.1", "port": 1}
    smtp = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}
    monkeypatch.setattr(settings, "MAILERS", {"default": smtp})
    approver = person("approver")
    approver.email = "approver@valdora.example"
    approver.save()
    cache.status = 503
    publish(make_draft(), clock)
    outcomes = deliver()
    assert outcomes[0] == "purge failed"
    assert "submit failed" in outcomes
    cache.status = 204
    clock.shift(1)
    assert deliver() == ["purge sent"]


def test_nothing_is_called_that_was_not_asked_for(clock: Clock) -> None:
    make_edition(Stage.WITHDRAWN, clock=clock)
    assert not Delivery.objects.filter(what__in=("seen", "purge")).exists()
