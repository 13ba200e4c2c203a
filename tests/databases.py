"""The databases of a run: two are made once, and each worker has its clone of them.

Migrating takes seconds and loading the sample office more, a clone a moment: so a test that
commits what it does leaves a new clone behind it, and nothing is emptied table by table.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings

from letters import signing

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
# Files there, or databases of a server whose names begin with that of its own.
EMPTY, SAMPLE = "empty", "sample"


class Databases:
    """Those of this worker, made from the ones that all workers of the run share."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        base = factory.getbasetemp()
        self.shared = (base if WORKER == "alone" else base.parent) / "shared"
        self.shared.mkdir(exist_ok=True)
        self.of_its_own = factory.mktemp("database")
        self.server = str(connection.settings_dict["NAME"])
        self.used = ""
        self.made: set[str] = set()

    def keys_and_media(self, factory: pytest.TempPathFactory) -> None:
        """Each worker has its own, of the one key that signed the sample office."""
        keys = self.shared / "keys"
        self._once("keys", lambda: signing.make_key(keys))
        settings.PRESSOFFICE_KEYS = Path(shutil.copytree(keys, factory.mktemp("keys") / "keys"))
        settings.MEDIA_ROOT = factory.mktemp("media")

    def use(self, kind: str) -> None:
        """Ask that one from here on."""
        if kind == self.used:
            return
        self._once(EMPTY, self._migrate)
        if kind == SAMPLE:
            self._once(SAMPLE, self._load)
        if kind not in self.made:
            self._clone(self._shared(kind), self._own(kind))
            if kind == SAMPLE:
                shutil.copytree(self.shared / "media", settings.MEDIA_ROOT, dirs_exist_ok=True)
            self.made.add(kind)
        self._point_at(self._own(kind))
        self.used = kind

    def renew(self) -> None:
        """What a test committed is gone, and its rows are numbered from one again."""
        connections.close_all()
        self._clone(self._shared(self.used), self._own(self.used))

    def remove(self) -> None:
        connections.close_all()
        for kind in self.made:
            self._drop(self._own(kind))
        self._point_at(self.server)

    def _once(self, what: str, make: Callable[[], object]) -> None:
        """In one worker; the others wait for it."""
        done = self.shared / f"{what}.done"
        with (self.shared / f"{what}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                make()
                done.touch()

    def _migrate(self) -> None:
        self._drop(self._shared(EMPTY))
        if connection.vendor != "sqlite":
            self._told(f'CREATE DATABASE "{self._shared(EMPTY)}"')
        self._point_at(self._shared(EMPTY))
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable")
        connections.close_all()

    def _load(self) -> None:
        self._clone(self._shared(EMPTY), self._shared(SAMPLE))
        self._point_at(self._shared(SAMPLE))
        with override_settings(MEDIA_ROOT=self.shared / "media"):
            call_command("load_sample_office", trial=True, stdout=StringIO())
        connections.close_all()

    def _shared(self, kind: str) -> str:
        return self._named(self.shared, kind)

    def _own(self, kind: str) -> str:
        return self._named(self.of_its_own, f"{kind}_{WORKER}")

    def _named(self, folder: Path, name: str) -> str:
        return str(folder / name) if connection.vendor == "sqlite" else f"{self.server}_test_{name}"

    def _point_at(self, name: str) -> None:
        connections.close_all()
        connection.settings_dict["NAME"] = name

    def _clone(self, source: str, target: str) -> None:
        if connection.vendor == "sqlite":  # over what is there: whoever has it open sees the new
            with (
                closing(sqlite3.connect(source)) as there,
                closing(sqlite3.connect(target)) as here,
            ):
                here.execute("PRAGMA synchronous=OFF")
                there.backup(here)
        else:
            self._drop(target)
            self._told(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')

    def _drop(self, name: str) -> None:
        if connection.vendor != "sqlite":
            self._told(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _told(self, statement: str) -> None:
        """Said to the server, of a database that nobody has open."""
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)
