"""The cast, the clock, and a test database that keeps its rules."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING

import hypothesis
import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client, TransactionTestCase

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# They start PostgreSQL servers of their own: once, in the part that is about PostgreSQL.
collect_ignore = (
    [] if os.environ.get("DATABASE_URL") else ["test_replica.py", "test_public_reader.py"]
)

hypothesis.settings.register_profile("suite", database=None, deadline=None, print_blob=True)
hypothesis.settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)  # before -m is looked at
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what asks a database: of any other test pytest-django refuses the first query."""
    asking = {"db", "transactional_db", "django_db_setup", "live_server"}
    for item in items:
        if item.get_closest_marker("django_db") or asking & set(getattr(item, "fixturenames", ())):
            item.add_marker("database")


def pytest_collection_finish() -> None:
    """What is loaded by now stays: it need not be searched for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """On SQLite a file, not memory: several connections then share it as they do on a server."""
    if connection.vendor == "sqlite":
        name = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(name)


@pytest.fixture(scope="session", autouse=True)
def media_and_keys_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    from letters import signing

    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    settings.PRESSOFFICE_KEYS = tmp_path_factory.mktemp("keys")
    signing.make_key(settings.PRESSOFFICE_KEYS)


@pytest.fixture(scope="session", autouse=True)
def flushing_with_the_rules_lifted() -> Iterator[None]:
    """A transactional test empties the tables after it: only then may published rows go.

    What the migrations put there is put back, so that the next test finds the kinds of letter.
    """
    from letters.models import triggers

    flush = TransactionTestCase._fixture_teardown
    add_kinds = import_module("letters.migrations.0002_kinds").add_kinds

    def teardown(test: TransactionTestCase) -> None:
        triggers.remove(connection)
        try:
            flush(test)
            add_kinds(apps, None)
        finally:
            triggers.install(connection)

    # TestCase has a teardown of its own, a rollback, but calls this one where it cannot.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands still until `clock.shift(seconds)`."""
    with time_machine.travel(datetime(2026, 11, 9, 9, 30, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def _member(name: str) -> pytest.FixtureDef[User]:
    def member(db: None) -> User:
        from tests.letters_at_stages import person

        return person(name)

    return pytest.fixture(member, name=name)


# Drafters write, approvers are the second pair of eyes, publishers decide the moment.
drafter = _member("drafter")
second_drafter = _member("second_drafter")
approver = _member("approver")
second_approver = _member("second_approver")
publisher = _member("publisher")
second_publisher = _member("second_publisher")
administrator = _member("administrator")
superuser = _member("superuser")


@pytest.fixture
def citizen(db: None) -> Client:
    """Anybody, without an account."""
    return Client()
