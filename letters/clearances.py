"""The door of those without an account: a link to one exact text, by which they clear it.

Of a link only the SHA-256 of its token is kept. It opens nothing once it has expired or was
revoked, the text changed, was published or given up, or the letter was closed to whoever made it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from letters import deliveries, record, roles
from letters.models import Clearance, Delivery, Edition, Event, Opening, RecordHead, Remark
from letters.models.edition import IN_PROGRESS

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# A link is open for this many days when nobody says otherwise, and for this many at most.
DAYS, MOST_DAYS = 3, 14

# Any one of these rights is enough to ask for a clearance.
MAY_ASK = (roles.DRAFT, roles.APPROVE, roles.PUBLISH)

# What this door writes into the record besides an answer, as the timeline names it.
NOTED = {
    "ask": _("asked for clearance"),
    "revoke": _("revoked a link for clearance"),
}


class Refused(Exception):
    """Not done. The message is a sentence for the person who tried."""


def may_ask(user: User, edition: Edition) -> bool:
    return any(user.has_perm(right) for right in MAY_ASK) and edition.letter.is_open_to(user)


@transaction.atomic
def ask(
    edition: Edition, *, by: User, name: str, post: str = "", address: str = "", days: int = DAYS
) -> tuple[Clearance, str]:
    """Make a link to the text as it stands. Returns it too: it is not kept, nor shown again.

    Where the post has to clear the text, the link goes to the address kept for that post and to
    nobody else: it is not returned.
    """
    head = record.lock()
    edition = (
        Edition.objects.select_for_update(no_key=True, of=("self",))
        .select_related("letter", "kind")
        .get(pk=edition.pk)
    )
    at = _moment(head)
    if not may_ask(by, edition):
        raise Refused(gettext("Your account may not do that."))
    if edition.state not in IN_PROGRESS:
        raise Refused(gettext("Only a text that is not published yet can be cleared."))
    required = edition.kind is not None and post != "" and post == edition.kind.cleared_by
    if required:
        address = _of_the_post(edition, by)
    token = secrets.token_urlsafe(32)
    clearance = Clearance.objects.create(
        edition=edition,
        digest=record.digest(edition),
        token_digest=_kept(token),
        name=name,
        post=post,
        address=address,
        made_by=by,
        made_at=at,
        expires_at=at + timedelta(days=days),
    )
    link = settings.PRESSOFFICE_SITE_URL + reverse("clearance", args=[edition.language, token])
    event = _write(clearance, "ask", head, at, by=by, remark=str(clearance))
    if address:
        _tell(clearance, event, link)
    return clearance, "" if required else link


@transaction.atomic
def revoke(clearance: Clearance, *, by: User) -> None:
    """The link opens nothing any more. An answer already given stays."""
    head = record.lock()
    at = _moment(head)
    clearance = Clearance.objects.select_related("edition__letter").get(pk=clearance.pk)
    if not may_ask(by, clearance.edition):
        raise Refused(gettext("Your account may not do that."))
    if clearance.revoked_at is None:
        clearance.revoked_at = at
        clearance.save(update_fields=["revoked_at"])
        _write(clearance, "revoke", head, at, by=by, remark=str(clearance))


def find(token: str, at: datetime) -> Clearance | None:
    """Whose link this is, with its text `in_full`; None when it opens nothing at that moment."""
    clearance = (
        Clearance.objects.open(at)
        .select_related("made_by")
        .filter(token_digest=_kept(token))
        .first()
    )
    if clearance is None:
        return None
    edition = clearance.edition = Edition.objects.in_full().get(pk=clearance.edition_id)
    # The very rows that are shown: the text may be saved between two reads.
    same = record.digest(edition, edition.parties.all()) == clearance.digest
    return clearance if same and edition.letter.is_open_to(clearance.made_by) else None


@transaction.atomic
def opened(clearance: Clearance) -> None:
    """Note one view; that of a restricted letter in the record as well."""
    at = timezone.now()
    if clearance.edition.letter.restricted:
        head = record.lock()
        at = _moment(head)
        _write(clearance, "view", head, at)
    Opening.objects.create(clearance=clearance, at=at)


@transaction.atomic
def decide(token: str, decision: str, remark: str) -> Clearance | None:
    """Clear the text or ask for a change; the last answer counts. None: the link is dead."""
    head = record.lock()
    # No save of the text can fall between its digest and the answer.
    list(
        Edition.objects.select_for_update(no_key=True, of=("self",)).filter(
            clearances__token_digest=_kept(token)
        )
    )
    at = _moment(head)
    clearance = find(token, at)
    if clearance is None or (clearance.decision, clearance.remark) == (decision, remark):
        return clearance  # the same answer sent twice is one
    clearance.decision, clearance.decided_at, clearance.remark = decision, at, remark
    clearance.save(update_fields=["decision", "decided_at", "remark"])
    if decision == Clearance.Decision.CHANGE:
        Remark.objects.create(
            edition=clearance.edition, by_name=_called(clearance), at=at, text=remark
        )
    deliveries.register(_write(clearance, decision, head, at, remark=remark))
    return clearance


def asked_of(editions: Sequence[Edition], at: datetime) -> dict[int, list[Clearance]]:
    """The clearances of these texts by edition, the newest first.

    Each says how often it was opened and when last (`.times`, `.last`), and whether its link is
    `.open`, `.expired`, revoked, or `.changed`: the text is another by now.
    """
    found: dict[int, list[Clearance]] = {}
    rows = Clearance.objects.filter(edition__in=editions).select_related("made_by")
    for clearance in rows.annotate(times=Count("openings"), last=Max("openings__at")):
        found.setdefault(clearance.edition_id, []).append(clearance)
    for edition in editions:
        clearances = found.get(edition.pk, [])
        # A frozen text has its digest; that of a draft is only asked for when it matters.
        digest = (edition.digest if not edition.is_draft else "") if clearances else ""
        digest = digest or (record.digest(edition) if clearances else "")
        for one in clearances:
            changed, expired = one.digest != digest, one.expires_at <= at
            usable = one.revoked_at is None and edition.state in IN_PROGRESS
            vars(one).update(
                changed=changed,
                expired=expired,
                open=usable and not changed and not expired,
            )
    return found


def awaited(edition: Edition, clearances: Sequence[Clearance]) -> str:
    """The post that has to clear the text before approval and has not; empty when none has to."""
    kind = edition.kind
    if kind is None or edition.state not in IN_PROGRESS:
        return ""
    wanted = (Clearance.Decision.CLEARED, kind.cleared_by, kind.clearance_address)
    cleared = any(
        (one.decision, one.post, one.address) == wanted and not vars(one)["changed"]
        for one in clearances
    )
    return "" if cleared else kind.cleared_by


def _of_the_post(edition: Edition, by: User) -> str:
    """The address kept for the post that has to clear the text: of nobody who works on it."""
    address = edition.kind.clearance_address if edition.kind else ""
    if not address:
        raise Refused(
            gettext(
                "No e-mail address is kept for this post. Ask an administrator to add it to the"
                " kind of letter."
            )
        )
    if by.email.lower() == address.lower() or edition.editors.filter(email__iexact=address):
        raise Refused(gettext("The text was written or is sent by the person who has to clear it."))
    return address


def _kept(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _called(clearance: Clearance) -> str:
    return str(clearance)[:200]


def _moment(head: RecordHead) -> datetime:
    try:
        return record.moment(head)
    except record.ClockWentBack:
        raise Refused(
            gettext("The clock of this server is behind its own record. Ask an operator to set it.")
        ) from None


def _write(
    clearance: Clearance,
    verb: str,
    head: RecordHead,
    at: datetime,
    *,
    by: User | None = None,
    remark: str = "",
) -> Event:
    edition = clearance.edition
    edition.digest = clearance.digest  # which a draft has not, and the event should name
    name = "" if by else _called(clearance)
    return record.append(head, at, verb, edition, by, by_name=name, remark=remark)


def _tell(clearance: Clearance, event: Event, link: str) -> None:
    """A mail with the link, which the delivery holds until it is sent."""
    edition = clearance.edition
    Delivery.objects.create(
        key=f"clearance:{clearance.pk}",
        what="clearance",
        event=event,
        address=clearance.address,
        due_at=clearance.made_at,
        context={
            "name": clearance.name,
            "link": link,
            "reference": edition.letter.reference,
            "until": clearance.expires_at.isoformat(),
            "language": edition.language,
        },
    )
