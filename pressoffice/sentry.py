"""Errors reported to a server that speaks Sentry's language, without what visitors sent."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from pressoffice.logs import without_values


def start(dsn: str) -> None:
    try:
        import sentry_sdk
    except ImportError:
        raise ImproperlyConfigured(
            "PRESSOFFICE_SENTRY_DSN is set, and the package sentry-sdk is not installed."
        ) from None
    sentry_sdk.init(
        dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=None,
        before_send=_plain,
    )


def _plain(event: Any, hint: Any) -> Any:
    """The address may hold a key or a search, and a database tells of values in its errors."""
    for name in ("request", "user"):
        event.pop(name, None)
    for error in event.get("exception", {}).get("values", ()):
        error["value"] = without_values(error.get("value") or "")
    return event
