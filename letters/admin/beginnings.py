"""A letter begun from an earlier one, and which letter it answers, while its texts are drafts."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from letters import roles, workflow
from letters.admin.forms import ThreadForm
from letters.admin.hub import NAMES
from letters.models import Edition, Letter, Stage, State

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def urls(site: Any) -> list[URLPattern]:
    def staff(view: Any) -> Any:
        return site.admin_view(require_POST(view))

    return [
        path("<int:pk>/repeat/", staff(_repeat), name="letters_letter_repeat"),
        path("<int:pk>/thread/", staff(_thread), name="letters_letter_thread"),
    ]


def thread_form(letter: Letter, by: User) -> ThreadForm | None:
    """For the hub: which letter this one answers, as long as no text of it is frozen."""
    editions = [e for e in letter.editions.all() if e.state != State.DISCARDED]
    if not by.has_perm(roles.DRAFT) or not editions or not all(e.is_draft for e in editions):
        return None
    answered = letter.in_reply_to
    if answered and not answered.is_open_to(by):
        return None
    return ThreadForm(
        by=by,
        auto_id="thread_%s",
        initial={
            "direction": letter.direction,
            "in_reply_to": answered.reference if answered else "",
        },
    )


@transaction.atomic
def repeat(letter: Letter, *, by: User, in_reply_to: Letter | None = None) -> list[Edition]:
    """Begin a letter from each language's text as it is public, or else as it was last.

    Of a restricted letter the new one is open to the same people.
    """
    at = timezone.now()
    current: dict[str, Edition] = {}
    for edition in letter.editions.exclude(state=State.DISCARDED).order_by("number"):
        there = current.get(edition.language)
        if there is None or there.stage(at) not in (Stage.LIVE, Stage.WITHDRAWN):
            current[edition.language] = edition
    if not current:
        raise workflow.NotPossible(_("All its texts were discarded."))
    order = [*NAMES, *current]
    made = workflow.repeat(*sorted(current.values(), key=lambda e: order.index(e.language)), by=by)
    if letter.restricted:
        reason = _("Begun from the restricted letter %(reference)s.")
        workflow.restrict(
            made[0].letter,
            letter.readers.all(),  # type: ignore[arg-type]
            by=by,
            reason=reason % {"reference": letter.reference},
        )
    if in_reply_to is not None:
        answer(made[0].letter, letter.direction, in_reply_to, by=by)
    return made


@transaction.atomic
def answer(letter: Letter, direction: str, in_reply_to: Letter | None, *, by: User) -> None:
    """Say which way a letter went and which it answers: part of every text of it."""
    texts = letter.editions.exclude(state=State.DISCARDED).order_by("pk")
    if in_reply_to == letter:
        raise workflow.NotPossible(_("A letter does not answer itself."))
    with ExitStack() as drafts:
        for edition in texts:
            drafts.enter_context(workflow.drafting(edition, by=by))
        Letter.objects.filter(pk=letter.pk).update(direction=direction, in_reply_to=in_reply_to)


def _repeat(request: HttpRequest, pk: int) -> HttpResponse:
    by: Any = request.user
    letter = get_object_or_404(Letter.objects.open_to(by), pk=pk)
    try:
        made = repeat(letter, by=by)
    except workflow.NotAllowed:
        raise PermissionDenied from None
    except workflow.Refused as refused:
        messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("admin:letters_letter_change", args=[pk]))
    return HttpResponseRedirect(reverse("admin:letters_edition_change", args=[made[0].pk]))


def _thread(request: HttpRequest, pk: int) -> HttpResponse:
    by: Any = request.user
    if not by.has_perm(roles.DRAFT):
        raise PermissionDenied
    letter = get_object_or_404(Letter.objects.open_to(by), pk=pk)
    form = ThreadForm(request.POST, by=by)
    try:
        if thread_form(letter, by) is None:
            raise workflow.NotPossible(_("Not while a text of the letter is past its draft."))
        if not form.is_valid():
            raise workflow.NotPossible(
                " ".join(str(e) for found in form.errors.values() for e in found)
            )
        answer(letter, **form.cleaned_data, by=by)
        messages.success(request, _("Saved."))
    except workflow.NotAllowed:
        raise PermissionDenied from None
    except workflow.Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("admin:letters_letter_change", args=[pk]))
