"""A letter as a file: plain text, signed JSON, PDF, and the card shown where it is shared."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.formats import date_format

from letters import genuine, record, renditions
from letters.files import kept, remove, small_path
from letters.models import Edition, Note, Office, Statement, Withdrawal
from letters.public import reading
from letters.public.views import Gone, notice, page, readable


@page
def letter_text(
    request: HttpRequest, language: str, at: datetime, reference: str, slug: str
) -> HttpResponse:
    found = readable(language, at, reference)
    context = reading.letter_context(found, at)
    context |= {
        "withdrawal": notice(found.letter, language, at),
        "office": Office.objects.current(),
        "code": record.check_code(found.digest),
    }
    text = render_to_string("letters/letter.txt", context, request).encode()
    if proof := _proof(found):
        text = genuine.sign(text, proof["statement"])
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _proof(found: Edition) -> dict[str, Any] | None:
    """What proves the text offline, as in its letter.json; None for what was never signed."""
    statement = Statement.objects.filter(edition=found).first()
    if statement is None:
        return None
    statement.edition = found
    return {
        "statement": record.said(statement),
        "signature": statement.jws,
        "letter": record.canonical(found, found.parties.all()),
    }


@page
def letter_json(
    request: HttpRequest, language: str, at: datetime, reference: str, slug: str
) -> HttpResponse:
    """What was approved, with what proves it: its statement, signed, and those of earlier texts."""
    found = readable(language, at, reference)
    ever = Statement.objects.filter(
        edition__in=Edition.objects.once_live(at).filter(letter=found.letter, language=language)
    )
    ever = ever.select_related("edition__letter", "edition__redaction")
    chain = list(ever.order_by("-edition__number"))
    if not chain or chain[0].edition_id != found.pk:
        raise Http404  # put here by other means than the desk, and never signed
    withdrawal = notice(found.letter, language, at)
    signed: list[dict[str, Any]] = [
        {"statement": record.said(statement), "signature": statement.jws} for statement in chain
    ]
    for earlier, statement in zip(signed[1:], chain[1:], strict=True):
        place = [language, reference, found.slug, statement.edition.number]
        earlier["address"] = request.build_absolute_uri(reverse("edition", args=place))
        if statement.edition.redacted_at:
            earlier["redacted"] = statement.edition.redacted_at
    document = {
        "address": request.build_absolute_uri(found.get_absolute_url()),
        "keys": request.build_absolute_uri(reverse("jwks")),
        "check_code": record.check_code(found.digest),
        **signed[0],
        "letter": record.canonical(found, found.parties.all()),
        "withdrawn": withdrawal and {"since": withdrawal.since, "reason": withdrawal.public_reason},
        "notes": [
            {"note": record.noted(note), "signature": note.jws}
            for note in Note.objects.approved().filter(letter=found.letter, language=language)
        ],
        "earlier": signed[1:],
    }
    return JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 1})


@page
def letter_pdf(
    request: HttpRequest, language: str, at: datetime, reference: str, slug: str
) -> HttpResponseBase:
    """The letter as a PDF, which says where to check it."""
    found = readable(language, at, reference)
    made = _pdf(found, found.letter.withdrawal(language, at))
    return _answer(request, made, "application/pdf", f"{reference}-{language}.pdf")


def _pdf(edition: Edition, withdrawal: Withdrawal | None) -> tuple[str, Path]:
    """In the active language. Nothing of whoever asks for it is in it: all get the same."""
    reference, site = edition.letter.reference, settings.PRESSOFFICE_SITE_URL
    code = record.check_code(edition.digest)
    query = urlencode({"reference": reference, "code": code})
    office = Office.objects.current()
    own = small_path(getattr(office, "emblem", None) or "none")
    emblem = own if own.exists() else Path(str(finders.find("emblem.svg")))
    context = {
        "edition": edition,
        **reading.parties_by_role(edition),
        "withdrawal": withdrawal,
        "office": office,
        "code": code,
        "address": site + reverse("short-link", args=[reference]),
        "qr": renditions.qr(f"{site}{reverse('verify', args=[edition.language])}?{query}"),
        "emblem": renditions.inlined(emblem),
    }
    html = render_to_string("letters/letter.pdf.html", context)
    return renditions.pdf(html, of=edition.digest, proof=_proof(edition))


@page
def letter_card(
    request: HttpRequest, language: str, at: datetime, reference: str, slug: str
) -> HttpResponseBase:
    """What is shown of a letter where its address is shared, as a picture."""
    found = readable(language, at, reference)
    return _answer(request, _card(found), "image/png", f"{reference}-{language}.png")


def _card(edition: Edition) -> tuple[str, Path]:
    office = Office.objects.current()
    return renditions.card(
        renditions.Card(
            kind=edition.kind_name,  # type: ignore[attr-defined]
            headline=edition.headline,
            day=date_format(edition.dated, "DATE_FORMAT") if edition.dated else "",
            office=str(office.name),
            is_rtl=edition.bidi == "rtl",
            seal=getattr(office, "accent", None) or renditions.SEAL,
        ),
        of=edition.digest,
    )


def _answer(
    request: HttpRequest, made: tuple[str, Path], kind: str, filename: str
) -> HttpResponseBase:
    name, path = made
    etag = f'"{name}"'
    response = get_conditional_response(request, etag=etag) or FileResponse(
        path.open("rb"), content_type=kind, filename=filename
    )
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"  # a withdrawal shows at once
    return response


def make(edition: Edition) -> None:
    """Make what readers will ask for at the moment of this text, or ask for already.

    What is made is what is asked for then, unless the office, or what covers the letter, changes
    in between: that is made on the first request. Takes an edition loaded `in_full`, published.
    """
    moment = edition.live_from or timezone.now()
    at = max(timezone.now(), moment)
    with translation.override(edition.language):
        try:
            withdrawal = notice(edition.letter, edition.language, at)
        except Gone:
            return
        _pdf(edition, withdrawal)
        _card(edition)
    for file in edition.files.all():
        for name in file.names:
            kept(file, name)
    # Recalled meanwhile, it was never public, and no signed file may say that it is.
    if not Statement.objects.filter(edition=edition, live_from=moment).exists():
        remove(renditions.folder(edition.digest))
