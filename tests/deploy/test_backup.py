"""A burnt server's backup, restored by the page docs/backup.md on a new one."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.conftest import Stack, figures

WITH_BACKUP = "docker-compose.yml:override.yml:deploy/compose.backup.yml"
THE_SITES_OWN = 10001


@pytest.fixture
def operator(tmp_path: Path) -> Path:
    """A folder with the operator's key and certificate, and one for backups."""
    page = (Path(__file__).parent.parent.parent / "docs" / "backup.md").read_text(encoding="utf-8")
    make = re.findall(r"^ +(openssl req .*)", page, re.MULTILINE)[0]
    subprocess.run(make.split(), cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "backups").mkdir(mode=0o700)
    for name in ("backups", "operator.key"):
        shutil.chown(tmp_path / name, THE_SITES_OWN)
    return tmp_path


@pytest.fixture
def new_server(stack: Stack, operator: Path) -> Iterator[Stack]:
    """Another clone, with what the operator kept in the safe."""
    folder = operator / "pressoffice"
    subprocess.run(["git", "clone", "-q", str(stack.folder), str(folder)], check=True)
    shutil.copytree(stack.folder / "secrets", folder / "secrets")
    shutil.copy(operator / "backup.crt", folder / "secrets")
    new = Stack(folder)
    # Under the address of the burnt one, which stands in PDFs: they are not up at once.
    new.port = stack.port
    new.configure(
        HTTP=stack.settings["HTTP"],
        COMPOSE_PROJECT_NAME=f"{stack.settings['COMPOSE_PROJECT_NAME']}-new",
        COMPOSE_FILE="docker-compose.yml:deploy/compose.backup.yml",
        VERSION=stack.settings["VERSION"],
        BACKUPS=str(operator / "backups"),
    )
    yield new
    new.compose("down", "-v", "-t", "3")
    stack.up()


def pages(stack: Stack) -> dict[str, tuple[int, str]]:
    """Every public address that a reader can come to, and what is there."""
    found: dict[str, tuple[int, str]] = {}
    ahead = ["/en/", "/fr/", "/sitemap.xml", "/.well-known/jwks.json"]
    while ahead:
        address = ahead.pop()
        if address in found or re.match(r"/(admin|accounts|static|\w+/verify)/", address):
            continue
        answer = stack.get(address)
        found[address] = (answer.status, answer.text)
        links = r'(?:href|src|content)="(?:https?://[^/"]+)?(/[^"#?]*)|<loc>https?://[^/]+([^<]+)'
        ahead += [one or two for one, two in re.findall(links, answer.text)]
    return found


def test_after_a_fire_every_address_and_event_is_as_before(
    stack: Stack, new_server: Stack, operator: Path
) -> None:
    letter = stack.letter("Congratulations before the fire")
    stack.staff(f"tell(correct({letter['reference']!r}, 'Corrected before the fire'))")
    assert stack.get(f"{letter['url']}letter.pdf").status == 200
    shutil.copy(operator / "backup.crt", stack.folder / "secrets")
    before = stack.settings["COMPOSE_FILE"]
    stack.configure(COMPOSE_FILE=WITH_BACKUP, BACKUPS=str(operator / "backups"))
    began = time.monotonic()
    stack.compose("up", "-d", "--wait", "--no-deps", "backup")  # the first one, at once
    while "its record is whole" not in stack.compose("logs", "backup"):
        assert time.monotonic() < began + 120
        time.sleep(1)
    figures.append(f"first backup, tried out: {time.monotonic() - began:.0f} s")
    said = stack.compose(
        *("exec", "-T", "backup", "python", "manage.py"),
        *("backup", "/srv/backups", "--verify", "--json"),
    )
    assert '"verified": true' in said
    stack.compose("rm", "-fs", "backup")
    stack.configure(COMPOSE_FILE=before)
    office, seen = stack.state(), pages(stack)
    stack.compose("stop", "proxy")
    assert sum(status == 200 for status, _text in seen.values()) > 20

    began = time.monotonic()
    new_server.compose("up", "-d", "--wait", "db")
    said = new_server.compose(
        *("run", "--rm", "-T", "-v", f"{operator}/operator.key:/srv/operator.key:ro", "backup"),
        *("python", "manage.py", "restore", "/srv/backups", "--key", "/srv/operator.key"),
    )
    assert "The record is whole: " in said
    new_server.up(web=1)
    figures.append(f"restored on a new server, to healthy: {time.monotonic() - began:.0f} s")
    assert new_server.state() == office
    found = pages(new_server)
    assert found.keys() == seen.keys()
    assert [address for address in seen if found[address] != seen[address]] == []
    # The office goes on there.
    assert new_server.get(new_server.letter("After the fire")["url"]).status == 200
    said = new_server.sql("DELETE FROM letters_event", "pressoffice_site")
    assert "permission denied" in said
