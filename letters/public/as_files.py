"""A letter as a file: plain text, signed JSON, PDF, and the card shown where it is shared."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import default_storage
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

from letters import dates, genuine, record, renditions
from letters.files import kept, remove, small_place
from letters.models import Edition, Note, Office, Statement, Withdrawal
from letters.public import reading
from letters.public.reading import absolute
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
        "site": settings.PRESSOFFICE_SITE_URL,
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
        earlier["address"] = absolute(reverse("edition", args=place))
        if statement.edition.redacted_at:
            earlier["redacted"] = statement.edition.redacted_at
    document = {
        "address": absolute(found.get_absolute_url()),
        "keys": absolute(reverse("jwks")),
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


def _pdf(edition: Edition, withdrawal: Withdrawal | None) -> tuple[str, str]:
    """In the active language. Nothing of whoever asks for it is in it: all get the same."""
    reference, site = edition.letter.reference, settings.PRESSOFFICE_SITE_URL
    code = record.check_code(edition.digest)
    query = urlencode({"reference": reference, "code": code})
    office = Office.objects.current()
    context = {
        "edition": edition,
        **reading.parties_by_role(edition),
        "withdrawal": withdrawal,
        "office": office,
        "code": code,
        "address": site + reverse("short-link", args=[reference]),
        "qr": renditions.qr(f"{site}{reverse('verify', args=[edition.language])}?{query}"),
        "emblem": _emblem(office),
    }
    html = render_to_string("letters/letter.pdf.html", context)
    return renditions.pdf(html, of=edition.digest, proof=_proof(edition))


def _emblem(office: Office) -> str:
    own = getattr(office, "emblem", None)
    if own and default_storage.exists(small_place(own)):
        with default_storage.open(small_place(own)) as opened:
            return renditions.inlined(opened.read(), "image/webp")
    drawn = Path(str(finders.find("emblem.svg"))).read_bytes()
    return renditions.inlined(drawn, "image/svg+xml")


@page
def letter_card(
    request: HttpRequest, language: str, at: datetime, reference: str, slug: str
) -> HttpResponseBase:
    """What is shown of a letter where its address is shared, as a picture."""
    found = readable(language, at, reference)
    return _answer(request, _card(found), "image/png", f"{reference}-{language}.png")


def _card(edition: Edition) -> tuple[str, str]:
    office = Office.objects.current()
    return renditions.card(
        renditions.Card(
            kind=edition.kind_name,  # type: ignore[attr-defined]
            headline=edition.headline,
            day=dates.day(edition.dated) if edition.dated else "",
            office=str(office.name),
            is_rtl=edition.bidi == "rtl",
            seal=getattr(office, "accent", None) or renditions.SEAL,
        ),
        of=edition.digest,
    )


def _answer(
    request: HttpRequest, made: tuple[str, str], kind: str, filename: str
) -> HttpResponseBase:
    name, place = made
    etag = f'"{name}"'
    response = get_conditional_response(request, etag=etag) or FileResponse(
        default_storage.open(place), content_type=kind, filename=filename
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
