"""Whether a `letter.json` is genuine, from the file and the office's public keys alone."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, NamedTuple

import rfc8785

from letters import signing
from letters.signing import Forged

LARGEST = 2 * 2**20


class Unreadable(Exception):
    """The file is no `letter.json`."""


class Signed(NamedTuple):
    """What a genuine file says: the signed statement, and the letter it is about."""

    statement: dict[str, Any]
    letter: dict[str, Any]
    kid: str


def read(content: bytes) -> dict[str, Any]:
    """The file as it says it is. Unreadable for anything else, however made."""
    if len(content) > LARGEST:
        raise Unreadable("It is larger than any letter.")
    try:
        said = json.loads(content.decode(), object_pairs_hook=signing.once)
    except (ValueError, RecursionError) as error:
        raise Unreadable("It is not JSON, or not all of it.") from error
    shapes = {"statement": dict, "signature": str, "letter": dict}
    if not isinstance(said, dict) or not all(
        isinstance(said.get(name), shape) for name, shape in shapes.items()
    ):
        raise Unreadable("It is JSON, but not that of a letter.")
    return said


def check(content: bytes, keys: dict[str, Any]) -> Signed:
    """What the file says, if every byte of the letter in it is what this office has signed.

    `keys` is a JWK set. Forged says what does not fit; Unreadable, that there is nothing to check.
    """
    said = read(content)
    kid = signing.check(signing.STATEMENT, said["statement"], said["signature"], keys)
    try:
        digest = sha256(rfc8785.dumps(said["letter"])).hexdigest()
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise Forged("its letter cannot be read") from error
    if digest != said["statement"].get("digest"):
        raise Forged("its letter is not the one that was signed")
    return Signed(said["statement"], said["letter"], kid)
