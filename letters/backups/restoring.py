"""Restoring a backup into an empty deployment."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from letters import files, signing
from letters.backups import databases, keys
from letters.backups.making import Progress
from letters.backups.manifest import DATABASES, MEDIA, Manifest, Refused, described, newest, read
from letters.models import RecordHead


class Restored(NamedTuple):
    folder: Path
    manifest: Manifest
    notes: list[str]  # what the operator has to know, each a sentence


def restore(
    folder: Path, progress: Progress, *, key: Path | None = None, without_key: bool = False
) -> Restored:
    """Put a backup, or the newest in a folder, into this deployment, which is empty.

    All that can be refused is refused before anything is changed. The database comes last, and
    whole or not at all, so that a restore that was cut short is begun again.
    """
    folder = newest(folder)
    manifest = read(folder)
    if manifest.database != connection.vendor:
        raise Refused(f"This backup is of a database on {manifest.database}, not this one's.")
    _check_program(manifest)
    databases.check_empty()
    pem = keys.unsealed(folder, manifest, key) if key else None
    notes = _check_keys(manifest, pem, without_key)
    for name in progress(list(manifest.files), "checksums"):
        _check_file(folder, name, manifest)

    _copy_media(folder, manifest, progress)
    if without_key and not keys.current():
        signing.make_key(settings.PRESSOFFICE_KEYS)
    if manifest.key:
        signing.adopt(settings.PRESSOFFICE_KEYS, manifest.keys["keys"], pem)
    databases.load(folder / DATABASES[manifest.database])
    if manifest.bucket:
        notes.append(f"The files of letters are not in this backup, but in {manifest.bucket}.")
    head = RecordHead.objects.first() or RecordHead()
    if {"number": head.number, "hash": head.hash} != manifest.head:
        notes.append("The record does not end where the manifest says.")
    call_command("migrate", interactive=False, verbosity=0)
    return Restored(folder, manifest, notes)


def _check_program(manifest: Manifest) -> None:
    loader = MigrationLoader(None)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    for migration in manifest.migrations:
        if migration not in known and migration.partition(".")[0] in loader.migrated_apps:
            raise Refused(
                f"This backup was made by a newer version ({manifest.version}) of the program:"
                f" {migration} is not known here."
            )


def _check_keys(manifest: Manifest, pem: bytes | None, without_key: bool) -> list[str]:
    notes = []
    if not keys.secret_key_is_known(manifest):
        notes.append(
            "PRESSOFFICE_SECRET_KEY is another than the one of this backup: nobody's second factor"
            " works until that one is set, or named in PRESSOFFICE_OLD_SECRET_KEYS."
        )
    if pem is not None and settings.PRESSOFFICE_SIGNING_KEY:
        raise Refused("The signing key comes from PRESSOFFICE_SIGNING_KEY: give no --key.")
    if pem is None and keys.current() != manifest.key:
        if not without_key:
            raise Refused(
                f"This backup is of a deployment that signs with the key {manifest.key or 'none'},"
                f" this one's is {keys.current() or 'none'}: give --key FILE, put the key in its"
                " place, or, if it is lost, say --without-key."
            )
        notes.append(
            "From now on another key signs; what the earlier one signed is checked by its public"
            " half, which came with the backup."
        )
    return notes


def _check_file(folder: Path, name: str, manifest: Manifest) -> None:
    try:
        same = described(folder / name) == manifest.files[name]
    except OSError as error:
        raise Refused(f"{folder / name} cannot be read: {error.strerror}.") from error
    if not same:
        raise Refused(f"{folder / name} is not the file that was backed up: it was changed.")


def _copy_media(folder: Path, manifest: Manifest, progress: Progress) -> None:
    root = Path(settings.MEDIA_ROOT)
    for name in progress(manifest.media, "files"):
        if settings.PRESSOFFICE_S3_BUCKET:
            files.store(name.removeprefix(MEDIA), (folder / name).read_bytes())
            continue
        target = root / name.removeprefix(MEDIA)
        if target.exists() and described(target) == manifest.files[name]:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f"tmp-{target.name}")
        try:
            shutil.copy2(folder / name, partial)
            with partial.open("rb") as written:
                os.fsync(written.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
