"""The page of a verb: what will happen, what it asks for, and one decision."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from letters import checks, workflow
from letters.admin import reading
from letters.admin.asking_again import ask_again, recently_signed_in
from letters.admin.forms import MomentField, ReferenceField
from letters.models import Edition, Withdrawal

NOT_WHOLE = gettext_lazy("This form arrived incomplete. Open the page again.")


class VerbForm(forms.Form):
    """Every verb: the version the person saw. Its other fields are the verb's own arguments."""

    version = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": NOT_WHOLE, "invalid": NOT_WHOLE}
    )

    def arguments(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def place(self, problem: checks.Problem) -> str | None:
        """The field of this form beside which a problem of the text is told, if it has one."""
        return None

    def seen(self, edition: Edition) -> None:
        """The page now shows the edition as it is: the next press is about that one."""
        self.data = {**self.data.dict(), "version": edition.version}  # type: ignore[attr-defined]


class RemarkForm(VerbForm):
    remark = forms.CharField(
        label=gettext_lazy("Remark"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For colleagues. It stays in the record."),
    )


class SendBackForm(VerbForm):
    remark = forms.CharField(
        label=gettext_lazy("What should be changed?"), widget=forms.Textarea(attrs={"rows": 4})
    )


class PublishForm(RemarkForm):
    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[("now", gettext_lazy("Now")), ("moment", gettext_lazy("At the moment below"))],
        widget=forms.RadioSelect,
        initial="now",
    )
    moment = MomentField(label=gettext_lazy("Moment"))
    field_order = ["version", "when", "moment", "remark"]

    class Media:
        js = ["moment.js"]

    def clean_moment(self) -> Any:
        moment = self.cleaned_data["moment"]
        if moment and moment < timezone.now() + workflow.LEAD:
            raise forms.ValidationError(_("This moment is past. Choose one to come, or “Now”."))
        return moment

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("when") == "moment" and not cleaned.get("moment"):
            if "moment" not in self.errors:
                self.add_error("moment", _("Give the date and the time."))
        elif cleaned.get("when") == "now" and cleaned.get("moment"):
            self.add_error("when", _("You gave a moment, but chose “Now”. Which is it?"))
        return cleaned

    def arguments(self) -> dict[str, Any]:
        return {"moment": self.cleaned_data["moment"], "remark": self.cleaned_data["remark"]}

    def place(self, problem: checks.Problem) -> str | None:
        return "moment" if self.cleaned_data["moment"] else "when"


class EmergencyForm(PublishForm):
    remark = None  # type: ignore[assignment]
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Why it cannot wait for an approver. It stays in the record."),
    )
    field_order = ["version", "when", "moment", "reason"]

    def arguments(self) -> dict[str, Any]:
        return {"moment": self.cleaned_data["moment"], "reason": self.cleaned_data["reason"]}


class WithdrawForm(VerbForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("What becomes of the text"),
        choices=Withdrawal.Kind.choices,
        widget=forms.RadioSelect,
    )
    moved_to = ReferenceField(
        label=gettext_lazy("The other letter"),
        required=False,
        help_text=gettext_lazy(
            "Only when it moved: the reference of the letter that takes its place."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("Public reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Everyone will read it on the letter's page: write it in the language of that page."
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        moved = cleaned.get("kind") == Withdrawal.Kind.MOVED
        if "moved_to" in cleaned and moved != (cleaned["moved_to"] is not None):
            self.add_error("moved_to", _("Name the letter it has moved to, and only then."))
        return cleaned


FORMS: dict[str, type[VerbForm]] = {
    "submit": RemarkForm,
    "discard": RemarkForm,
    "approve": RemarkForm,
    "send_back": SendBackForm,
    "publish": PublishForm,
    "emergency": EmergencyForm,
    "review": RemarkForm,
    "recall": RemarkForm,
    "correct": VerbForm,
    "withdraw": WithdrawForm,
    "restore": RemarkForm,
}

# What the public notices at once asks again who is there.
ASKED_AGAIN = ("publish", "emergency", "withdraw", "restore")


def page(request: HttpRequest, pk: int, verb: str, context: dict[str, Any]) -> HttpResponse:
    """A GET asks, a POST does; a refusal says why and keeps what was typed."""
    transition = workflow.TRANSITIONS.get(verb)
    if transition is None:
        raise Http404
    if not request.user.has_perm(transition.permission):
        raise PermissionDenied
    there = Edition.objects.open_to(request.user)  # type: ignore[arg-type]
    edition = get_object_or_404(there.in_full(), pk=pk)
    form = FORMS[verb](
        request.POST if request.method == "POST" else None, initial=_initial(verb, edition)
    )
    refused, status = "", 200
    problems = checks.to_submit(edition) if verb in ("submit", "emergency") else []
    if request.method == "POST" and not form.is_valid():
        status = 400
    elif request.method == "POST":
        if verb in ASKED_AGAIN and not recently_signed_in(request):
            ask_again(request)
        try:
            return _do(request, verb, edition, form)
        except workflow.Refused as error:
            refused, status = _told(error, form)
            edition = get_object_or_404(Edition.objects.in_full(), pk=pk)
            problems = checks.to_submit(edition) if verb in ("submit", "emergency") else []
            form.seen(edition)
    elif verb not in workflow.open_verbs(edition, by=request.user, at=timezone.now()):  # type: ignore[arg-type]
        refused = _why_not(edition, verb)
    context |= {
        **reading.facts(edition),
        "title": transition.label,
        "subtitle": str(edition),
        "verb": verb,
        "label": transition.label,
        "form": form,
        "media": context["media"] + form.media,
        "problems": problems,
        "blocked": any(problem.blocks for problem in problems),
        "refused": refused,
        "possible": not refused or request.method == "POST",
    }
    return TemplateResponse(request, "admin/letters/edition/verb.html", context, status=status)


def _initial(verb: str, edition: Edition) -> dict[str, Any]:
    initial: dict[str, Any] = {"version": edition.version}
    embargo = edition.not_before if verb in ("publish", "emergency") else None
    if embargo and embargo > timezone.now():
        initial |= {"when": "moment", "moment": embargo}
    return initial


def _do(request: HttpRequest, verb: str, edition: Edition, form: VerbForm) -> HttpResponse:
    edition.version = form.cleaned_data["version"]
    done = getattr(workflow, verb)(edition, by=request.user, **form.arguments())
    if verb == "correct":
        messages.success(
            request, _("A correction is begun. The public still reads the text as it is.")
        )
        return HttpResponseRedirect(reverse("admin:letters_edition_change", args=[done.pk]))
    edition = done[0] if isinstance(done, list) else done
    messages.success(
        request,
        _("Done: “%(headline)s” (%(language)s) is now %(stage)s.")
        % {
            "headline": edition,
            "language": reading.language(edition),
            "stage": Edition.objects.get(pk=edition.pk).stage(timezone.now()).label,
        },
    )
    return HttpResponseRedirect(reverse("admin:letters_letter_change", args=[edition.letter_id]))


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
    if verb == "review":
        return _("This text does not wait for your review.")
    if verb == "approve":
        return _("You edited this text, so another person has to approve it.")
    return _("You cannot do that with this text as things stand.")
