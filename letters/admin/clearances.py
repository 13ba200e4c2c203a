"""Asking a person without an account to clear a text: the link, shown once, and its answers."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from letters import clearances
from letters.admin import reading
from letters.models import Clearance, Edition


class AskForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    post = forms.CharField(
        label=gettext_lazy("Post"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Such as Chief of staff."),
    )
    address = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        required=False,
        help_text=gettext_lazy("The link is sent there. Without one, pass it on yourself."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Open for how many days"),
        min_value=1,
        max_value=clearances.MOST_DAYS,
        initial=clearances.DAYS,
    )


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below an edition's own."""
    return [
        path(
            "<int:pk>/clearance/",
            site.admin_view(partial(ask, site=site)),
            name="letters_edition_clearance",
        ),
        path(
            "<int:pk>/clearance/<int:number>/revoke/",
            site.admin_view(require_POST(revoke)),
            name="letters_edition_revoke",
        ),
    ]


def of(edition: Edition) -> dict[str, Any]:
    """What `admin/letters/edition/_clearances.html` shows: who was asked, and what they said."""
    found = clearances.asked_of([edition], timezone.now()).get(edition.pk, [])
    return {"edition": edition, "asked": found, "awaited": clearances.awaited(edition, found)}


def _found(request: HttpRequest, pk: int) -> Edition:
    open_to = Edition.objects.open_to(request.user)  # type: ignore[arg-type]
    edition = get_object_or_404(open_to.select_related("letter", "kind"), pk=pk)
    if not clearances.may_ask(request.user, edition):  # type: ignore[arg-type]
        raise PermissionDenied
    return edition


def ask(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    """The form, and in answer to it the link: the one time that it is shown."""
    edition = _found(request, pk)
    post = edition.kind.cleared_by if edition.kind else ""
    form = AskForm(request.POST if request.method == "POST" else None, initial={"post": post})
    context = {
        **site.each_context(request),
        "title": _("Ask for clearance"),
        "subtitle": str(edition),
        "opts": Edition._meta,
        "edition": edition,
        "hub": reading.hub(edition),
        "language": reading.language(edition),
        "form": form,
        "post": post,
    }
    status = 400 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            context["clearance"], context["link"] = clearances.ask(
                edition,
                by=request.user,  # type: ignore[arg-type]
                **form.cleaned_data,
            )
        except clearances.Refused as refused:
            context["refused"], status = str(refused), 409
    template = "admin/letters/edition/clearance.html"
    response = TemplateResponse(request, template, context, status=status)
    response["Cache-Control"] = "no-store, private"
    return response


def revoke(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    edition = _found(request, pk)
    clearance = get_object_or_404(Clearance, edition=edition, pk=number)
    try:
        clearances.revoke(clearance, by=request.user)  # type: ignore[arg-type]
        messages.success(request, _("The link of %(name)s is dead.") % {"name": clearance.name})
    except clearances.Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reading.hub(edition))
