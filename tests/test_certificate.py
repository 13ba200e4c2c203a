"""A certificate that browsers refuse, or soon will, is told by /readyz before readers tell."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from socket import create_server
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.test import Client
from django.utils import timezone

from letters.public import readiness

pytestmark = [pytest.mark.django_db, pytest.mark.pages]


def make_certificate(folder: Path, name: str, begins: int, ends: int) -> None:
    """As tls.crt with tls.key, good from and until so many days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(timezone.now() + timedelta(days=begins))
        .not_valid_after(timezone.now() + timedelta(days=ends))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "tls.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )


@contextmanager
def speaking_https(folder: Path, name: str, begins: int, ends: int) -> Iterator[int]:
    """A server with such a certificate; its port."""
    make_certificate(folder, name, begins, ends)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.crt", folder / "tls.key")

    def answer(server: Any) -> None:
        with suppress(OSError):
            connection, _address = server.accept()
            with connection, context.wrap_socket(connection, server_side=True):
                pass

    with create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, args=(server,), daemon=True).start()
        yield server.getsockname()[1]


@pytest.fixture
def told(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(readiness, "certificate", readiness.Certificate())
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls.crt"))

    def ask(name: str = "localhost", begins: int = -30, ends: int = 90) -> tuple[str, str]:
        with speaking_https(tmp_path, name, begins, ends) as port:
            settings.PRESSOFFICE_SEEN_AT = f"https://localhost:{port}"
            check = Client().get("/readyz").json()["checks"]["certificate"]
        return check["status"], check["says"]

    return ask


def test_a_good_certificate_is_well(told: Any) -> None:
    status, says = told()
    assert status == "ok"
    assert says.startswith("The certificate of localhost is good until ")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"ends": 10}, "expires on"),
        ({"ends": -1}, "is refused: certificate has expired."),
        ({"begins": 1}, "is refused: certificate is not yet valid."),
        ({"name": "elsewhere.example.org"}, "is refused: Hostname mismatch"),
    ],
)
def test_one_that_browsers_refuse_or_soon_will_is_told(
    asked: dict[str, Any], why: str, told: Any
) -> None:
    status, says = told(**asked)
    assert status == "degraded"
    assert why in says


def test_no_answer_is_told_and_asked_for_again_only_later(settings: Any, told: Any) -> None:
    with create_server(("127.0.0.1", 0)) as server:
        settings.PRESSOFFICE_SEEN_AT = f"https://localhost:{server.getsockname()[1]}"
    check = Client().get("/readyz").json()["checks"]["certificate"]
    assert check["status"] == "degraded"
    assert "no answer by HTTPS" in check["says"]
    assert told()[1] == check["says"]
