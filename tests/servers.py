"""Servers of a test's own: PostgreSQL with a replica, and programs of this project."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from django.conf import settings

# Not of the suite's own database, nor of its cover: what these read is said for each.
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}


def programs() -> Path:
    """Where PostgreSQL's programs are: Debian keeps them off PATH."""
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[4]))
    return kept[-1] if kept else Path(str(shutil.which("initdb"))).parent


class Postgres:
    """A server that listens on a socket in a folder of its own."""

    def __init__(self) -> None:
        # Not in $TMPDIR: the path of a socket must be short, and the server's user reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))  # noqa: S108
        self.bin, self.user = programs(), []
        if os.getuid() == 0:
            self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
            shutil.chown(self.folder, "postgres")
            self.folder.chmod(0o755)

    def __enter__(self) -> Postgres:
        self.run("initdb", "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop("immediate")
        shutil.rmtree(self.folder)

    def run(self, program: str, *options: str) -> None:
        command = [*self.user, str(self.bin / program), "-D", str(self.folder / "data"), *options]
        run = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr + self.log

    def start(self) -> Any:
        options = f"-F -k {self.folder} -c listen_addresses='' -c log_statement=all"
        self.run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")
        return self

    def stop(self, how: str = "fast") -> None:
        command = [*self.user, str(self.bin / "pg_ctl"), "-D", str(self.folder / "data")]
        subprocess.run([*command, "-m", how, "stop"], cwd=self.folder, capture_output=True)

    def replica(self) -> Postgres:
        """Another that follows this one, not yet started."""
        other = Postgres()
        other.run("pg_basebackup", "-h", str(self.folder), "-U", "test", "-R", "-c", "fast")
        return other

    def sql(self, statement: str, user: str = "test") -> str:
        run = self.psql(statement, user)
        assert run.returncode == 0, run.stderr
        return run.stdout.strip()

    def psql(self, statement: str, user: str = "test") -> subprocess.CompletedProcess[str]:
        command = [str(self.bin / "psql"), "-X", "-At", "-v", "ON_ERROR_STOP=1"]
        there = ["-h", str(self.folder), "-U", user, "-d", "postgres", "-c", statement]
        return subprocess.run([*command, *there], capture_output=True, text=True)

    def url(self, user: str = "test") -> str:
        return f"postgres://{user}@{quote(str(self.folder), safe='')}/postgres"

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""


def environment(**more: str) -> dict[str, str]:
    """Of a program of this project that runs as on a server."""
    return {
        **PLAIN,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
        "PRESSOFFICE_KEYS": str(settings.PRESSOFFICE_KEYS),
        "PRESSOFFICE_MEDIA_ROOT": str(settings.MEDIA_ROOT),
        **more,
    }


class Desk:
    """A program that does what it is told, line by line, with the walks of the tests."""

    def __init__(self, env: dict[str, str]) -> None:
        program = (
            "import sys, django; django.setup()\n"
            "from datetime import timedelta\n"
            "from django.utils import timezone\n"
            "from letters import workflow\n"
            "from letters.models import *\n"
            "from tests.letters_at_stages import *\n"
            "for line in sys.stdin:\n"
            "    exec(line.replace(chr(0), chr(10)))\n"
            "    print('done', flush=True)\n"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", program],
            env=env,
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, line: str) -> str:
        """Run it, and return what it printed."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(line.replace("\n", "\0") + "\n")
        self.process.stdin.flush()
        said: list[str] = []
        while (answer := self.process.stdout.readline().strip()) != "done":
            assert self.process.poll() is None, line
            said.append(answer)
        return "\n".join(said)

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.kill()
        self.process.communicate()


class Site:
    """gunicorn, on a port of its own."""

    def __init__(self, env: dict[str, str], folder: Path, workers: int = 1) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        self.host = f"127.0.0.1:{port}"
        self.address = f"http://{self.host}"
        config = ["--config", "deploy/gunicorn.conf.py", "--no-control-socket"]
        there = ["--bind", self.host, "--workers", str(workers)]
        self.log, figures = folder / "site.log", folder / "figures"
        figures.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "pressoffice.wsgi", *config, *there],
            env=env | {"PROMETHEUS_MULTIPROC_DIR": str(figures)},
            cwd=settings.BASE_DIR,
            stderr=self.log.open("w"),
        )
        until(lambda: self.get("/healthz")[0] == 200, self.process)

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """The status and the page; 0 when nobody answers."""
        status, content = self._asked(path, headers)
        return status, content.decode()

    def status(self, path: str, **headers: str) -> int:
        return self._asked(path, headers)[0]

    def _asked(self, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
        request = Request(self.address + path, headers=headers)
        try:
            with urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except HTTPError as error:
            return error.code, error.read()
        except URLError:
            return 0, b""

    def __enter__(self) -> Site:
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        self.process.wait()


def until(holds: Callable[[], bool], process: subprocess.Popen[Any] | None = None) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        assert process is None or process.poll() is None
        time.sleep(0.05)


def manage(env: dict[str, str], *command: str) -> str:
    run = subprocess.run(
        [sys.executable, "manage.py", *command],
        env=env,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout
