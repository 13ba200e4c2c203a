"""Whether a file of a letter is genuine, from the file and the office's public keys alone.

A `letter.json` holds what is signed. A PDF and a text end in a signature over all that is before.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import Any, NamedTuple

import rfc8785

from letters import signing
from letters.signing import Forged

LARGEST = 2 * 2**20
LONGEST = 4096  # of a signature at the end of a file
WIDTH = 76
_SIGNATURE = re.compile(rb"^%?Signature:\s([\w.\s-]+)\Z", re.MULTILINE)
_JWS = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


class Unreadable(Exception):
    """The file is none of a letter, or says nothing of who made it."""


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


# --- A file that ends in its signature ------------------------------------------------------------


def sign(content: bytes, statement: dict[str, Any], comment: bytes = b"") -> bytes:
    """The file with a signature over every byte of it, and the statement on its text, at its end.

    After a sign that begins a `comment` the signature is one line. A site without the desk has no
    key: its files end without.
    """
    content = content if content.endswith(b"\n") else content + b"\n"
    said = {"statement": statement, "sha256": sha256(content).hexdigest()}
    try:
        jws = signing.whole(signing.RENDITION, said)
    except signing.NoKey:
        return content
    lines = [jws] if comment else [jws[i : i + WIDTH] for i in range(0, len(jws), WIDTH)]
    between = " " if comment else "\n"
    return content + comment + f"Signature:{between}{'\n'.join(lines)}\n".encode()


def unsigned(content: bytes) -> tuple[bytes, str]:
    """The file without the signature at its end, and that; which is empty where there is none."""
    start = max(0, len(content) - LONGEST)
    for found in _SIGNATURE.finditer(content[start:]):
        jws = b"".join(found[1].split()).decode()
        if _JWS.fullmatch(jws):
            return content[: start + found.start()], jws
    return content, ""


def check_signed(content: bytes, keys: dict[str, Any]) -> Signed:
    """What the file says, if this office signed every byte of it. See `check`."""
    before, jws = unsigned(content)
    if not jws:
        raise Unreadable("It has no signature at its end: only the site can tell.")
    said, kid = signing.check_whole(signing.RENDITION, jws, keys)
    if sha256(before).hexdigest() != said.get("sha256"):
        raise Forged("it is not, byte for byte, the file that was signed")
    return Signed(said["statement"], {}, kid)
