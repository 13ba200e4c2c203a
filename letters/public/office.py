"""The pages of the office, its emblem and its colours."""

from __future__ import annotations

from datetime import datetime

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from letters.files import small_place
from letters.models import Appearance, Correspondent, OfficePage
from letters.public.reading import LANGUAGES
from letters.public.views import page, show


@page
def office_page(request: HttpRequest, language: str, at: datetime, kind: str) -> HttpResponse:
    """One of the pages of the office, or the languages it is in where it is not in this one."""
    pages = OfficePage.objects.filter(kind=kind, language__in=LANGUAGES)
    found = {one.language: one for one in pages.order_by("language")}
    if not found:
        raise Http404
    title = OfficePage.Kind(kind).label
    there = {language: one.get_absolute_url() for language, one in found.items()}
    if language not in found:
        context = {"title": title, "others": list(found.values()), "in_languages": there}
        return show(request, "letters/office_page_elsewhere.html", context, status=404)
    context = {"title": title, "office_page": found[language], "in_languages": there}
    return show(request, "letters/office_page.html", context)


@require_safe
def emblem(request: HttpRequest, digest: str) -> HttpResponseBase:
    """The emblem that was chosen in the desk. Its name is of its content: it never changes."""
    if not Appearance.objects.filter(emblem=digest).exists():
        raise Http404
    return _small(digest, "emblem.webp")


@require_safe
def portrait(request: HttpRequest, digest: str) -> HttpResponseBase:
    """The portrait of a correspondent, whose page shows it; of the same kind."""
    if not Correspondent.objects.filter(portrait=digest).exists():
        raise Http404
    return _small(digest, "portrait.webp")


def _small(digest: str, name: str) -> HttpResponseBase:
    try:
        content = default_storage.open(small_place(digest))
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, content_type="image/webp", filename=name)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@require_safe
def colours(request: HttpRequest) -> HttpResponse:
    """The accent as a style sheet: the content security policy allows none inside a page."""
    look = Appearance.objects.first()
    if look is None:
        raise Http404
    response = render(request, "office.css", {"look": look}, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=86400"  # pages name the colours in its address
    return response
