"""What a request leaves behind: a line in the log and a figure, and nothing of who asked."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from letters.models import Delivery, Heartbeat
from pressoffice.logs import JSONLines
from tests.letters_at_stages import make_edition, person
from tests.servers import Site, environment

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


@pytest.fixture
def lines() -> Iterator[Any]:
    """What was logged until it is asked for, each line read as JSON."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JSONLines())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


def test_a_request_leaves_one_line_that_says_what_was_done(citizen: Client, lines: Any) -> None:
    response = citizen.get("/en/letters/")
    (line,) = lines()
    assert line["says"] == "request"
    assert line["method"] == "GET"
    assert line["route"] == "archive"
    assert line["status"] == 200
    assert line["bytes"] == len(response.content)
    assert line["ms"] > 0
    assert line["request"] == response["X-Request-ID"]


def test_the_log_holds_nothing_of_who_asked_or_for_what(lines: Any) -> None:
    staff = Client(
        headers={"User-Agent": "Curious/1.0", "Referer": "https://elsewhere.example/"},
        REMOTE_ADDR="203.0.113.9",
    )
    staff.force_login(person("drafter"))
    for address in (
        "/en/search/?q=quorsought",
        "/en/no-such-page-quorsought/",
        "/en/clearance/quorsought/",
        "/admin/letters/letter/?q=quorsought",
        "/admin/account/password/reset/key/quor-sought/",
    ):
        staff.get(address)
    staff.post("/admin/account/login/", {"login": "quorsought", "password": "quorsought"})
    written = json.dumps(lines())
    assert len(lines()) == 6
    for personal in ("quorsought", "quor-sought", "203.0.113.9", "drafter", "Curious", "elsewhere"):
        assert personal not in written


def test_a_sane_request_id_is_kept_and_another_replaced(citizen: Client, lines: Any) -> None:
    for given, kept in (
        ("a1b2c3d4-e5f6", True),
        ("short", False),
        ("x" * 65, False),
        ('12345678","level":"x', False),
        ("", False),
    ):
        response = citizen.get("/healthz", headers={"X-Request-ID": given})
        answered = response["X-Request-ID"]
        assert (answered == given) is kept
        assert kept or re.fullmatch("[0-9a-f]{32}", answered)
        assert lines()[-1]["request"] == answered


def test_an_error_is_one_line_with_the_request_and_no_value_of_a_row(
    citizen: Client, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = 'duplicate key value violates "x"\nDETAIL:  Key (username)=(quorsought) exists.\n'

    def fails(*args: Any, **kwargs: Any) -> None:
        raise IntegrityError(told)

    monkeypatch.setattr("letters.public.views.Listing.objects.listed", fails)
    citizen.raise_request_exception = False
    response = citizen.get("/en/?name=quorsought")
    assert response.status_code == 500
    error, access = lines()
    assert error["level"] == "error"
    assert error["says"] == "Internal Server Error: front"
    assert "IntegrityError" in error["trace"]
    assert error["request"] == access["request"] == response["X-Request-ID"]
    assert access["status"] == 500
    assert "quorsought" not in json.dumps([error, access])


# --- Metrics --------------------------------------------------------------------------------------


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(settings, "PRESSOFFICE_METRICS_TOKEN", "a-long-token")
    return {"Authorization": "Bearer a-long-token"}


def figures(client: Client, headers: dict[str, str]) -> dict[str, float]:
    response = client.get("/metrics", headers=headers)
    assert response.status_code == 200
    written = response.content.decode().splitlines()
    pairs = [line.rsplit(" ", 1) for line in written if not line.startswith("#")]
    return {name: float(value) for name, value in pairs}


def test_the_metrics_are_for_whoever_knows_the_token(
    citizen: Client, token: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert citizen.get("/metrics", headers=token).status_code == 200
    for wrong in ({}, {"Authorization": "Bearer another"}, {"Authorization": "a-long-token"}):
        response = citizen.get("/metrics", headers=wrong)
        assert response.status_code == 401
        assert response.content == b""
    monkeypatch.setattr(settings, "PRESSOFFICE_METRICS_TOKEN", "")
    assert citizen.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_requests_are_counted_by_route_and_status(citizen: Client, token: dict[str, str]) -> None:
    make_edition()
    name = 'pressoffice_requests_total{route="%s",status="%s"}'
    before = figures(citizen, token)
    for address in ("/en/", "/en/", "/en/letters/2026-999/", "/no-such-page"):
        citizen.get(address)
    after = figures(citizen, token)
    for route, status, number in (
        ("front", 200, 2),
        ("letter-by-reference", 404, 1),
        ("none", 404, 1),
    ):
        key = name % (route, status)
        assert after[key] - before.get(key, 0) == number
    key = 'pressoffice_request_seconds_count{route="front"}'
    assert after[key] - before.get(key, 0) == 2


def test_the_queue_and_the_worker_are_measured(citizen: Client, token: dict[str, str]) -> None:
    found = figures(citizen, token)
    assert found["pressoffice_delivery_age_seconds"] == 0
    assert "pressoffice_worker_silent_seconds" not in found
    now = timezone.now()
    Heartbeat.objects.create(pk=1, at=now - timedelta(seconds=30))
    Delivery.objects.create(key="a", what="failure", due_at=now - timedelta(minutes=2))
    Delivery.objects.create(key="b", what="failure", due_at=now, given_up_at=now, error="x")
    Delivery.objects.filter(key="b").update(attempts=8)
    found = figures(citizen, token)
    assert found["pressoffice_database_up"] == 1
    assert 119 < found["pressoffice_delivery_age_seconds"] < 130
    assert 29 < found["pressoffice_worker_silent_seconds"] < 40
    assert found['pressoffice_deliveries{state="due"}'] == 1
    assert found['pressoffice_deliveries{state="given_up"}'] == 1


STATUS = b"""Active connections: 2
server accepts handled requests
 17 17 4211
Reading: 0 Writing: 1 Waiting: 1
"""


def test_what_the_proxy_was_asked_for_is_measured_while_it_answers(
    citizen: Client, token: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(STATUS)

        def log_message(self, *_said: object) -> None:
            pass

    name = "pressoffice_proxy_requests_total"
    assert name not in figures(citizen, token)
    with HTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        Thread(target=proxy.handle_request).start()
        url = f"http://127.0.0.1:{proxy.server_port}/status"
        monkeypatch.setattr(settings, "PRESSOFFICE_PROXY_STATUS", url)
        assert figures(citizen, token)[name] == 4211
    assert name not in figures(citizen, token)


# --- Errors reported ------------------------------------------------------------------------------


def test_errors_to_be_reported_without_the_package_stop_the_program_with_one_sentence() -> None:
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PRESSOFFICE_SENTRY_DSN": "https://key@sentry.example.org/1",
    }
    program = "import sys; sys.modules['sentry_sdk'] = None; import django; django.setup()"
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=env,
        capture_output=True,
        text=True,
        cwd=settings.BASE_DIR,
    )
    assert run.returncode == 1
    assert run.stderr.strip().endswith(
        "PRESSOFFICE_SENTRY_DSN is set, and the package sentry-sdk is not installed."
    )


# --- As a server runs it --------------------------------------------------------------------------


def test_processes_count_together_and_every_line_they_log_is_json(tmp_path: Path) -> None:
    env = environment(PRESSOFFICE_DATA=str(tmp_path), PRESSOFFICE_METRICS_TOKEN="a-long-token")
    with Site(env, tmp_path, workers=2) as site:
        asked = 20
        for _time in range(asked):
            assert site.status("/robots.txt") == 200
        written = site.get("/metrics", Authorization="Bearer a-long-token")[1]
        assert site.status("/metrics") == 401
    assert f'pressoffice_requests_total{{route="robots",status="200"}} {asked}.0' in written
    lines = [json.loads(line) for line in site.log.read_text().splitlines()]
    assert {"gunicorn.error", "pressoffice.seeing"} <= {line["logger"] for line in lines}
    assert sum(line.get("route") == "robots" for line in lines) == asked
