"""Who sees a restricted letter, and what the record says of those who look or try."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from letters import deliveries, record, roles
from letters.models import Edition, Event, Letter, Reader
from letters.workflow.moves import lock
from letters.workflow.refusals import NotAllowed, NotPossible

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@transaction.atomic
def restrict(letter: Letter, readers: Iterable[User], *, by: User, reason: str) -> Event | None:
    """Open the letter to these people only; to all staff again when there are none.

    One of those to whom it is open may, and has to stay one of them; so may an administrator,
    who need not see it. A list that stays the same is no act: returns None.
    """
    wanted = {reader.pk: reader for reader in readers}
    keeper = by.has_perm(roles.RESTRICT)
    head, at = lock()
    letter = Letter.objects.select_for_update(no_key=True).get(pk=letter.pk)
    if not keeper and not (by.has_perm(roles.DRAFT) and letter.is_open_to(by)):
        raise NotAllowed(gettext("Your account may not do that."))
    if wanted and not keeper and by.pk not in wanted:
        raise NotPossible(gettext("Keep yourself on the list: you are working on this letter."))
    if not reason.strip():
        raise NotPossible(gettext("Give the reason. It stays in the record."))
    named = Reader.objects.filter(letter=letter)
    there = set(named.values_list("user", flat=True))
    if there == set(wanted) and letter.restricted == bool(wanted):
        return None
    named.exclude(user__in=wanted).delete()
    Reader.objects.bulk_create(
        Reader(letter=letter, user=wanted[pk]) for pk in sorted(wanted.keys() - there)
    )
    letter.restricted = bool(wanted)
    letter.save(update_fields=["restricted"])
    verb = "restrict" if wanted else "open"
    event = record.append(head, at, verb, _any_text(letter), by, remark=reason)
    deliveries.register(event, former=there)
    return event


@transaction.atomic
def viewed(letter: Letter, *, by: User) -> None:
    """Note that this person looked at a restricted letter; of others nothing is noted."""
    if letter.restricted:
        head, at = lock()
        record.append(head, at, "view", _any_text(letter), by)


@transaction.atomic
def attempted(edition: Edition, verb: str, *, by: User, why: str) -> None:
    """Note a verb that was tried and refused, in a transaction of its own."""
    head, at = lock()
    record.append(head, at, "attempt", edition, by, remark=f"{verb}: {why}")


def _any_text(letter: Letter) -> Edition:
    """Every event names an edition; of the letter as a whole it is the first."""
    return letter.editions.order_by("pk")[0]
