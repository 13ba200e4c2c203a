"""Signatures by the office's key: detached JWS (RFC 7515, F) with Ed25519 (RFC 8037, 9864).

The key is a file or a setting, never a row. Nothing here asks the database, or the network.
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

ALGORITHM = "Ed25519"
# What is signed says in its header what it is: no signature can be passed off as one of another.
STATEMENT, NOTE, SEAL = "letter-statement", "letter-note", "record-seal"
RENDITION = "letter-rendition"
CURRENT = "signing-key.pem"
RETIRED = "retired-keys.json"


class NoKey(Exception):
    """This deployment has no signing key, or one that cannot be read."""


class Forged(Exception):
    """A signature that is not one of ours; `str` says in English what is wrong with it."""


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _data(text: str) -> bytes:
    """Base64url without padding, in the one way it is written (RFC 7515)."""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Forged("it is not base64url") from error
    if _text(data) != text:
        raise Forged("it is not base64url")
    return data


# --- Keys -----------------------------------------------------------------------------------------


@cache
def _key() -> Ed25519PrivateKey:
    written = settings.PRESSOFFICE_SIGNING_KEY.encode()
    path = settings.PRESSOFFICE_KEYS / CURRENT
    try:
        key = load_pem_private_key(written or path.read_bytes(), password=None)
    except OSError as error:
        raise NoKey("There is no signing key. `manage.py make_signing_key` makes one.") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NoKey("The signing key cannot be read: it is to be an Ed25519 key in PEM.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NoKey("The signing key is of another kind: it is to be an Ed25519 key.")
    return key


def make_key(folder: Path, *, anew: bool = False) -> bool:
    """Make the key of a new deployment, readable by its owner alone; whether it was made.

    One that is there stays, unless another is wanted `anew`: then its public half is kept among the
    retired ones, by which what it signed can be checked for ever. Safe when several start at once.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / CURRENT
    if path.exists() and not anew:
        return False
    made = Ed25519PrivateKey.generate()
    if anew:
        retired = _retired(folder)
        with suppress(NoKey):
            retired.append(public(_key().public_key()))
        _write(folder / RETIRED, json.dumps({"keys": retired}, indent=1).encode())
    with NamedTemporaryFile(dir=folder, delete=False) as file:  # only its owner may read it
        file.write(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        os.fsync(file.fileno())
    try:
        if anew:
            os.replace(file.name, path)
        else:
            os.link(file.name, path)
    except FileExistsError:
        return False
    finally:
        Path(file.name).unlink(missing_ok=True)
        _key.cache_clear()
    return True


def adopt(folder: Path, known: list[dict[str, str]], pem: bytes | None = None) -> None:
    """Take over the public keys of a deployment that was restored, and its own key, if given.

    A key that was made here before is set aside: it signed nothing.
    """
    if pem is not None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / CURRENT
        if path.exists() and path.read_bytes() != pem:
            path.replace(path.with_suffix(".set-aside"))
        _write(path, pem)
        _key.cache_clear()
    there = {key["kid"] for key in keys()["keys"]}
    if new := [key for key in known if key["kid"] not in there]:
        written = json.dumps({"keys": [*_retired(folder), *new]}, indent=1)
        _write(folder / RETIRED, written.encode())


def _write(path: Path, data: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
        os.fsync(file.fileno())
    os.replace(file.name, path)


def _retired(folder: Path) -> list[dict[str, str]]:
    try:
        return list(json.loads((folder / RETIRED).read_bytes())["keys"])
    except FileNotFoundError:
        return []


def public(key: Ed25519PublicKey) -> dict[str, str]:
    """A public key as JWK (RFC 8037); its id is its thumbprint (RFC 7638)."""
    member = {
        "crv": "Ed25519",
        "kty": "OKP",
        "x": _text(key.public_bytes(Encoding.Raw, PublicFormat.Raw)),
    }
    kid = _text(sha256(rfc8785.dumps(member)).digest())
    return {**member, "alg": ALGORITHM, "use": "sig", "kid": kid}


def pem() -> bytes:
    """The key itself: only a backup, which seals it, asks for it."""
    return _key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def keys() -> dict[str, Any]:
    """The public keys, the current one first and the retired after it, as a JWK set (RFC 7517)."""
    others = _retired(settings.PRESSOFFICE_KEYS)
    if not settings.PRESSOFFICE_DESK:  # there nothing is signed, and no secret key is kept
        return {"keys": others}
    return {"keys": [public(_key().public_key()), *others]}


# --- Signing and checking -------------------------------------------------------------------------


def sign(kind: str, content: Mapping[str, Any]) -> tuple[str, str]:
    """The id of the key and the detached JWS of that content, as RFC 8785 JSON."""
    key = _key()
    kid = public(key.public_key())["kid"]
    header = _text(rfc8785.dumps({"alg": ALGORITHM, "kid": kid, "typ": kind}))
    signature = key.sign(f"{header}.{_text(rfc8785.dumps(dict(content)))}".encode())
    return kid, f"{header}..{_text(signature)}"


def check(kind: str, content: Mapping[str, Any], jws: str, known: Mapping[str, Any]) -> str:
    """The id of the key, of those known (a JWK set), that signed this content; else Forged.

    Neither the algorithm nor the key is of the signature's own choice.
    """
    header, dot, rest = jws.partition("..")
    if not dot or "." in header + rest:
        raise Forged("it is not a detached signature")
    try:
        said = json.loads(_data(header), object_pairs_hook=once)
    except ValueError as error:  # UnicodeDecodeError is one
        raise Forged("its header cannot be read") from error
    if not isinstance(said, dict) or set(said) != {"alg", "kid", "typ"}:
        raise Forged("its header is not one of ours")
    if said["alg"] != ALGORITHM:
        raise Forged("it names an algorithm this office does not use")
    if said["typ"] != kind:
        raise Forged("it signs something else")
    for jwk in known["keys"]:
        if jwk.get("kid") == said["kid"] and jwk.get("crv") == "Ed25519":
            break
    else:
        raise Forged("it names a key this office never had")
    try:
        key = Ed25519PublicKey.from_public_bytes(_data(str(jwk["x"])))
        key.verify(_data(rest), f"{header}.{_text(rfc8785.dumps(dict(content)))}".encode())
    except (InvalidSignature, ValueError, KeyError, rfc8785.CanonicalizationError) as error:
        raise Forged("it does not fit what it is to have signed") from error
    return str(said["kid"])


def whole(kind: str, content: Mapping[str, Any]) -> str:
    """The JWS of that content with the content in it, for where nothing else carries it."""
    _kid, jws = sign(kind, content)
    return jws.replace("..", f".{_text(rfc8785.dumps(dict(content)))}.")


def check_whole(kind: str, jws: str, known: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The content that a whole JWS carries, and the id of the key that signed it; else Forged."""
    header, _dot, rest = jws.partition(".")
    payload, _dot, signature = rest.partition(".")
    try:
        content = json.loads(_data(payload), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Forged("its content cannot be read") from error
    if not isinstance(content, dict):
        raise Forged("its content is not one of ours")
    return content, check(kind, content, f"{header}..{signature}", known)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For `json.loads`: an object that names a member twice can be read in two ways."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
