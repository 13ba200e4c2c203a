"""Remarks of colleagues on a text, tied to a passage of it where they wish. Never public."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from letters import markup, workflow
from letters.admin import reading
from letters.models import Edition, Remark, State

# The parts of a text a passage is looked for in, in the order they are read.
PARTS = ("headline", "summary", "salutation", "body", "closing", "notes", "press_contact")


class RemarkOnText(forms.Form):
    passage = forms.CharField(
        label=gettext_lazy("About these words"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=gettext_lazy(
            "Select words in the text, or copy them here. Empty: about the whole text."
        ),
    )
    text = forms.CharField(
        label=gettext_lazy("Your remark"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy("For colleagues. It is never published."),
    )

    class Media:
        js = ["remark.js"]

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "remark_%s"} | kwargs)
        self.edition = edition

    def clean_passage(self) -> str:
        passage = _plain(self.cleaned_data["passage"])
        if passage and not _place(_read(self.edition), passage):
            raise forms.ValidationError(
                _("These words do not stand together in the text. Copy them from it.")
            )
        return passage


def of(edition: Edition) -> dict[str, Any]:
    """What `admin/letters/edition/_remarks.html` shows, and the text with its passages marked.

    `marked` is for `admin/letters/edition/_text.html`. Each remark says in `.found` whether its
    passage still stands in the text.
    """
    remarks = list(edition.remarks.select_related("settled_by"))
    parts = _read(edition) if any(remark.passage for remark in remarks) else {}
    found: dict[str, list[tuple[int, str]]] = {}
    for remark in remarks:
        part = _place(parts, remark.passage) if remark.passage else ""
        vars(remark)["found"] = bool(part)
        if part and remark.settled_at is None:
            found.setdefault(part, []).append((remark.pk, remark.passage))
    return {
        "remarks": remarks,
        "open_remarks": sum(remark.settled_at is None for remark in remarks),
        "marked": {
            part: marked(_html(edition, part), passages) for part, passages in found.items()
        },
        "remark_form": RemarkOnText(edition=edition),
    }


def page(request: HttpRequest, pk: int, context: dict[str, Any]) -> HttpResponse:
    """The remarks on a text; a POST adds one, and goes back to where it was typed."""
    edition = _edition(request, pk)
    form, status = RemarkOnText(edition=edition), 200
    if request.method == "POST":
        form = RemarkOnText(request.POST, edition=edition)
        if edition.state == State.DISCARDED:
            raise PermissionDenied
        if form.is_valid():
            by: Any = request.user
            Remark.objects.create(
                edition=edition,
                by=by,
                by_name=by.get_full_name() or by.get_username(),
                at=timezone.now(),
                **form.cleaned_data,
            )
            messages.success(request, _("Your remark is there for your colleagues."))
            return HttpResponseRedirect(_back(request, edition))
        status = 400
    else:
        workflow.viewed(edition.letter, by=request.user)  # type: ignore[arg-type]
    context |= {
        **reading.facts(edition),
        **of(edition),
        "remark_form": form,
        "media": form.media,
        "title": _("Remarks"),
        "subtitle": str(edition),
        "back": _back(request, edition),
    }
    return TemplateResponse(request, "admin/letters/edition/remarks.html", context, status=status)


def settle(request: HttpRequest, pk: int, remark: int) -> HttpResponse:
    """Done with: it stays to be read, and is marked in the text no more."""
    edition = _edition(request, pk)
    there = Remark.objects.filter(pk=remark, edition=edition)
    if not there.exists():
        raise Http404
    there.filter(settled_at=None).update(settled_by=request.user, settled_at=timezone.now())
    return HttpResponseRedirect(_back(request, edition))


def _edition(request: HttpRequest, pk: int) -> Edition:
    if not request.user.has_perm("letters.view_edition"):
        raise PermissionDenied
    by: Any = request.user
    return get_object_or_404(Edition.objects.open_to(by).in_full(), pk=pk)


def _back(request: HttpRequest, edition: Edition) -> str:
    """To the page it was typed on, if that is one of the desk; else to the remarks."""
    back = request.POST.get("back", "")
    desk = reverse("admin:index")
    if back.startswith(desk) and url_has_allowed_host_and_scheme(back, None):
        return f"{back}#remarks"
    return reverse("admin:letters_edition_remarks", args=[edition.pk])


# --- Passages -----------------------------------------------------------------------------------

_PIECE = re.compile(r"""<(?:"[^"]*"|[^">])*>|&[^;\s]{1,32};|.""", re.DOTALL)
_APART = re.compile(rf"</?(?:{'|'.join(markup.BLOCKS)}|br)[\s>/]")


def _plain(text: str) -> str:
    return " ".join(markup.plain(text).split())


def _html(edition: Edition, part: str) -> str:
    text: str = getattr(edition, part)
    return text if part == "body" else escape(text, quote=False)


def _read(edition: Edition) -> dict[str, str]:
    """The parts of the text as a reader sees them."""
    return {
        part: "".join(sign for sign, _at in _signs(_html(edition, part)))
        for part in PARTS
        if getattr(edition, part)
    }


def _place(parts: dict[str, str], passage: str) -> str:
    """The first part in which these words stand; empty when they do not."""
    return next((part for part, text in parts.items() if _plain(passage) in text), "")


def _signs(html: str) -> list[tuple[str, tuple[int, int]]]:
    """Each sign a reader sees and where it stands in the HTML; white space is one space."""
    found: list[tuple[str, tuple[int, int]]] = []
    for piece in _PIECE.finditer(html):
        source, at = piece[0], piece.span()
        if source.startswith("<") and len(source) > 1:
            sign, at = (" " if _APART.match(source) else ""), (at[0], at[0])
        else:
            sign = unescape(source)
        if sign.isspace():
            sign = "" if not found or found[-1][0] == " " else " "
        found += [(one, at) for one in sign]
    return found


def marked(html: str, passages: Sequence[tuple[int, str]]) -> SafeString:
    """The HTML with each passage in `<mark>`, that links to the remark of that number."""
    signs = _signs(html)
    text = "".join(sign for sign, _at in signs)
    of_sign: list[list[int]] = [[] for _sign in signs]
    for number, passage in passages:
        start = text.find(_plain(passage))
        if start >= 0:
            for place in range(start, start + len(_plain(passage))):
                of_sign[place].append(number)
    out: list[str] = []
    done, known, place = 0, set[int](), 0
    while place < len(signs):
        numbers, (start, end) = of_sign[place], signs[place][1]
        place += 1
        if not numbers or start == end:
            continue
        while place < len(signs) and signs[place][1][0] == end and of_sign[place] == numbers:
            end = max(end, signs[place][1][1])
            place += 1
        new = [number for number in numbers if number not in known]
        known.update(new)
        anchor = f' id="passage-{new[0]}"' if new else ""
        out += [html[done:start], f"<mark{anchor}>", html[start:end], "</mark>"]
        out += [f'<a class="to-remark" href="#remark-{n}">{_("remark")}</a>' for n in new]
        done = end
    return mark_safe("".join(out) + html[done:])  # noqa: S308 (clean HTML, or escaped text)
