"""A database with an archive of its changes goes back to a moment: tried with a real server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
WRITE = """
import django; django.setup()
from tests.letters_at_stages import make_edition
print(make_edition(headline="{}").letter)
"""


class Server:
    """A PostgreSQL of its own, set up as deploy/compose.wal.yml says."""

    def __init__(self, folder: Path) -> None:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parts)
        self.folder = folder
        for name in ("wal", "socket"):
            (folder / name).mkdir()
        self.as_postgres: list[str] = []
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            self.as_postgres = [
                "setpriv",
                "--reuid",
                "postgres",
                "--regid",
                "postgres",
                "--init-groups",
            ]
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, "postgres", "postgres")
        shutil.copy(ROOT / "deploy" / "wal", folder / "socket")  # which is on the path, below
        self.env = {
            **os.environ,
            "PATH": f"{folder / 'socket'}:{programs[-1]}:{os.environ['PATH']}",
            "PGDATA": str(folder / "data"),
            "PGHOST": str(folder / "socket"),
            "PGUSER": "test",
            "WAL": str(folder / "wal"),
        }
        self.run("initdb", "-A", "trust", "-U", "test", "-E", "UTF8", "--locale=C.UTF-8")
        compose = yaml.safe_load((ROOT / "deploy" / "compose.wal.yml").read_text(encoding="utf-8"))
        self.options = compose["services"]["db"]["command"][1:]

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [*self.as_postgres, *command],
            env=self.env,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    def start(self) -> None:
        options = "-F -c listen_addresses='' -k " + str(self.folder / "socket")
        for option in self.options:
            options += " -c" if option == "-c" else f" '{option}'"
        self.run("pg_ctl", "-w", "-l", str(self.folder / "socket" / "log"), "-o", options, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-m", "immediate", "stop")

    def sql(self, statement: str) -> str:
        return self.run("psql", "-XAtqc", statement, "postgres").strip()

    def manage(self, *command: str) -> str:
        """One of our commands, or a program of Python, on this server's database."""
        host = quote(str(self.folder / "socket"), safe="")
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": f"postgres://test@{host}/postgres",
                "PRESSOFFICE_KEYS": str(self.folder.parent / f"{self.folder.name}.keys"),
                "PRESSOFFICE_MEDIA_ROOT": str(self.folder / "media"),
            },
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout.strip()


@pytest.fixture
def server() -> Iterator[Server]:
    folder = Path(mkdtemp(dir="/tmp"))  # the path of a socket must be short
    made = Server(folder)
    made.start()
    try:
        yield made
    finally:
        subprocess.run([*made.as_postgres, "pg_ctl", "-m", "immediate", "stop"], env=made.env)
        shutil.rmtree(folder)
        shutil.rmtree(f"{folder}.keys", ignore_errors=True)


def test_the_database_goes_back_to_the_second_before_the_accident(server: Server) -> None:
    server.manage("manage.py", "migrate", "-v", "0")
    server.manage("manage.py", "make_signing_key")
    server.manage("-c", WRITE.format("Before the base"))
    server.run("wal", "base")
    server.manage("-c", WRITE.format("After the base"))
    time.sleep(1)
    moment = datetime.now(UTC).isoformat()
    time.sleep(1)
    server.manage("-c", WRITE.format("After the moment"))
    server.sql("DROP TABLE letters_file CASCADE")
    server.stop()

    said = server.run("wal", "recover", moment)
    assert said.startswith("Start the database: ")
    server.start()
    for _second in range(30):
        if server.sql("SELECT pg_is_in_recovery()") == "f":
            break
        time.sleep(1)
    assert server.sql("SELECT headline FROM letters_edition ORDER BY id").splitlines() == [
        "Before the base",
        "After the base",
    ]
    assert "The record is whole: " in server.manage("manage.py", "verify_record")
    # Life goes on, and so does the archive, of which old parts go.
    server.manage("-c", WRITE.format("After all"))
    for _base in range(3):
        time.sleep(1)
        server.run("wal", "base")
    wal = server.folder / "wal"
    assert len(list(wal.glob("base-*"))) == 2
    assert "The record is whole: " in server.manage("manage.py", "verify_record")


def test_a_moment_before_every_base_changes_nothing(server: Server) -> None:
    server.stop()
    held = sorted((server.folder / "data").iterdir())
    with pytest.raises(subprocess.CalledProcessError):
        server.run("wal", "recover", "2020-01-01T00:00:00Z")
    assert sorted((server.folder / "data").iterdir()) == held
