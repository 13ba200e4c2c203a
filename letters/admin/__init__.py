"""The desk: drafting, approval, schedule. It calls the workflow and sets no state."""

from letters.admin import (
    deliveries,
    editions,
    letters,
    names,
    office,
    people,
    phrases,
    stand_ins,
    withdrawals,
)

__all__ = [
    "deliveries",
    "editions",
    "letters",
    "names",
    "office",
    "people",
    "phrases",
    "stand_ins",
    "withdrawals",
]
