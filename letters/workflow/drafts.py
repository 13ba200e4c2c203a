"""The save of a draft: the only change of a text, and no verb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from letters import record, roles
from letters.models import Edition, State
from letters.workflow.moves import add_editors, moved_on, permit, permit_letter
from letters.workflow.refusals import NotPossible

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@contextmanager
def drafting(edition: Edition, *, by: User, words_of: User | None = None) -> Iterator[Edition]:
    """One save of a draft: yields it locked; what the block changed makes `by` an editor.

    Whoever changed the canonical form is an editor, and so is the person whose words they put
    into it; the version goes up by one. A save that changed nothing is none. No event is written.
    """
    with transaction.atomic():
        locked = Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
        permit(by, roles.DRAFT)
        permit_letter(by, locked.letter)
        if locked.state != State.DRAFT:
            raise (
                moved_on(locked)
                if locked.version != edition.version
                else NotPossible(
                    gettext("Only a draft can be edited. This text is %(stage)s.")
                    % {"stage": locked.stage(timezone.now()).label}
                )
            )
        if locked.version != edition.version:
            raise moved_on(locked)
        before = record.digest(locked)
        yield locked
        locked = Edition.objects.get(pk=edition.pk)
        if record.digest(locked) != before:
            add_editors(locked, {by.pk, (words_of or by).pk})
            locked.version += 1
            locked.last_edited_by = by
            locked.save(update_fields=["version", "last_edited_by"])
        edition.version = locked.version
