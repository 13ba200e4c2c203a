"""While an update rolls, the version before runs on the new tables: it has to be able to."""

from __future__ import annotations

from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader

# Migrations of before the first release, and those whose removals nothing reads any more: each is
# named once the version that stopped reading them is everywhere.
LIVED_WITH = {
    "0001_letters",
    "0002_kinds",
    "0003_desk",
    "0004_record",
    "0005_party_names",
    "0006_listing",
    "0007_words",
    "0008_redaction",  # of a table into which nothing wrote before
}
TAKES_AWAY = (
    operations.RemoveField,
    operations.RenameField,
    operations.DeleteModel,
    operations.RenameModel,
    operations.AlterModelTable,
)


def unbearable(operation: operations.base.Operation) -> str:
    """Why the code of before would fail after it, or nothing."""
    if isinstance(operation, TAKES_AWAY):
        return "takes away what is still read"
    if isinstance(operation, operations.AddField):
        field = operation.field
        if not (field.null or field.has_db_default() or field.many_to_many):
            return "asks for a value that is not given: null=True or db_default"
    if isinstance(operation, operations.AlterField) and not operation.field.null:
        return "may ask for a value that is not given"
    if isinstance(operation, operations.RunSQL):
        return "is for a person to judge"
    return ""


def test_the_version_before_can_live_with_every_migration() -> None:
    loader = MigrationLoader(None)
    wrong = [
        f"{name}: {operation.describe()} {why}"
        for (app, name), migration in loader.disk_migrations.items()
        if app == "letters" and name not in LIVED_WITH
        for operation in migration.operations
        if (why := unbearable(operation))
    ]
    assert wrong == []


def test_a_column_that_must_be_given_and_one_that_goes_are_found() -> None:
    from django.db import models

    needed = operations.AddField("letter", "archive", models.CharField(max_length=3, default=""))
    given = operations.AddField("letter", "archive", models.CharField(max_length=3, db_default=""))
    assert unbearable(needed)
    assert not unbearable(given)
    assert unbearable(operations.RemoveField("letter", "consent"))
