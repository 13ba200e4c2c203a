"""Periods of time, from a moment until just before another, that never overlap."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db.models import Func, Q


def during(at: datetime, start: str, end: str) -> Q:
    """The condition that the period between these two columns covers a moment."""
    return (Q((end, None)) | Q((f"{end}__gt", at))) & Q((f"{start}__lte", at))


class NeverOverlap(ExclusionConstraint):
    """No two periods of one letter in one language overlap.

    PostgreSQL keeps this as an exclusion constraint. SQLite has none: there a trigger does
    (letters/models/triggers.py), and this makes no SQL.
    """

    def __init__(
        self, *, name: str, start: str, end: str, condition: Q | None = None, **kwargs: Any
    ) -> None:
        self.start, self.end = start, end
        period = Func(start, end, function="TSTZRANGE")
        super().__init__(
            name=name,
            expressions=[
                ("letter", RangeOperators.EQUAL),
                ("language", RangeOperators.EQUAL),
                (period, RangeOperators.OVERLAPS),
            ],
            condition=condition,
            **kwargs,
        )

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        del kwargs["expressions"]
        return path, args, {**kwargs, "start": self.start, "end": self.end}

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        if schema_editor.connection.vendor == "postgresql":
            return super().constraint_sql(model, schema_editor)
        return None

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        if schema_editor.connection.vendor == "postgresql":
            return super().create_sql(model, schema_editor)
        return None

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        if schema_editor.connection.vendor == "postgresql":
            return super().remove_sql(model, schema_editor)
        return None

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Left to the database: no form chooses these moments."""
