"""A role of the database that can only read what is public, for a site without the desk.

Kept by PostgreSQL itself, by policies on rows: whoever takes over a process that answers the
public finds no draft, no text before its moment and none that was removed, and no account. Other
roles are not concerned: the policy for them is `true`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connections, models, transaction

from letters.models.correspondent import (
    Appointment,
    AppointmentTitle,
    Correspondent,
    CorrespondentName,
    CountryName,
)
from letters.models.edition import Edition, Party
from letters.models.file import File
from letters.models.kind import Kind, KindName
from letters.models.letter import Letter
from letters.models.listing import Listing, Tally
from letters.models.office import Appearance, NoticeBar, Office, OfficePage
from letters.models.proof import Note, Redaction, Seal, Statement
from letters.models.withdrawal import Withdrawal

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# What the desk keeps with a text that is public. The role finds nothing in these columns.
OF_THE_DESK: dict[type[models.Model], tuple[str, ...]] = {
    Edition: (
        *("not_placed", "emergency", "planned_for", "begun_from_id"),
        *("last_edited_by_id", "approved_by_id", "reviewed_by_id"),
    ),
    Kind: ("cleared_by", "clearance_address"),
    Letter: ("source", "consent", "series_id"),
    Note: ("by_id", "approved_by_id"),
    Redaction: ("reason", "asked_by_id", "confirmed_by_id"),
}
# What is left of a removed text says that there was one, and nothing of what it said.
WORDS = (
    *("headline", "summary", "place", "salutation", "body", "closing", "notes"),
    *("press_contact", "correction_note"),
)

# ruff: noqa: S608 (every name in these statements comes from the models, or is quoted)

SCHEMA = "public_reader"

OPEN = [
    model._meta.db_table
    for model in (Office, OfficePage, NoticeBar, Appearance, Kind, KindName, CountryName, Seal)
]
OPEN.append("django_migrations")


def _table(model: type[models.Model]) -> str:
    return model._meta.db_table


def _of(child: type[models.Model], column: str, parent: type[models.Model], key: str = "id") -> str:
    """That a row of another table is there for this role: that table's own policy decides."""
    return (
        f"EXISTS (SELECT FROM {_table(parent)} other WHERE other.{key} = {_table(child)}.{column})"
    )


def conditions() -> dict[str, str]:
    """Which rows of each table the role can read."""
    edition, withdrawal = _table(Edition), _table(Withdrawal)
    covering = f"SELECT FROM {withdrawal} w WHERE w.letter_id = {edition}.letter_id"
    covering += f" AND w.language = {edition}.language AND w.kind <> 'kept'"
    covering += " AND w.since <= now() AND (w.until IS NULL OR w.until > now())"
    found: dict[type[models.Model], str] = {
        Edition: f"state = 'published' AND live_from <= now() AND NOT EXISTS ({covering})",
        **{model: _of(model, "edition_id", Edition) for model in (Party, File, Statement)},
        Redaction: f"confirmed_at <= now() AND {_of(Redaction, 'edition_id', Edition)}",
        Withdrawal: "since <= now()",
        Listing: "since <= now()",
        Note: "approved_at <= now() AND"
        f" (edition_id IS NULL OR {_of(Note, 'edition_id', Edition)})",
        Letter: f"{_of(Letter, 'id', Edition, 'letter_id')} OR {SCHEMA}.is_named(id)",
        Correspondent: _of(Correspondent, "id", Party, "correspondent_id"),
        CorrespondentName: _of(CorrespondentName, "correspondent_id", Correspondent),
        Appointment: _of(Appointment, "correspondent_id", Correspondent),
        AppointmentTitle: _of(AppointmentTitle, "appointment_id", Appointment),
    }
    words = f"EXISTS (SELECT FROM {edition} other WHERE other.id = letters_words.edition_id)"
    return {_table(model): condition for model, condition in found.items()} | {
        "letters_words": words
    }


def roles(connection: BaseDatabaseWrapper) -> list[str]:
    """The roles of this kind that there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT grantee::regrole::text FROM pg_namespace, aclexplode(nspacl)"
            " WHERE nspname = %s AND grantee <> nspowner",
            [SCHEMA],
        )
        return [name for (name,) in cursor.fetchall()]


def grant(connection: BaseDatabaseWrapper, role: str) -> None:
    """Let the role read what is public, and nothing else; safe to repeat."""
    to = connection.ops.quote_name(role)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        cursor.execute(f"GRANT USAGE ON SCHEMA {SCHEMA}, public TO {to}")
        cursor.execute(_IS_NAMED)
        for table, condition in conditions().items():
            _restrict(cursor, table, condition, to)
        for name, sql in _views(connection).items():
            cursor.execute(f"CREATE OR REPLACE VIEW {SCHEMA}.{name} {sql}")
            cursor.execute(f"GRANT SELECT ON {SCHEMA}.{name} TO {to}")
        some = {
            _table(model): f"({', '.join(c for c in _columns(model) if c not in hidden)})"
            for model, hidden in OF_THE_DESK.items()
        }
        for table in (*OPEN, *conditions()):
            cursor.execute(f"REVOKE ALL ON public.{table} FROM {to}")
            cursor.execute(f"GRANT SELECT {some.get(table, '')} ON public.{table} TO {to}")
        cursor.execute("SELECT current_database()")
        database = connection.ops.quote_name(cursor.fetchone()[0])
        cursor.execute(f"GRANT CONNECT ON DATABASE {database} TO {to}")  # not everybody's (prepare)
        # The views of this schema stand in front of the tables.
        cursor.execute(f"ALTER ROLE {to} IN DATABASE {database} SET search_path = {SCHEMA}, public")


def _restrict(cursor: Any, table: str, condition: str, to: str) -> None:
    cursor.execute(f"ALTER TABLE public.{table} ENABLE ROW LEVEL SECURITY")
    cursor.execute(f"DROP POLICY IF EXISTS everybody ON public.{table}")
    cursor.execute(f"CREATE POLICY everybody ON public.{table} USING (true) WITH CHECK (true)")
    cursor.execute(f"DROP POLICY IF EXISTS only_public ON public.{table}")
    cursor.execute(
        f"CREATE POLICY only_public ON public.{table} AS RESTRICTIVE FOR SELECT TO {to}"
        f" USING ({condition})"
    )


# A letter that stands in a public text, as answered, or in a withdrawal, as the one moved to, is
# named there by its reference. Asked with the owner's rights: a policy cannot ask its own table.
_IS_NAMED = f"""
CREATE OR REPLACE FUNCTION {SCHEMA}.is_named(letter bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM {_table(Letter)} answer JOIN {_table(Edition)} e ON e.letter_id = answer.id
        WHERE answer.in_reply_to_id = letter AND e.state = 'published' AND e.live_from <= now()
    ) OR EXISTS (
        SELECT FROM {_table(Withdrawal)}
        WHERE since <= now() AND (letter_id = letter OR moved_to_id = letter)
    )
$$
"""


def _columns(model: type[models.Model]) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields]


def _views(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """What stands in front of tables in which not every column, or count, is public."""
    edition, withdrawal = _table(Edition), _table(Withdrawal)
    covering = "w.kind <> 'kept' AND w.since <= now() AND (w.until IS NULL OR w.until > now())"
    removed = (
        f"WITH (security_barrier) AS SELECT {_shown(connection, Edition, WORDS)} FROM"
        f" public.{edition} t JOIN public.{withdrawal} w ON w.letter_id = t.letter_id AND"
        f" w.language = t.language AND {covering} WHERE t.state = 'published' AND"
        " t.live_from <= now()"
    )
    # With the rights of whoever asks: the policies of the tables decide which rows there are.
    plain = {
        _table(model): f"WITH (security_invoker) AS SELECT {_shown(connection, model)}"
        f" FROM public.{_table(model)} t"
        for model in OF_THE_DESK
    }
    plain[edition] += f" UNION ALL SELECT * FROM {SCHEMA}.removed_editions"
    return {"removed_editions": removed, **plain, _table(Tally): _tally()}


def _shown(
    connection: BaseDatabaseWrapper, model: type[models.Model], more: tuple[str, ...] = ()
) -> str:
    """The columns of a table, those of the desk without what is in them."""
    empty = (*OF_THE_DESK[model], *more)
    columns = []
    for field in model._meta.concrete_fields:
        column = str(field.column)
        if column in empty:
            value = "NULL" if field.null or field.is_relation else "''"
            columns.append(f"{value}::{field.db_type(connection)} AS {column}")
        else:
            columns.append(f"t.{column}")
    return ", ".join(columns)


def _tally() -> str:
    """The counts without what is to come: a count is a fact about a letter, too."""
    others = ", ".join(f"t.{column}" for column in _columns(Tally) if column != "n")
    # Looked up once for all the counts of a page.
    coming = (
        f"SELECT l.* FROM public.{_table(Edition)} e JOIN public.{_table(Listing)} l"
        " ON l.edition_id = e.id WHERE e.live_from > now() AND l.since > now() AND l.until IS NULL"
    )
    return (
        f"WITH (security_barrier) AS WITH coming AS MATERIALIZED ({coming})"
        f" SELECT {others}, t.n - (SELECT count(*)::integer FROM coming l"
        " WHERE l.language = t.language AND l.facet = t.facet AND t.kind IN (0, l.kind_id)"
        " AND t.direction IN ('', l.direction) AND t.period IN (0, extract(year FROM l.dated),"
        " extract(year FROM l.dated) * 100 + extract(month FROM l.dated))) AS n"
        f" FROM public.{_table(Tally)} t"
    )


def make_way_before_migrate(*, using: str, plan: Sequence[Any] = (), **kwargs: Any) -> None:
    """A column that a view shows cannot be changed: for that long the role reads nothing."""
    if plan and connections[using].vendor == "postgresql":
        names = reversed(_views(connections[using]))
        with connections[using].cursor() as cursor:
            cursor.execute(f"DROP VIEW IF EXISTS {', '.join(f'{SCHEMA}.{n}' for n in names)}")


def grant_after_migrate(*, using: str, plan: Sequence[Any] = (), **kwargs: Any) -> None:
    """A new table or column is public for those who read what is public, and under its policy."""
    connection = connections[using]
    if not plan or connection.vendor != "postgresql":
        return
    if any(backwards for _migration, backwards in plan):
        return  # it is for the earlier version to say what is public in its tables
    if _table(Edition) in connection.introspection.table_names():
        for role in roles(connection):
            grant(connection, role)
