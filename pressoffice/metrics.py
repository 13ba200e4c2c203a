"""Figures for Prometheus, for whoever knows the token; docs/operations.md says what each means."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from urllib.request import urlopen

from django.conf import settings
from django.db import Error, connection
from django.db.models import Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from letters.models import Delivery, Heartbeat

DAY = timedelta(days=1)

# Of this process; where several answer they share the folder PROMETHEUS_MULTIPROC_DIR.
own = CollectorRegistry()
REQUESTS = Counter("pressoffice_requests", "Requests", ["route", "status"], registry=own)
SECONDS = Histogram(
    "pressoffice_request_seconds",
    "Time to answer",
    ["route"],
    registry=own,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def count(route: str, status: int, seconds: float) -> None:
    REQUESTS.labels(route, status).inc()
    SECONDS.labels(route).observe(seconds)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    if not settings.PRESSOFFICE_METRICS_TOKEN:
        raise Http404
    expected = f"Bearer {settings.PRESSOFFICE_METRICS_TOKEN}"
    if not constant_time_compare(request.headers.get("Authorization", ""), expected):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    written = generate_latest(OfTheDatabase()) + generate_latest(OfTheProxy())
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
        written += generate_latest(everyone)
    else:
        written += generate_latest(own)
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(written, content_type=CONTENT_TYPE_LATEST, headers=headers)


class OfTheDatabase(Collector):
    """The same whichever process is asked."""

    def collect(self) -> Iterator[Metric]:
        found, is_up = [], True
        try:
            connection.ensure_connection()
            found = list(self._found())
        except Error:
            is_up = False
        yield GaugeMetricFamily(
            "pressoffice_database_up", "Whether the database answers", value=float(is_up)
        )
        yield from found

    def _found(self) -> Iterator[Metric]:
        if not settings.PRESSOFFICE_DESK:  # there none of it can be read
            return
        now = timezone.now()
        every, due = Delivery.objects.all(), Delivery.objects.due(now)
        deliveries = GaugeMetricFamily(
            "pressoffice_deliveries", "What is to go out, by state", labels=["state"]
        )
        failing = every.failing()
        deliveries.add_metric(["due"], due.count())
        deliveries.add_metric(["failing"], failing.filter(given_up_at=None).count())
        deliveries.add_metric(["given_up"], failing.exclude(given_up_at=None).count())
        yield deliveries
        oldest = due.aggregate(oldest=Min("due_at"))["oldest"]
        yield GaugeMetricFamily(
            "pressoffice_delivery_age_seconds",
            "How long what waits longest is due",
            value=(now - oldest).total_seconds() if oldest else 0,
        )
        seen = every.filter(what="seen")
        yield GaugeMetricFamily(
            "pressoffice_moments_not_seen",
            "Moments at which a letter went live that was looked for and not seen",
            value=seen.filter(done_at=None, attempts__gt=0).count(),
        )
        lately = seen.filter(done_at__gt=now - DAY).order_by("done_at")
        found = [
            one["seconds"] for one in lately.values_list("context", flat=True) if "seconds" in one
        ]
        if found:
            name = "pressoffice_seen_live_seconds"
            yield GaugeMetricFamily(name, "From the last moment until it was seen", value=found[-1])
            name = "pressoffice_seen_live_worst_seconds"
            yield GaugeMetricFamily(name, "The most of a day", value=max(found))
        if heartbeat := Heartbeat.objects.first():
            yield GaugeMetricFamily(
                "pressoffice_worker_silent_seconds",
                "Since a worker was last at work",
                value=(now - heartbeat.at).total_seconds(),
            )


class OfTheProxy(Collector):
    """How much it was asked for: what never reached this program was answered from its copies."""

    def collect(self) -> Iterator[Metric]:
        if not settings.PRESSOFFICE_PROXY_STATUS:
            return
        try:
            with urlopen(settings.PRESSOFFICE_PROXY_STATUS, timeout=1) as answer:  # noqa: S310
                _accepted, _handled, requests = answer.read().decode().splitlines()[2].split()
        except (OSError, ValueError, IndexError):
            return
        yield CounterMetricFamily(
            "pressoffice_proxy_requests",
            "Requests to the proxy; one passed on to the site for a page counts twice",
            value=float(requests),
        )
