"""Making a backup, trying it out in a scratch database, and removing old ones."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import timezone

from letters import __version__, signing
from letters.backups import databases, keys
from letters.backups.manifest import (
    DATABASES,
    FOLDER,
    KEYS,
    MEDIA,
    NAME,
    Manifest,
    Refused,
    described,
    read,
    whole,
)

Progress = Callable[[Sequence[str], str], Iterable[str]]
PARTIAL = ".partial"


class Made(NamedTuple):
    folder: Path
    manifest: Manifest
    copied: int  # files that no earlier backup had


@contextmanager
def alone(to: Path) -> Iterator[None]:
    """The one that makes backups in that folder; what one that was killed left there goes."""
    try:
        to.mkdir(parents=True, exist_ok=True)
        opened = os.open(to, os.O_RDONLY)
    except OSError as error:
        raise Refused(f"{to} cannot be used: {error.strerror}.") from error
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for left in to.glob(f"*Z{PARTIAL}"):
            if FOLDER.fullmatch(left.stem):
                shutil.rmtree(left)
        yield
    except BlockingIOError:
        raise Refused(f"Another backup is being made in {to}.") from None
    finally:
        os.close(opened)


def make(to: Path, progress: Progress) -> Made:
    """A new backup, under its name once it is whole and on the disk. The caller is `alone`."""
    certificate = keys.certificate()
    earlier = next(iter(reversed(whole(to))), None)
    now = timezone.now().astimezone(UTC)
    folder = to / now.strftime("%Y-%m-%dT%H%M%SZ")
    partial = folder.with_suffix(PARTIAL)
    partial.mkdir(mode=0o700)
    try:
        # The database first: every file that it names was there before it was named.
        dump = partial / DATABASES[connection.vendor]
        facts = databases.dump(dump)
        files = {dump.name: described(dump)}
        media, copied = _copy_media(partial, earlier, progress)
        files |= media
        public = signing.keys() if keys.current() else {"keys": []}
        if certificate and public["keys"]:
            (partial / KEYS).write_bytes(keys.seal(certificate))
            files[KEYS] = described(partial / KEYS)
        manifest = Manifest(
            version=__version__,
            made_at=now.isoformat(timespec="seconds"),
            database=connection.vendor,
            migrations=facts.migrations,
            head=facts.head,
            keys=public,
            secret_key=keys.secret_key_shown(settings.SECRET_KEY),
            certificate=certificate,
            files=files,
            bucket=settings.PRESSOFFICE_S3_BUCKET,
        )
        (partial / NAME).write_text(manifest.written(), encoding="utf-8")
        for path in (dump, partial / NAME, partial / KEYS, *partial.rglob("*/"), partial):
            if path.exists():
                _sync(path)
        partial.rename(folder)
        _sync(to)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return Made(folder, manifest, copied)


def _copy_media(
    partial: Path, earlier: Path | None, progress: Progress
) -> tuple[dict[str, dict[str, Any]], int]:
    """Every file that was uploaded or made of one. What the earlier backup has is linked to it."""
    if settings.PRESSOFFICE_S3_BUCKET:
        return {}, 0
    known: dict[str, dict[str, Any]] = {}
    if earlier:
        try:
            known = read(earlier).files
        except Refused:
            earlier = None
    root = Path(settings.MEDIA_ROOT)
    names = sorted(
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        # A file that is being written is not one yet.
        if path.is_file() and not path.name.startswith("tmp")
    )
    found, copied = {}, 0
    for name in progress(names, "files"):
        kept, target = MEDIA + name, partial / MEDIA / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if earlier and kept in known and _linked(root / name, earlier / kept, target):
            found[kept] = known[kept]
            continue
        shutil.copy2(root / name, target)
        _sync(target)
        found[kept] = described(target)
        copied += 1
    return found, copied


def _linked(source: Path, earlier: Path, target: Path) -> bool:
    """Whether the earlier copy is the same file, and could be given a second name."""
    try:
        one, other = source.stat(), earlier.stat()
        if (one.st_size, one.st_mtime_ns) != (other.st_size, other.st_mtime_ns):
            return False
        os.link(earlier, target)
    except OSError:  # gone, or on a disk that has no links
        return False
    return True


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def rotate(to: Path, keep: int) -> list[Path]:
    """Remove the oldest whole backups but the newest `keep`; which ones went."""
    old = whole(to)[:-keep]
    for folder in old:
        # Never half a backup under a whole one's name.
        shutil.rmtree(folder.rename(folder.with_suffix(PARTIAL)))
    return old


def try_out(folder: Path) -> list[str]:
    """Restore a backup into a scratch database and walk its record there.

    As after a fire, by the command itself, in another process. Faults are JSON, one a line.
    """
    with (
        TemporaryDirectory() as temporary,
        databases.scratch(Path(temporary)) as environment,
    ):
        key = [] if keys.current() else ["--without-key"]
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "django", "restore", str(folder.resolve()), "--json", *key],
            cwd=settings.BASE_DIR,
            env={
                **os.environ,
                **environment,
                "PRESSOFFICE_KEYS": f"{temporary}/keys" if key else str(settings.PRESSOFFICE_KEYS),
                # Its files are read where they are.
                "PRESSOFFICE_MEDIA_ROOT": str(folder.resolve() / MEDIA),
            },
            stdout=subprocess.PIPE,
            text=True,
        )
    faults = done.stdout.splitlines()[1:]
    if done.returncode and not faults:
        raise Refused("it cannot be restored into a scratch database.")
    return faults
