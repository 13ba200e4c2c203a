"""/readyz says of each thing the service needs whether it is there, and never fails itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from letters import signing
from letters.models import Delivery, Heartbeat, triggers
from tests.letters_at_stages import make_edition

pytestmark = pytest.mark.django_db
POSTGRESQL = connection.vendor == "postgresql"


@pytest.fixture(autouse=True)
def everything_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MAIL_SERVER", "mail.example.org")
    Heartbeat.objects.create(pk=1, at=timezone.now())


def asked(client: Client) -> tuple[int, str, dict[str, Any]]:
    """The status, the state in a word, and the checks that are not well."""
    response = client.get("/readyz")
    told = response.json()
    wrong = {name: check for name, check in told["checks"].items() if check["status"] != "ok"}
    return response.status_code, told["status"], wrong


def test_all_is_well_with_everything_in_place(citizen: Client) -> None:
    assert asked(citizen) == (200, "ok", {})


def test_a_missing_trigger_makes_it_unready(citizen: Client) -> None:
    name = "keep_letters_event_kept_delete"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (" ON letters_event" if POSTGRESQL else ""))
    status, word, wrong = asked(citizen)
    assert (status, word, list(wrong)) == (503, "failed", ["triggers"])
    assert name in wrong["triggers"]["says"]


def test_a_trigger_that_says_something_else_is_told(citizen: Client) -> None:
    name, table = "keep_letters_event_kept_delete", "letters_event"
    with connection.cursor() as cursor:
        if POSTGRESQL:
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
                " AS $$ BEGIN RETURN OLD; END $$"
            )
        else:
            cursor.execute(f"DROP TRIGGER {name}")
            cursor.execute(f"CREATE TRIGGER {name} BEFORE DELETE ON {table} BEGIN SELECT 1; END")
    status, word, wrong = asked(citizen)
    assert (status, word, list(wrong)) == (200, "degraded", ["triggers"])
    triggers.install(connection)
    assert asked(citizen)[1] == "ok"


def test_a_missing_migration_makes_it_unready(citizen: Client) -> None:
    MigrationRecorder(connection).record_unapplied("letters", "0010_heartbeat")
    status, _word, wrong = asked(citizen)
    assert (status, list(wrong)) == (503, ["migrations"])
    assert "letters.0010_heartbeat" in wrong["migrations"]["says"]


def test_a_database_of_a_later_version_is_served(citizen: Client) -> None:
    MigrationRecorder(connection).record_applied("letters", "9999_later")
    with connection.cursor() as cursor:
        name = "keep_letters_event_kept_delete"
        cursor.execute(f"DROP TRIGGER {name}" + (" ON letters_event" if POSTGRESQL else ""))
    status, word, wrong = asked(citizen)
    assert (status, word, list(wrong)) == (200, "degraded", ["migrations"])
    assert "9999_later is not known here" in wrong["migrations"]["says"]
    assert wrong["migrations"]["says"].endswith("This version can work on it.")


def test_a_later_version_that_took_a_column_away_makes_this_one_unready(citizen: Client) -> None:
    MigrationRecorder(connection).record_applied("letters", "9999_later")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE letters_presence RENAME COLUMN at TO moment")
    status, _word, wrong = asked(citizen)
    assert (status, list(wrong)) == (503, ["migrations"])
    assert "letters_presence.at" in wrong["migrations"]["says"]


def test_a_database_that_another_key_signed_is_told(
    citizen: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_edition()
    assert asked(citizen)[1] == "ok"
    signing.make_key(tmp_path)
    monkeypatch.setattr(settings, "PRESSOFFICE_KEYS", tmp_path)
    signing._key.cache_clear()
    try:
        status, word, wrong = asked(citizen)
    finally:
        signing._key.cache_clear()
    assert (status, word, list(wrong)) == (200, "degraded", ["key"])
    assert "of another deployment" in wrong["key"]["says"]


def test_a_silent_worker_is_told(citizen: Client) -> None:
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=3))
    status, word, wrong = asked(citizen)
    assert (status, word) == (200, "degraded")
    assert wrong == {
        "worker": {"status": "degraded", "says": "No worker was at work for 3 minutes."}
    }
    call_command("deliver", "--once", "--json")
    assert asked(citizen)[1] == "ok"


def test_a_delivery_that_nobody_tried_is_told(citizen: Client) -> None:
    due = timezone.now() - timedelta(minutes=6)
    Delivery.objects.create(key="a", what="failure", due_at=due)
    Delivery.objects.create(key="b", what="failure", due_at=timezone.now())
    status, _word, wrong = asked(citizen)
    assert (status, list(wrong)) == (200, ["deliveries"])
    assert wrong["deliveries"]["says"] == "Deliveries overdue, and never tried: 1."


def test_no_mail_server_and_a_full_disk_are_told(
    citizen: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "MAIL_SERVER", "")
    monkeypatch.setattr(settings, "MEDIA_ROOT", "/proc")  # where nothing is ever free
    status, _word, wrong = asked(citizen)
    assert (status, set(wrong)) == (200, {"mail", "disk"})
    monkeypatch.setattr(settings, "MEDIA_ROOT", "/nowhere")
    assert set(asked(citizen)[2]) == {"mail", "disk"}


def test_a_clock_that_is_off_makes_it_unready(citizen: Client) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        status, _word, wrong = asked(citizen)
    if POSTGRESQL:
        assert (status, list(wrong)) == (503, ["clock"])
        assert wrong["clock"]["says"].startswith("The clock of the database is ")
    else:
        assert status == 200


def test_a_database_that_does_not_answer_is_told_and_is_no_error(tmp_path: Path) -> None:
    """A program of its own, whose database was never there."""
    program = (
        "import django; django.setup(); from django.test import Client;"
        " got = Client().get('/readyz'); print(got.status_code, got.content.decode());"
        " print(Client().get('/healthz').status_code)"
    )
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    for url in ("postgres://nobody@127.0.0.1:1/none", f"sqlite:///{tmp_path}/none/none.sqlite3"):
        run = subprocess.run(
            [sys.executable, "-c", program],
            env=env | {"DATABASE_URL": url},
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
        )
        ready, alive = run.stdout.strip().splitlines()
        status, _space, body = ready.partition(" ")
        assert (status, alive) == ("503", "200"), run.stderr
        told = json.loads(body)
        assert told["checks"]["database"]["says"] == "The database does not answer."
        assert "nobody" not in body
        assert "none" not in body
