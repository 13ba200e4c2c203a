"""What runs once before the site and the worker start: all that they find ready."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation

from letters.models import Event, Office, schema, triggers

LOCK = 0x7072657373  # any number, the same in every container
NOTICES = (413, 429, 503)


class Command(BaseCommand):
    help = (
        "Bring the database, its role for the site, the signing key and the files of the proxy up"
        " to date. Safe to repeat, and to start several times at once."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", help="the database role of the site and the worker")
        parser.add_argument(
            "--password-file", type=Path, metavar="FILE", help="the password of that role"
        )
        parser.add_argument(
            "--static", type=Path, metavar="DIR", help="where the proxy finds files and notices"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with _one_at_a_time():
            if settings.PRESSOFFICE_DESK:  # else both are the desk's, which is elsewhere
                self.database(options)
                call_command("make_signing_key")
            if options["static"]:
                _fill(options["static"])
        if settings.PRESSOFFICE_CACHE_MARK:
            # Made, not changed: copies are shown until the site is up again.
            Path(settings.PRESSOFFICE_CACHE_MARK).open("ab").close()
        if settings.PRESSOFFICE_DESK and not User.objects.filter(is_superuser=True).exists():
            self.stdout.write(
                "Ready. Make the first administrator:\n"
                "    docker compose exec web python manage.py createsuperuser"
            )

    def database(self, options: dict[str, Any]) -> None:
        """Its tables and its role for the site, unless a later version has set them up."""
        if later := schema.of_later(MigrationLoader(connection)):
            says = f"The database is of a later version: {', '.join(later)} is not known here."
            if missing := schema.missing(connection):
                raise CommandError(
                    f"{says} This version cannot work without {', '.join(missing)}. Nothing was"
                    " changed: use the later version."
                )
            self.stdout.write(f"{says} This version works on it, and leaves it as it is.")
            return
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        if options["role"]:
            if options["password_file"] is None:
                raise CommandError("--role needs --password-file.")
            _grant(options["role"], _password(options["password_file"]))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _password(file: Path) -> str:
    try:
        password = file.read_text().strip()
    except OSError as error:
        raise CommandError(f"The password of the site's role cannot be read: {error}") from error
    if not password:
        raise CommandError(f"{file} is empty: it is to hold the password of the site's role.")
    return password


@transaction.atomic
def _grant(role: str, password: str) -> None:
    """The role owns nothing, truncates nothing, and changes nothing that is written once."""
    name = connection.ops.quote_name(role)
    database = connection.ops.quote_name(str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {name}")
        cursor.execute(
            f"ALTER ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
            " NOBYPASSRLS PASSWORD %s",
            [password],
        )
        cursor.execute("SELECT datname FROM pg_database")
        for (other,) in cursor.fetchall():
            cursor.execute(f"REVOKE ALL ON DATABASE {connection.ops.quote_name(other)} FROM PUBLIC")
        cursor.execute(f"GRANT CONNECT ON DATABASE {database} TO {name}")
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}")
        every = "SELECT, INSERT, UPDATE, DELETE"
        cursor.execute(f"GRANT {every} ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {name}")
        for rule in triggers.rules("postgresql"):
            if not rule.condition:  # whatever the row
                table = rule.model._meta.db_table
                cursor.execute(f"REVOKE {rule.operation} ON {table} FROM {name}")
        # Of a line of the record a redaction empties the remark; nothing else of it ever changes.
        record = Event._meta.db_table
        cursor.execute(f"REVOKE UPDATE, DELETE ON {record} FROM {name}")
        cursor.execute(f"GRANT UPDATE (remark, salt) ON {record} TO {name}")


def _fill(folder: Path) -> None:
    """Files of earlier versions stay: their pages may still be shown, by a replica or a cache."""
    shutil.copytree(settings.STATIC_ROOT, folder / "static", dirs_exist_ok=True)
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for status in NOTICES:
                context = {"status": status, "office": Office.objects.current(), "elsewhere": []}
                page = render_to_string("notice.html", context, HttpRequest())
                path = folder / "notices" / language / f"{status}.html"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(page, encoding="utf-8")
