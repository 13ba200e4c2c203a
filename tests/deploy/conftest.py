"""One deployment, made from a clean clone on a real engine, that every test here uses in turn."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parent.parent.parent
PROJECT = "pressoffice-tried"
STAFF = Path(__file__).with_name("staff.py").read_text()
# The database on a disk of its own, which a test fills.
OVERRIDE = """
volumes:
  database:
    driver_opts: {type: tmpfs, device: tmpfs, o: "size=600m"}
"""
figures: list[str] = []


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str


class Stack:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.tls_port = _free_port(), _free_port()
        self.settings = {
            "COMPOSE_PROJECT_NAME": PROJECT,
            "COMPOSE_FILE": "docker-compose.yml:override.yml",
            "VERSION": "tried",
            "HTTP": f"127.0.0.1:{self.port}",
            "HTTPS": f"127.0.0.1:{self.tls_port}",
            "PRESSOFFICE_ALLOWED_HOSTS": "127.0.0.1,localhost",
            "PRESSOFFICE_HTTPS": "0",
            "PRESSOFFICE_REQUIRE_MFA": "0",
            "WEB_CONCURRENCY": "2",
        }

    def configure(self, **settings: str) -> None:
        self.settings |= settings
        lines = [f"{name}={value}" for name, value in self.settings.items()]
        (self.folder / ".env").write_text("\n".join(lines) + "\n")

    def run(self, *command: str, check: bool = True, **options: Any) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            capture_output=True,
            text=True,
            env=os.environ | {"COMPOSE_PROGRESS": "plain"},
            timeout=400,
            **options,
        )
        if check and done.returncode:
            raise AssertionError(f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout if check else f"{done.returncode} {done.stdout}{done.stderr}"

    def compose(self, *command: str, **options: Any) -> str:
        return self.run("docker", "compose", *command, **options)

    def up(self, *more: str, web: int = 2) -> None:
        self.compose("up", "-d", "--wait", "--scale", f"web={web}", *more)

    def staff(self, code: str) -> Any:
        """Run in a container of the site; what it tells last, as JSON."""
        said = self.compose(
            *("exec", "-T", "worker", "python", "manage.py", "shell", "-v", "0"),
            input=f"{STAFF}\n{code}\n",
        )
        return json.loads(said.strip().splitlines()[-1])

    def letter(self, headline: str) -> dict[str, str]:
        found: dict[str, str] = self.staff(f"tell(publish(draft({headline!r})))")
        return found

    def sql(self, statement: str, role: str = "pressoffice", database: str = "pressoffice") -> str:
        """As that role, by its password; what is refused is told, not raised."""
        secret = {"pressoffice": "database_owner", "pressoffice_site": "database_site"}[role]
        password = (self.folder / "secrets" / secret).read_text()
        return self.compose(
            *("exec", "-T", "-e", f"PGPASSWORD={password}", "db"),
            *("psql", "-h", "db", "-U", role, "-d", database, "-Atc", statement),
            check=False,
        )

    def containers(self, service: str) -> list[str]:
        return self.compose("ps", "-q", service).split()

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def get(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        connection = self.connection()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body or None, named)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, found, response.read().decode(errors="replace"))
        finally:
            connection.close()

    def state(self) -> dict[str, Any]:
        """What must not be lost or doubled."""
        found: dict[str, Any] = self.staff(
            "from letters.models import Delivery, Letter\n"
            "print(json.dumps({'letters': Letter.objects.count(),"
            " 'editions': Edition.objects.count(), 'events': Event.objects.count(),"
            " 'last': Event.objects.order_by('-number').values_list('hash', flat=True).first(),"
            " 'deliveries': Delivery.objects.count()}))"
        )
        return found


class Readers:
    """200 requests a second over some pages, and what came of each."""

    def __init__(self, stack: Stack, pages: dict[str, str], rate: int = 200) -> None:
        self.stack, self.pages, self.rate = stack, list(pages.items()), rate
        self.came: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.seconds: list[float] = []
        self.over = threading.Event()

    def _read(self, start: int) -> None:
        connection: http.client.HTTPConnection | None = None
        reused = False
        due, turn, threads = time.monotonic(), start, 40
        while not self.over.is_set():
            path, holds = self.pages[turn % len(self.pages)]
            turn += 1
            began = time.monotonic()
            try:
                connection = connection or self.stack.connection()
                connection.request("GET", path)
                response = connection.getresponse()
                text = response.read().decode()
                came = f"{response.status} {response.getheader('X-Cache')}"
                self.came[came] += 1
                if response.status != 200 or holds not in text:
                    made = response.getheader("Date")
                    self.wrong.append(f"{path}: {came}, {made}, at {time.time():.2f}: {text}")
                reused = True
            except (OSError, http.client.HTTPException) as error:
                connection = None
                if reused and isinstance(error, (http.client.RemoteDisconnected, BrokenPipeError)):
                    # A connection kept open may be closed at any time: as browsers do, ask anew.
                    reused, turn = False, turn - 1
                    self.came["connections opened anew"] += 1
                    continue
                self.wrong.append(f"{path}: {type(error).__name__}")
            self.seconds.append(time.monotonic() - began)
            due = max(due + threads / self.rate, time.monotonic() - 1)
            self.over.wait(max(0.0, due - time.monotonic()))

    @contextmanager
    def reading(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._read, args=(n,)) for n in range(40)]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join()
            self.lasted = time.monotonic() - began

    def tell(self, what: str) -> None:
        slow = sorted(self.seconds)
        how = ", ".join(f"{n} {status}" for status, n in self.came.most_common())
        figures.append(
            f"{what}: {len(slow)} reads in {self.lasted:.0f} s, {len(self.wrong)} failed ({how});"
            f" median {slow[len(slow) // 2] * 1000:.0f} ms,"
            f" 99th {slow[len(slow) * 99 // 100] * 1000:.0f} ms, slowest {slow[-1]:.1f} s"
        )


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("clone") / "pressoffice"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
    stack = Stack(folder)
    (folder / "override.yml").write_text(OVERRIDE)
    stack.configure()
    stack.run("deploy/secrets")
    stack.compose("down", "-v", "-t", "3", check=False)
    began = time.monotonic()
    stack.compose("build", "-q")
    figures.append(f"build: {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    stack.up()
    figures.append(f"first start, to healthy: {time.monotonic() - began:.0f} s")
    # The database's disk is memory: it lasts as long as some container has it.
    holder = f"{PROJECT}-holder"
    stack.run("docker", "rm", "-f", holder, check=False)
    stack.run(
        *("docker", "run", "-d", "--name", holder, "-v", f"{PROJECT}_database:/disk", "-u", "0"),
        *("--entrypoint", "sleep", "pressoffice:tried", "3600"),
    )
    yield stack
    if not os.environ.get("KEEP"):
        stack.run("docker", "rm", "-f", holder)
        stack.compose("down", "-v", "-t", "3")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    terminalreporter.section("figures")
    for line in figures:
        terminalreporter.write_line(line)
