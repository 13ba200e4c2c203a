"""Who may be asked to approve a text, and who of them is away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.models import Group, User

from letters import roles
from letters.models import Edition, StandIn


def everyone() -> list[User]:
    """All who hold the right to approve, by name."""
    people = User.objects.with_perm(roles.APPROVE).filter(is_staff=True)
    return sorted(people, key=lambda person: person.get_full_name() or person.get_username())


def of(edition: Edition) -> list[User]:
    """Those who could be the second pair of eyes for this text. The workflow asks again."""
    edited = set(edition.editors.values_list("pk", flat=True))
    letter = edition.letter
    open_to = set(letter.readers.values_list("pk", flat=True)) if letter.restricted else None
    return [
        person
        for person in everyone()
        if person.pk not in edited and (open_to is None or person.pk in open_to)
    ]


def groups() -> list[Group]:
    codename = roles.APPROVE.removeprefix("letters.")
    return list(Group.objects.filter(permissions__codename=codename).order_by("name"))


def away(people: Iterable[User], day: date) -> dict[int, StandIn]:
    """Of those who are absent on that day: who stands in."""
    absences = StandIn.objects.on(day).filter(absent__in=people).select_related("stand_in")
    return {absence.absent_id: absence for absence in absences}
