"""The pages. Each asks for what was public at one moment, its own, and never changes anything."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from letters import differences
from letters.models import (
    Edition,
    Letter,
    Listing,
    Office,
    Statement,
    Withdrawal,
    schema,
)
from letters.models.office import MOST_LEADS
from letters.public import linked_data, reading
from letters.public.archive import Archive
from letters.public.searching import Search

Page = Callable[..., HttpResponseBase]

FRONT = 9  # letters on the front page

SITES_BEGAN = datetime(1991, 8, 6, tzinfo=UTC)  # no page was public before there was any


class Gone(Exception):
    """The text was taken off the site: its notice, or another letter, is in its place."""

    def __init__(self, withdrawal: Withdrawal) -> None:
        self.withdrawal = withdrawal


class Emptied(Exception):
    """The words of the text were removed, as a law requires, whatever the moment asked for."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition


def page(view: Page) -> Page:
    """A public page in the language of its address, as things are at one moment, `at`."""

    @require_safe
    @wraps(view)
    def in_its_language(request: HttpRequest, language: str, **kwargs: Any) -> HttpResponseBase:
        with translation.override(language):
            request.LANGUAGE_CODE = language
            try:
                if "at" in request.GET:
                    response = _as_of(view, request, language, **kwargs)
                else:
                    request.public_at = at = timezone.now()  # type: ignore[attr-defined]
                    response = view(request, language, at, **kwargs)
            except Gone as gone:
                response = _gone(request, gone.withdrawal)
            except Emptied as emptied:
                response = _emptied(request, emptied.edition)
            response["Content-Language"] = language
            return response

    return in_its_language


def _as_of(
    view: Callable[..., HttpResponseBase], request: HttpRequest, language: str, **kwargs: Any
) -> HttpResponseBase:
    """The page as it stood at the moment of `?at=` (RFC 3339), which is for staff only."""
    response: HttpResponseBase
    at = past_moment(request.GET["at"], timezone.now())
    user = getattr(request, "user", None)  # nobody signs in where there is no desk
    if user is None or not user.has_perm("letters.view_letter"):
        why = _("Only the staff of this office can see the site as it stood at an earlier moment.")
        response = show(request, "letters/not_then.html", {"why": why}, status=403)
    elif at is None:
        why = _("This is not a past moment with its time zone, such as 2026-11-09T09:30:00Z.")
        response = show(request, "letters/not_then.html", {"why": why}, status=400)
    else:
        request.as_of = at  # type: ignore[attr-defined]
        response = view(request, language, at, **kwargs)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def past_moment(asked: str, now: datetime) -> datetime | None:
    """The moment that is asked for (RFC 3339), if it is one and not to come."""
    asked = re.sub(r" (?=\d\d:\d\d$)", "+", asked)  # a plus sign typed as it is
    try:
        at = datetime.fromisoformat(asked)
        return at if timezone.is_aware(at) and SITES_BEGAN <= at <= now else None
    except (ValueError, OverflowError):
        return None


def _asked_at(request: HttpRequest) -> datetime | None:
    return getattr(request, "as_of", None) or getattr(request, "public_at", None)


def show(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """The template with what every page has: the office, and the page in each language.

    `in_languages` says where a page is that is not at the same address in all of them.
    """
    if "office" not in context:
        context["office"] = Office.objects.current(_asked_at(request))
    request.office = context["office"]  # type: ignore[attr-defined]
    context["site"] = settings.PRESSOFFICE_SITE_URL
    addresses = context.get("in_languages", reading.same_page(request))
    context["elsewhere"] = reading.in_each_language(addresses)
    context["there"] = [one for one in context["elsewhere"] if one["url"]]
    return render(request, template, context, status=status)


@require_safe
def choose_language(request: HttpRequest) -> HttpResponse:
    """To the front page in the visitor's language, or else in the deployment's first."""
    language = translation.get_language_from_request(request)
    response = HttpResponseRedirect(reverse("front", args=[language]))
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@page
def front(request: HttpRequest, language: str, at: datetime) -> HttpResponse:
    """The letters the office put first, those that are listed, or else the latest; then others."""
    office = Office.objects.current(at)
    listed = Listing.objects.listed(at).under(language)
    wanted = office.lead_references[:MOST_LEADS]
    leads: list[Edition] = []
    if wanted:
        chosen = listed.filter(edition__letter__reference__in=wanted).values("edition")
        found = {one.letter.reference: one for one in _in_brief(chosen)}
        leads = [found[reference] for reference in wanted if reference in found]
    newest = _in_brief(listed.newest_first().values("edition")[: FRONT + MOST_LEADS])
    rest = [edition for edition in newest if edition not in leads][:FRONT]
    context = {
        "office": office,
        "chosen": bool(leads),
        "leads": leads or rest[:1],
        "letters": rest[: FRONT - 1] if leads else rest[1:],
    }
    return show(request, "letters/front.html", context)


def _in_brief(keys: Any) -> list[Edition]:
    return list(Edition.objects.filter(pk__in=keys).newest_first().in_brief())


@page
def archive(request: HttpRequest, language: str, at: datetime) -> HttpResponse:
    found = Archive(request.GET, language, at)
    status = 200 if found.form.is_valid() else 400
    return show(request, "letters/archive.html", {"archive": found}, status=status)


@page
def search_page(request: HttpRequest, language: str, at: datetime) -> HttpResponse:
    found = Search(request.GET, language, at)
    status = 200 if found.form.is_valid() else 400
    return show(request, "letters/search.html", {"archive": found}, status=status)


@page
def letter(
    request: HttpRequest, language: str, at: datetime, reference: str, slug: str = ""
) -> HttpResponse:
    """The letter, or what stands in its place: a notice, another letter, other languages."""
    edition = _live(at, reference, language)
    if edition is None:
        return _not_in_this_language(request, language, at, reference)
    withdrawal = notice(edition.letter, language, at)
    has_words(edition)
    if slug != edition.slug:
        then = f"?{urlencode({'at': request.GET['at']})}" if "at" in request.GET else ""
        return HttpResponseRedirect(edition.get_absolute_url() + then)
    context = reading.letter_context(edition, at)
    context["in_languages"] = _addresses([edition, *context["languages"]])
    office = Office.objects.current(at)
    context |= {
        "withdrawal": withdrawal,
        "listed": withdrawal is None,
        "related": reading.related(edition, at),
        "office": office,
        "card": reverse("letter-card", args=[language, reference, edition.slug]),
    }
    if withdrawal is None:
        context["graph"] = linked_data.graph(context, office)
    return show(request, "letters/letter.html", context)


def _gone(request: HttpRequest, withdrawal: Withdrawal) -> HttpResponse:
    if withdrawal.moved_to is not None:
        # 302: browsers keep a 301, and the letter may be restored.
        return HttpResponseRedirect(
            reverse(
                "letter-by-reference", args=[withdrawal.language, withdrawal.moved_to.reference]
            ),
            headers={"Cache-Control": "no-store"},
        )
    reference = withdrawal.letter.reference
    context = {
        "reference": reference,
        "withdrawal": withdrawal,
        "in_languages": _addresses(_listed(reference, _asked_at(request))),
    }
    response = show(request, "letters/removed.html", context, status=410)
    response["Cache-Control"] = "no-cache"  # browsers keep a bare 410, and it may be restored
    return response


def _emptied(request: HttpRequest, edition: Edition) -> HttpResponse:
    context: dict[str, Any] = {
        "edition": edition,
        "statement": Statement.objects.filter(edition=edition).first(),
        "in_languages": _addresses(_listed(edition.letter.reference, _asked_at(request))),
    }
    response = show(request, "letters/redacted.html", context, status=410)
    response["Cache-Control"] = "no-cache"
    return response


def _not_in_this_language(
    request: HttpRequest, language: str, at: datetime, reference: str
) -> HttpResponse:
    others = _listed(reference, at)
    if not others:
        raise Http404
    context = {"reference": reference, "others": others, "in_languages": _addresses(others)}
    return show(request, "letters/not_in_this_language.html", context, status=404)


def _listed(reference: str, at: datetime | None) -> list[Edition]:
    """The letter in each language in which it may be read."""
    found = Edition.objects.listed(at or timezone.now()).filter(
        letter__reference=reference, language__in=reading.LANGUAGES
    )
    return list(found.select_related("letter").order_by("language"))


def _addresses(texts: list[Edition]) -> dict[str, str]:
    return {edition.language: edition.get_absolute_url() for edition in texts}


def _live(at: datetime, reference: str, language: str) -> Edition | None:
    live = Edition.objects.live(at).filter(letter__reference=reference, language=language)
    return live.first_in_full()


def notice(letter: Letter, language: str, at: datetime) -> Withdrawal | None:
    """The notice of withdrawal under which the text may still be read, if any. Raises Gone."""
    withdrawal = letter.withdrawal(language, at)
    if withdrawal is not None and withdrawal.kind != Withdrawal.Kind.KEPT:
        withdrawal.letter = letter
        raise Gone(withdrawal)
    return withdrawal


def has_words(edition: Edition) -> None:
    """Raises Emptied for a text whose words a law had removed."""
    if edition.redacted_at:
        raise Emptied(edition)


def readable(language: str, at: datetime, reference: str) -> Edition:
    """The live edition whose text the public may read, or Http404. Raises Gone, or Emptied."""
    edition = _live(at, reference, language)
    if edition is None:
        raise Http404
    notice(edition.letter, language, at)
    has_words(edition)
    return edition


@page
def editions(
    request: HttpRequest, language: str, at: datetime, reference: str, slug: str
) -> HttpResponse:
    """Every edition that was ever live, the newest first."""
    current = readable(language, at, reference)
    history = Edition.objects.once_live(at).filter(letter=current.letter, language=language)
    texts = list(history.select_related("redaction").with_notes().order_by("-number"))
    for text, earlier in pairwise(texts):
        if text.redacted_at or earlier.redacted_at:
            continue
        before, after = reading.in_words(earlier), reading.in_words(text)
        text.pieces = differences.words(before, after)  # type: ignore[attr-defined]
    context = {
        "edition": current,
        "editions": texts,
        "in_languages": {
            one.language: reverse("editions", args=[one.language, reference, one.slug])
            for one in _listed(reference, at)
        },
    }
    return show(request, "letters/editions.html", context)


@page
def edition(
    request: HttpRequest, language: str, at: datetime, reference: str, slug: str, number: int
) -> HttpResponse:
    """A superseded text, marked as such; the current one is at the letter's own address."""
    history = Edition.objects.once_live(at).filter(letter__reference=reference, language=language)
    superseded = history.filter(number=number).first_in_full()
    current = history.live(at).in_brief().first()
    if superseded is None or current is None:
        raise Http404
    withdrawal = notice(superseded.letter, language, at)
    if superseded.pk == current.pk:
        return HttpResponseRedirect(current.get_absolute_url())
    has_words(superseded)
    context = reading.letter_context(superseded, at)
    context |= {
        "current": current,
        "withdrawal": withdrawal,
        "in_languages": _addresses([current, *context["languages"]]),
    }
    response = show(request, "letters/letter.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def short_link(request: HttpRequest, reference: str, signs: str = "") -> HttpResponse:
    """To the letter, in the visitor's language where it exists, else in one where it does."""
    at = timezone.now()
    there = set(
        Edition.objects.live(at)
        .filter(letter__reference=reference)
        .values_list("language", flat=True)
    )
    if not there:
        raise Http404
    wanted = translation.get_language_from_request(request)
    ours = [code for code, _name in settings.LANGUAGES if code in there]
    language = wanted if wanted in there else (ours or sorted(there))[0]
    response = HttpResponseRedirect(reverse("letter-by-reference", args=[language, reference]))
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    with translation.override(reading.language_of(request)):
        fronts = {code: reverse("front", args=[code]) for code in reading.LANGUAGES}
        return show(request, "404.html", {"in_languages": fronts}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Says sorry without the database; 503 if that is what failed, so that it is tried again."""
    away = schema.is_of_the_database(sys.exception())
    template, status = ("notice.html", 503) if away else ("500.html", 500)
    context = {"office": Office(name=""), "elsewhere": [], "status": status}
    with translation.override(reading.language_of(request)):
        response = render(request, template, context, status=status)
    if away:
        response["Retry-After"] = "10"
    return response
