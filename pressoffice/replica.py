"""Public pages read a replica of the database, as long as it is hardly behind.

What a replica shows is everything that was committed before some moment. Here that moment is
known: the position of the primary's log is noted with the time, and the replica is asked how far
it has come. One that shows a state older than LAG is not read. A moment to come is given at
least two seconds ahead, so that what is scheduled is there in time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from threading import Lock
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse

LAG = 1.5  # seconds
LOOK = 0.5  # seconds between two looks at how far the replica has come…
REST = 5  # …and after one at which it did not answer

# These write, or tell how the primary is.
NEVER = ("letters.public.clearance", "letters.public.readiness")

reads_replica: ContextVar[bool] = ContextVar("reads_replica", default=False)
Answer = Callable[[HttpRequest], HttpResponse]


class Progress:
    """How far the replica has come."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.as_of = self.next_look = float("-inf")
        self.marks: deque[tuple[float, int]] = deque(maxlen=8)

    def is_recent(self) -> bool:
        with self.lock:
            if monotonic() >= self.next_look:
                self._look()
            return monotonic() - self.as_of <= LAG

    def refuse(self) -> None:
        self.as_of, self.next_look = float("-inf"), monotonic() + REST

    def _look(self) -> None:
        asked = monotonic()
        try:
            self.marks.append((asked, _position("default", "pg_current_wal_lsn()")))
            come = _position("replica", "pg_last_wal_replay_lsn()")
        except (Error, TypeError):  # it has no such position once it is no replica any more
            return self.refuse()
        self.as_of = max([self.as_of, *(at for at, position in self.marks if position <= come)])
        self.next_look = asked + LOOK


def _position(alias: str, function: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT pg_wal_lsn_diff({function}, '0/0')")  # noqa: S608
        return int(cursor.fetchone()[0])


progress = Progress()


class Router:
    def db_for_read(self, model: Any, **hints: Any) -> str:
        is_ours = model._meta.app_label == "letters"
        return "replica" if is_ours and reads_replica.get() else "default"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        reads_replica.set(False)  # whoever writes reads what was written
        return "default"

    def allow_relation(self, *objects: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"


def for_the_public(get_response: Answer) -> Answer:
    """Whoever only reads, and is not signed in, may be answered from the replica."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token = reads_replica.set(False)
        try:
            return get_response(request)
        finally:
            reads_replica.reset(token)

    def process_view(request: HttpRequest, view: Any, *args: Any) -> None:
        module = view.__module__
        if (
            request.method in ("GET", "HEAD")
            and module.startswith("letters.public.")
            and module not in NEVER
            and settings.SESSION_COOKIE_NAME not in request.COOKIES
        ):
            reads_replica.set(progress.is_recent())

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The replica went away, or ended a query for its own work: the primary answers."""
        if not reads_replica.get() or not isinstance(error, (OperationalError, InterfaceError)):
            return None
        progress.refuse()
        reads_replica.set(False)
        match: Any = request.resolver_match
        answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return answer

    middleware.process_view = process_view  # type: ignore[attr-defined]
    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
