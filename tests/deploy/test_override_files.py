"""Each override file is started, and keeps its promise."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deploy.conftest import Stack, figures

# Managed by others, as it were: a server and its streaming replica.
SERVERS = """
services:
  primary:
    image: postgres:17
    environment:
      POSTGRES_USER: pressoffice
      POSTGRES_PASSWORD_FILE: /run/secrets/database_owner
    secrets: [database_owner]
    volumes: ["./let-in.sh:/docker-entrypoint-initdb.d/let-in.sh:ro"]
    healthcheck: &answers
      test: [CMD, pg_isready, -q, -h, 127.0.0.1, -U, pressoffice]
      interval: 1s
      retries: 60
  standby:
    image: postgres:17
    user: postgres
    depends_on: {primary: {condition: service_healthy}}
    entrypoint:
      - sh
      - -c
      - >-
        umask 077 && PGPASSWORD=$$(cat /run/secrets/database_owner)
        pg_basebackup -h primary -U pressoffice -D /tmp/data -R -c fast
        && exec postgres -D /tmp/data
    secrets: [database_owner]
    healthcheck: *answers
"""
LISTENER = """
services:
  listener:
    image: pressoffice:${VERSION}
    entrypoint: [python, -u, /listener.py]
    volumes: ["./listener.py:/listener.py:ro"]
    healthcheck: {test: [CMD, "true"]}
"""
LISTENS = """
import gzip
from http.server import BaseHTTPRequestHandler, HTTPServer

import brotli

class Listener(BaseHTTPRequestHandler):
    def do_POST(self):
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        unpack = {"br": brotli.decompress, "gzip": gzip.decompress}
        sent = unpack.get(self.headers.get("Content-Encoding"), bytes)(sent)
        print(self.path, sent.decode(), flush=True)
        self.send_response(200)
        self.end_headers()

HTTPServer(("", 9000), Listener).serve_forever()
"""


@contextmanager
def beside(stack: Stack, folder: Path, name: str, files: str, **settings: str) -> Iterator[Stack]:
    """Another deployment, of a clone of its own."""
    subprocess.run(["git", "clone", "-q", str(stack.folder), str(folder)], check=True)
    other = Stack(folder)
    other.run("deploy/secrets")
    project = f"{stack.settings['COMPOSE_PROJECT_NAME']}-{name}"
    other.configure(
        COMPOSE_PROJECT_NAME=project,
        COMPOSE_FILE=files,
        VERSION=stack.settings["VERSION"],
        **settings,
    )
    try:
        yield other
    finally:
        other.compose("down", "-v", "-t", "3")


def until(holds: Callable[[], bool], seconds: float = 20) -> float:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() < began + seconds
        time.sleep(0.2)
    return time.monotonic() - began


def test_readers_are_answered_from_a_replica_that_keeps_up(stack: Stack, tmp_path: Path) -> None:
    files = "docker-compose.yml:deploy/compose.replica.yml:servers.yml"
    with beside(
        stack,
        tmp_path / "clone",
        "replica",
        files,
        DATABASE_OWNER_URL="postgres://pressoffice@primary/pressoffice",
        DATABASE_URL="postgres://pressoffice_site@primary/pressoffice?connect_timeout=2",
    ) as site:
        (site.folder / "servers.yml").write_text(SERVERS)
        (site.folder / "let-in.sh").write_text(
            'echo "host replication all all scram-sha-256" >>"$PGDATA/pg_hba.conf"\n'
        )
        password = (site.folder / "secrets" / "database_site").read_text()
        site.configure(
            REPLICA_DATABASE_URL=f"postgres://pressoffice_site:{password}@standby/pressoffice"
        )
        site.compose("up", "-d", "--wait", "primary", "standby")
        site.up(web=1)

        def on(server: str, statement: str) -> str:
            as_owner = (
                "exec",
                "-T",
                server,
                "psql",
                "-U",
                "pressoffice",
                "-h",
                "/var/run/postgresql",
            )
            return site.compose(*as_owner, "-Atc", statement).strip()

        def reads(server: str) -> int:
            counted = "SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables"
            return int(on(server, f"{counted} WHERE relname = 'letters_listing'"))

        letter = site.letter("Read from the replica")
        until(lambda: site.get(letter["url"]).status == 200)
        time.sleep(2)
        before = reads("primary"), reads("standby")
        for n in range(20):
            assert site.get(f"/en/letters/?year=2026&page={n}").status in (200, 404)
        time.sleep(2)  # what a server counts it tells a second later
        assert reads("standby") > before[1]
        assert reads("primary") == before[0]

        on("standby", "SELECT pg_wal_replay_pause()")
        site.staff(
            f"workflow.withdraw(live({letter['reference']!r}), by=publisher, kind='removed')\n"
            "print('{}')"
        )
        took = until(lambda: site.get(letter["url"]).status == 410, 4)
        figures.append(f"a replica that stands still: withdrawal seen {took:.1f} s after the verb")
        assert site.get("/en/letters/").status == 200
        on("standby", "SELECT pg_wal_replay_resume()")
        site.compose("kill", "standby")
        for n in range(10):
            assert site.get(f"/en/letters/?kind=&page={n}").status in (200, 404)


def test_the_public_site_stands_alone_and_its_role_reads_only_what_is_public(
    stack: Stack, tmp_path: Path
) -> None:
    letter = stack.letter("For the public machine")
    unseen = stack.staff("e = draft('Not for the public machine')\nprint(json.dumps(e.pk))")
    stack.compose(
        *("run", "--rm", "-T", "prepare", "python", "manage.py"),
        *("grant_public_reader", "public_site"),
    )
    stack.sql("ALTER ROLE public_site PASSWORD 'of the public machine'")
    jwks = stack.get("/.well-known/jwks.json").text
    database = stack.containers("db")[0]
    files = "docker-compose.yml:deploy/compose.public.yml"
    address = "postgres://public_site@desk-database/pressoffice?connect_timeout=2"
    with beside(stack, tmp_path / "clone", "public", files, DATABASE_URL=address) as site:
        (site.folder / "secrets" / "database_site").write_text("of the public machine")
        site.compose("up", "--no-start", "proxy")
        network = f"{site.settings['COMPOSE_PROJECT_NAME']}_default"
        stack.run("docker", "network", "connect", "--alias", "desk-database", network, database)
        try:
            site.compose(
                *("run", "--rm", "-T", "--no-deps", "prepare", "sh", "-c"),
                "cat >/srv/keys/retired-keys.json",
                input=jwks,
            )
            site.up()
            page = site.get("/en/")
            assert page.status == 200
            assert "For the public machine" in page.text
            sheet = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
            assert site.get(sheet).status == 200
            assert json.loads(site.get("/.well-known/jwks.json").text) == json.loads(jwks)
            assert site.get("/admin/").status == 404
            ready = json.loads(site.get("/readyz").text)
            assert ready["status"] == "ok", ready

            def asks(statement: str) -> str:
                return site.compose(
                    *("exec", "-T", "web", "python", "manage.py", "shell", "-v", "0"),
                    input="from django.db import connection\n"
                    "with connection.cursor() as c:\n"
                    f"    c.execute({statement!r})\n"
                    "    print(c.fetchall())\n",
                    check=False,
                )

            found = asks(f"SELECT count(*) FROM public.letters_edition WHERE id = {unseen}")
            assert "[(0,)]" in found
            for table in ("auth_user", "letters_event", "letters_remark", "django_session"):
                assert "permission denied" in asks(f"SELECT * FROM {table}"), table
            assert "permission denied" in asks("UPDATE letters_letter SET reference = 'x'")

            # Taken off at the desk, while nobody reads here, and the database fails right after.
            assert site.get(letter["url"]).status == 200
            stack.staff(
                f"workflow.withdraw(live({letter['reference']!r}), by=publisher, kind='removed')\n"
                "print('{}')"
            )
            time.sleep(2.2)
            stack.run("docker", "network", "disconnect", network, database)
            time.sleep(2.2)
            shown = site.get(letter["url"])
            assert shown.status == 503
            assert "For the public machine" not in shown.text
        finally:
            stack.run("docker", "network", "disconnect", "-f", network, database, check=False)


def test_errors_arrive_at_a_server_that_speaks_sentrys_language(
    stack: Stack, tmp_path: Path
) -> None:
    files = "docker-compose.yml:deploy/compose.sentry.yml:listener.yml"
    dsn = "http://key@listener:9000/1"
    with beside(stack, tmp_path / "clone", "sentry", files, PRESSOFFICE_SENTRY_DSN=dsn) as site:
        site.configure(VERSION=f"{stack.settings['VERSION']}-sentry")
        (site.folder / "listener.yml").write_text(LISTENER)
        (site.folder / "listener.py").write_text(LISTENS)
        site.compose("build", "-q")
        site.up(web=1)
        site.sql("ALTER TABLE letters_seal RENAME TO elsewhere")
        assert site.get("/en/record.atom?secret=word").status >= 500
        site.sql("ALTER TABLE elsewhere RENAME TO letters_seal")
        until(lambda: "letters_seal" in site.compose("logs", "--no-log-prefix", "listener"))
        said = site.compose("logs", "--no-log-prefix", "listener")
        assert "/api/1/envelope/" in said
        assert "secret=word" not in said


def test_the_database_goes_back_to_a_moment_by_its_archive(stack: Stack, tmp_path: Path) -> None:
    files = "docker-compose.yml:deploy/compose.wal.yml"
    with beside(stack, tmp_path / "clone", "wal", files) as site:
        site.up(web=1)
        site.letter("Before the base")
        site.compose("exec", "-T", "-u", "postgres", "db", "wal", "base")
        kept = site.letter("Before the mistake")
        time.sleep(1.1)
        moment = site.sql("SELECT now() AT TIME ZONE 'UTC'").split(" ", 1)[1].strip()
        time.sleep(1.1)
        mistake = site.letter("The mistake")
        began = time.monotonic()
        site.compose("stop")
        said = site.compose(
            *("run", "--rm", "--no-deps", "-T", "-u", "postgres", "--entrypoint", "wal", "db"),
            *("recover", f"{moment} UTC"),
        )
        assert "Start the database" in said
        site.up(web=1)
        figures.append(f"back to a moment, to healthy: {time.monotonic() - began:.0f} s")
        assert site.get(kept["url"]).status == 200
        assert site.get(mistake["url"]).status == 404
        said = site.compose("exec", "-T", "web", "python", "manage.py", "verify_record")
        assert "The record is whole" in said
        assert site.get(site.letter("After it")["url"]).status == 200
