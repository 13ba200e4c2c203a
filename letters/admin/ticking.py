"""Texts ticked in a list, each with the version its reader saw."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db.models import Prefetch
from django.http import Http404

from letters.models import Edition, Party, Role
from letters.models.edition import EditionQuerySet

TICK = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})")


def tick(edition: Edition) -> str:
    """The value of the text's box; templates write it as it is here."""
    return f"{edition.pk}.{edition.version}"


def ticked(values: Iterable[str], editions: EditionQuerySet) -> list[Edition]:
    """The texts of these boxes, with the version that was seen; 404 when one is not among them."""
    seen = {}
    for value in values:
        match = TICK.fullmatch(value)
        if match is None:
            raise Http404
        seen[int(match[1])] = int(match[2])
    found = (
        list(editions.filter(pk__in=seen).order_by("letter_id", "language", "pk")) if seen else []
    )
    if len(found) != len(seen):
        raise Http404
    for edition in found:
        edition.version = seen[edition.pk]
    return found


def in_lines(editions: EditionQuerySet) -> EditionQuerySet:
    """Enough for `admin/letters/schedule/_line.html`: in brief, and `.addressees`."""
    addressees = Party.objects.filter(role=Role.ADDRESSEE)
    return editions.in_brief().prefetch_related(
        Prefetch("parties", addressees, to_attr="addressees")
    )
