"""The page of a verb: what will happen, what it asks for, and one decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from letters import checks, roles, workflow
from letters.admin import (
    clearances,
    comparing,
    reading,
    redactions,
    remarks,
    together,
    withdrawals,
)
from letters.admin.asking_again import ask_again, recently_signed_in
from letters.admin.emergencies import EmergencyForm
from letters.admin.moments import PublishForm, proposed, told_of
from letters.admin.verb_forms import (
    DecisionForm,
    DropForm,
    RedactionForm,
    RemarkForm,
    ReviewForm,
    SendBackForm,
    SubmitForm,
    VerbForm,
    WithdrawForm,
)
from letters.models import Edition

FORMS: dict[str, type[VerbForm]] = {
    "submit": SubmitForm,
    "discard": RemarkForm,
    "approve": DecisionForm,
    "send_back": SendBackForm,
    "publish": PublishForm,
    "emergency": EmergencyForm,
    "review": ReviewForm,
    "recall": RemarkForm,
    "correct": VerbForm,
    "withdraw": WithdrawForm,
    "restore": RemarkForm,
    "ask_redaction": RedactionForm,
    "drop_redaction": DropForm,
    "redact": VerbForm,
}

# What the public notices at once asks again who is there.
ASKED_AGAIN = ("publish", "emergency", "withdraw", "restore", "redact")

# The second pair of eyes: whoever tries without being one is in the record.
GUARDED = ("approve", "publish", "emergency", "review", "redact")

# The verbs whose page shows the whole text to be judged, and which of them it offers together.
JUDGED = {
    "approve": ("approve", "send_back"),
    "send_back": ("approve", "send_back"),
    "review": ("review",),
}


def page(request: HttpRequest, pk: int, verb: str, context: dict[str, Any]) -> HttpResponse:
    """A GET asks, a POST does; a refusal says why and keeps what was typed."""
    transition = workflow.TRANSITIONS.get(verb)
    if transition is None:
        raise Http404
    edition = _reached(request, pk, verb, transition.permission)
    form = _form(request, verb, edition)
    refused, status = "", 200
    if request.method == "POST" and not form.is_valid():
        status = 400
    elif request.method == "POST" and "_look" in request.POST:
        context["look"] = withdrawals.look_at(edition, form.cleaned_data)
    elif request.method == "POST":
        if verb in ASKED_AGAIN and not recently_signed_in(request):
            ask_again(request)
        try:
            return _do(request, verb, edition, form)
        except workflow.Refused as error:
            _note(request, verb, edition, error, form)
            refused, status = _told(error, form)
            if others := form.others():
                texts = [edition, *others]
                about = together.which(verb, texts, request.user, form.arguments())
                refused = " ".join(str(refusal) for refusal in about) or refused
            edition = get_object_or_404(_there(request), pk=pk)
            form.seen(edition)
    else:
        workflow.viewed(edition.letter, by=request.user)  # type: ignore[arg-type]
    open_verbs = workflow.open_verbs(edition, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    if request.method != "POST" and verb not in open_verbs:
        refused = _why_not(edition, verb)
    problems = _problems(edition, verb)
    before = comparing.earlier(edition, request.user)  # type: ignore[arg-type]
    context |= {
        **reading.facts(edition),
        **remarks.of(edition),
        "title": transition.label,
        "subtitle": str(edition),
        "verb": verb,
        "label": transition.label,
        "form": form,
        "problems": problems,
        "blocked": any(problem.blocks for problem in problems),
        "refused": refused,
        "possible": not refused or request.method == "POST",
        "before": before,
        "changes": comparing.compare(before, edition, request.user),  # type: ignore[arg-type]
        "now": timezone.now(),
    }
    context["media"] = context["media"] + form.media + context["remark_form"].media
    template = "verb"
    if verb in ("ask_redaction", "drop_redaction", "redact"):
        context |= redactions.shown(edition, request.user)  # type: ignore[arg-type]
    if verb in JUDGED:
        template = "approve"
        context |= {
            "offers": [
                (name, workflow.TRANSITIONS[name].label)
                for name in JUDGED[verb]
                if name in open_verbs
            ],
            "submission": _submission(edition),
            "may_take": "approve" in open_verbs,
            "clearances": clearances.of(edition),
        }
    return TemplateResponse(
        request, f"admin/letters/edition/{template}.html", context, status=status
    )


def take(request: HttpRequest, pk: int) -> HttpResponse:
    """“I have it”, and back to the text."""
    if not request.user.has_perm(roles.APPROVE):
        raise PermissionDenied
    edition = get_object_or_404(_there(request), pk=pk)
    try:
        workflow.take(edition, by=request.user)  # type: ignore[arg-type]
    except workflow.Refused as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reading.hub(edition))
    messages.success(request, _("Your colleagues see that you have it."))
    return HttpResponseRedirect(reverse("admin:letters_edition_verb", args=[pk, "approve"]))


def _there(request: HttpRequest) -> Any:
    return Edition.objects.open_to(request.user).in_full()  # type: ignore[arg-type]


def _reached(request: HttpRequest, pk: int, verb: str, permission: str) -> Edition:
    """The edition; without the right, or where it is not open to them, an attempt and no more."""
    may = request.user.has_perm(permission)
    edition: Edition | None = _there(request).filter(pk=pk).first() if may else None
    if edition is not None:
        return edition
    tried = Edition.objects.filter(pk=pk).first()
    if tried is not None and request.method == "POST" and verb in GUARDED:
        why = _("Your account may not do that.")
        workflow.attempted(tried, verb, by=request.user, why=why)  # type: ignore[arg-type]
    if may:
        raise Http404
    raise PermissionDenied


def _form(request: HttpRequest, verb: str, edition: Edition) -> VerbForm:
    initial: dict[str, Any] = {"version": edition.version, "digest": edition.digest}
    more: dict[str, Any] = {}
    if verb in ("publish", "emergency"):
        initial |= proposed(edition)
    if verb == "publish":
        more |= {"edition": edition, "by": request.user}
    if verb == "submit":
        more["edition"] = edition
        initial["asked"] = SubmitForm.chosen(_submission(edition))
    if verb == "withdraw":
        more |= {"edition": edition, "by": request.user}
    data = request.POST if request.method == "POST" else None
    return FORMS[verb](data, initial=initial, **more)


def _problems(edition: Edition, verb: str) -> list[checks.Problem]:
    """The checks a decision rests on: of a frozen text only what is worth a second look."""
    if verb not in ("submit", "emergency", *JUDGED):
        return []
    problems = checks.to_submit(edition)
    if verb in ("approve", "emergency"):
        now = timezone.now()
        problems += checks.to_publish(edition, max(now, edition.not_before or now))
    return problems


def _submission(edition: Edition) -> Any:
    try:
        return edition.submission
    except ObjectDoesNotExist:
        return None


def _do(request: HttpRequest, verb: str, edition: Edition, form: VerbForm) -> HttpResponse:
    digest = form.cleaned_data.get("digest")
    edition.version = form.cleaned_data["version"]
    if digest and digest != edition.digest:
        edition.version = -1  # another text than the one that was read: stale, whatever they sent
    done = getattr(workflow, verb)(edition, *form.others(), by=request.user, **form.arguments())
    if verb == "correct":
        messages.success(
            request, _("A correction is begun. The public still reads the text as it is.")
        )
        return HttpResponseRedirect(reverse("admin:letters_edition_change", args=[done.pk]))
    edition = done[0] if isinstance(done, list) else done
    now, language = Edition.objects.get(pk=edition.pk), reading.language(edition)
    if verb in ("publish", "emergency"):
        messages.success(
            request, told_of(now, language, at_once=form.cleaned_data["moment"] is None)
        )
    else:
        stage = now.stage(timezone.now()).label
        text = _("Done: “%(headline)s” (%(language)s) is now %(stage)s.")
        messages.success(request, text % {"headline": now, "language": language, "stage": stage})
    if more := form.others():
        messages.success(
            request,
            ngettext(
                "So is %(number)s other text, in the same instant.",
                "So are %(number)s other texts, in the same instant.",
                len(more),
            )
            % {"number": len(more)},
        )
    return HttpResponseRedirect(reverse("admin:letters_letter_change", args=[edition.letter_id]))


def _note(
    request: HttpRequest, verb: str, edition: Edition, error: workflow.Refused, form: VerbForm
) -> None:
    """In the record: who may not and tried, and who approved a text that is not that one now."""
    another = form.cleaned_data.get("digest", edition.digest) != edition.digest
    stale = isinstance(error, workflow.Stale) and another
    if verb in GUARDED and (stale or isinstance(error, workflow.NotAllowed)):
        workflow.attempted(edition, verb, by=request.user, why=str(error))  # type: ignore[arg-type]


def _told(error: workflow.Refused, form: VerbForm) -> tuple[str, int]:
    """The refusal as a sentence above the form and, where it is about a field, beside that."""
    status = 403 if isinstance(error, workflow.NotAllowed) else 409
    if not isinstance(error, workflow.Incomplete):
        return str(error), status
    for problem in error.problems:
        if place := form.place(problem):
            form.add_error(place, problem.message)
    return (_("Not published.") if form.errors else _("The text is not ready.")), status


def _why_not(edition: Edition, verb: str) -> str:
    stage = edition.stage(timezone.now())
    if stage not in workflow.TRANSITIONS[verb].stages:
        return _("That is not possible now: the text is %(stage)s.") % {"stage": stage.label}
    if verb == "approve":
        return _("You edited this text, so another person has to approve it.")
    if verb == "review" and not (edition.emergency and edition.reviewed_by_id is None):
        return _("This text does not wait for a review.")
    if verb == "ask_redaction":
        return _("This has been asked for already.")
    if verb == "drop_redaction" or verb == "redact" and workflow.asked(edition) is None:
        return _("Nobody has asked for it.")
    if verb == "redact":
        return _("You asked for it, so another person has to confirm it.")
    if verb == "review":
        return _("You edited or published this text, so another person has to review it.")
    return _("You cannot do that with this text as things stand.")
