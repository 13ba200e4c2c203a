"""The rules a constraint cannot say, as triggers made from the models, on both databases.

They are installed after every migrate, never inside a migration: SQLite drops a table's triggers
whenever it remakes the table. Only loading and tests may lift them. A redaction lifts none: the
rules let through exactly what it does, and only where two people have asked for it and confirmed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connections, transaction

from letters.models.correspondent import Correspondent
from letters.models.edition import MOVABLE, MOVES, WORDS, Edition, Editor, Party
from letters.models.event import Event, RecordHead
from letters.models.file import File
from letters.models.kind import Kind
from letters.models.letter import Letter
from letters.models.listing import Listing
from letters.models.proof import Note, Redaction, Seal, Statement
from letters.models.withdrawal import Withdrawal

if TYPE_CHECKING:
    from django.db import models
    from django.db.backends.base.base import BaseDatabaseWrapper

# ruff: noqa: S608 (every name in these statements comes from the models)

PREFIX = "keep_"
EDITION = Edition._meta.db_table
FROZEN = "state NOT IN ('draft', 'discarded')"  # as Edition.objects.frozen()
# PostgreSQL's TRUNCATE goes past row triggers.
NEVER_TRUNCATED = (
    Letter,
    Edition,
    Party,
    File,
    Editor,
    Withdrawal,
    Event,
    RecordHead,
    Statement,
    Note,
    Redaction,
    Seal,
)


class Rule(NamedTuple):
    """Refuses an operation on a model's table when the condition (SQL) holds."""

    name: str
    model: type[models.Model]
    operation: str
    condition: str
    message: str

    @property
    def trigger(self) -> str:
        return f"{PREFIX}{self.model._meta.db_table}_{self.name}_{self.operation.lower()}"


def rules(vendor: str) -> list[Rule]:
    """Every rule, in the SQL of that database."""
    postgres = vendor == "postgresql"

    def changed(*columns: str) -> str:
        differs = "IS DISTINCT FROM" if postgres else "IS NOT"
        return "(" + " OR ".join(f'OLD."{c}" {differs} NEW."{c}"' for c in columns) + ")"

    def columns(model: type[models.Model], but: frozenset[str]) -> list[str]:
        return [str(f.column) for f in model._meta.concrete_fields if f.column not in but]

    def text_changed(but: frozenset[str]) -> str:
        if not postgres:
            return changed(*columns(Edition, but))
        names = ", ".join(f"'{column}'" for column in sorted(but))
        # Naming no other column, it outlives any later change of the table.
        return f"to_jsonb(NEW) - ARRAY[{names}] <> to_jsonb(OLD) - ARRAY[{names}]"

    if postgres:
        dated_too_late = "NEW.dated > (NEW.live_from AT TIME ZONE 'UTC')::date + 1"
    else:
        dated_too_late = "NEW.dated > date(NEW.live_from, '+1 day')"
    empty = " AND ".join(f"NEW.{word} = ''" for word in WORDS)
    others_changed = text_changed(MOVABLE | set(WORDS))
    known_moves = " OR ".join(
        f"(OLD.state = '{old}' AND NEW.state = '{new}')" for old, new in sorted(MOVES)
    )

    return [
        Rule(
            "text",
            Edition,
            "UPDATE",
            f"OLD.state <> 'draft' AND {text_changed(MOVABLE)}"
            f" AND NOT ({empty} AND NOT {others_changed} AND {_redacted('OLD.id')})",
            "The text is frozen.",
        ),
        Rule(
            "move",
            Edition,
            "UPDATE",
            f"OLD.state <> NEW.state AND NOT ({known_moves})",
            "That change of state is not allowed.",
        ),
        Rule("start", Edition, "INSERT", "NEW.state <> 'draft'", "An edition begins as a draft."),
        Rule(
            "moment",
            Edition,
            "UPDATE",
            f"OLD.state = 'published' AND NEW.state = 'published' AND {changed('live_from')}",
            "The moment of publication does not move.",
        ),
        Rule(
            "dated",
            Edition,
            "UPDATE",
            f"NEW.live_from IS NOT NULL AND {dated_too_late}",
            "A letter is not dated more than a day after it goes live.",
        ),
        Rule("kept", Edition, "DELETE", "OLD.state <> 'draft'", "An edition is not deleted."),
        *_frozen_with_the_edition(Party, "INSERT", "UPDATE", "DELETE"),
        *_frozen_with_the_edition(File, "INSERT", "UPDATE", "DELETE"),
        *_frozen_with_the_edition(Editor, "INSERT"),
        Rule("once", Editor, "UPDATE", "", "An editor stays one."),
        Rule("kept", Editor, "DELETE", "", "An editor stays one."),
        Rule(
            "reference",
            Letter,
            "UPDATE",
            changed("reference", "year", "number"),
            "A reference is permanent.",
        ),
        Rule(
            "facts",
            Letter,
            "UPDATE",
            f"{changed('direction', 'in_reply_to_id')} AND EXISTS (SELECT 1 FROM {EDITION}"
            f" WHERE letter_id = OLD.id AND {FROZEN})",
            "The facts of a submitted letter are frozen.",
        ),
        Rule(
            "signed",
            Kind,
            "UPDATE",
            f"{changed('code')} AND EXISTS (SELECT 1 FROM {EDITION}"
            f" WHERE kind_id = OLD.id AND {FROZEN})",
            "The code of a kind stands in the digests of its letters.",
        ),
        Rule(
            "signed",
            Correspondent,
            "UPDATE",
            f"{changed('slug')} AND EXISTS (SELECT 1 FROM {Party._meta.db_table} p"
            f" JOIN {EDITION} e ON e.id = p.edition_id"
            f" WHERE p.correspondent_id = OLD.id AND e.{FROZEN})",
            "The slug of a correspondent stands in the digests of its letters.",
        ),
        Rule(
            "once",
            Withdrawal,
            "UPDATE",
            "OLD.until IS NOT NULL OR " + changed(*columns(Withdrawal, frozenset({"until"}))),
            "A withdrawal is closed, not changed.",
        ),
        Rule("kept", Withdrawal, "DELETE", "", "A withdrawal is not deleted."),
        Rule("once", Statement, "UPDATE", "", "A statement is not changed."),
        Rule(
            "kept",
            Statement,
            "DELETE",
            f"EXISTS (SELECT 1 FROM {EDITION} WHERE id = OLD.edition_id AND state = 'published')",
            "The statement of a publication is not deleted.",
        ),
        Rule(
            "once",
            Note,
            "UPDATE",
            "OLD.approved_at IS NOT NULL OR "
            + changed(*columns(Note, frozenset({"approved_by_id", "approved_at", "key", "jws"}))),
            "A public note is not changed.",
        ),
        Rule(
            "kept",
            Note,
            "DELETE",
            f"NOT {_redacted('OLD.edition_id')}",
            "A public note is not deleted.",
        ),
        Rule(
            "asked",
            Redaction,
            "INSERT",
            "NEW.confirmed_at IS NOT NULL",
            "A redaction is asked for before it is confirmed.",
        ),
        Rule(
            "superseded",
            Redaction,
            "UPDATE",
            f"NEW.confirmed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {EDITION}"
            " WHERE id = NEW.edition_id AND live_until <= NEW.confirmed_at)",
            "Only a superseded text is redacted.",
        ),
        Rule(
            "once",
            Redaction,
            "UPDATE",
            changed(
                *columns(Redaction, frozenset({"confirmed_by_id", "confirmed_at", "to_remove"}))
            )
            + " OR (OLD.confirmed_at IS NOT NULL AND "
            + changed("confirmed_by_id", "confirmed_at")
            + ")",
            "A redaction is not changed.",
        ),
        Rule(
            "kept",
            Redaction,
            "DELETE",
            "OLD.confirmed_at IS NOT NULL",
            "A redaction is not deleted.",
        ),
        Rule("once", Seal, "UPDATE", "", "A seal is not changed."),
        Rule("kept", Seal, "DELETE", "", "A seal is not deleted."),
        Rule(
            "once",
            Event,
            "UPDATE",
            "NOT (OLD.remark_hash <> '' AND NEW.remark = '' AND NEW.salt = ''"
            f" AND NOT {changed(*columns(Event, frozenset({'remark', 'salt'})))}"
            f" AND {_redacted('OLD.edition_id')})",
            "The record is not changed.",
        ),
        Rule("kept", Event, "DELETE", "", "The record is not deleted."),
        Rule(
            "forward",
            RecordHead,
            "UPDATE",
            "NEW.number <> OLD.number + 1",
            "The record grows one line at a time.",
        ),
        Rule("kept", RecordHead, "DELETE", "", "The record is not deleted."),
        *(
            Rule(
                "moment",
                Listing,
                operation,
                f"NOT EXISTS (SELECT 1 FROM {EDITION} WHERE id = NEW.edition_id"
                " AND state = 'published' AND live_from <= NEW.since)",
                "A text is not listed before it is live.",
            )
            for operation in ("INSERT", "UPDATE")
        ),
        *([] if postgres else _no_overlap(Edition, "live_from", "live_until")),
        *([] if postgres else _no_overlap(Withdrawal, "since", "until")),
    ]


def _redacted(edition: str) -> str:
    """Whether the removal of the words of that edition was confirmed, by a second person."""
    return (
        f"EXISTS (SELECT 1 FROM {Redaction._meta.db_table}"
        f" WHERE edition_id = {edition} AND confirmed_at IS NOT NULL)"
    )


def _frozen_with_the_edition(child: type[models.Model], *operations: str) -> Iterator[Rule]:
    for operation in operations:
        rows = {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"], "DELETE": ["OLD"]}[operation]
        condition = " OR ".join(
            f"EXISTS (SELECT 1 FROM {EDITION} WHERE id = {row}.edition_id AND state <> 'draft')"
            for row in rows
        )
        if operation == "DELETE":
            condition = f"{condition} AND NOT {_redacted('OLD.edition_id')}"
        yield Rule("frozen", child, operation, condition, "The text is frozen.")


def _no_overlap(model: type[models.Model], start: str, end: str) -> Iterator[Rule]:
    """SQLite accepts an exclusion constraint and does nothing: this is the same rule there."""
    condition = (
        f"NEW.{start} IS NOT NULL AND EXISTS (SELECT 1 FROM {model._meta.db_table} other"
        " WHERE other.id <> NEW.id AND other.letter_id = NEW.letter_id"
        f" AND other.language = NEW.language AND other.{start} IS NOT NULL"
        f" AND other.{start} < coalesce(NEW.{end}, '9999')"
        f" AND NEW.{start} < coalesce(other.{end}, '9999'))"
    )
    for operation in ("INSERT", "UPDATE"):
        yield Rule("overlap", model, operation, condition, "Two periods overlap.")


def _statements(vendor: str) -> dict[str, str]:
    """The SQL that makes each trigger, by the trigger's name."""
    if vendor == "sqlite":
        return {
            rule.trigger: f"CREATE TRIGGER {rule.trigger}"
            f" BEFORE {rule.operation} ON {rule.model._meta.db_table}"
            + (f" WHEN {rule.condition}" if rule.condition else "")
            + f" BEGIN SELECT RAISE(ABORT, '{rule.message}'); END"
            for rule in rules(vendor)
        }
    made = {}
    for rule in rules(vendor):
        # WHEN may not ask another table, so the condition stands in the function.
        row = "OLD" if rule.operation == "DELETE" else "NEW"
        made[rule.trigger] = _postgresql(
            rule.trigger, rule.model, rule.operation, "ROW", rule.condition, rule.message, row
        )
    for model in NEVER_TRUNCATED:
        name = f"{PREFIX}{model._meta.db_table}_truncate"
        message = f"The rows of {model._meta.db_table} are kept."
        made[name] = _postgresql(name, model, "TRUNCATE", "STATEMENT", "", message, "NULL")
    return made


def _postgresql(
    name: str,
    model: type[models.Model],
    operation: str,
    each: str,
    condition: str,
    message: str,
    row: str,
) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {condition or 'true'} THEN"
        f" RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation';"
        f" END IF; RETURN {row}; END $$;"
        f" CREATE OR REPLACE TRIGGER {name} BEFORE {operation} ON {model._meta.db_table}"
        f" FOR EACH {each} EXECUTE FUNCTION {name}();"
    )


def missing(connection: BaseDatabaseWrapper) -> set[str]:
    """The names of triggers that should be there and are not, or are switched off."""
    there = {name for name, installed in _installed(connection).items() if installed.is_on}
    return set(_statements(connection.vendor)) - there


def changed(connection: BaseDatabaseWrapper) -> set[str]:
    """The names of triggers that are there and say something else than they should."""
    there = _installed(connection)
    return {
        name
        for name, sql in _statements(connection.vendor).items()
        if name in there and there[name].says not in sql
    }


class Installed(NamedTuple):
    table: str
    says: str  # its whole SQL on SQLite, the body of its function on PostgreSQL
    is_on: bool


def _installed(connection: BaseDatabaseWrapper) -> dict[str, Installed]:
    """Our triggers in the database, by their names."""
    sql = (
        "SELECT tgname, tgrelid::regclass::text, prosrc, tgenabled IN ('O', 'A')"
        " FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name, tbl_name, sql, 1 FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {
            name: Installed(*more) for name, *more in cursor.fetchall() if name.startswith(PREFIX)
        }


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers what they should be; safe to repeat."""
    with transaction.atomic(using=connection.alias):
        remove(connection)
        with connection.cursor() as cursor:
            for sql in _statements(connection.vendor).values():
                cursor.execute(sql)


def remove(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for name, installed in _installed(connection).items():
            on = f" ON {installed.table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on}")


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Without the triggers, inside one transaction that puts them back."""
    with transaction.atomic(using=connection.alias):
        remove(connection)
        yield
        install(connection)


def remove_before_migrate(*, using: str, **kwargs: Any) -> None:
    """SQLite cannot remake a table that another table's trigger mentions."""
    if connections[using].vendor == "sqlite":
        remove(connections[using])


def install_after_migrate(*, using: str, **kwargs: Any) -> None:
    """Nothing to guard where a migrate backwards has taken the tables away."""
    connection = connections[using]
    if EDITION in connection.introspection.table_names():
        install(connection)
