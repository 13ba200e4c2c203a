"""What a backup says of itself: the program, the end of the record, the SHA-256 of each file."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from typing import Any

from letters import signing

NAME = "manifest.json"
KEYS = "keys.p7m"
DATABASES = {"postgresql": "database.dump", "sqlite": "database.sqlite3"}
MEDIA = "media/"
FOLDER = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")
SIGNED_AS = "backup-manifest"


class Refused(Exception):
    """A backup that cannot be made or restored; `str` says why in one sentence."""


@dataclass(frozen=True)
class Manifest:
    """`files` are paths inside the backup, each with its SHA-256 and size.

    `keys` are public (a JWK set); `secret_key` shows whether another secret key is the same one.
    `bucket` has the files of letters, where they are in one rather than here.
    """

    version: str
    made_at: str
    database: str
    migrations: list[str]
    head: dict[str, Any]
    keys: dict[str, Any]
    secret_key: str
    certificate: str
    files: dict[str, dict[str, Any]]
    bucket: str = ""

    def written(self) -> str:
        """As JSON, signed where there is a key."""
        content = asdict(self)
        signature = ""
        if self.keys["keys"]:
            _kid, signature = signing.sign(SIGNED_AS, content)
        return json.dumps({**content, "signature": signature}, indent=1, ensure_ascii=False) + "\n"

    @property
    def media(self) -> list[str]:
        return [name for name in self.files if name.startswith(MEDIA)]

    @property
    def key(self) -> str:
        """The id of the key that the office signed with; empty if it had none."""
        keys = self.keys["keys"]
        return str(keys[0]["kid"]) if keys else ""


def read(folder: Path) -> Manifest:
    """The manifest of a backup, whose signature fits. Refused says why not."""
    try:
        written = json.loads((folder / NAME).read_bytes())
    except FileNotFoundError:
        raise Refused(f"{folder} is no backup: it has no {NAME}.") from None
    except (OSError, ValueError) as error:
        raise Refused(f"{folder} is no whole backup: its {NAME} cannot be read.") from error
    try:
        signature = written.pop("signature")
        manifest = Manifest(**written)
        whole = (
            all(_inside(name) for name in manifest.files)
            and all(set(file) == {"sha256", "size"} for file in manifest.files.values())
            and DATABASES[manifest.database] in manifest.files
            and set(manifest.head) == {"number", "hash"}
            and all(isinstance(name, str) for name in manifest.migrations)
        )
        if manifest.key:
            signing.check(SIGNED_AS, written, signature, manifest.keys)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        whole = False
    except signing.Forged as error:
        raise Refused(f"The {NAME} of {folder} was changed: {error}.") from error
    if not whole:
        raise Refused(f"The {NAME} of {folder} is not one of a backup.")
    return manifest


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and str(path) == name


def newest(folder: Path) -> Path:
    """The backup that is meant: the folder itself, or the newest one in it."""
    return folder if (folder / NAME).exists() else (whole(folder) or [folder])[-1]


def whole(folder: Path) -> list[Path]:
    """The whole backups in a folder, the oldest first."""
    return sorted(
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if FOLDER.fullmatch(path.name) and (path / NAME).exists()
    )


def described(path: Path) -> dict[str, Any]:
    """The SHA-256 and size of a file, as it stands in a manifest."""
    with path.open("rb") as opened:
        return {"sha256": file_digest(opened, "sha256").hexdigest(), "size": path.stat().st_size}
