"""How mails leave, and calls are made: each is claimed, sent, and noted as sent.

A crash between the last two sends it again, once the claim has run out, under the same
Message-ID. Nothing else does, but for a mail server that takes a mail without saying so in time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.core.mail import mailers
from django.db import transaction
from django.utils import timezone

from letters.deliveries import calls, mails
from letters.models import Delivery

logger = logging.getLogger(__name__)

# After a failure it is tried again this much later. The last try is a day after the first.
BACK_OFF = [timedelta(minutes=m) for m in (1, 5, 15, 60, 4 * 60, 12 * 60, 6 * 60 + 40)]

# A call is tried again much sooner at first: readers wait for what it is about.
CALL_AGAIN = [*(timedelta(seconds=s) for s in (1, 2, 5, 10, 30)), *BACK_OFF]

# A claim lasts longer than any mail takes on a connection that is open already: four answers of
# the mail server, each waited for this many seconds.
TIMEOUT = 20
LEASE = timedelta(seconds=120)

# After so many mails a new connection: servers end one that goes on for ever.
MAILS_A_CONNECTION = 50


class Outcome(NamedTuple):
    """What became of one mail: it is `sent`, `dropped`, `failed` or `given up`."""

    status: str
    key: str
    message_id: str
    attempts: int
    error: str


def send(*, lease: timedelta = LEASE, aside: Any = None) -> Iterator[Outcome]:
    """Send what is due, one mail after the other, and say what became of each.

    `aside` is a stream for a mailer that prints mails, in place of standard output.
    """
    connection: Any = mailers.default
    connection.timeout = TIMEOUT
    if aside is not None and hasattr(connection, "stream"):
        connection.stream = aside
    sent = 0
    try:
        while Delivery.objects.due(timezone.now()).exists():
            problem = None
            delivery = claim(lease, among=list(calls.KINDS))
            if delivery is None:
                # Before the claim, which is not to run out while a server keeps one waiting.
                problem = _open(connection)
                delivery = claim(lease)
            if delivery is None:
                break  # another worker had it
            outcome = _send(delivery, connection, problem)
            sent += 1
            if outcome.error or sent % MAILS_A_CONNECTION == 0:
                _close(connection)
            yield outcome
    finally:
        _close(connection)


@transaction.atomic
def claim(lease: timedelta, *, among: list[str] | None = None) -> Delivery | None:
    """The next that is due. Nobody else takes it before the lease has run out."""
    now = timezone.now()
    due = (
        Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("to", "event__letter", "event__edition__submission")
        .due(now)
    )
    delivery = (due if among is None else due.filter(what__in=among)).first()
    if delivery is not None:
        delivery.due_at = now + lease
        delivery.attempts += 1
        delivery.error = ""  # while it is under way, nobody can ask to try again
        delivery.save(update_fields=["due_at", "attempts", "error"])
        if delivery.event:
            delivery.event.edition.letter = delivery.event.letter
    return delivery


def try_again(deliveries: Any) -> int:
    """Those of a queryset that failed are due at once, with as many attempts as at first."""
    failing = deliveries.filter(pk__in=Delivery.objects.failing().values("pk"))
    return int(failing.update(due_at=timezone.now(), attempts=0, error="", given_up_at=None))


def _send(delivery: Delivery, connection: Any, problem: Exception | None) -> Outcome:
    noted: dict[str, Any] | None = {}
    try:
        if delivery.what in calls.KINDS:
            noted = calls.make(delivery)
        elif problem is not None:
            raise problem
        elif mail := mails.compose(delivery, timezone.now()):
            connection.send_messages([mail])
        else:
            noted = None
    except Exception as error:  # one mail that cannot be written or sent holds up no other
        if not isinstance(error, (OSError, calls.NotSeen)):
            logger.exception("A mail could not be written: %s", delivery.key)
        status = _failed(delivery, error)
    else:
        status = _noted(delivery, noted)
    message_id = mails.message_id(delivery)
    return Outcome(status, delivery.key, message_id, delivery.attempts, delivery.error)


def _noted(delivery: Delivery, noted: dict[str, Any] | None) -> str:
    """That it was done; None stands for what nobody needs any more."""
    context = delivery.context | ({"dropped": True} if noted is None else noted)
    context.pop("link", None)  # the key to a text is in the mail, and nowhere else
    Delivery.objects.filter(pk=delivery.pk).update(done_at=timezone.now(), context=context)
    return "dropped" if noted is None else "sent"


@transaction.atomic
def _failed(delivery: Delivery, problem: Exception) -> str:
    """To be tried again later; given up after a day, or when the address is refused for good."""
    now = timezone.now()
    delivery.error = _in_words(problem)[:500]
    # Only as it was claimed: it may have run out, and be with another worker.
    mine = Delivery.objects.filter(pk=delivery.pk, due_at=delivery.due_at)
    again = CALL_AGAIN if delivery.what in calls.KINDS else BACK_OFF
    if _for_good(problem) or delivery.attempts > len(again):
        mine.update(error=delivery.error, given_up_at=now)
        _tell_administrators(delivery, now)
        return "given up"
    mine.update(error=delivery.error, due_at=now + again[delivery.attempts - 1])
    return "failed"


def _tell_administrators(delivery: Delivery, now: datetime) -> None:
    """One mail for all that fails until it has left; none about a mail of this kind."""
    if delivery.what == "failure":
        return
    keepers = User.objects.with_perm("letters.view_delivery", include_superusers=False)
    told = Delivery.objects.filter(what="failure", done_at=None, given_up_at=None)
    Delivery.objects.bulk_create(
        Delivery(
            key=f"failure:{delivery.pk}:{now:%Y%m%d%H%M%S}:{keeper.pk}",
            what="failure",
            to=keeper,
            due_at=now,
        )
        for keeper in keepers.exclude(email="").exclude(pk__in=told.values("to"))
    )


def _for_good(problem: Exception) -> bool:
    if not isinstance(problem, SMTPRecipientsRefused):
        return False
    return all(code >= 500 for code, _text in problem.recipients.values())


def _in_words(problem: Exception) -> str:
    """As the mail server said it."""
    if isinstance(problem, SMTPRecipientsRefused):
        answers: list[Any] = list(problem.recipients.values())
    elif isinstance(problem, SMTPResponseException):
        answers = [(problem.smtp_code, problem.smtp_error)]
    else:
        return f"{type(problem).__name__}: {problem}"
    return "; ".join(
        f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
        for code, text in answers
    )


def _open(connection: Any) -> Exception | None:
    try:
        connection.open()
    except Exception as problem:
        return problem
    return None


def _close(connection: Any) -> None:
    try:
        connection.close()
    except (OSError, SMTPException):
        connection.connection = None
