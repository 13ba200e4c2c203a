"""One exact text, for one person without an account, who may clear it: by a secret link."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from letters import clearances
from letters.models import Clearance
from letters.public.files import respond
from letters.public.reading import letter_context
from letters.public.views import show

MOST_WORDS = 10_000


class AnswerForm(forms.Form):
    decision = forms.ChoiceField(choices=Clearance.Decision.choices)
    remark = forms.CharField(
        label=_("Remark"),
        required=False,
        max_length=MOST_WORDS,
        widget=forms.Textarea(
            attrs={"id": "remark", "rows": 5, "aria-describedby": "remark-hint", "dir": "auto"}
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("decision") == Clearance.Decision.CHANGE and not cleaned.get("remark", "x"):
            self.add_error("remark", _("Say what should be changed."))
        return cleaned


def by_link(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Gives the view the clearance. A link that is dead, or was never one, has one answer."""

    @wraps(view)
    def guarded(request: HttpRequest, language: str, token: str, **more: Any) -> HttpResponseBase:
        clearance = clearances.find(token, timezone.now())
        with translation.override(language):
            request.LANGUAGE_CODE = language
            if clearance is None or clearance.edition.language != language:
                response: HttpResponseBase = _closed(request)
            else:
                response = view(request, clearance, token, **more)
        response["Cache-Control"] = "no-store, private"
        response["X-Robots-Tag"] = "noindex, nofollow"
        # Not `no-referrer`, with which browsers hide where the form is from: it would be refused.
        response["Referrer-Policy"] = "same-origin"
        return response

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def clearance(request: HttpRequest, clearance: Clearance, token: str) -> HttpResponse:
    """The letter as the public will see it, and the two answers. Each view is noted."""
    initial = {"remark": clearance.remark}
    form = AnswerForm(request.POST if request.method == "POST" else None, initial=initial)
    wrong: Any = ""
    status = 200
    if request.method == "POST" and form.is_valid():
        answer = form.cleaned_data
        try:
            if clearances.decide(token, answer["decision"], answer["remark"]) is None:
                return _closed(request)
            return HttpResponseRedirect(request.path)
        except clearances.Refused as refused:
            wrong, status = str(refused), 409
    elif request.method == "POST":
        wrong, status = _("Your answer was not sent. Please look at it again."), 400
    try:
        clearances.opened(clearance)
    except clearances.Refused:
        return _closed(request)  # what cannot be noted is not shown
    context = {
        **letter_context(clearance.edition, timezone.now()),
        "clearance": clearance,
        "form": form,
        "wrong": wrong,
        "files_at": reverse("clearance-file", args=[clearance.edition.language, token, "-"])[:-1],
        "preview": True,  # nothing on the page leads to an address the letter has not yet
        "in_languages": {},
    }
    return show(request, "letters/clearance.html", context, status=status)


@require_safe
@by_link
def file(request: HttpRequest, clearance: Clearance, token: str, name: str) -> HttpResponseBase:
    return respond(clearance.edition, name)


def _closed(request: HttpRequest) -> HttpResponse:
    """Nothing of a letter; what was just typed comes back, so that no word of it is lost."""
    typed = request.POST.get("remark", "")[:MOST_WORDS]
    context = {"typed": typed, "in_languages": {}}
    return show(request, "letters/clearance_closed.html", context, status=404)
