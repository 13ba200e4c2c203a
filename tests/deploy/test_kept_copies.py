"""What the proxy keeps, for how long, and that it never brings back what was taken off."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest

from tests.deploy.conftest import Stack, figures


@contextmanager
def no_database(stack: Stack) -> Iterator[None]:
    stack.compose("stop", "db")
    try:
        yield
    finally:
        stack.up()


def everything_of(letter: dict[str, str]) -> list[str]:
    return [
        letter["url"],
        f"{letter['url']}letter.txt",
        f"{letter['url']}letter.json",
        f"{letter['url']}letter.pdf",
        f"{letter['url']}editions/",
        "/en/",
        "/en/letters/",
        "/en/feed.atom",
        "/en/feed.json",
        "/en/search/?q=warmest",
        "/en/countries/XO/",
    ]


def test_a_copy_is_good_for_its_second_and_says_nothing_of_anybody(stack: Stack) -> None:
    letter = stack.letter("A copy for all")
    for path in everything_of(letter):
        stack.get(path)
        found = stack.get(path)
        assert found.status == 200, path
        assert found.headers["cache-control"].startswith("public, max-age=0, s-maxage=1"), path
        assert "stale-if-error" not in found.headers["cache-control"]
        assert "set-cookie" not in found.headers
        assert "cookie" not in found.headers.get("vary", "").lower()
        assert "pages" in found.headers["surrogate-key"]
    assert f"letter-{letter['reference']}" in stack.get(letter["url"]).headers["surrogate-key"]
    came = [stack.get(letter["url"]).headers["x-cache"] for _n in range(30)]
    assert came.count("HIT") > 15


def test_the_first_reader_after_a_quiet_time_gets_a_new_page(stack: Stack) -> None:
    stack.letter("Before the quiet")
    stack.get("/en/letters/")
    letter = stack.letter("While nobody came")
    time.sleep(2.1)
    found = stack.get("/en/letters/")
    assert letter["url"] in found.text
    assert found.headers["x-cache"] == "EXPIRED"


def test_staff_and_what_they_see_never_meet_a_copy(stack: Stack) -> None:
    stack.get("/en/letters/")
    for path in ("/en/letters/?at=2026-01-01T00:00:00Z", "/admin/account/login/", "/en/verify/"):
        stack.get(path)
        assert stack.get(path).headers.get("x-cache") in (None, "MISS", "BYPASS"), path
    asked = [stack.get("/en/clearance/abcdefghij/") for _n in range(2)]
    assert {found.headers.get("x-cache") for found in asked} <= {None, "MISS"}
    assert all("no-store" in found.headers["cache-control"] for found in asked)


def test_a_cookie_of_staff_or_made_up_asks_the_site_no_more_than_none(stack: Stack) -> None:
    came = [
        stack.get("/en/letters/", Cookie=f"sessionid=somebody{n}").headers["x-cache"]
        for n in range(40)
    ]
    assert set(came) <= {"HIT", "EXPIRED", "MISS", "UPDATING"}
    assert came.count("HIT") > 20
    assert "set-cookie" not in stack.get("/en/countries/", Cookie="sessionid=x").headers


def test_files_are_served_compressed_and_for_ever(stack: Stack) -> None:
    page = stack.get("/en/").text
    sheet = page.split('rel="stylesheet" href="')[1].split('"')[0]
    found = stack.get(sheet)
    assert "immutable" in found.headers["cache-control"]
    sent = stack.run(
        "curl", "-s", "-o", "sheet.gz", "-H", "Accept-Encoding: gzip", "-D", "-",
        f"http://127.0.0.1:{stack.port}{sheet}",
    )  # fmt: skip
    assert "gzip" in sent
    assert gzip.decompress((stack.folder / "sheet.gz").read_bytes()).decode() == found.text


@pytest.mark.parametrize("change", ["withdraw", "correct"])
def test_what_was_taken_off_is_gone_and_stays_gone_when_the_site_fails(
    change: str, stack: Stack
) -> None:
    old = f"Secret of {change}"
    letter = stack.letter(old)
    kept = stack.letter(f"Still there after {change}")
    paths = everything_of(letter)
    for path in paths:
        assert stack.get(path).status == 200, path
    # Somebody reads all the while: the moment of the change is between two of their requests.
    over, seen = threading.Event(), {"": 0.0}

    def read() -> None:
        while not over.is_set():
            began = time.time()
            if f"text of: {old}." in stack.get(letter["url"]).text:
                seen[""] = began
            over.wait(0.02)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        done = stack.staff(
            f"e = live({letter['reference']!r})\n"
            "workflow.withdraw(e, by=publisher, kind='removed')\n"
            "print(json.dumps({'at': timezone.now().timestamp()}))"
            if change == "withdraw"
            else f"correct({letter['reference']!r}, 'Another text of it')\n"
            "print(json.dumps({'at': timezone.now().timestamp()}))"
        )
        time.sleep(2.5)
    finally:
        over.set()
        reader.join()
    figures.append(f"{change}: old text last seen {seen[''] - done['at']:+.2f} s after the verb")
    assert seen[""] < done["at"] + 2
    assert stack.get(kept["url"]).status == 200
    with no_database(stack):
        time.sleep(2.1)  # until when a copy is not called stale
        for path in paths:
            found = stack.get(path)
            assert old not in found.text or path.endswith("editions/"), path
            assert f"text of: {old}." not in found.text, path
            assert found.status in (200, 302, 410, 503), path
        shown = stack.get(kept["url"])
        assert (shown.status, shown.headers["x-cache"]) == (200, "STALE")
        assert shown.headers["warning"].startswith("110")
        notice = stack.get("/fr/countries/")
        assert notice.status == 503 and '<html lang="fr"' in notice.text
        assert notice.headers["retry-after"]


def test_a_copy_is_not_shown_past_the_moment_of_a_correction(stack: Stack) -> None:
    letter = stack.letter("Text before its moment")
    at = stack.staff(
        f"e = correct({letter['reference']!r}, 'Text after it',"
        " timezone.now() + __import__('datetime').timedelta(seconds=40))\n"
        "print(json.dumps(e.live_from.timestamp()))"
    )
    time.sleep(3)  # the worker drops copies once more
    assert "Text before its moment" in stack.get(letter["url"]).text
    stack.compose("kill", "db", "worker")
    try:
        time.sleep(2.1)
        assert stack.get(letter["url"]).headers["x-cache"] == "STALE"
        time.sleep(max(0.0, at - time.time()))
        found = stack.get(letter["url"])
        assert found.status == 503
        assert "Text before its moment" not in found.text
    finally:
        stack.up()
    after = stack.get(stack.get(letter["url"]).headers["location"])
    assert "text of: Text after it" in after.text


def test_an_embargo_lifts_at_its_second_through_the_proxy_and_two_replicas(stack: Stack) -> None:
    assert len(stack.containers("web")) == 2
    headline = f"Under embargo since {time.time():.0f}"
    found = stack.staff(
        f"e = publish(draft({headline!r}),"
        " (timezone.now() + __import__('datetime').timedelta(seconds=32)).replace(microsecond=0))\n"
        "print(json.dumps({'url': e.get_absolute_url(), 'at': e.live_from.timestamp()}))"
    )
    at, url = found["at"], found["url"]
    pages = [url, "/en/letters/", "/en/", "/en/feed.atom"]
    polls, early, first = [0], [], {}
    lock = threading.Lock()

    def poll(number: int) -> None:
        path = pages[number % 4]
        connection = stack.connection()  # kept open: there are no 40,000 ports to take in a minute
        while time.time() < at + 3:
            began = time.time()
            connection.request("GET", path)
            seen = headline in connection.getresponse().read().decode()
            ended = time.time()
            with lock:
                if ended < at:
                    polls[0] += 1
                if seen and ended < at:
                    early.append(path)
                if began >= at:
                    # Of those who ask from its moment on: the last who does not see it yet.
                    late = first.setdefault(path, [0.0])
                    if not seen:
                        late[0] = max(late[0], began - at)

    threads = [threading.Thread(target=poll, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    late = {path: lates[0] for path, lates in first.items()}
    figures.append(
        f"embargo: {polls[0]} polls before it, {len(early)} saw it; not yet seen at the latest "
        + ", ".join(f"{seconds:.2f} s after ({path[:12]})" for path, seconds in late.items())
    )
    assert polls[0] >= 10_000
    assert not early
    assert set(late) == set(pages)
    assert max(late.values()) < 2


def test_limits_answer_clearly_in_the_readers_language(stack: Stack) -> None:
    large = stack.get("/fr/letters/", "POST", b"x" * 100_000)
    assert large.status == 413 and '<html lang="fr"' in large.text
    came = [stack.get("/ar/search/?q=a") for _n in range(60)]
    often = [found for found in came if found.status == 429]
    assert often and '<html lang="ar" dir="rtl"' in often[0].text
    assert often[0].headers["retry-after"]
    assert stack.get("/ar/letters/").status == 200


def test_many_may_share_an_address_but_nobody_asks_the_site_without_end(stack: Stack) -> None:
    for _n in range(400):
        assert stack.get("/fr/letters/").status == 200  # copies do not count

    all_at_once = threading.Barrier(195)

    def ask(number: int) -> tuple[int, str, dict[str, str]]:
        all_at_once.wait()
        found = stack.get(f"/fr/letters/?unknown={number}-{time.time()}")
        return found.status, found.text, found.headers

    with ThreadPoolExecutor(195) as pool:
        came = list(pool.map(ask, range(195)))
    often = [one for one in came if one[0] == 429]
    figures.append(f"195 different pages asked for at once by one address: {len(often)} refused")
    assert 20 < len(often) < 100
    assert {status for status, _text, _headers in came} <= {200, 429, 503}  # of a slow machine
    _status, text, headers = often[-1]
    assert '<html lang="fr"' in text and headers["retry-after"]
    assert stack.get("/fr/letters/").status == 200, "what there is a copy of is still shown"


def test_whoever_sends_slowly_holds_up_nobody_and_is_let_go(stack: Stack) -> None:
    slow = [socket.create_connection(("127.0.0.1", stack.port)) for _n in range(300)]
    for n, one in enumerate(slow):
        one.sendall(b"GET /en/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        if n % 2:
            one.sendall(b"1\r\nContent-Length: 9999\r\n\r\n")
    began = time.monotonic()
    assert stack.get("/en/").status == 200
    assert time.monotonic() < began + 2
    time.sleep(13)
    for one in slow:
        one.settimeout(1)
        with suppress(ConnectionResetError):
            while one.recv(65536):
                pass
        one.close()


def test_pages_are_compressed_with_brotli_where_the_proxy_has_it(stack: Stack) -> None:
    """The module of Debian's nginx; the image of Docker Hub has none."""
    image = stack.run(
        *("docker", "build", "-q", "-"),
        input="FROM nginx:stable\nRUN apt-get update && apt-get install -y"
        " --no-install-recommends libnginx-mod-http-brotli-filter",
    ).strip()
    (stack.folder / "brotli.yml").write_text(f"services: {{proxy: {{image: '{image}'}}}}")
    files = stack.settings["COMPOSE_FILE"]
    stack.configure(COMPOSE_FILE=f"{files}:brotli.yml")
    try:
        stack.up()
        for asked, given in (("gzip, br", "br"), ("gzip", "gzip"), ("identity", None)):
            found = stack.get("/en/letters/", Accept_Encoding=asked)
            assert found.headers.get("content-encoding") == given
    finally:
        stack.configure(COMPOSE_FILE=files)
        stack.up()
