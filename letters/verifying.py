"""Whether the record is whole, and every text, signature and file still what it says they are.

Every line, digest, signature and file is worked out anew from what is stored, and compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, Prefetch, QuerySet
from django.utils import timezone

from letters import files, record, signing
from letters.models import (
    Delivery,
    Edition,
    Event,
    Examination,
    File,
    Letter,
    Note,
    Party,
    RecordHead,
    Seal,
    State,
    Statement,
    Withdrawal,
)
from letters.models.edition import WORDS

# In which state a verb leaves the text; what it leaves as it was is not named here.
LEADS_TO = {
    "submit": {State.SUBMITTED},
    "approve": {State.APPROVED},
    "send_back": {State.DRAFT},
    "publish": {State.PUBLISHED},
    "emergency": {State.PUBLISHED},
    "recall": {State.APPROVED, State.SUBMITTED},
    "discard": {State.DISCARDED},
}
AT_A_TIME = 500


class Fault(NamedTuple):
    """Where something does not fit, and what, each in plain English."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class Part(NamedTuple):
    """One pass over the record: how many things it looks at, and each with what does not fit."""

    what: str
    total: int
    walk: Callable[[], Iterator[list[Fault]]]


def parts() -> list[Part]:
    """Every pass, in the order in which to make them. Nothing is asked before one is walked."""
    frozen = Edition.objects.exclude(state__in=(State.DRAFT, State.DISCARDED))
    return [
        Part("lines", Event.objects.count(), _lines),
        Part("texts", frozen.count(), lambda: _texts(frozen)),
        Part("notes", Note.objects.approved().count(), _notes),
        Part("seals", Seal.objects.count(), _seals),
        Part("withdrawals", Withdrawal.objects.count(), _withdrawals),
        Part("files", File.objects.values("sha256").distinct().count(), _files),
    ]


# --- The chain ----------------------------------------------------------------------------------


def _lines() -> Iterator[list[Fault]]:
    """Each line against the one before it; at the last one, the end of the chain."""
    head, reached = RecordHead.objects.first() or RecordHead(), ""
    rows = Event.objects.order_by("number").values_list(
        *("number", "at", "verb", "letter__reference", "edition__language", "edition__number"),
        *("by_id", "by_name", "remark", "salt", "remark_hash", "moment", "digest", "hash"),
    )
    number, previous, last_at = 0, "", None
    for row in rows.iterator(chunk_size=5000):
        (n, at, verb, letter, language, edition) = row[:6]
        (by, by_name, remark, salt, remark_hash, moment, digest, stored) = row[6:]
        found, where = [], f"Line {n}"
        if n != number + 1:
            gap = n - number - 1
            found.append(Fault(where, f"the line before it is {number}: {gap} missing."))
        if last_at is not None and at <= last_at:
            found.append(Fault(where, "it is not later than the line before it."))
        if remark and remark_hash and record.salted(salt, remark) != remark_hash:
            found.append(Fault(where, "its remark was changed."))
        made = record.line_hash(
            previous=previous,
            number=n,
            at=at,
            verb=verb,
            letter=letter,
            language=language,
            edition=edition,
            by=by,
            by_name=by_name,
            remark=remark_hash or remark,
            moment=moment,
            digest=digest,
        )
        if made != stored and n == number + 1:
            found.append(Fault(where, "its hash does not fit: something in it was changed."))
        number, previous, last_at = n, stored, at
        if n == head.number:
            reached = stored
        yield found
    # Lines written during the walk are after what was the end when it began, and not after what is.
    now = RecordHead.objects.first() or RecordHead()
    if reached != head.hash or number > now.number:
        yield [Fault("The end of the record", f"it says line {head.number}, the last is {number}.")]


# --- Texts --------------------------------------------------------------------------------------


def _texts(frozen: QuerySet[Edition]) -> Iterator[list[Fault]]:
    keys: dict[str, Any] = {"keys": []}
    try:
        keys = signing.keys()
    except signing.NoKey as error:
        yield [Fault("The key", str(error))]
    texts = frozen.select_related("letter__in_reply_to", "kind", "redaction").prefetch_related(
        Prefetch("parties", Party.objects.select_related("correspondent")),
        "files",
        Prefetch("events", Event.objects.order_by("number")),
        Prefetch("statement", Statement.objects.all()),
    )
    for edition in texts.order_by("pk").iterator(chunk_size=AT_A_TIME):
        where = f"{edition.letter.reference} ({edition.language}), edition {edition.number}"
        yield [Fault(where, what) for what in _of_text(edition, keys)]
    for letter in Letter.objects.annotate(lines=Count("events")).filter(lines=0).iterator():
        yield [Fault(str(letter.reference), "the record has no line of it.")]


def _of_text(edition: Edition, keys: dict[str, Any]) -> Iterator[str]:
    if edition.redacted_at:
        yield from _of_redacted(edition)
    elif record.digest(edition, edition.parties.all()) != edition.digest:
        yield "its text is not the one with its digest."
    last: dict[str, Event] = {}
    for event in edition.events.all():
        last[event.verb] = event
    moves = [event for verb, event in last.items() if verb in LEADS_TO]
    move = max(moves, key=lambda event: event.number, default=None)
    if move is None or edition.state not in LEADS_TO[move.verb]:
        yield f"it is {edition.state}, which the record does not say."
        return
    if move.digest != edition.digest:
        yield f"its digest is not the one of line {move.number}."
    approval = last.get("approve")
    if edition.approved_by_id and (
        approval is None
        or (approval.by_id, approval.digest) != (edition.approved_by_id, edition.digest)
    ):
        yield "the record does not say that this person approved this text."
    if edition.state == State.PUBLISHED:
        if move.moment != edition.live_from:
            yield f"its moment is not the one of line {move.number}."
        yield from _of_statement(edition, keys)


def _of_redacted(edition: Edition) -> Iterator[str]:
    """Nothing is left to work its digest out from: the record has to say who had it removed."""
    redaction: Any = edition.redaction
    lines = {(event.verb, event.by_id): event for event in edition.events.all()}
    asked = lines.get(("ask_redaction", redaction.asked_by_id))
    done = lines.get(("redact", redaction.confirmed_by_id))
    if asked is None or asked.at != redaction.asked_at:
        yield "the record does not say who asked for the removal of its words."
    if done is None or (done.at, done.digest) != (redaction.confirmed_at, edition.digest):
        yield "the record does not say who confirmed the removal of its words."
    words = any(getattr(edition, name) for name in WORDS)
    if words or edition.parties.all() or edition.files.all():
        yield "its words were removed, and some are there."
    if redaction.to_remove:
        yield "its words were removed, and its files are still to be deleted."


def _of_statement(edition: Edition, keys: dict[str, Any]) -> Iterator[str]:
    statement = getattr(edition, "statement", None)
    if statement is None:
        yield "its publication is not signed."
        return
    statement.edition = edition
    if (statement.digest, statement.live_from) != (edition.digest, edition.live_from):
        yield "its signed statement is about another text or moment."
    try:
        signing.check(signing.STATEMENT, record.said(statement), statement.jws, keys)
    except signing.Forged as error:
        yield f"its signature is not ours: {error}."
    siblings = Edition.objects.filter(letter=edition.letter_id, language=edition.language)
    if statement.earlier and not siblings.filter(digest=statement.earlier).exists():
        yield "the text that it superseded is not there."
    following = siblings.filter(state=State.PUBLISHED, live_from__gt=edition.live_from)
    until = following.order_by("live_from").values_list("live_from", flat=True).first()
    if edition.live_until != until:
        yield "its end is not the beginning of the text that follows."


def _notes() -> Iterator[list[Fault]]:
    approved = Note.objects.approved().select_related("letter", "edition", "withdrawal")
    for note in approved.order_by("pk").iterator():
        where = f"Public note on {note.letter.reference} ({note.language}) of {note.approved_at:%F}"
        found = []
        try:
            signing.check(signing.NOTE, record.noted(note), note.jws, signing.keys())
        except (signing.Forged, signing.NoKey) as error:
            found.append(Fault(where, f"its signature is not ours: {error}."))
        lines = Event.objects.filter(verb="approve_note", letter=note.letter_id)
        if (note.approved_at, note.approved_by_id) not in lines.values_list("at", "by"):
            found.append(Fault(where, "the record does not say that it was approved then."))
        yield found


def _seals() -> Iterator[list[Fault]]:
    for seal in Seal.objects.order_by("day").iterator():
        found, where = [], f"The seal of {seal.day}"
        if not Event.objects.filter(number=seal.number, hash=seal.hash).exists():
            found.append(Fault(where, f"line {seal.number} is not the one that was sealed."))
        try:
            signing.check(signing.SEAL, record.sealed(seal), seal.jws, signing.keys())
        except (signing.Forged, signing.NoKey) as error:
            found.append(Fault(where, f"its signature is not ours: {error}."))
        yield found


# --- Withdrawals and files ----------------------------------------------------------------------


def _withdrawals() -> Iterator[list[Fault]]:
    for withdrawal in Withdrawal.objects.select_related("letter").order_by("pk").iterator():
        where = f"Withdrawal of {withdrawal.letter.reference} ({withdrawal.language})"
        lines = Event.objects.filter(
            letter=withdrawal.letter_id, edition__language=withdrawal.language
        )
        begun = lines.filter(verb="withdraw", at=withdrawal.since).first()
        found = []
        if begun is None:
            found.append(Fault(where, "the record does not say that it began then."))
        elif begun.remark_hash and begun.remark_hash != record.salted(
            begun.salt, withdrawal.reason
        ):
            found.append(Fault(where, f"its reason is not the one of line {begun.number}."))
        if withdrawal.until is not None:
            ended = lines.filter(verb__in=("restore", "withdraw"), at=withdrawal.until)
            if not ended.exists():
                found.append(Fault(where, "the record does not say that it ended then."))
        yield found


def _files() -> Iterator[list[Fault]]:
    kept = File.objects.order_by("sha256").values_list("sha256", flat=True).distinct()
    for digest in kept.iterator():
        file = File.objects.filter(sha256=digest).select_related("edition__letter").first()
        if file is None:
            continue
        where = f"{file.edition.letter.reference}, {file.role} {digest[:12]}"
        try:
            with default_storage.open(files.place(file.name)) as opened:
                whole = sha256(opened.read()).hexdigest() == digest
        except OSError:
            yield [Fault(where, "the file is not there.")]
        else:
            yield [] if whole else [Fault(where, "the file was changed.")]


# --- Once a day ---------------------------------------------------------------------------------

LEASE = timedelta(hours=3)  # after which a walk that was begun is taken to have died


def examine(now: datetime) -> Examination | None:
    """Walk the whole record, once a day however many workers ask, and tell administrators.

    None when today's walk is done, or another worker is at it. Verbs go on meanwhile: what does
    not fit counts when a second walk finds it too.
    """
    examination = _claimed(now)
    if examination is None:
        return None
    faults = _faults()
    if faults:
        again = set(_faults())
        faults = [fault for fault in faults if fault in again]
    examination.faults = len(faults)
    examination.first = str(faults[0]) if faults else ""
    examination.done_at = timezone.now()
    keepers = User.objects.with_perm("letters.view_delivery", include_superusers=False)
    with transaction.atomic():
        examination.save()
        if faults:
            Delivery.objects.bulk_create(
                [
                    Delivery(
                        key=f"faults:{examination.day}:{keeper.pk}",
                        what="faults",
                        to=keeper,
                        context={"day": str(examination.day)},
                        due_at=examination.done_at,
                    )
                    for keeper in keepers.exclude(email="")
                ],
                ignore_conflicts=True,
            )
    return examination


def _claimed(now: datetime) -> Examination | None:
    day = timezone.localdate(now)
    found, made = Examination.objects.get_or_create(day=day, defaults={"begun_at": now})
    if not made:
        stale = Examination.objects.filter(day=day, done_at=None, begun_at__lt=now - LEASE)
        if not stale.update(begun_at=now):
            return None
    return found


def _faults() -> list[Fault]:
    return [fault for part in parts() for found in part.walk() for fault in found]


def summary(faults: list[Fault], counts: Counter[str]) -> str:
    """One sentence on all of it."""
    seen = ", ".join(f"{number} {what}" for what, number in counts.items())
    return f"{len(faults)} faults in {seen}." if faults else f"The record is whole: {seen}."
