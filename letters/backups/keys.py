"""The keys of a backup: sealed to the operator's certificate, and put back with their private key.

An envelope as S/MIME has it (RFC 5652): `openssl cms -decrypt` opens it as well.
"""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_pem_private_key,
    pkcs7,
)
from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from letters import signing
from letters.backups.manifest import KEYS, Manifest, Refused

SETTING = "PRESSOFFICE_BACKUP_CERTIFICATE"


def certificate() -> str:
    """The operator's certificate in PEM; empty if none is set."""
    path = settings.PRESSOFFICE_BACKUP_CERTIFICATE
    if not path:
        return ""
    try:
        found = x509.load_pem_x509_certificate(Path(path).read_bytes())
    except OSError as error:
        raise Refused(f"{SETTING}: {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise Refused(f"{SETTING}: {path} is not a certificate in PEM.") from error
    return found.public_bytes(Encoding.PEM).decode()


def seal(certificate: str) -> bytes:
    """The signing key and the secret key, so that only the operator's private key opens them."""
    content = f"PRESSOFFICE_SECRET_KEY={settings.SECRET_KEY}\n".encode() + signing.pem()
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(content)
    builder = builder.set_content_encryption_algorithm(algorithms.AES256)
    try:
        builder = builder.add_recipient(x509.load_pem_x509_certificate(certificate.encode()))
        return builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise Refused(f"{SETTING}: the certificate is to hold an RSA key.") from error


def unsealed(folder: Path, manifest: Manifest, key: Path) -> bytes:
    """The signing key of a backup in PEM, opened with the operator's private key."""
    if KEYS not in manifest.files:
        raise Refused("This backup holds no keys: give no --key.")
    try:
        private = load_pem_private_key(key.read_bytes(), password=None)
    except OSError as error:
        raise Refused(f"{key} cannot be read: {error.strerror}.") from error
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        raise Refused(f"{key} is not a private key in PEM without a password.") from error
    try:
        if not isinstance(private, RSAPrivateKey):
            raise ValueError
        envelope = (folder / KEYS).read_bytes()
        recipient = x509.load_pem_x509_certificate(manifest.certificate.encode())
        content = pkcs7.pkcs7_decrypt_der(envelope, recipient, private, [])
        _secret, _newline, pem = content.partition(b"\n")
        found = load_pem_private_key(pem, password=None)
        if not isinstance(found, Ed25519PrivateKey):
            raise ValueError
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Refused(f"{key} does not open the keys of this backup.") from error
    if signing.public(found.public_key())["kid"] != manifest.key:
        raise Refused("The key in this backup is not the one that its manifest names.")
    return pem


def current() -> str:
    """The id of the key that this deployment signs with; empty if it has none."""
    try:
        return str(signing.keys()["keys"][0]["kid"])
    except signing.NoKey:
        return ""


def secret_key_shown(secret: str) -> str:
    """By which another secret key can be compared with this one, and nothing else be learned."""
    return salted_hmac("letters.backups", "secret key", secret, algorithm="sha256").hexdigest()


def secret_key_is_known(manifest: Manifest) -> bool:
    """Whether what the secret key of the backup's deployment sealed can be read in this one."""
    known = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(secret_key_shown(k), manifest.secret_key) for k in known)
