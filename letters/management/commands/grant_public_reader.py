"""Make a role of the database that can only read what is public, for a site without the desk."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from letters.models import public_reader


class Command(BaseCommand):
    help = (
        "Let a role of PostgreSQL read what is public, and nothing else. It is made if it is not"
        " there, without a password. Run as the owner of the tables; safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role")

    def handle(self, *args: Any, **options: Any) -> None:
        role = options["role"]
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has roles: set DATABASE_URL.")
        if role == connection.settings_dict["USER"]:
            raise CommandError("That is the role this command itself uses.")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [role]
            )
            found = cursor.fetchone()
            if found and found[0]:
                raise CommandError(f"The role {role} goes past every policy.")
            if not found:
                cursor.execute(f"CREATE ROLE {connection.ops.quote_name(role)} LOGIN")
        public_reader.grant(connection, role)
        self.stdout.write(f"The role {role} reads what is public, and nothing else.")
