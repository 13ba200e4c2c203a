"""After a fire all stands as before, to the byte; what is no whole backup changes nothing."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.signals import setting_changed
from django.db import connection
from django.test import Client
from django.utils import timezone

from letters import backups, files, record, signing, verifying
from letters.backups import manifest
from letters.models import Event, File, Letter, RecordHead, triggers
from tests.letters_at_stages import (
    edit,
    make_correction,
    make_draft,
    make_edition,
    person,
    publish,
    schedule,
    withdraw,
)
from tests.test_verify_record import picture

NOW = datetime(2026, 11, 9, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
MIGRATIONS = Path(settings.BASE_DIR) / "letters" / "migrations"


def quietly(iterable: Any, _what: str) -> Any:
    return iterable


class Kept(NamedTuple):
    """A backup, and what the office was that it is of."""

    folder: Path
    at: datetime
    operator: Path  # the private key
    rows: dict[str, list[Any]]
    pages: dict[str, tuple[int, bytes]]


def rows() -> dict[str, list[Any]]:
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values_list())
        for model in apps.get_models()
    }


def pages() -> dict[str, tuple[int, bytes]]:
    """Every public address that a reader can come to, and what is there."""
    found: dict[str, tuple[int, bytes]] = {}
    client = Client()
    ahead = ["/en/", "/fr/", "/ar/", "/sitemap.xml", "/.well-known/jwks.json"]
    while ahead:
        address = ahead.pop()
        if address in found or re.match(r"/(admin|accounts|static|\w+/verify)/", address):
            continue
        answer = client.get(address)
        content = answer.getvalue()
        found[address] = (answer.status_code, content)
        if b"\0" not in content:
            links = (
                r'(?:href|src|content)="(?:http://testserver)?(/[^"#?]*)|<loc>http://[^/]+([^<]+)'
            )
            ahead += [one or two for one, two in re.findall(links, content.decode())]
    return found


def faults() -> list[str]:
    return [str(fault) for part in verifying.parts() for found in part.walk() for fault in found]


def empty_database() -> None:
    triggers.remove(connection)
    try:
        call_command("flush", interactive=False, verbosity=0)
        import_module("letters.migrations.0002_kinds").add_kinds(apps, None)
    finally:
        triggers.install(connection)


def at(folder: Path) -> None:
    """Files and keys are in that folder from now on."""
    keep_in(folder / "media", folder / "keys")


def keep_in(media: Path, keys: Path) -> None:
    settings.MEDIA_ROOT, settings.PRESSOFFICE_KEYS = media, keys
    setting_changed.send(None, setting="MEDIA_ROOT", value=media, enter=True)
    signing._key.cache_clear()


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The operator's private key; its certificate stands beside it."""
    folder = tmp_path_factory.mktemp("operator")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    write_key(folder / "operator.key", key)
    (folder / "operator.crt").write_bytes(certificate_of(key))
    return folder / "operator.key"


def write_key(path: Path, key: Any) -> None:
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem)


def certificate_of(key: Any) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Operator")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


@pytest.fixture(scope="module")
def kept(
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
    operator: Path,
) -> Iterator[Kept]:
    """An office at every stage, backed up and burnt."""
    before = (settings.MEDIA_ROOT, settings.PRESSOFFICE_KEYS)
    folder = tmp_path_factory.mktemp("office")
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False) as clock:
        at(folder)
        settings.PRESSOFFICE_BACKUP_CERTIFICATE = str(operator.with_suffix(".crt"))
        try:
            signing.make_key(settings.PRESSOFFICE_KEYS)
            first = make_edition(clock=clock)
            second = publish(make_correction(first, body="<p>Mended.</p>"), clock)
            withdraw(second, "removed", clock, reason="Sent to the wrong king.")
            # What the first key signed is checked by its public half.
            signing.make_key(settings.PRESSOFFICE_KEYS, anew=True)
            draft = make_draft()
            taken = files.take(picture(), File.Role.PHOTOGRAPH)
            File.objects.create(edition=draft, alt="A king", **taken._asdict())
            publish(edit(draft, person("drafter"), place="Valmere"), clock)
            schedule(make_draft(), LATER)
            make_draft()
            member = person("publisher")
            member.set_password("correct horse battery")
            member.save()
            Authenticator.objects.create(user=member, type="totp", data={"secret": "x"})
            clock.shift(86400)
            record.seal(NOW + timedelta(days=1))
            office = rows(), pages()
            now = timezone.now()
            call_command("backup", folder / "backups", stdout=StringIO(), stderr=StringIO())
            (made,) = (folder / "backups").iterdir()
        finally:
            empty_database()
            connection.close()
    yield Kept(made, now, operator, *office)
    settings.PRESSOFFICE_BACKUP_CERTIFICATE = ""
    keep_in(*before)


@pytest.fixture
def elsewhere(tmp_path: Path, kept: Kept) -> Iterator[Path]:
    """A deployment with neither files nor keys."""
    at(tmp_path)
    yield tmp_path
    at(kept.folder.parent.parent)


def restore(folder: Path, *options: Any) -> str:
    said = StringIO()
    call_command("restore", folder, *options, stdout=said, stderr=said)
    return said.getvalue()


def refusal(folder: Path, *options: Any) -> str:
    with pytest.raises(CommandError) as refused:
        restore(folder, *options)
    assert not Letter.objects.exists()
    return str(refused.value)


# --- After a fire ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_every_address_file_account_event_and_signature_is_as_before(kept, elsewhere):
    said = restore(kept.folder, "--key", kept.operator)
    assert "The record is whole: " in said
    assert rows() == kept.rows
    with time_machine.travel(kept.at, tick=False):
        assert pages() == kept.pages
    assert {status for status, _content in kept.pages.values()} >= {200, 410}
    assert any(address.endswith(".pdf") for address in kept.pages)
    assert any(address.endswith(".png") for address in kept.pages)
    assert triggers.missing(connection) == set()
    # The office goes on: with the same key, where the record ended.
    publish(make_draft())
    assert faults() == []


@pytest.mark.django_db(transaction=True)
def test_a_deployment_that_has_the_keys_needs_no_private_key(kept, elsewhere):
    shutil.copytree(kept.folder.parent.parent / "keys", settings.PRESSOFFICE_KEYS)
    assert "The record is whole: " in restore(kept.folder)
    assert len(signing.keys()["keys"]) == 2


@pytest.mark.django_db(transaction=True)
def test_when_the_key_is_lost_another_signs_and_what_was_signed_is_still_checked(kept, elsewhere):
    said = restore(kept.folder.parent, "--without-key")
    assert "From now on another key signs" in said
    assert "The record is whole: " in said
    publish(make_draft())
    assert faults() == []
    assert len(signing.keys()["keys"]) == 3


@pytest.mark.django_db(transaction=True)
def test_a_key_that_the_first_start_made_gives_way_to_the_restored_one(kept, elsewhere):
    signing.make_key(settings.PRESSOFFICE_KEYS)
    made = signing.pem()
    restore(kept.folder, "--key", kept.operator)
    assert (settings.PRESSOFFICE_KEYS / "signing-key.set-aside").read_bytes() == made
    assert signing.keys()["keys"][0]["kid"] == manifest.read(kept.folder).key


@pytest.mark.django_db(transaction=True)
def test_an_older_backup_is_brought_forward(kept, elsewhere, tmp_path):
    restore(kept.folder, "--key", kept.operator)
    last = sorted(path.stem for path in MIGRATIONS.glob("0*.py"))
    call_command("migrate", "letters", last[-2], verbosity=0)
    call_command("backup", tmp_path / "older", stdout=StringIO(), stderr=StringIO())
    call_command("migrate", verbosity=0)
    empty_database()
    assert (
        f"letters.{last[-1]}" not in manifest.read(manifest.newest(tmp_path / "older")).migrations
    )
    restore(tmp_path / "older")
    assert rows() == kept.rows
    with time_machine.travel(kept.at, tick=False):
        assert pages() == kept.pages


@pytest.mark.django_db(transaction=True)
def test_another_secret_key_is_named(kept, elsewhere, monkeypatch):
    monkeypatch.setattr(settings, "SECRET_KEY", "another")
    assert "PRESSOFFICE_SECRET_KEY is another" in restore(kept.folder, "--key", kept.operator)


@pytest.mark.django_db(transaction=True)
def test_json_is_one_object_a_line_and_nothing_else(kept, elsewhere):
    out = StringIO()
    options = {"json": True, "stdout": out, "stderr": StringIO()}
    call_command("restore", kept.folder, key=kept.operator, **options)
    call_command("backup", elsewhere / "backups", **options)
    restored, made = (json.loads(line) for line in out.getvalue().splitlines())
    assert restored["head"] == made["head"] == manifest.read(kept.folder).head
    assert restored["restored"] == str(kept.folder)
    assert Path(made["backup"]).parent == elsewhere / "backups"


def test_openssl_opens_the_keys_and_no_other_key_does(kept, tmp_path):
    command = ["openssl", "cms", "-decrypt", "-inform", "DER", "-in", kept.folder / "keys.p7m"]
    opened = subprocess.run([*command, "-inkey", kept.operator], capture_output=True, check=True)
    line, _newline, pem = opened.stdout.partition(b"\n")
    assert line.decode() == f"PRESSOFFICE_SECRET_KEY={settings.SECRET_KEY}"
    assert pem == (kept.folder.parent.parent / "keys" / "signing-key.pem").read_bytes()
    for path in kept.folder.rglob("*"):
        assert path.is_dir() or pem not in path.read_bytes()


def test_the_manifest_says_what_the_backup_holds(kept):
    said = manifest.read(kept.folder)
    project = (Path(settings.BASE_DIR) / "pyproject.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{said.version}"\n' in project
    assert said.head["number"] == len(kept.rows["letters.Event"])
    held = {
        path.relative_to(kept.folder).as_posix()
        for path in kept.folder.rglob("*")
        if path.is_file()
    }
    assert held == {*said.files, "manifest.json"}
    assert kept.folder.stat().st_mode & 0o077 == 0


# --- Refused, and nothing changed -----------------------------------------------------------------


def rewritten(folder: Path, **values: Any) -> None:
    """The manifest with other values, signed again by the office itself."""
    changed = replace(manifest.read(folder), **values)
    (folder / "manifest.json").write_text(changed.written(), encoding="utf-8")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def database(folder: Path) -> Path:
    return folder / manifest.DATABASES[connection.vendor]


def first_file(folder: Path) -> Path:
    return folder / manifest.read(folder).media[0]


def change_the_head(folder: Path) -> None:
    path = folder / "manifest.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said["head"]["number"] += 1
    path.write_text(json.dumps(said), encoding="utf-8")


def add_a_path_outside(folder: Path) -> None:
    said = manifest.read(folder)
    one = next(iter(said.files.values()))
    rewritten(folder, files={**said.files, "media/../../stolen": one})


BAD: dict[str, tuple[Callable[[Path], Any], str]] = {
    "cut database": (lambda folder: cut(database(folder)), "it was changed"),
    "no database": (lambda folder: database(folder).unlink(), "No such file"),
    "cut file": (lambda folder: cut(first_file(folder)), "it was changed"),
    "no file": (lambda folder: first_file(folder).unlink(), "No such file"),
    "no manifest": (lambda folder: (folder / "manifest.json").unlink(), "it has no manifest.json"),
    "cut manifest": (lambda folder: cut(folder / "manifest.json"), "cannot be read"),
    "no object": (lambda folder: (folder / "manifest.json").write_text("[]"), "is not one of a"),
    "another object": (lambda folder: (folder / "manifest.json").write_text("{}"), "is not one of"),
    "changed manifest": (change_the_head, "was changed"),
    "path outside": (add_a_path_outside, "is not one of a backup"),
    "newer program": (
        lambda folder: rewritten(folder, migrations=["letters.9999_later"], version="9.0"),
        "made by a newer version (9.0) of the program: letters.9999_later is not known here",
    ),
    "other database": (
        lambda folder: rewritten(
            folder,
            database="other",
            files={**manifest.read(folder).files, "database.other": {"sha256": "", "size": 0}},
        ),
        "is not one of a backup",
    ),
}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.django_db
def test_a_backup_that_is_not_whole_or_not_ours_is_refused_in_a_sentence(what, kept, tmp_path):
    folder = tmp_path / kept.folder.name
    shutil.copytree(kept.folder, folder)
    spoil, sentence = BAD[what]
    spoil(folder)
    assert sentence in refusal(folder)


@pytest.mark.django_db
def test_a_backup_of_the_other_kind_of_database_is_refused(kept, tmp_path):
    folder = tmp_path / "backup"
    shutil.copytree(kept.folder, folder)
    (other,) = set(manifest.DATABASES) - {connection.vendor}
    said = manifest.read(folder)
    named = {**said.files, manifest.DATABASES[other]: said.files[database(folder).name]}
    rewritten(folder, database=other, files=named)
    assert f"a database on {other}" in refusal(folder)


@pytest.mark.django_db
def test_a_backup_of_another_deployment_is_refused(kept, elsewhere):
    assert "is none: give --key FILE" in refusal(kept.folder)
    signing.make_key(settings.PRESSOFFICE_KEYS)
    own = signing.keys()["keys"][0]["kid"]
    assert f"this one's is {own}" in refusal(kept.folder)
    assert not Path(settings.MEDIA_ROOT).exists()
    assert signing.keys()["keys"][0]["kid"] == own


@pytest.mark.django_db
def test_a_private_key_that_does_not_fit_is_refused(kept, elsewhere):
    write_key(elsewhere / "rsa.key", rsa.generate_private_key(public_exponent=65537, key_size=2048))
    write_key(elsewhere / "ec.key", ec.generate_private_key(ec.SECP256R1()))
    for name in ("rsa.key", "ec.key"):
        said = refusal(kept.folder, "--key", elsewhere / name)
        assert "does not open the keys of this backup" in said
    (elsewhere / "no.key").write_text("nothing")
    assert "is not a private key in PEM" in refusal(kept.folder, "--key", elsewhere / "no.key")
    assert "No such file" in refusal(kept.folder, "--key", elsewhere / "lost.key")


@pytest.mark.django_db
def test_a_deployment_with_a_letter_is_left_alone(kept):
    make_draft()
    before = rows()
    with pytest.raises(CommandError, match="has letters already"):
        restore(kept.folder)
    assert rows() == before


@pytest.mark.django_db(transaction=True)
def test_a_database_that_cannot_be_loaded_leaves_the_deployment_as_it_was(kept, tmp_path):
    folder = tmp_path / kept.folder.name
    shutil.copytree(kept.folder, folder)
    path = database(folder)
    written = path.read_bytes()
    path.write_bytes(written[: len(written) // 2])
    described = {**manifest.read(folder).files, path.name: manifest.described(path)}
    rewritten(folder, files=described)
    person("administrator")
    before = rows()
    with pytest.raises(CommandError):
        restore(folder)
    assert rows() == before
    assert triggers.missing(connection) == set()


@contextmanager
def full_disk(after: int) -> Iterator[None]:
    """No file can grow beyond that many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (after, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.django_db(transaction=True)
def test_on_a_full_disk_nothing_is_left_half_written(kept, elsewhere):
    with full_disk(after=0), pytest.raises(CommandError):
        restore(kept.folder, "--key", kept.operator)
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    restore(kept.folder, "--key", kept.operator)
    with full_disk(after=1000), pytest.raises(CommandError) as refused:
        call_command("backup", elsewhere / "backups", stdout=StringIO(), stderr=StringIO())
    assert len(str(refused.value).splitlines()) == 1
    assert list((elsewhere / "backups").iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_a_certificate_that_cannot_be_used_is_refused(kept, elsewhere, monkeypatch):
    signing.make_key(settings.PRESSOFFICE_KEYS)
    (elsewhere / "ec.crt").write_bytes(certificate_of(ec.generate_private_key(ec.SECP256R1())))
    (elsewhere / "no.crt").write_text("nothing")
    for name, sentence in (
        ("ec.crt", "is to hold an RSA key"),
        ("no.crt", "is not a certificate in PEM"),
        ("lost.crt", "No such file"),
    ):
        path = str(elsewhere / name)
        monkeypatch.setattr(settings, "PRESSOFFICE_BACKUP_CERTIFICATE", path)
        with pytest.raises(CommandError, match=sentence):
            call_command("backup", elsewhere / "backups", stdout=StringIO(), stderr=StringIO())
        assert list((elsewhere / "backups").iterdir()) == []


# --- Night after night ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_oldest_backups_go_and_a_file_is_kept_once(kept, elsewhere, clock):
    restore(kept.folder, "--key", kept.operator)
    to = elsewhere / "backups"
    (to / "2026-01-01T000000Z.partial").mkdir(parents=True)
    (to / "notes.partial").mkdir()
    copied = []
    for _night in range(4):
        clock.shift(86400)
        with backups.alone(to):
            copied.append(backups.make(to, quietly).copied)
            backups.rotate(to, keep=2)
    assert copied == [len(manifest.read(kept.folder).media), 0, 0, 0]
    assert sorted(path.name for path in to.iterdir()) == [
        "2026-11-12T093000Z",
        "2026-11-13T093000Z",
        "notes.partial",
    ]
    one = first_file(to / "2026-11-13T093000Z")
    assert one.samefile(first_file(to / "2026-11-12T093000Z"))


@pytest.mark.django_db(transaction=True)
def test_two_backups_are_not_made_in_one_folder_at_once(kept, tmp_path):
    with backups.alone(tmp_path), pytest.raises(CommandError, match="Another backup is being made"):
        call_command("backup", tmp_path, stdout=StringIO(), stderr=StringIO())


@pytest.mark.django_db(transaction=True)
def test_a_backup_is_tried_out_and_one_of_a_record_with_faults_removes_none(kept, elsewhere, capfd):
    restore(kept.folder, "--key", kept.operator)
    to, out = elsewhere / "backups", StringIO()
    call_command("backup", to, "--verify", "--keep", "1", stdout=out, stderr=StringIO())
    assert "Restored into a scratch database: its record is whole." in out.getvalue()
    with triggers.lifted(connection):
        Event.objects.filter(number=2).update(by_name="Somebody Else")
    said = StringIO()
    with (
        time_machine.travel(NOW + timedelta(days=9)),
        pytest.raises(CommandError, match="what was backed up has faults"),
    ):
        call_command("backup", to, "--verify", "--keep", "1", stdout=StringIO(), stderr=said)
    assert '{"where": "Line 2", "what": ' in said.getvalue()
    assert len(manifest.whole(to)) == 2
    assert RecordHead.objects.count() == 1
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE '%_scratch'")
            assert cursor.fetchall() == []


@pytest.mark.django_db(transaction=True)
def test_without_a_certificate_the_keys_are_left_out_with_a_warning(kept, elsewhere, monkeypatch):
    signing.make_key(settings.PRESSOFFICE_KEYS)
    monkeypatch.setattr(settings, "PRESSOFFICE_BACKUP_CERTIFICATE", "")
    said = StringIO()
    call_command("backup", elsewhere / "backups", stdout=StringIO(), stderr=said)
    assert "The signing key is not in this backup" in said.getvalue()
    folder = manifest.newest(elsewhere / "backups")
    assert "keys.p7m" not in os.listdir(folder)
    (elsewhere / "any.key").touch()
    assert "holds no keys" in refusal(folder, "--key", elsewhere / "any.key")
