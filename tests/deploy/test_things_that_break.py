"""Broken on purpose while 200 requests a second are read: nothing lost, doubled or wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.deploy.conftest import PROJECT, Readers, Stack, figures

HEADLINE = "Read all the while"


@pytest.fixture(scope="module")
def pages(stack: Stack) -> dict[str, str]:
    """Some pages, and what is to be on each whatever happens."""
    letter = stack.letter(HEADLINE)
    return {
        letter["url"]: HEADLINE,
        f"{letter['url']}letter.txt": HEADLINE,
        f"{letter['url']}letter.json": HEADLINE,
        "/en/": HEADLINE,
        "/en/letters/": HEADLINE,
        "/en/feed.atom": HEADLINE,
        "/en/countries/XO/": HEADLINE,
        "/fr/": "<html",
    }


@pytest.fixture(autouse=True)
def nothing_lost_or_doubled(stack: Stack, pages: dict[str, str]) -> Iterator[None]:
    before = stack.state()
    for path in pages:
        stack.get(path)
    yield
    stack.up()
    assert stack.state() == before
    stack.compose("exec", "-T", "worker", "python", "manage.py", "verify_record")


def test_one_of_two_replicas_is_killed(stack: Stack, pages: dict[str, str]) -> None:
    readers = Readers(stack, pages)
    with readers.reading():
        time.sleep(4)
        stack.run("docker", "kill", stack.containers("web")[0])
        time.sleep(10)
    readers.tell("one of two replicas killed")
    assert readers.wrong == []


def test_the_worker_is_killed(stack: Stack, pages: dict[str, str]) -> None:
    readers = Readers(stack, pages)
    with readers.reading():
        time.sleep(2)
        stack.run("docker", "kill", stack.containers("worker")[0])
        time.sleep(6)
    readers.tell("worker killed")
    assert readers.wrong == []


def test_the_database_is_stopped_for_a_minute(stack: Stack, pages: dict[str, str]) -> None:
    readers = Readers(stack, pages)
    with readers.reading():
        time.sleep(3)
        stack.compose("stop", "db")
        desk = stack.get("/admin/", Cookie="sessionid=somebody")
        time.sleep(60)
        stack.compose("start", "db")
        time.sleep(8)
    readers.tell("database stopped for 60 s")
    assert desk.status == 503 and "cannot be shown at the moment" in desk.text
    assert readers.wrong == []
    assert readers.came["200 STALE"] > 1000


def test_every_replica_is_killed_and_comes_back(stack: Stack, pages: dict[str, str]) -> None:
    readers = Readers(stack, pages)
    with readers.reading():
        time.sleep(2)
        stack.run("docker", "kill", *stack.containers("web"))
        time.sleep(8)
        stack.up()
        time.sleep(3)
    readers.tell("all replicas killed, 8 s later started")
    assert readers.wrong == []


def test_the_disk_is_full(stack: Stack, pages: dict[str, str]) -> None:
    disk = ("docker", "exec", f"{PROJECT}-holder", "sh", "-c")
    readers = Readers(stack, pages)
    before = stack.state()
    with readers.reading():
        time.sleep(2)
        stack.run(*disk, "dd if=/dev/zero of=/disk/filler bs=1M; true")
        refused = stack.compose(
            *("exec", "-T", "worker", "python", "manage.py", "shell", "-v", "0"),
            input="from letters.models import Letter\n"
            "from django.db import connection\n"
            "with connection.cursor() as c:\n"
            "    for n in range(400):\n"
            "        c.execute(\"INSERT INTO cache SELECT 'filler' || %s || n, repeat('x', 9000),"
            ' now() FROM generate_series(1, 50) n", [n])\n',
            check=False,
        )
        time.sleep(5)
        stack.run(*disk, "rm /disk/filler")
        stack.up()
        time.sleep(3)
    readers.tell("disk of the database full")
    assert not refused.startswith("0 ")
    stack.sql("DELETE FROM cache WHERE cache_key LIKE 'filler%'")
    assert stack.state() == before
    assert readers.wrong == []


def test_everything_is_started_again(stack: Stack, pages: dict[str, str]) -> None:
    before = stack.state()
    began = time.monotonic()
    stack.compose("restart", "-t", "5")
    stack.up()
    figures.append(f"everything restarted, to healthy: {time.monotonic() - began:.0f} s")
    assert stack.state() == before
    for path, holds in pages.items():
        found = stack.get(path)
        assert found.status == 200 and holds in found.text


def test_the_memory_of_each_service_is_told(stack: Stack, pages: dict[str, str]) -> None:
    def memory() -> str:
        said = stack.run(
            *("docker", "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}"),
            *(stack.compose("ps", "-q").split()),
        )
        lines = [line.split() for line in said.strip().splitlines()]
        return ", ".join(
            f"{name.removeprefix(PROJECT + '-')} {used}" for name, used, *_more in lines
        )

    figures.append(f"memory at rest: {memory()}")
    readers = Readers(stack, pages)
    with readers.reading():
        time.sleep(5)
        figures.append(f"memory at 200 requests/s: {memory()}")
    readers.tell("nothing broken")
    assert readers.wrong == []
