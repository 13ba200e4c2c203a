"""A database that another version set up: never damaged, and said in a sentence."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from letters.models import triggers

pytestmark = pytest.mark.django_db(transaction=True)
POSTGRESQL = connection.vendor == "postgresql"
COLUMN = "letters_presence.at"


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def of_a_later_version():
    """It has a migration of its own, and gave up a rule of this version."""
    recorder = MigrationRecorder(connection)
    recorder.record_applied("letters", "9999_later")
    name = "keep_letters_event_kept_delete"
    sql(f"DROP TRIGGER {name}" + (" ON letters_event" if POSTGRESQL else ""))
    yield name
    recorder.record_unapplied("letters", "9999_later")
    triggers.install(connection)


@pytest.fixture
def without_a_column():
    sql("ALTER TABLE letters_presence RENAME COLUMN at TO moment")
    yield
    sql("ALTER TABLE letters_presence RENAME COLUMN moment TO at")


def prepare(tmp_path: Path) -> str:
    said = StringIO()
    (tmp_path / "password").write_text("secret")
    call_command(
        "prepare",
        role="another_site" if POSTGRESQL else None,
        password_file=tmp_path / "password",
        stdout=said,
    )
    return said.getvalue()


def test_an_earlier_versions_migrate_is_refused_and_changes_no_rule(of_a_later_version) -> None:
    with pytest.raises(CommandError, match="later version.*9999_later is not known here"):
        call_command("migrate", verbosity=0)
    assert of_a_later_version in triggers.missing(connection)


def test_an_earlier_version_prepares_nothing_and_can_be_started(
    of_a_later_version, tmp_path: Path
) -> None:
    said = prepare(tmp_path)
    assert "This version works on it, and leaves it as it is." in said
    assert of_a_later_version in triggers.missing(connection)
    if POSTGRESQL:
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_roles WHERE rolname = 'another_site'")
            assert cursor.fetchone() is None


# SQLite keeps the default that a column was added with.
@pytest.mark.parametrize("change", ["is gone", "wants a value"][: 1 + POSTGRESQL])
def test_an_earlier_version_that_cannot_work_is_not_started(
    change: str, of_a_later_version, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if change == "is gone":
        request.getfixturevalue("without_a_column")
        named = COLUMN
    else:
        sql("ALTER TABLE letters_presence ADD COLUMN reason integer NOT NULL DEFAULT 1")
        sql("ALTER TABLE letters_presence ALTER COLUMN reason DROP DEFAULT")
        request.addfinalizer(lambda: sql("ALTER TABLE letters_presence DROP COLUMN reason"))
        named = "letters_presence.reason"
    with pytest.raises(CommandError, match=f"cannot work without.*{named}.*Nothing was changed"):
        prepare(tmp_path)


def test_on_a_database_that_is_not_migrated_pages_say_sorry_and_readiness_why(
    request: pytest.FixtureRequest,
) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("letters", "0010_heartbeat")
    request.addfinalizer(lambda: recorder.record_applied("letters", "0010_heartbeat"))
    sql("ALTER TABLE letters_office RENAME TO not_yet")
    request.addfinalizer(lambda: sql("ALTER TABLE not_yet RENAME TO letters_office"))
    visitor = Client(raise_request_exception=False)
    ready = visitor.get("/readyz")
    assert ready.status_code == 503
    says = ready.json()["checks"]["migrations"]["says"]
    assert says == "The database lacks migrations: letters.0010_heartbeat."
    page = visitor.get("/fr/")
    assert page.status_code == 503
    assert 'lang="fr"' in page.content.decode()
    for address in ("/fr/letters/", "/fr/feed.atom", "/admin/account/login/"):
        assert visitor.get(address).status_code != 500, address
