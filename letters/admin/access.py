"""Who sees a restricted letter: said by those who see it, and by administrators, who need not."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from letters import roles, workflow
from letters.models import Letter, Reader

# Staff are chosen by the right to see letters at all; others would be named in vain.
READ = "letters.view_letter"


def urls(site: AdminSite) -> list[URLPattern]:
    """Addresses below that of the letters."""
    return [
        path(
            "<int:pk>/access/",
            site.admin_view(partial(restrict, site=site)),
            name="letters_letter_access",
        ),
        path(
            "restricted/",
            site.admin_view(partial(by_reference, site=site)),
            name="letters_letter_restricted",
        ),
    ]


def may_restrict(user: Any) -> bool:
    return bool(user.has_perm(roles.DRAFT) or user.has_perm(roles.RESTRICT))


def readers(letter: Letter) -> list[User]:
    named = Reader.objects.filter(letter=letter).select_related("user")
    return sorted((reader.user for reader in named), key=_name)


def staff() -> Iterable[User]:
    """Active staff who may see letters, by name."""
    found = User.objects.with_perm(READ, backend="django.contrib.auth.backends.ModelBackend")
    return found.filter(is_staff=True).prefetch_related("groups")


def _name(user: User) -> str:
    return user.get_full_name() or user.get_username()


class People(forms.ModelMultipleChoiceField):
    """Each with their groups, so that somebody on the list can approve, and somebody publish."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> Any:
        groups = ", ".join(_(group.name) for group in obj.groups.all())
        return f"{_name(obj)} – {groups}" if groups else _name(obj)


class ReadersForm(forms.Form):
    people = People(
        User.objects.none(),
        label=gettext_lazy("Who sees it"),
        error_messages={"required": gettext_lazy("Name at least one person.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("It stays in the record. Those named are told."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody: Any = self.fields["people"]
        everybody.queryset = staff().order_by("last_name", "first_name", "username")  # type: ignore[attr-defined]


class OwnReadersForm(ReadersForm):
    """Whoever works on a letter stays on its list: their own box is not there to be unticked."""

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["people"]
        people.queryset = people.queryset.exclude(pk=by.pk)
        people.required = False
        people.label = gettext_lazy("Who sees it besides you")


def restrict(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    """The list of a letter that is open to this person; they stay on it."""
    by: Any = request.user
    letter = get_object_or_404(Letter.objects.open_to(by), pk=pk)
    if not may_restrict(by):
        raise PermissionDenied
    hub = reverse("admin:letters_letter_change", args=[pk])
    form = OwnReadersForm(
        request.POST if request.method == "POST" else None,
        by=by,
        initial={"people": readers(letter) if letter.restricted else []},
    )
    refused, status = "", 200
    if request.method == "POST" and form.is_valid():
        open_again = letter.restricted and "open" in request.POST
        wanted = [] if open_again else [*form.cleaned_data["people"], by]
        try:
            workflow.restrict(letter, wanted, by=by, reason=form.cleaned_data["reason"])
        except workflow.Refused as error:
            refused, status = str(error), 409
        else:
            messages.success(
                request,
                _("The letter is open to all staff again.")
                if open_again
                else _("Only those named see the letter. They have been told."),
            )
            return HttpResponseRedirect(hub)
    elif request.method == "POST":
        status = 400
    context = {
        **site.each_context(request),
        "title": _("Who sees letter %(reference)s") % {"reference": letter.reference},
        "opts": Letter._meta,
        "letter": letter,
        "hub": hub,
        "form": form,
        "refused": refused,
    }
    template = "admin/letters/letter/access.html"
    return TemplateResponse(request, template, context, status=status)


def by_reference(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """For administrators: the list alone, of a letter of which they need not see a word.

    What is no restricted letter, because it is open or because there is none, has one answer.
    """
    by: Any = request.user
    if not by.has_perm(roles.RESTRICT):
        raise PermissionDenied
    reference = request.GET.get("reference", "").strip().replace("\0", "")
    letter = Letter.objects.filter(reference=reference, restricted=True).first()
    refused, status, form = "", 200, None
    if reference and letter is None:
        refused = _("There is no restricted letter with the reference %(reference)s.") % {
            "reference": reference
        }
        status = 404
    if letter is not None:
        form = ReadersForm(
            request.POST if request.method == "POST" else None,
            initial={"people": readers(letter)},
        )
        if request.method == "POST" and form.is_valid():
            answer = form.cleaned_data
            try:
                workflow.restrict(letter, answer["people"], by=by, reason=answer["reason"])
            except workflow.Refused as error:
                refused, status = str(error), 409
            else:
                messages.success(
                    request,
                    _("The list of %(reference)s is as you gave it. Those named have been told.")
                    % {"reference": reference},
                )
                return HttpResponseRedirect(reverse("admin:letters_letter_restricted"))
        elif request.method == "POST":
            status = 400
    context = {
        **site.each_context(request),
        "title": _("Who sees a restricted letter"),
        "opts": Letter._meta,
        "reference": reference,
        "form": form,
        "refused": refused,
    }
    template = "admin/letters/letter/restricted.html"
    return TemplateResponse(request, template, context, status=status)
