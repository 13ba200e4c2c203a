"""The database of a backup: dumped at one moment, loaded whole or not at all, tried beside ours.

PostgreSQL's own programs do it there; SQLite copies itself while others write.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryFile
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.db import DatabaseError, connection, transaction

from letters.backups.manifest import Refused
from letters.models import Event, Letter

# All that migrations made, but no extension: those may belong to somebody else.
EMPTY = b"""
DO $$ DECLARE statement text; BEGIN
FOREACH statement IN ARRAY ARRAY(
    SELECT format('DROP %s IF EXISTS %s CASCADE',
                  CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                               ELSE 'TABLE' END, oid::regclass)
    FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm')
    AND relnamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
    UNION ALL
    SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure)
    FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e'))
LOOP EXECUTE statement; END LOOP; END $$
"""


class Facts(NamedTuple):
    """What the database of a backup holds, read at the moment of the dump."""

    migrations: list[str]
    head: dict[str, Any]


def dump(to: Path) -> Facts:
    """Write all of the database, as it is at one moment."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with _named("It cannot be copied"), closing(sqlite3.connect(to)) as copy:
            connection.connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file
            return _facts(copy.cursor())
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        ((snapshot,),) = cursor.fetchall()
        facts = _facts(cursor)
        _run(_with_database("pg_dump", "-Fc", f"--snapshot={snapshot}", f"--file={to}"))
    return facts


def _facts(cursor: Any) -> Facts:
    try:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
        migrations = [f"{app}.{name}" for app, name in cursor.fetchall()]
        cursor.execute("SELECT number, hash FROM letters_recordhead")
        rows = cursor.fetchall()
    except (sqlite3.Error, DatabaseError) as error:
        raise Refused("The database is not set up: there is nothing to keep.") from error
    number, end = rows[0] if rows else (0, "")
    return Facts(migrations, {"number": number, "hash": end})


@contextmanager
def _named(what: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise Refused(f"{what}: {error}.") from error


def check_empty() -> None:
    """Refused if this deployment has a letter, or a line in its record."""
    there = connection.introspection.table_names()
    for model in (Letter, Event):
        if model._meta.db_table in there and model._default_manager.exists():
            raise Refused(
                "This deployment has letters already: a backup is restored into an empty one only."
            )


def load(dump: Path) -> None:
    """Put what was dumped in the place of all that is in the database, or leave it as it was."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        uri = f"{dump.resolve().as_uri()}?mode=ro&immutable=1"
        with _named("It cannot be loaded"), closing(sqlite3.connect(uri, uri=True)) as source:
            source.backup(connection.connection)
        connection.close()
        return
    connection.close()  # what it has prepared is about tables that go
    # Comments on extensions are their owner's; who may read a table is said by this deployment.
    read = [_found("pg_restore"), "--no-owner", "--no-privileges", "--no-comments", "-f", "-"]
    write, environment = _with_database("psql", "-qX", "-v", "ON_ERROR_STOP=1", "-f", "-")
    with (
        TemporaryFile() as said,
        subprocess.Popen([*read, str(dump)], stdout=PIPE, stderr=said) as reading,  # noqa: S603
        subprocess.Popen(  # noqa: S603
            write, env=environment, stdin=PIPE, stdout=subprocess.DEVNULL, stderr=said
        ) as writing,
    ):
        if reading.stdout is None or writing.stdin is None:
            raise ValueError("Both are pipes.")
        with suppress(BrokenPipeError), writing.stdin:
            writing.stdin.write(b"BEGIN; SET LOCAL client_min_messages = warning;" + EMPTY + b";\n")
            shutil.copyfileobj(reading.stdout, writing.stdin)
            # Without this line nothing was changed: what ends early is no whole database.
            if reading.wait() == 0:
                writing.stdin.write(b"\nCOMMIT;\n")
        reading.stdout.close()
        if reading.wait() or writing.wait():
            said.seek(0)
            raise Refused(f"The database cannot be loaded: {_why(said.read())}")


@contextmanager
def scratch(folder: Path) -> Iterator[dict[str, str]]:
    """An empty database beside ours, as environment of a program that is to work on it."""
    if connection.vendor == "sqlite":
        yield {"DATABASE_URL": "", "PRESSOFFICE_DATA": str(folder)}
        return
    name = f"{connection.settings_dict['NAME']}_scratch"
    quoted = connection.ops.quote_name(name)
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {quoted}")
            cursor.execute(f"REVOKE ALL ON DATABASE {quoted} FROM PUBLIC")
    except DatabaseError as error:
        raise Refused(f"No scratch database could be made: {error}") from error
    try:
        yield {"DATABASE_URL": address}
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")


def _with_database(program: str, *parameters: str) -> tuple[list[str], dict[str, str]]:
    """The command line of one of PostgreSQL's programs, and the environment that signs it in."""
    arguments, environment = connection.client.settings_to_cmd_args_env(
        connection.settings_dict, list(parameters)
    )
    return [_found(program), *arguments[1:]], {**os.environ, **(environment or {})}


def _found(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise Refused(f"{program} is not installed: it comes with PostgreSQL's client.")
    return found


def _run(command: tuple[list[str], dict[str, str]]) -> None:
    arguments, environment = command
    done = subprocess.run(  # noqa: S603
        arguments, env=environment, stdin=subprocess.DEVNULL, capture_output=True
    )
    if done.returncode:
        raise Refused(_why(done.stderr) or f"{arguments[0]} ended with {done.returncode}.")


def _why(said: bytes) -> str:
    """The line of one of PostgreSQL's programs that names the error."""
    lines = said.decode(errors="replace").strip().splitlines()
    return next((line for line in lines if "error:" in line.lower()), "".join(lines[:1]))
