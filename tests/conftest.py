"""The cast, the clock, and a test database that keeps its rules."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import hypothesis
import pytest
import time_machine
from django.test import Client, TransactionTestCase
from pytest_django import DjangoDbBlocker

from tests.databases import EMPTY, Databases

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Each once: those that ask PostgreSQL for what only it tells, and the dear one that asks neither.
collect_ignore = (
    ["test_growth.py"]
    if os.environ.get("DATABASE_URL")
    else ["test_replica.py", "test_public_reader.py", "test_rows.py"]
)

# `make test-all` sets it: every test on both databases, more examples, every combination.
DEEP = bool(os.environ.get("TEST_ALL"))
hypothesis.settings.register_profile(
    "suite",
    database=None,
    deadline=None,
    print_blob=True,
    max_examples=300 if DEEP else 30,
    suppress_health_check=list(hypothesis.HealthCheck),
)
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
def databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return Databases(tmp_path_factory)


@pytest.fixture(scope="session", autouse=True)
def keys_and_media_of_its_own(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> None:
    databases.keys_and_media(tmp_path_factory)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    databases: Databases,
    keys_and_media_of_its_own: None,
) -> Iterator[None]:
    """In place of pytest-django's: a database that is cloned, not made, and cloned anew after a
    test that commits. That its tables are emptied would take longer, and lift the rules first.
    """
    with django_db_blocker.unblock():
        databases.use(EMPTY)
    with pytest.MonkeyPatch.context() as patch:
        # TestCase has a teardown of its own, a rollback, but calls this one where it cannot.
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: databases.renew())
        yield
    with django_db_blocker.unblock():
        databases.remove()


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
