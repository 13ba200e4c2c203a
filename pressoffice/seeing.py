"""What each request leaves in the log and in the metrics: nothing of who asked, or for what."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from secrets import token_hex
from time import perf_counter

from django.http import HttpRequest, HttpResponse

from pressoffice import metrics
from pressoffice.logs import request_id, route_of

logger = logging.getLogger(__name__)

SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def each_request(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Name the request, by the name that the server in front gave it; log and count it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if SANE.fullmatch(given) else token_hex(16)
        outer, began = request_id.set(name), perf_counter()
        try:
            response = get_response(request)
            response["X-Request-ID"] = name
            seconds, route = perf_counter() - began, route_of(request)
            metrics.count(route, response.status_code, seconds)
            facts = {
                "method": request.method,
                "route": route,
                "status": response.status_code,
                "ms": round(seconds * 1000, 1),
                "bytes": 0 if response.streaming else len(response.content),
            }
            if length := response.get("Content-Length"):
                facts["bytes"] = int(length)
            logger.info("request", extra={"facts": facts})
            return response
        finally:
            request_id.reset(outer)

    return middleware
