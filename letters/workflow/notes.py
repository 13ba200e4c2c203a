"""Public words about a correction or a withdrawal: written by one person, approved by another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from letters import caches, deliveries, record, roles, signing
from letters.models import Edition, Note, Sentence, Stage, Withdrawal
from letters.workflow.moves import lock, permit, permit_letter
from letters.workflow.refusals import NotAllowed, NotPossible

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import User

    from letters.models import RecordHead


def standard_reasons(language: str, kind: str) -> list[str]:
    """The public reasons that can be given at once, in that language; the first needs nobody."""
    with translation.override(language):
        built_in = {
            Withdrawal.Kind.KEPT: gettext(
                "This letter has been withdrawn from publication. "
                "Its text is kept here for the record."
            ),
            Withdrawal.Kind.REMOVED: gettext(
                "This letter has been withdrawn from publication, and its text has been removed."
            ),
            Withdrawal.Kind.MOVED: gettext("Another letter has taken the place of this one."),
        }[Withdrawal.Kind(kind)]
    approved = Sentence.objects.usable(language, kind).values_list("text", flat=True)
    return [built_in, *approved]


def may_write_note(by: User, edition: Edition, at: datetime) -> bool:
    """Of what is withdrawn now, or of a correction that is public."""
    stage = edition.stage(at)
    is_about_something = stage == Stage.WITHDRAWN or (stage == Stage.LIVE and edition.number > 1)
    may = any(by.has_perm(right) for right in (roles.DRAFT, roles.PUBLISH))
    return is_about_something and may and edition.letter.is_open_to(by)


@transaction.atomic
def note(edition: Edition, *, by: User, text: str) -> Note:
    """Propose public words: about its withdrawal where there is one, else about its correction."""
    permit(by, roles.DRAFT, roles.PUBLISH)
    head, at = lock()
    edition = Edition.objects.select_related("letter").get(pk=edition.pk)
    permit_letter(by, edition.letter)
    if not may_write_note(by, edition, at):
        raise NotPossible(
            gettext("Only a correction that is public, or a withdrawal, has a public note.")
        )
    return propose(head, at, edition, by, text)


def propose(head: RecordHead, at: datetime, edition: Edition, by: User, text: str) -> Note:
    """Write the note. The caller has locked the end of the record."""
    if not text.strip():
        raise NotPossible(gettext("Write what the public is to read."))
    withdrawal = edition.letter.withdrawals.covering(at).filter(language=edition.language).first()
    made = Note.objects.create(
        letter=edition.letter,
        language=edition.language,
        edition=None if withdrawal else edition,
        withdrawal=withdrawal,
        text=text.strip(),
        by=by,
        at=at,
    )
    deliveries.register(record.append(head, at, "note", edition, by, remark=made.text))
    return made


def waiting_note(edition: Edition, at: datetime) -> Note | None:
    """The newest words about what stands now, while nobody has approved them."""
    withdrawal = edition.letter.withdrawal(edition.language, at)
    about = Note.objects.filter(withdrawal=withdrawal) if withdrawal else edition.public_notes.all()
    last: Note | None = about.order_by("at", "pk").last()
    return last if last is not None and last.approved_at is None else None


@transaction.atomic
def approve_note(waiting: Note, *, by: User) -> Note:
    """Make the words public, signed. Nobody approves their own."""
    permit(by, roles.APPROVE)
    head, at = lock()
    letter = waiting.letter
    permit_letter(by, letter)
    edition = (
        Edition.objects.live(at)
        .select_related("letter")
        .filter(letter=letter, language=waiting.language)
        .first()
    )
    if edition is None or waiting_note(edition, at) != waiting:
        raise NotPossible(gettext("These words no longer wait for approval."))
    if waiting.by_id == by.pk:
        raise NotAllowed(gettext("You wrote these words, so another person has to approve them."))
    waiting.approved_by, waiting.approved_at = by, at
    try:
        waiting.key, waiting.jws = signing.sign(signing.NOTE, record.noted(waiting))
    except signing.NoKey as error:
        message = gettext("Nothing can be published: the key that signs publications is missing.")
        raise NotPossible(message) from error
    waiting.save()
    caches.drop_with_this_change()
    event = record.append(head, at, "approve_note", edition, by, remark=waiting.text)
    deliveries.register(event)
    return waiting


def approve_sentence(sentence: Sentence, *, by: User) -> Sentence:
    """Let a standard reason be used. Nobody approves their own."""
    permit(by, roles.APPROVE)
    if sentence.by_id == by.pk:
        raise NotAllowed(gettext("You wrote these words, so another person has to approve them."))
    sentence.approved_by = by
    sentence.save(update_fields=["approved_by"])
    return sentence
