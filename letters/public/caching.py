"""How long caches may show a public page, and when it is not to be shown again, as headers.

A page is of one moment and good until the end of that second. For one second more it may be shown
to those who come while it is made anew, unless something is to appear before. When the site fails
it may be shown for a day, but never past the moment at which a correction takes its place.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import wraps
from typing import Any

from django.db import DatabaseError
from django.db.models import Min, Q
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from letters.models import Edition

DAY = 24 * 3600
# A letter's page in an address: what a cache in front may be told to drop by (docs/operations.md).
EVERYTHING = "pages"
Answer = Callable[[HttpRequest], HttpResponseBase]


def public(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Everybody gets the same answer to this address: caches may have it."""

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.public_at = timezone.now()  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return marked


def headers(get_response: Answer) -> Answer:
    """Middleware, outside of those that may set a cookie."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        at = getattr(request, "public_at", None)
        if (
            at is not None
            and response.status_code in (200, 302, 410)
            and not response.cookies
            and "no-store" not in response.get("Cache-Control", "")
        ):
            with suppress(DatabaseError):  # of what is made without it nothing is promised
                _say(request, response, at)
        return response

    return middleware


def _say(request: HttpRequest, response: HttpResponseBase, at: datetime) -> None:
    second = int(at.timestamp())
    appears, ends = _next(request, at)
    says = ["public", "max-age=0", "s-maxage=1"]
    if appears >= second + 2:
        says.append("stale-while-revalidate=1")
    if (keep := min(DAY, ends - second - 1)) > 0:
        says.append(f"stale-if-error={keep}")
    response["Cache-Control"] = ", ".join(says)
    keys = [EVERYTHING]
    if reference := request.resolver_match and request.resolver_match.kwargs.get("reference"):
        keys.append(f"letter-{reference}")
    response["Surrogate-Key"] = " ".join(keys)
    # The language is in the address, and nobody is signed in: one answer for all.
    del response["Vary"]
    if appears > second:
        response["X-Accel-Expires"] = f"@{second}"  # the proxy's: the end of this second


def _next(request: HttpRequest, at: datetime) -> tuple[int, int]:
    """The seconds in which the next text appears, and the next one is replaced by another.

    What is scheduled after this was asked is two seconds away at least. A page that shows the
    office has asked already, in the same query.
    """
    office: Any = getattr(request, "office", None)
    if hasattr(office, "appears"):
        moments = {"appears": office.appears, "ends": office.ends}
    else:
        to_come = Edition.objects.filter(Q(live_from__gt=at) | Q(live_until__gt=at))
        moments = to_come.aggregate(
            appears=Min("live_from", filter=Q(live_from__gt=at)),
            ends=Min("live_until", filter=Q(live_until__gt=at)),
        )
    far = int(at.timestamp()) + 2 * DAY
    appears, ends = (
        int(moment.timestamp()) if moment else far
        for moment in (moments["appears"], moments["ends"])
    )
    return appears, ends
