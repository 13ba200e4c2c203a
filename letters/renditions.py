"""A text as PDF. Made once for each form it takes, kept by what it was made from."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import qrcode
from django.conf import settings
from qrcode.image.svg import SvgPathImage

from letters import files


def pdf(html: str, *, of: str) -> tuple[str, Path]:
    """The PDF (PDF/UA-1, tagged) of a page that is whole in itself: its name, and where it is.

    The name is SHA-256 over the page: the same page is made once, and another never taken for it.
    Of which text it is, by its digest, is kept, so that the file can be known again.
    """
    name = sha256(html.encode()).hexdigest()

    def made() -> bytes:
        content = _set(html)
        files.made_once(_known(sha256(content).hexdigest()), of.encode)
        return content

    return name, files.made_once(Path(settings.MEDIA_ROOT) / "renditions" / f"{name}.pdf", made)


def text_of(sha256: str) -> str:
    """The digest of the text of which the PDF with that SHA-256 was made here, if one was."""
    try:
        return _known(sha256).read_text()
    except FileNotFoundError:
        return ""


def _known(sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "renditions" / "known" / sha256


def _set(html: str) -> bytes:
    from weasyprint import HTML  # half a second, and only who makes a PDF waits for it
    from weasyprint.urls import URLFetcher

    page = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=["data"]))
    made: bytes = page.write_pdf(pdf_variant="pdf/ua-1")
    return made


def inlined(path: Path) -> str:
    """An SVG file as an address that holds it."""
    return f"data:image/svg+xml;base64,{b64encode(path.read_bytes()).decode()}"


def qr(address: str) -> str:
    """A QR code of an address, as an address that holds the image."""
    written = BytesIO()
    qrcode.make(address, image_factory=SvgPathImage, border=0).save(written)
    return f"data:image/svg+xml;base64,{b64encode(written.getvalue()).decode()}"
