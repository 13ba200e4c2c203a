"""The record: the digest of a text, and the chain of events."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import rfc8785
from django.utils import timezone

from letters import signing
from letters.models import Edition, Event, Note, Party, RecordHead, Seal, Statement

if TYPE_CHECKING:
    from django.contrib.auth.models import User

TEXTS = (
    "headline",
    "summary",
    "form",
    "standing",
    "letter_language",
    "place",
    "salutation",
    "body",
    "closing",
    "notes",
    "press_contact",
    "correction_note",
)
DAY = timedelta(days=1)
DATES = ("dated", "first_published", "not_before")


class ClockWentBack(Exception):
    """The clock is more than a second behind the last line of the record."""


def canonical(edition: Edition, parties: Iterable[Party] | None = None) -> dict[str, Any]:
    """Every fact, word and file a reader sees, and the embargo: what is approved.

    Its strings are in normal form C. `parties` are the edition's own when they are not stored yet.
    """
    if parties is None:
        parties = edition.parties.select_related("correspondent")
    letter = edition.letter
    files = [
        {
            "role": file.role,
            "sha256": file.sha256,
            "type": file.type,
            "alt": file.alt,
            "caption": file.caption,
            "credit": file.credit,
            "focal_point": [file.focal_x, file.focal_y],
        }
        for file in (edition.files.all() if edition.pk else ())
    ]
    form = {
        **({"files": files} if files else {}),
        **{name: getattr(edition, name) for name in TEXTS},
        **{name: _written(getattr(edition, name)) for name in DATES},
        "direction": letter.direction,
        "in_reply_to": letter.in_reply_to.reference if letter.in_reply_to else None,
        "kind": edition.kind.code if edition.kind else None,
        "parties": [
            {
                "role": party.role,
                "correspondent": party.correspondent.slug if party.correspondent else None,
                "name": party.name,
                "title": party.title,
                "country": party.country,
                "country_name": party.country_name,
            }
            for party in parties
        ],
    }
    return {name: _composed(value) for name, value in form.items()}


def _composed(value: Any) -> Any:
    if isinstance(value, str):
        return normalize("NFC", value)
    if isinstance(value, list):
        return [_composed(item) for item in value]
    if isinstance(value, dict):
        return {name: _composed(item) for name, item in value.items()}
    return value


def _written(moment: Any) -> str | None:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat()
    return moment.isoformat() if moment else None


def digest(edition: Edition, parties: Iterable[Party] | None = None) -> str:
    """SHA-256 over the canonical form as RFC 8785 JSON, in hexadecimal."""
    return sha256(rfc8785.dumps(canonical(edition, parties))).hexdigest()


def said(statement: Statement) -> dict[str, Any]:
    """What a statement says, as it is signed: which text is public from when, and what it follows.

    Takes a statement with its edition and letter.
    """
    edition = statement.edition
    return {
        "reference": edition.letter.reference,
        "language": edition.language,
        "number": edition.number,
        "live_from": _written(statement.live_from),
        "digest": statement.digest,
        "earlier": statement.earlier or None,
    }


def state(edition: Edition, earlier: Edition | None) -> Statement:
    """Sign that this text is public from its moment on. Raises signing.NoKey."""
    if edition.live_from is None:
        raise ValueError("A text that is not published has no statement.")
    statement = Statement(
        edition=edition,
        live_from=edition.live_from,
        digest=edition.digest,
        earlier=earlier.digest if earlier else "",
    )
    statement.key, statement.jws = signing.sign(signing.STATEMENT, said(statement))
    statement.save(force_insert=True)
    return statement


def noted(note: Note) -> dict[str, Any]:
    """What approved public words say, as they are signed: about which text or withdrawal."""
    return {
        "reference": note.letter.reference,
        "language": note.language,
        "edition": note.edition.number if note.edition else None,
        "withdrawn": _written(note.withdrawal.since) if note.withdrawal else None,
        "text": note.text,
        "approved_at": _written(note.approved_at),
    }


def check_code(digest: str) -> str:
    """The first fifty bits of a digest, to be read out or typed: ABCDE-FGHIJ."""
    code = b32encode(bytes.fromhex(digest))[:10].decode()
    return f"{code[:5]}-{code[5:]}"


def lock() -> RecordHead:
    """The end of the chain, locked until the transaction ends. Every verb takes it first."""
    head, _made = RecordHead.objects.select_for_update(no_key=True).get_or_create(pk=1)
    return head


def moment(head: RecordHead) -> datetime:
    """The moment of a verb: now, but later than every event before it.

    Read after the locks, so that the order of moments is the order of the chain.
    """
    now = timezone.now()
    if head.at is None:
        return now
    if now < head.at - timedelta(seconds=1):
        raise ClockWentBack
    return max(now, head.at + timedelta(microseconds=1))


def append(
    head: RecordHead,
    at: datetime,
    verb: str,
    edition: Edition,
    by: User | None,
    *,
    by_name: str = "",
    remark: str = "",
    live_from: datetime | None = None,
) -> Event:
    """Write the next event of the chain, whose end the caller has locked.

    `by_name` names a person without an account; others are named as their account says.
    """
    event = Event(
        number=head.number + 1,
        at=at,
        verb=verb,
        letter=edition.letter,
        edition=edition,
        by=by,
        by_name=(by.get_full_name() or by.get_username()) if by else by_name,
        remark=remark,
        moment=live_from,
        digest=edition.digest,
    )
    if remark:
        event.salt = token_hex(16)
        event.remark_hash = salted(event.salt, remark)
    event.hash = chained(head.hash, event)
    event.save(force_insert=True)
    head.number, head.at, head.hash = event.number, event.at, event.hash
    head.save()
    return event


def seal(now: datetime) -> list[Seal]:
    """Sign the end of the record of each past day (UTC) that has lines and no seal yet.

    Whoever keeps one notices a record that was written anew. Raises signing.NoKey.
    """
    made = []
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    last = Seal.objects.first()
    lines = Event.objects.filter(at__lt=today).order_by("number")
    while first := lines.filter(number__gt=last.number if last else 0).first():
        day = first.at.astimezone(UTC).date()
        of_day = lines.filter(at__lt=datetime(day.year, day.month, day.day, tzinfo=UTC) + DAY)
        end = of_day.latest("number")
        last = Seal(day=day, number=end.number, hash=end.hash)
        last.key, last.jws = signing.sign(signing.SEAL, sealed(last))
        # Another worker may have made the same.
        Seal.objects.bulk_create([last], ignore_conflicts=True)
        made.append(last)
    return made


def sealed(seal: Seal) -> dict[str, Any]:
    """What a seal says, as it is signed."""
    return {"day": str(seal.day), "number": str(seal.number), "hash": seal.hash}


def salted(salt: str, remark: str) -> str:
    return sha256(f"{salt}{remark}".encode()).hexdigest()


def chained(previous: str, event: Event) -> str:
    """SHA-256 over the hash before it and the event's own canonical content.

    The remark is in it as its salted hash; in the lines of the first version, as it is.
    """
    return line_hash(
        previous=previous,
        number=event.number,
        at=event.at,
        verb=event.verb,
        letter=event.letter.reference,
        language=event.edition.language,
        edition=event.edition.number,
        by=event.by_id,
        by_name=event.by_name,
        remark=event.remark_hash or event.remark,
        moment=event.moment,
        digest=event.digest,
    )


def line_hash(*, number: int, at: datetime, by: int | None, moment: Any, **texts: Any) -> str:
    """The hash of a line of the record from what is in it (see `chained`)."""
    content = texts | {
        "number": str(number),
        "at": _written(at),
        "by": str(by),
        "moment": _written(moment),
    }
    return sha256(rfc8785.dumps(content)).hexdigest()
