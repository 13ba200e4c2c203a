"""The one table of who may do which verb from where. Buttons, docs and tests are made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from letters import roles
from letters.models import Stage, State

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Transition(NamedTuple):
    """A verb of the table: from which stages, to which state, who may, and how it is called."""

    stages: tuple[Stage, ...]
    to: State | None  # None: the edition's own state stays
    permission: str
    label: _StrPromise  # on its button
    done: _StrPromise  # in the timeline


TRANSITIONS = {
    "submit": Transition(
        (Stage.DRAFT,),
        State.SUBMITTED,
        roles.DRAFT,
        _("Submit for approval"),
        pgettext_lazy("timeline", "submitted"),
    ),
    "approve": Transition(
        (Stage.SUBMITTED,),
        State.APPROVED,
        roles.APPROVE,
        _("Approve"),
        pgettext_lazy("timeline", "approved"),
    ),
    "send_back": Transition(
        (Stage.SUBMITTED, Stage.APPROVED),
        State.DRAFT,
        roles.APPROVE,
        _("Send back"),
        _("sent back"),
    ),
    "publish": Transition(
        (Stage.APPROVED,),
        State.PUBLISHED,
        roles.PUBLISH,
        _("Publish"),
        pgettext_lazy("timeline", "published"),
    ),
    "emergency": Transition(
        (Stage.DRAFT, Stage.SUBMITTED),
        State.PUBLISHED,
        roles.EMERGENCY,
        _("Publish without approval"),
        _("published in an emergency, without approval"),
    ),
    "review": Transition(
        (Stage.SCHEDULED, Stage.LIVE, Stage.WITHDRAWN, Stage.SUPERSEDED),
        None,
        roles.APPROVE,
        _("Review afterwards"),
        _("reviewed after the emergency"),
    ),
    "recall": Transition(
        (Stage.SCHEDULED,), State.APPROVED, roles.PUBLISH, _("Recall"), _("recalled")
    ),
    "correct": Transition(
        (Stage.LIVE, Stage.WITHDRAWN),
        None,
        roles.DRAFT,
        _("Correct"),
        _("began a correction"),
    ),
    "withdraw": Transition(
        (Stage.LIVE, Stage.WITHDRAWN), None, roles.PUBLISH, _("Withdraw"), _("withdrew")
    ),
    "restore": Transition((Stage.WITHDRAWN,), None, roles.PUBLISH, _("Restore"), _("restored")),
    "ask_redaction": Transition(
        (Stage.SUPERSEDED,),
        None,
        roles.REDACT,
        _("Ask for the removal of personal data"),
        _("asked for the removal of personal data"),
    ),
    "drop_redaction": Transition(
        (Stage.SUPERSEDED,),
        None,
        roles.REDACT,
        _("Drop the request to remove personal data"),
        _("dropped the request to remove personal data"),
    ),
    "redact": Transition(
        (Stage.SUPERSEDED,),
        None,
        roles.REDACT,
        _("Remove personal data"),
        _("removed personal data, as a law requires"),
    ),
    "discard": Transition(
        (Stage.DRAFT,),
        State.DISCARDED,
        roles.DRAFT,
        _("Discard"),
        pgettext_lazy("timeline", "discarded"),
    ),
}

# Beginnings, which have no stage before them, as the timeline names them.
BEGINNINGS = {
    "start": _("began the letter"),
    "translate": _("added a language"),
    "repeat": _("began the letter from an earlier one"),
}

# What the record tells besides: acts that leave every edition as it is.
NOTED = {
    "plan": _("planned the moment"),
    "restrict": _("named who may see the letter"),
    "open": _("opened the letter to all staff"),
    "view": _("looked at the letter"),
    "attempt": _("was refused"),
    "cleared": pgettext_lazy("timeline", "cleared the text"),
    "change": _("asked for a change"),
    "note": _("proposed public words"),
    "approve_note": _("approved public words"),
}
