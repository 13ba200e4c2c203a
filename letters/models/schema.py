"""A database that a later version has set up, and whether this version can still work on it.

While an update rolls, and after it was taken back, the version before works on the new tables.
It leaves them as they are: their rules and rights are the later version's to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.management import CommandError
from django.db import InterfaceError, OperationalError, connections
from django.db.migrations.loader import MigrationLoader

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# What PostgreSQL says of a table and of a column that are not there, and of one not to be read.
NOT_THERE = ("42P01", "42703", "42501")


def is_of_the_database(error: BaseException | None) -> bool:
    """Whether it is not the program but its database that failed: away, or not migrated yet."""
    return isinstance(error, (OperationalError, InterfaceError)) or (
        getattr(getattr(error, "__cause__", None), "pgcode", "") in NOT_THERE
    )


def of_later(loader: MigrationLoader) -> list[str]:
    """The migrations of letters that were applied, and that only a later version has."""
    known = set(loader.disk_migrations or ())
    for migration in (loader.disk_migrations or {}).values():
        known.update(migration.replaces)
    applied = set(loader.applied_migrations or ())
    return sorted(name for app, name in applied - known if app == "letters")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Tables and columns that a later version took away, or wants a value in from everybody."""
    with connection.cursor() as cursor:
        return sorted(_missing(connection, cursor))


def _missing(connection: BaseDatabaseWrapper, cursor: Any) -> Iterator[str]:
    there = set(connection.introspection.table_names(cursor))
    for model in apps.get_app_config("letters").get_models(include_auto_created=True):
        table = model._meta.db_table
        if not model._meta.managed:
            continue
        if table not in there:
            yield table
            continue
        ours = {str(field.column) for field in model._meta.concrete_fields}
        found = connection.introspection.get_table_description(cursor, table)
        yield from (f"{table}.{name}" for name in ours - {column.name for column in found})
        for column in found:
            if column.name not in ours and not column.null_ok and column.default is None:
                yield f"{table}.{column.name}"


def refuse_before_migrate(*, using: str, **kwargs: Any) -> None:
    """An earlier version's migrate would put its own rules in the place of the later ones."""
    if names := of_later(MigrationLoader(connections[using])):
        raise CommandError(
            f"This database is of a later version of the program ({', '.join(names)} is not known"
            " here). Nothing was changed: use that version."
        )
