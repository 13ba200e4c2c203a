"""Photographs and facsimiles, where the page of the text they belong to may be read."""

from __future__ import annotations

from datetime import datetime

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase

from letters.files import kept
from letters.models import Edition, File
from letters.models.file import EXTENSIONS
from letters.public.views import notice, page

TYPES = {extension: kind for kind, extension in EXTENSIONS.items()}


@page
def file(
    request: HttpRequest, language: str, at: datetime, reference: str, name: str
) -> HttpResponseBase:
    """A file of an edition that is or once was live; before its moment there is none."""
    history = Edition.objects.once_live(at).filter(letter__reference=reference, language=language)
    for edition in history.filter(files__sha256=name[:64]).select_related("letter").distinct()[:1]:
        notice(edition.letter, language, at)
        response = respond(edition, name)
        response["Cache-Control"] = "no-cache"  # a withdrawal counts at once
        return response
    raise Http404


def respond(edition: Edition, name: str) -> HttpResponseBase:
    """The bytes of one of the edition's files under one of its names, or Http404.

    Who may ask is for the caller to know: the public page, the desk, a clearance link.
    """
    for file in File.objects.filter(edition=edition, sha256=name[:64]):
        if name in file.names:
            try:
                content = default_storage.open(kept(file, name))
            except FileNotFoundError:
                raise Http404 from None
            kind = TYPES[name.rpartition(".")[2]]
            label = f"{edition.letter.reference}-{file.role}.{EXTENSIONS[kind]}"
            response = FileResponse(content, content_type=kind, filename=label)
            response["ETag"] = f'"{name}"'
            return response
    raise Http404
