"""What a server's environment says, read as the program reads it when it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).parent.parent
SECURE = {"PRESSOFFICE_DEBUG": "0", "PRESSOFFICE_ALLOWED_HOSTS": "press.example.org"}


def start(shown: str = "''", **environment: str) -> str:
    """What a process that starts with these settings says, in its last line."""
    code = f"from django.conf import settings; print({shown})"
    process = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ
        | SECURE
        | {"DJANGO_SETTINGS_MODULE": "pressoffice.settings", "PRESSOFFICE_SECRET_KEY": "k" * 60}
        | environment,
        capture_output=True,
        text=True,
    )
    return (process.stdout + process.stderr).strip().splitlines()[-1]


@pytest.mark.parametrize(
    "address",
    [
        "postgres://user:p@ss#w%rd@db/office",
        "postgres://user:a[b@db/office",
        "postgres://user:a/b@db/office",
        "postgres://user:secret@db",
    ],
)
@pytest.mark.parametrize("name", ["DATABASE_URL", "REPLICA_DATABASE_URL"])
def test_a_database_address_that_cannot_be_read_is_refused_with_a_sentence(
    address: str, name: str
) -> None:
    both = {"DATABASE_URL": "postgres://user@db/office"} | {name: address}
    said = start("settings.DATABASES", **both)
    assert f"{name} cannot be read: it must be like postgres://user@host/name." in said
    assert "p@ss" not in said and "secret" not in said and "a[b" not in said


def test_a_password_with_its_signs_escaped_is_read() -> None:
    address = "postgres://user:p%40ss%23w%25rd@db/office"
    assert start("settings.DATABASES['default']['PASSWORD']", DATABASE_URL=address) == "p@ss#w%rd"


def test_hsts_speaks_for_this_name_only_unless_a_setting_says_more() -> None:
    shown = (
        "settings.SECURE_HSTS_SECONDS > 0, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS,"
        " settings.SECURE_HSTS_PRELOAD"
    )
    secure = {"PRESSOFFICE_HTTPS": "1"}
    assert start(shown, **secure) == "True False False"
    assert start(shown, PRESSOFFICE_HSTS="subdomains", **secure) == "True True False"
    assert start(shown, PRESSOFFICE_HSTS="preload", **secure) == "True True True"
    assert "PRESSOFFICE_HSTS" in start(shown, PRESSOFFICE_HSTS="all", **secure)


@pytest.mark.django_db
def test_the_database_compiles_no_question() -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
