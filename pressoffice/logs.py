"""Logs of a server: one JSON object a line, with the request it belongs to."""

from __future__ import annotations

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

request_id: ContextVar[str] = ContextVar("request_id", default="")
# PostgreSQL tells of values in these lines of an error.
VALUES = re.compile(r"^(DETAIL|CONTEXT|LINE \d+): .*\n?", re.MULTILINE)


def route_of(request: HttpRequest) -> str:
    """The name of the address: the address itself may hold a key, a search or a name."""
    if request.resolver_match is not None:
        return request.resolver_match.view_name or "unnamed"
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"


def without_values(text: str) -> str:
    """The text of an error, without what it tells of the rows in a database."""
    return VALUES.sub("", text)


class JSONLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        says = record.getMessage()
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and says.endswith(request.path):
            says = says.removesuffix(request.path) + route_of(request)
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "says": says,
        }
        if name := request_id.get():
            line["request"] = name
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["trace"] = without_values(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)
