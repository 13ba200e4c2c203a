"""The verbs, and the one table of who may do which from where. The only writer of a state.

Each verb takes editions *as the caller saw them*: when one has moved on since, its `version`
differs and the verb is refused. Each is one transaction that locks the end of the record, then
the editions it touches in order of key, then reads the clock; acts; writes the event; and
registers what is to go out. Where a letter is restricted, each asks that it is open to `by`.
"""

from letters.workflow.access import attempted, restrict, viewed
from letters.workflow.beginnings import correct, list_recipients, multiply, repeat, start, translate
from letters.workflow.drafts import drafting
from letters.workflow.moves import LEAD
from letters.workflow.notes import (
    approve_note,
    approve_sentence,
    may_write_note,
    note,
    standard_reasons,
    waiting_note,
)
from letters.workflow.redactions import (
    ask_redaction,
    asked,
    clear_redacted,
    drop_redaction,
    redact,
)
from letters.workflow.refusals import Incomplete, NotAllowed, NotPossible, Refused, Stale
from letters.workflow.table import BEGINNINGS, NOTED, TRANSITIONS, Transition
from letters.workflow.verbs import (
    approve,
    discard,
    emergency,
    open_verbs,
    plan,
    publish,
    recall,
    restore,
    review,
    send_back,
    stop,
    submit,
    take,
    together,
    withdraw,
)

__all__ = [
    "waiting_note",
    "standard_reasons",
    "note",
    "may_write_note",
    "approve_sentence",
    "approve_note",
    "BEGINNINGS",
    "LEAD",
    "NOTED",
    "TRANSITIONS",
    "Incomplete",
    "NotAllowed",
    "NotPossible",
    "Refused",
    "Stale",
    "Transition",
    "approve",
    "ask_redaction",
    "asked",
    "attempted",
    "clear_redacted",
    "correct",
    "discard",
    "drafting",
    "drop_redaction",
    "emergency",
    "list_recipients",
    "multiply",
    "open_verbs",
    "plan",
    "publish",
    "recall",
    "redact",
    "repeat",
    "restore",
    "restrict",
    "review",
    "send_back",
    "start",
    "stop",
    "submit",
    "take",
    "together",
    "translate",
    "viewed",
    "withdraw",
]
