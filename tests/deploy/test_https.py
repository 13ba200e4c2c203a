"""HTTPS by a certificate of one's own, or behind another server that speaks it."""

from __future__ import annotations

from tests.deploy.conftest import Stack


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
