"""While the database does not answer, visitors are told at once: waiting would hold up all."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

PAUSE = 1  # seconds until this process asks it again

Answer = Callable[[HttpRequest], HttpResponse]


def at_once(get_response: Answer) -> Answer:
    """Middleware. The proxy then shows its copy of the page, or its notice."""
    failed = float("-inf")

    def middleware(request: HttpRequest) -> HttpResponse:
        if (
            monotonic() - failed < PAUSE
            and request.path != "/healthz"
            and settings.SESSION_COOKIE_NAME not in request.COOKIES
        ):
            return HttpResponse(status=503, headers={"Retry-After": "10"})
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> None:
        nonlocal failed
        if isinstance(exception, (OperationalError, InterfaceError)):
            failed = monotonic()

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
