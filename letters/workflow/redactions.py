"""Personal data that a law requires to be removed: one person asks, another confirms.

First a correction without the data becomes public. Then the superseded text is emptied: what stays
is that it was public, and when, its digest and its signed statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext

from letters import caches, files, renditions, search
from letters.models import Clearance, Edition, Event, File, Note, Recipient, Redaction, SetAside
from letters.models.edition import WORDS
from letters.workflow.moves import move, take
from letters.workflow.refusals import NotAllowed, NotPossible

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Remarks that no person wrote about the text: a standard reason, and why the words are removed.
KEPT = ("withdraw", "ask_redaction", "drop_redaction", "redact")


def asked(edition: Edition) -> Redaction | None:
    """The request there is, confirmed or not."""
    return getattr(edition, "redaction", None)


def waits(edition: Edition) -> bool:
    """Whether it was asked for, and neither confirmed nor dropped."""
    redaction = asked(edition)
    return redaction is not None and redaction.confirmed_at is None


def may_confirm(edition: Edition, by: User) -> bool:
    return waits(edition) and edition.redaction.asked_by_id != by.pk


@transaction.atomic
def ask_redaction(edition: Edition, *, by: User, reason: str) -> Edition:
    """Ask for the removal of every word of a superseded text, naming the law or the order."""
    head, at, (edition,) = take("ask_redaction", [edition], by)
    if not reason.strip():
        raise NotPossible(gettext("Give the reason. It stays in the record."))
    if asked(edition) is not None:
        raise NotPossible(gettext("This has been asked for already."))
    Redaction.objects.create(edition=edition, reason=reason.strip(), asked_by=by, asked_at=at)
    return move("ask_redaction", head, at, edition, by, remark=reason.strip())


@transaction.atomic
def drop_redaction(edition: Edition, *, by: User, remark: str) -> Edition:
    """Refuse what another person asked for, or take back what one asked for oneself.

    The record keeps the request, and why it was dropped; it can be asked for again.
    """
    head, at, (edition,) = take("drop_redaction", [edition], by)
    redaction = asked(edition)
    if redaction is None or not waits(edition):
        raise NotPossible(gettext("Nobody has asked for it."))
    if not remark.strip():
        raise NotPossible(gettext("Give the reason. It stays in the record."))
    redaction.delete()
    return move("drop_redaction", head, at, edition, by, remark=remark.strip())


@transaction.atomic
def redact(edition: Edition, *, by: User) -> Edition:
    """Empty the text, as another person asked: words, parties, files and what was said of it."""
    head, at, (edition,) = take("redact", [edition], by)
    redaction = asked(edition)
    if redaction is None or redaction.confirmed_at is not None:
        raise NotPossible(gettext("Nobody has asked for it."))
    if redaction.asked_by_id == by.pk:
        raise NotAllowed(gettext("You asked for it, so another person has to confirm it."))
    redaction.confirmed_by, redaction.confirmed_at = by, at
    redaction.to_remove = [
        renditions.folder(edition.digest),
        *(files.place(name) for file in edition.files.all() for name in file.names),
    ]
    redaction.save()
    for rows in (edition.parties, edition.files, edition.remarks, edition.presences):
        rows.all().delete()
    for model in (SetAside, Recipient, Note):
        model.objects.filter(edition=edition).delete()
    Clearance.objects.filter(edition=edition).exclude(remark="").update(remark="—")
    for name in WORDS:
        setattr(edition, name, "")
    if edition.emergency:
        edition.emergency = "—"
    move("redact", head, at, edition, by, remark=redaction.reason)
    said = Event.objects.filter(edition=edition).exclude(verb__in=KEPT).exclude(remark_hash="")
    said.update(remark="", salt="")
    caches.drop_with_this_change()
    transaction.on_commit(clear_redacted, robust=True)
    return edition


def remove_what_was_made(edition: Edition) -> None:
    """Once this change is committed: of a moment that does not come there were files already."""
    made = renditions.folder(edition.digest)
    transaction.on_commit(lambda: files.remove(made), robust=True)


def clear_redacted() -> None:
    """Delete the files of redacted texts that no other text has, and what an index still holds.

    Safe to repeat: the worker does, for what a crash has left.
    """
    for redaction in Redaction.objects.exclude(confirmed_at=None).exclude(to_remove=[]):
        for path in redaction.to_remove:
            name = path.rpartition("/")[2]
            if not File.objects.filter(sha256=name[:64]).exists():
                files.remove(path)
        if forget := search.FORGET.get(connection.vendor):
            with connection.cursor() as cursor:
                cursor.execute(forget)
        redaction.to_remove = []
        redaction.save(update_fields=["to_remove"])
