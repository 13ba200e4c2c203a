"""The removal of personal data, before it is asked for or confirmed: what goes, and what stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone, translation
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from letters import roles, workflow
from letters.admin import comparing
from letters.admin.withdrawals import FRAMED
from letters.models import Edition, Office, Redaction, Statement

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.contrib.auth.models import User
    from django.urls import URLPattern


def urls(site: AdminSite) -> list[URLPattern]:
    return [
        path(
            "<int:pk>/redacted/",
            site.admin_view(require_safe(redacted)),
            name="letters_edition_redacted",
        )
    ]


def shown(edition: Edition, by: User) -> dict[str, Any]:
    """The request there is, what the current text has other, and the page as it would be."""
    current = (
        Edition.objects.live(timezone.now())
        .select_related("letter__in_reply_to", "kind")
        .filter(letter=edition.letter, language=edition.language)
        .first()
    )
    return {
        "asked": workflow.asked(edition),
        "current": current,
        "since_then": comparing.compare(edition, current, by) if current else [],
        "look": reverse("admin:letters_edition_redacted", args=[edition.pk]),
    }


@csp_override(FRAMED)
@xframe_options_sameorigin
def redacted(request: HttpRequest, pk: int) -> HttpResponse:
    """The page the public would read in place of the text."""
    if not request.user.has_perm(roles.REDACT):
        raise PermissionDenied
    edition = get_object_or_404(Edition.objects.open_to(request.user).in_full(), pk=pk)  # type: ignore[arg-type]
    edition.redaction = Redaction(edition=edition, confirmed_at=timezone.now())
    with translation.override(edition.language):
        context: dict[str, Any] = {
            "edition": edition,
            "statement": Statement.objects.filter(edition=edition).first(),
            "office": Office.objects.current(),
            "elsewhere": [],
            "framed": True,
        }
        response = TemplateResponse(request, "letters/redacted.html", context)
        response.render()
    response["X-Robots-Tag"] = "noindex"
    return response
