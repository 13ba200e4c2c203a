"""While the database does not answer, visitors are told at once: waiting would hold up all.

While the storage of files does not, whoever asks for one is told, and nobody else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from letters.files import Away

logger = logging.getLogger(__name__)

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
            return _later()
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        nonlocal failed
        if isinstance(exception, Away):
            logger.warning("%s", exception)
            return _later()
        if isinstance(exception, (OperationalError, InterfaceError)):
            failed = monotonic()
        return None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def _later() -> HttpResponse:
    return HttpResponse(status=503, headers={"Retry-After": "10"})
