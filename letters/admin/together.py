"""Several texts and one verb: what will happen to them all, or to none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from letters import workflow
from letters.admin import comparing
from letters.admin.asking_again import ask_again, recently_signed_in
from letters.admin.moments import WhenForm, proposed, told_of_all
from letters.admin.ticking import tick, ticked
from letters.models import Edition, Stage


class RemarkForm(forms.Form):
    remark = forms.CharField(
        label=gettext_lazy("Remark"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("For colleagues. It stays in the record, with each letter."),
    )


class SendBackForm(forms.Form):
    remark = forms.CharField(
        label=gettext_lazy("What should be changed?"), widget=forms.Textarea(attrs={"rows": 4})
    )


class PublishForm(WhenForm, RemarkForm):
    field_order = ["when", "moment", "remark"]


FORMS: dict[str, type[forms.Form]] = {
    "submit": RemarkForm,
    "approve": RemarkForm,
    "send_back": SendBackForm,
    "publish": PublishForm,
}
# How many texts one page takes: those of the longest series in three languages.
MOST = 900


@dataclass(frozen=True)
class Text:
    edition: Edition
    stage: Stage
    changes: list[comparing.Change]  # all in which it differs from the first


def _text(edition: Edition, first: Edition, by: Any) -> Text:
    return Text(edition, edition.stage(timezone.now()), comparing.compare(first, edition, by))


@dataclass(frozen=True)
class Refusal:
    edition: Edition
    why: str

    def __str__(self) -> str:
        return f"{self.edition.letter.reference} ({self.edition.language.upper()}): {self.why}"


def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """A POST that names a verb and the texts ticked asks; one with `_do` does it."""
    verb = request.POST.get("verb", "")
    if request.method != "POST":
        return HttpResponseRedirect(reverse("admin:letters_schedule") + "#approved")
    if verb not in FORMS:
        raise Http404
    there = Edition.objects.open_to(request.user)  # type: ignore[arg-type]
    doing = "_do" in request.POST
    values = request.POST.getlist("edition")[:MOST]
    editions = ticked(values, there.select_related("letter"))
    if not request.user.has_perm(workflow.TRANSITIONS[verb].permission):
        raise PermissionDenied
    back = _back(editions)
    if not editions:
        messages.warning(request, _("Tick at least one text."))
        return HttpResponseRedirect(back)
    if doing and verb == "publish" and not recently_signed_in(request):
        ask_again(request)
    form = FORMS[verb](
        request.POST if doing else None, initial=proposed(*editions) if verb == "publish" else {}
    )
    refused, refusals, status = "", [], 200
    if doing and form.is_valid():
        arguments = {k: v for k, v in form.cleaned_data.items() if k != "when"}
        try:
            done = workflow.together(verb, editions, by=request.user, **arguments)  # type: ignore[arg-type]
        except workflow.Refused as error:
            refused, status = str(error), 403 if isinstance(error, workflow.NotAllowed) else 409
            refusals = which(verb, editions, request.user, arguments)
        else:
            _tell(request, verb, done, arguments.get("moment"))
            return HttpResponseRedirect(back)
    elif doing:
        status = 400
    else:
        for edition in editions:
            workflow.viewed(edition.letter, by=request.user)  # type: ignore[arg-type]
    transition = workflow.TRANSITIONS[verb]
    shown = list(
        there.in_full()
        .select_related("kind")
        .prefetch_related("files")
        .filter(pk__in=[edition.pk for edition in editions])
        .order_by("letter_id", "language", "pk")
    )
    context = {
        **site.each_context(request),
        "title": transition.label,
        "verb": verb,
        "form": form,
        "media": form.media,
        "refused": _("Nothing was done: all of them, or none.") if refusals else refused,
        "refusals": refusals,
        "editions": shown,
        "ticks": [tick(edition) for edition in shown],
        "texts": [_text(edition, shown[0], request.user) for edition in shown],
        "back": back,
    }
    return TemplateResponse(request, "admin/letters/schedule/together.html", context, status=status)


def which(verb: str, editions: list[Edition], by: Any, arguments: dict[str, Any]) -> list[Refusal]:
    """Which of them it is about: each is tried alone, and taken back.

    A try at what this person may not do is in the record.
    """
    found = []
    for edition in editions:
        try:
            with transaction.atomic():
                workflow.together(verb, [edition], by=by, **arguments)
                transaction.set_rollback(True)
        except workflow.Refused as error:
            found.append(Refusal(edition, str(error)))
            if isinstance(error, workflow.NotAllowed):
                workflow.attempted(edition, verb, by=by, why=str(error))
    return found


def _tell(request: HttpRequest, verb: str, done: list[Edition], moment: Any) -> None:
    if verb == "publish":
        messages.success(request, told_of_all(done, at_once=moment is None))
        return
    stage = done[0].stage(timezone.now()).label
    text = ngettext(
        "Done: %(n)s text is now %(stage)s.", "Done: %(n)s texts are now %(stage)s.", len(done)
    )
    messages.success(request, text % {"n": len(done), "stage": stage})


def _back(editions: list[Edition]) -> str:
    """To the series they are all of, if they are; else to the schedule."""
    series = {edition.letter.series_id for edition in editions}
    if len(series) == 1 and (first := series.pop()):
        return reverse("admin:letters_series", args=[first])
    return reverse("admin:letters_schedule")
