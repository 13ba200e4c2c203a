"""HTTPS by a certificate of one's own, or behind another server that speaks it."""

from __future__ import annotations

import ssl
import time

from tests.deploy.conftest import Stack
from tests.test_certificate import make_certificate


def test_a_certificate_that_does_not_fit_is_refused_and_one_that_is_over_is_told(
    stack: Stack,
) -> None:
    tls = stack.folder / "secrets" / "tls"
    tls.mkdir(exist_ok=True)

    def served() -> str:
        return ssl.get_server_certificate(("127.0.0.1", stack.tls_port))

    def start(*more: str) -> str:
        command = ("sh", "/etc/pressoffice/start", *more)
        return stack.compose("exec", "-T", "proxy", *command, check=False)

    try:
        make_certificate(tls, "localhost", -30, 60)
        stack.up("--force-recreate", "proxy")
        first = served()
        stack.get("/en/")
        (tls / "tls.key").rename(tls / "aside")
        assert start("renewed").startswith("1 tls.crt is there, but tls.key is not a key")
        (tls / "aside").rename(tls / "tls.key")
        key = (tls / "tls.key").read_bytes()
        make_certificate(tls, "localhost", -30, 10)
        (tls / "tls.key").write_bytes(key)
        assert start("renewed") == "1 tls.key is not the key of tls.crt.\n"
        (tls / "tls.crt").write_text("nothing")
        assert start("renewed").startswith("1 tls.crt is not a certificate")
        assert served() == first, "the one before goes on"

        for begins, ends, says in (
            (-30, 10, "The certificate expires on"),
            (-30, -1, "The certificate expired on"),
            (1, 10, "The certificate is not valid yet"),
        ):
            make_certificate(tls, "localhost", begins, ends)
            said = start("renewed")
            assert said.startswith("0 ") and says in said, said
        time.sleep(1)
        assert served() == (tls / "tls.crt").read_text()
    finally:
        for file in tls.iterdir():
            file.unlink()
        stack.up("--force-recreate", "proxy")


def test_https_by_a_certificate_and_behind_another_server(stack: Stack) -> None:
    tls = stack.folder / "secrets" / "tls"
    tls.mkdir(exist_ok=True)
    stack.run(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-nodes", "-days", "2", "-subj", "/CN=localhost"),
        *("-addext", "subjectAltName=DNS:localhost"),
        *("-keyout", str(tls / "tls.key"), "-out", str(tls / "tls.crt")),
    )  # fmt: skip
    (tls / "tls.key").chmod(0o644)
    stack.configure(PRESSOFFICE_HTTPS="1")
    stack.up("--force-recreate", "proxy", "web")
    asked = f"https://localhost:{stack.tls_port}/en/"
    said = stack.run("curl", "-s", "-D", "-", "-o", "page", "--cacert", f"{tls}/tls.crt", asked)
    assert said.startswith("HTTP/2 200"), said
    assert "strict-transport-security: max-age=31536000" in said
    assert f'href="{asked}"' in (stack.folder / "page").read_text()
    plain = stack.get("/en/", X_Forwarded_Proto="https")
    assert plain.status == 301
    assert plain.headers["location"].startswith("https://")

    for file in tls.iterdir():
        file.unlink()
    stack.up("--force-recreate", "proxy")
    believed = stack.get("/en/", X_Forwarded_Proto="https")
    assert believed.status == 301, "nobody in front is believed unless a setting says so"
    stack.configure(BEHIND_HTTPS="1")
    stack.up("--force-recreate", "proxy")
    assert stack.get("/en/", X_Forwarded_Proto="https").status == 200
    assert stack.get("/en/", X_Forwarded_Proto="http").status == 301

    stack.configure(PRESSOFFICE_HTTPS="0", BEHIND_HTTPS="0")
    stack.up("--force-recreate", "proxy", "web")
    assert stack.get("/en/").status == 200
