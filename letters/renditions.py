"""A text as PDF and as a card. Made once for each form, kept by what it was made from."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from io import BytesIO
from typing import Any, NamedTuple

import qrcode
from PIL import Image, ImageDraw, ImageFile, ImageFont
from qrcode.image.svg import SvgPathImage

from letters import files, genuine

# For whoever opens the list of a PDF's attachments, in any language.
PROOF = "The letter as it was approved, and its signature"


def folder(digest: str) -> str:
    """Where all that was made of the text with that digest is, in the storage of files."""
    return f"renditions/{digest}"


def pdf(html: str, *, of: str, proof: dict[str, Any] | None = None) -> tuple[str, str]:
    """The PDF (PDF/UA-1, tagged) of a page that is whole in itself: its name, and where it is.

    The name is SHA-256 over what it is made of: the same is made once, and another never taken for
    it. `of` is the digest of the text. With its `proof`, which is what a letter.json has to have,
    that is attached, and every byte of the PDF is signed.
    """
    attached = json.dumps(proof, ensure_ascii=False).encode() if proof else b""
    name = sha256(html.encode() + b"\0" + attached).hexdigest()

    def made() -> bytes:
        content = _set(html, attached)
        return genuine.sign(content, proof["statement"], b"%") if proof else content

    return name, files.made_once(f"{folder(of)}/{name}.pdf", made)


def _set(html: str, attached: bytes = b"") -> bytes:
    from weasyprint import HTML, Attachment  # half a second, and only who makes a PDF waits for it
    from weasyprint.urls import URLFetcher

    # WeasyPrint allows them to the whole process; a photograph cut short is refused all the same.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    page = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=["data"]))
    proof = Attachment(string=attached, name="letter.json", description=PROOF) if attached else None
    made: bytes = page.write_pdf(pdf_variant="pdf/ua-1", attachments=[proof] if proof else None)
    return made


def inlined(picture: bytes, kind: str) -> str:
    """A picture as an address that holds it."""
    return f"data:{kind};base64,{b64encode(picture).decode()}"


def qr(address: str) -> str:
    """A QR code of an address, as an address that holds the image."""
    written = BytesIO()
    qrcode.make(address, image_factory=SvgPathImage, border=0).save(written)
    return inlined(written.getvalue(), "image/svg+xml")


# --- The card: what is shown of a letter where its address is shared ------------------------------

WIDTH, HEIGHT = files.CARD
MARGIN, LINES = 72, 4
INK, SOFT, SEAL, GOLD = "#14181e", "#4a525d", "#153a66", "#b8923e"
SERIF, NASKH = "NotoSerif-Regular.ttf", "NotoNaskhArabic-Regular.ttf"
ARABIC = re.compile(r"[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff]")


class Card(NamedTuple):
    kind: str
    headline: str
    day: str
    office: str
    is_rtl: bool
    seal: str = SEAL


def card(shown: Card, *, of: str) -> tuple[str, str]:
    """The card as PNG: its name, and where it is. `of` is the digest of the text."""
    name = sha256("\0".join(map(str, shown)).encode()).hexdigest()
    return name, files.made_once(f"{folder(of)}/{name}.png", lambda: _drawn(shown))


def _drawn(of: Card) -> bytes:
    image = Image.new("RGB", (WIDTH, HEIGHT), "#fff")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 14), of.seal)
    draw.rectangle((0, 20, WIDTH, 24), GOLD)
    draw.rectangle((MARGIN, HEIGHT - 132, WIDTH - MARGIN, HEIGHT - 131), "#d3d8de")
    _line(draw, of.kind, MARGIN, 34, of.seal, of.is_rtl)
    size = next((n for n in (68, 58, 50) if len(_wrapped(draw, of.headline, n)) <= LINES), 44)
    lines = _wrapped(draw, of.headline, size)
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"{lines[LINES - 1]} …"]
    for place, line in enumerate(lines):
        _line(draw, line, 132 + round(place * size * 1.32), size, INK, of.is_rtl)
    _line(draw, of.office, HEIGHT - 112, 32, INK, of.is_rtl)
    _line(draw, of.day, HEIGHT - 66, 26, SOFT, of.is_rtl)
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def _line(draw: ImageDraw.ImageDraw, text: str, top: int, size: int, ink: str, rtl: bool) -> None:
    """One line, from the side where its language begins; each run in a font that has its letters.

    No font has both: neighbouring words of the same script are shaped, and placed, together.
    """
    x = float(WIDTH - MARGIN if rtl else MARGIN)
    for run, is_arabic in _runs(text, rtl):
        font = ImageFont.truetype(NASKH if is_arabic else SERIF, size)
        direction = "rtl" if is_arabic else "ltr"
        width = draw.textlength(run.rstrip(), font, direction)
        x -= width if rtl else 0
        # On one baseline, whatever the fonts.
        draw.text((x, top + size), run.rstrip(), ink, font, "ls", direction=direction)
        x += 0 if rtl else width
        if run != run.rstrip():  # whose side the run's own direction would choose
            x += draw.textlength(" ", font) * (-1 if rtl else 1)


def _runs(text: str, rtl: bool) -> list[tuple[str, bool]]:
    """Neighbouring words of one script. Figures and signs go with what is before them."""
    runs: list[tuple[str, bool]] = []
    for word in re.findall(r"\S+\s*", text):
        is_arabic = bool(ARABIC.search(word))
        if not is_arabic and not any(letter.isalpha() for letter in word):
            is_arabic = runs[-1][1] if runs else rtl
        if runs and runs[-1][1] == is_arabic:
            runs[-1] = (runs[-1][0] + word, is_arabic)
        else:
            runs.append((word, is_arabic))
    # Signs that the Arabic font has not, in the form that it has.
    naskh = str.maketrans("“”’—", "«»'-")
    return [(run.translate(naskh) if is_arabic else run, is_arabic) for run, is_arabic in runs]


def _wrapped(draw: ImageDraw.ImageDraw, text: str, size: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        width = sum(
            draw.textlength(run, ImageFont.truetype(NASKH if arabic else SERIF, size))
            for run, arabic in _runs(longer, False)
        )
        if lines and width <= WIDTH - 2 * MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
