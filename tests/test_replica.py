"""Public pages read a replica, which never hides for long what the primary knows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Desk, Postgres, Site, environment, manage, until

pytestmark = pytest.mark.database  # a server of its own

PAUSE, GO_ON = "SELECT pg_wal_replay_pause()", "SELECT pg_wal_replay_resume()"
BOUND = 2  # seconds


class Two:
    """A primary, its replica, the site that reads both, and the desk."""

    def __init__(self, primary: Postgres, replica: Postgres, site: Site, desk: Desk) -> None:
        self.primary, self.replica, self.site, self.desk = primary, replica, site, desk

    def asked(self, path: str, **headers: str) -> tuple[int, int]:
        """How often letters were read on the primary and on the replica to answer."""
        before = self.counts()
        assert self.site.get(path, **headers)[0] == 200
        primary, replica = (now - then for now, then in zip(self.counts(), before, strict=True))
        return primary, replica

    def counts(self) -> tuple[int, int]:
        return self.primary.log.count('FROM "letters_'), self.replica.log.count('FROM "letters_')

    def follows(self) -> None:
        """Wait until the replica has caught up, and is read again."""

        def is_read() -> bool:
            primary, replica = self.asked("/en/")
            return primary == 0 and replica > 0

        until(is_read)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("site")
    with Postgres() as primary:
        env = environment(DATABASE_URL=primary.url())
        manage(env, "migrate", "-v0")
        replica = primary.replica().start()
        try:
            both = env | {"REPLICA_DATABASE_URL": replica.url()}
            with Desk(env) as desk, Site(both, folder) as site:
                yield Two(primary, replica, site, desk)
        finally:
            replica.__exit__()


def address(two: Two, name: str) -> str:
    return two.desk.do(f"print({name}.get_absolute_url())")


def never_late(two: Two, path: str, since: float, shows: str) -> int:
    """Ask until well after the bound: whoever asks after it gets what is right. How many did."""
    asked = 0
    while time.monotonic() < since + BOUND + 2:
        began = time.monotonic()
        status, page = two.site.get(path)
        if began > since + BOUND:
            asked += 1
            assert shows in f"{status} {page}"
        time.sleep(0.05)
    return asked


def test_readers_read_the_replica_and_whoever_may_write_the_primary(two: Two) -> None:
    two.desk.do("first = publish(make_draft(headline='The first text'))")
    two.follows()
    for path in ("/en/", "/en/letters/?q=first", "/en/search/?q=text", address(two, "first")):
        primary, replica = two.asked(path)
        assert primary == 0
        assert replica > 1
    signed_in = two.asked("/en/", Cookie="sessionid=somebody")
    assert signed_in[0] > 1
    assert signed_in[1] == 0
    assert two.asked("/readyz")[1] == 0


def test_a_replica_that_lags_hides_no_withdrawal_and_no_correction(two: Two) -> None:
    two.desk.do("old = publish(make_draft(headline='The old words'))")
    two.desk.do("gone = publish(make_draft(headline='The withdrawn words'))")
    path, withdrawn = address(two, "old"), address(two, "gone")
    two.follows()
    two.replica.sql(PAUSE)
    try:
        two.desk.do("publish(make_correction(old, headline='The right words'))")
        two.desk.do("withdraw(gone)")
        assert never_late(two, path, time.monotonic(), "The right words") > 1
        assert two.site.get(withdrawn)[0] == 410
        assert "withdrawn words" not in two.site.get("/en/")[1]
        assert two.asked("/en/")[1] == 0
    finally:
        two.replica.sql(GO_ON)
    two.follows()
    assert "The right words" in two.site.get(path)[1]


def test_what_was_scheduled_comes_at_its_moment_and_not_before(two: Two) -> None:
    two.desk.do("old = publish(make_draft(headline='The earlier text'))")
    path = address(two, "old")
    two.follows()
    two.replica.sql(PAUSE)
    try:
        two.desk.do(
            "new = approve(make_correction(old, headline='The later text'))\n"
            "moment = timezone.now() + timedelta(seconds=2.2)\n"
            "schedule(new, moment)\n"
        )
        moment = float(two.desk.do("print(moment.timestamp())"))
        before = after = 0
        while time.time() < moment + 1:
            began = time.time()
            page = two.site.get(path)[1]
            if time.time() < moment:
                before += 1
                assert "The later text" not in page
            elif began > moment:
                after += 1
                assert "The later text" in page
                assert "The earlier text" not in page
            time.sleep(0.02)
        assert before
        assert after
    finally:
        two.replica.sql(GO_ON)


def test_without_its_replica_the_site_goes_on(two: Two) -> None:
    two.desk.do("kept = publish(make_draft(headline='The kept text'))")
    path = address(two, "kept")
    two.follows()
    two.replica.stop("immediate")
    try:
        assert [two.site.get(path)[0] for _time in range(20)] == [200] * 20
        assert "The kept text" in two.site.get(path)[1]
    finally:
        two.replica.start()
    two.follows()


def test_a_replica_that_became_a_server_of_its_own_is_not_read(two: Two, tmp_path: Path) -> None:
    two.follows()
    two.replica.run("pg_ctl", "-w", "promote")
    two.desk.do("last = publish(make_draft(headline='The last text'))")
    assert never_late(two, address(two, "last"), time.monotonic(), "The last text") > 1
    assert two.asked("/en/")[1] == 0
