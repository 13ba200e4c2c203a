"""Whether this process can serve, and whether what is to go out after a change goes out.

A check that fails makes what the public reads wrong: the answer is 503. One that is degraded
leaves it right, and is for an operator to look at: the answer stays 200.
"""

from __future__ import annotations

import shutil
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from letters import files, signing
from letters.models import Delivery, Heartbeat, Statement, schema, triggers

OK, DEGRADED, FAILED = "ok", "degraded", "failed"

APART = timedelta(seconds=1)  # the clocks of the database and of this machine, at most
SILENT = timedelta(minutes=2)  # a worker, at most
ROOM = 2**30  # bytes free for files, at least
TO_RENEW = timedelta(days=14)  # before a certificate ends
BETWEEN_CERTIFICATES = 600  # seconds between two looks at it


class Check(NamedTuple):
    name: str
    status: str
    says: str


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    found = list(checks())
    statuses = {check.status for check in found}
    status = next((worst for worst in (FAILED, DEGRADED) if worst in statuses), OK)
    told = {check.name: {"status": check.status, "says": check.says} for check in found}
    response = JsonResponse(
        {"status": status, "checks": told}, status=503 if status == FAILED else 200
    )
    response["Cache-Control"] = "no-store"
    return response


def checks() -> Iterator[Check]:
    try:
        yield from _of_the_database()
    except Error:
        yield Check("database", FAILED, "The database does not answer.")
    yield _bucket() if settings.PRESSOFFICE_S3_BUCKET else _disk()
    if settings.PRESSOFFICE_DESK:
        yield _mail()
    if settings.PRESSOFFICE_SEEN_AT.startswith("https://"):
        yield certificate.check()


def _of_the_database() -> Iterator[Check]:
    connection.ensure_connection()
    yield _clock()
    loader = MigrationLoader(connection)
    later = schema.of_later(loader)
    yield _migrations(loader, later)
    yield _triggers(is_ahead=bool(later))
    if settings.PRESSOFFICE_DESK:
        yield _worker()
        yield _deliveries()
        yield _key()
    yield Check("database", OK, "The database answers.")


def _clock() -> Check:
    if connection.vendor != "postgresql":
        return Check("clock", OK, "The database uses the clock of this machine.")
    with connection.cursor() as cursor:
        asked = timezone.now()
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
        answered = timezone.now()
    apart = max(asked - theirs, theirs - answered, timedelta())
    if apart > APART:
        seconds = apart.total_seconds()
        return Check("clock", FAILED, f"The clock of the database is {seconds:.1f} s off ours.")
    return Check("clock", OK, "The clocks of the database and of this machine agree.")


def _migrations(loader: MigrationLoader, later: list[str]) -> Check:
    if lacking := sorted(set(loader.graph.nodes) - set(loader.applied_migrations or ())):
        names = ", ".join(f"{app}.{name}" for app, name in lacking)
        return Check("migrations", FAILED, f"The database lacks migrations: {names}.")
    if later:
        says = f"The database is of a later version: {', '.join(later)} is not known here."
        if missing := schema.missing(connection):
            says += f" This version cannot work without: {', '.join(missing)}."
            return Check("migrations", FAILED, says)
        return Check("migrations", DEGRADED, f"{says} This version can work on it.")
    return Check("migrations", OK, "Every migration is applied.")


def _triggers(*, is_ahead: bool) -> Check:
    """A later version of the program may have other rules, and is in charge of them."""
    if is_ahead:
        return Check("triggers", OK, "The database keeps the rules of a later version.")
    if missing := triggers.missing(connection):
        names = ", ".join(sorted(missing))
        return Check("triggers", FAILED, f"The database does not keep these rules: {names}.")
    if changed := triggers.changed(connection):
        names = ", ".join(sorted(changed))
        return Check("triggers", DEGRADED, f"These rules are not those of this version: {names}.")
    return Check("triggers", OK, "The database keeps every rule.")


def _worker() -> Check:
    heartbeat = Heartbeat.objects.first()
    if heartbeat is None:
        return Check("worker", DEGRADED, "No worker was ever at work.")
    silent = timezone.now() - heartbeat.at
    if silent > SILENT:
        minutes = silent // timedelta(minutes=1)
        return Check("worker", DEGRADED, f"No worker was at work for {minutes} minutes.")
    return Check("worker", OK, "A worker is at work.")


def _deliveries() -> Check:
    overdue = Delivery.objects.overdue(timezone.now()).count()
    if overdue:
        return Check("deliveries", DEGRADED, f"Deliveries overdue, and never tried: {overdue}.")
    return Check("deliveries", OK, "No delivery is overdue.")


def _key() -> Check:
    try:
        known = {key["kid"] for key in signing.keys()["keys"]}
    except signing.NoKey as error:
        return Check("key", DEGRADED, str(error))
    last = Statement.objects.order_by("-pk").values_list("key", flat=True).first()
    if last and last not in known:
        return Check(
            "key",
            DEGRADED,
            "What was last published was signed with a key that is not here: the database is of"
            " another deployment, or its key was not restored with it.",
        )
    return Check("key", OK, "The key that signs publications is there.")


def _disk() -> Check:
    try:
        free = shutil.disk_usage(settings.MEDIA_ROOT).free
    except OSError:
        return Check("disk", DEGRADED, "The folder of files cannot be read.")
    if free < ROOM:
        return Check("disk", DEGRADED, f"The disk of files has {free // 2**20} MB free.")
    return Check("disk", OK, "The disk of files has room.")


def _bucket() -> Check:
    try:
        default_storage.listdir("nothing")
    except files.Away as error:
        return Check("files", DEGRADED, str(error))
    return Check("files", OK, "The bucket of files answers.")


def _mail() -> Check:
    if not settings.MAIL_SERVER and not settings.DEBUG:
        return Check("mail", DEGRADED, "No mail server is set: no mail goes out.")
    return Check("mail", OK, "A mail server is set.")


class Certificate:
    """What readers' browsers find at the site's address, whoever it is that speaks HTTPS there."""

    def __init__(self) -> None:
        self.found, self.next_look = Check("certificate", OK, ""), float("-inf")

    def check(self) -> Check:
        if monotonic() >= self.next_look:
            self.next_look = monotonic() + BETWEEN_CERTIFICATES
            self.found = Check("certificate", *self._look())
        return self.found

    def _look(self) -> tuple[str, str]:
        address = urlsplit(settings.PRESSOFFICE_SEEN_AT)
        host = address.hostname or ""
        try:
            with (
                socket.create_connection((host, address.port or 443), timeout=2) as plain,
                ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
            ):
                ends = dict(secured.getpeercert() or {})["notAfter"]
        except ssl.SSLCertVerificationError as error:
            return DEGRADED, f"The certificate of {host} is refused: {error.verify_message}."
        except OSError:
            return (
                DEGRADED,
                f"The certificate of {host} cannot be seen: no answer by HTTPS.",
            )
        until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC)
        if until - timezone.now() < TO_RENEW:
            return DEGRADED, f"The certificate of {host} expires on {until:%Y-%m-%d}: renew it."
        return OK, f"The certificate of {host} is good until {until:%Y-%m-%d}."


certificate = Certificate()
