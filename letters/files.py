"""Photographs and facsimiles: checked by what is in them, made anew, kept once under their SHA-256.

What is kept holds nothing but the picture or the pages: no place it was taken at, no script.
"""

from __future__ import annotations

import logging
import os
import re
import zlib
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import pikepdf
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from PIL import Image, ImageCms, ImageOps

from letters.models.file import EXTENSIONS, File

if TYPE_CHECKING:
    from django.core.files import File as Content

logger = logging.getLogger(__name__)

LARGEST = 20 * 2**20
MOST_PIXELS = 30_000_000
MOST_PAGES = 30
# A file of a few bytes can unpack to more than a server has room for. One part of a PDF may take
# so much, and all of it so much; a picture, where it is so many times as large as its file.
MOST_UNPACKED, MOST_OF_A_PDF = 150 * 2**20, 2**30
LARGE_PICTURE, TIMES = 50 * 2**20, 100
# What the library unpacks by itself it stops unpacking there, in whatever way it was packed.
pikepdf.settings.set_qpdf_limits(
    flate_max_memory=MOST_UNPACKED,
    run_length_max_memory=MOST_UNPACKED,
    png_max_memory=MOST_UNPACKED,
    tiff_max_memory=MOST_UNPACKED,
    max_stream_filters=3,
)
LONGEST_SIDE = 2560
CARD = (1200, 630)  # what other sites show of a page that is shared
EMBLEM = 288  # at most, of the longer side: as large as a page shows it on the finest screens
PORTRAIT = (320, 400)  # twice as wide and high as it is shown
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
WRITTEN: dict[str, dict[str, Any]] = {
    "image/jpeg": {"format": "JPEG", "quality": 85, "progressive": True, "optimize": True},
    "image/png": {"format": "PNG", "optimize": True},
    "image/webp": {"format": "WEBP", "quality": 85, "method": 4},
}


class Taken(NamedTuple):
    """What was kept of an upload."""

    sha256: str
    type: str
    size: int
    width: int | None
    height: int | None


def take(upload: IO[bytes], role: str) -> Taken:
    """Check an upload by its content and keep what is made of it. ValidationError says why not."""
    content = _read(upload)
    if b"%PDF-" in content[:1024]:
        if role != File.Role.FACSIMILE:
            raise ValidationError(_("This is a PDF. Only a facsimile of the original may be one."))
        return _take_pdf(content)
    return _take_image(content)


def take_emblem(upload: IO[bytes]) -> str:
    """Check a picture by its content and keep it, as small as it is shown: its SHA-256 then."""
    image, _kind = _opened(_read(upload))
    image.thumbnail((EMBLEM, EMBLEM), Image.Resampling.LANCZOS)
    return _kept_small(image)


def take_portrait(upload: IO[bytes]) -> str:
    """The same for a portrait: cut to its upright shape, a face being in the upper part."""
    image, _kind = _opened(_read(upload))
    return _kept_small(
        ImageOps.fit(image, PORTRAIT, Image.Resampling.LANCZOS, centering=(0.5, 0.3))
    )


def small_place(digest: str) -> str:
    """Where an emblem or a portrait is."""
    return place(f"{digest}.webp")


def _kept_small(image: Image.Image) -> str:
    written = _written(image, "image/webp")
    digest = sha256(written).hexdigest()
    _keep(f"{digest}.webp", written)
    return digest


def _keep(name: str, content: bytes) -> None:
    try:
        store(place(name), content)
    except Away as error:
        logger.exception("An upload could not be kept.")
        raise ValidationError(
            _(
                "The fault is ours, and nothing you did caused it. It has been recorded. Please try"
                " again in a few minutes."
            )
        ) from error
    except OSError as error:
        raise ValidationError(
            _("The server has no room for this file, and kept none of it. Tell whoever runs it.")
        ) from error


def _read(upload: IO[bytes]) -> bytes:
    content = upload.read(LARGEST + 1)
    if len(content) > LARGEST:
        message = _("This file is larger than %(megabytes)s MB. Make it smaller and try again.")
        raise ValidationError(message % {"megabytes": LARGEST // 2**20})
    return content


def _take_image(content: bytes) -> Taken:
    image, kind = _opened(content)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    written = _written(image, kind)
    name = sha256(written).hexdigest()
    for width in File.WIDTHS:
        if width < image.width:
            _keep(f"{name}-{width}.{EXTENSIONS[kind]}", _written(_at(image, width), kind))
    _keep(f"{name}.{EXTENSIONS[kind]}", written)
    return Taken(name, kind, len(written), image.width, image.height)


def _at(image: Image.Image, width: int) -> Image.Image:
    height = max(1, round(image.height * width / image.width))
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _opened(content: bytes) -> tuple[Image.Image, str]:
    """The picture, made plain, and its type. ValidationError says why not."""
    if content[4:8] == b"ftyp" and content[8:12] in HEIC:
        raise ValidationError(
            _(
                "This picture is HEIC, as an iPhone takes it, which browsers do not show: JPEG, PNG"
                " and WebP are taken. Export it as JPEG, and choose that one."
            )
        )
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                message = _("This picture has more than %(millions)s million pixels.")
                raise ValidationError(message % {"millions": MOST_PIXELS // 1_000_000})
            unpacked = opened.width * opened.height * len(opened.getbands())
            if unpacked > max(LARGE_PICTURE, TIMES * len(content)):
                raise _too_large_unpacked(unpacked)
            # A photograph for two eyes (MPO) has several, of which the first is the photograph.
            if getattr(opened, "n_frames", 1) > 1 and opened.format in ("PNG", "WEBP"):
                raise ValidationError(_("This picture moves. Choose one that stands still."))
            kind = TYPES[str(opened.format)]
            return _plain(opened, transparent=kind != "image/jpeg"), kind
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValidationError(
            _(
                "This is no picture that can be read, whatever its name: JPEG, PNG and WebP are"
                " taken, and PDF for a facsimile. It may be damaged."
            )
        ) from error


def _too_large_unpacked(size: int) -> ValidationError:
    message = _(
        "This small file unpacks to %(megabytes)s MB or more. Save it smaller, or with fewer or"
        " smaller pictures, and try again."
    )
    return ValidationError(message % {"megabytes": size // 2**20})


def _plain(opened: Image.Image, *, transparent: bool) -> Image.Image:
    """The picture upright, in sRGB, and nothing that came with it."""
    image = ImageOps.exif_transpose(opened)
    profile = opened.info.get("icc_profile")
    mode = "RGBA" if transparent and image.has_transparency_data else "RGB"
    if profile and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            if image.mode == "RGBA":
                alpha = image.getchannel("A")
                image = _in_srgb(image.convert("RGB"), source)
                image.putalpha(alpha)
            else:
                image = _in_srgb(image, source)
        except (ImageCms.PyCMSError, OSError):
            pass  # colours a little off are better than no photograph
    plain = Image.new(mode, image.size)
    plain.paste(image.convert(mode))
    return plain


def _in_srgb(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    target = ImageCms.createProfile("sRGB")
    return ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image


def _written(image: Image.Image, kind: str) -> bytes:
    to = BytesIO()
    image.save(to, **WRITTEN[kind])
    return to.getvalue()


def _take_pdf(content: bytes) -> Taken:
    """The pages alone: in a new document that has no script, form, attachment or description."""
    _refuse_what_unpacks_too_far(content)
    try:
        with pikepdf.open(BytesIO(content)) as opened, pikepdf.new() as made:
            if opened.is_encrypted:
                raise ValidationError(_("This PDF is encrypted. Save it without a password."))
            if not 0 < len(opened.pages) <= MOST_PAGES:
                message = ngettext(
                    "A facsimile has at most %(most)s page.",
                    "A facsimile has at most %(most)s pages.",
                    MOST_PAGES,
                )
                raise ValidationError(message % {"most": MOST_PAGES})
            made.pages.extend(opened.pages)
            for page in made.pages:
                for key in ("/Annots", "/AA", "/Metadata", "/PieceInfo", "/B", "/Trans", "/Thumb"):
                    if key in page:
                        del page[key]
            made.remove_unreferenced_resources()
            to = BytesIO()
            made.save(to, deterministic_id=True)
        with pikepdf.open(BytesIO(to.getvalue())) as made:
            _strip(made)
            to = BytesIO()
            made.save(to, deterministic_id=True)
    except pikepdf.PasswordError as error:
        raise ValidationError(_("This PDF is encrypted. Save it without a password.")) from error
    except (pikepdf.PdfError, ValueError, RecursionError) as error:
        raise ValidationError(_("This PDF cannot be read. It may be damaged.")) from error
    written = to.getvalue()
    name = sha256(written).hexdigest()
    _keep(f"{name}.pdf", written)
    return Taken(name, "application/pdf", len(written), None, None)


def _refuse_what_unpacks_too_far(content: bytes) -> None:
    """Each packed part of a PDF is unpacked a little at a time, and thrown away, before it is read.

    Only to count: a part that is packed twice is within the limits of the library.
    """
    if re.search(rb"/(?:L|#4[Cc])(?:Z|#5[Aa])(?:W|#57)(?:D|#44)ecode", content):
        raise ValidationError(
            _("This PDF is packed in a way (LZW) that is not taken. Save it anew as a PDF.")
        )
    whole = memoryview(content)
    total = 0
    for found in re.finditer(rb"stream\r?\n", content):
        size = 0
        at = found.end()
        unpacking = zlib.decompressobj()
        waiting: bytes | memoryview = whole[at : at + 2**16]
        try:
            while len(waiting) and not unpacking.eof:
                size += len(unpacking.decompress(waiting, 2**20))
                if size > MOST_UNPACKED or total + size > MOST_OF_A_PDF:
                    raise _too_large_unpacked(size)
                waiting = unpacking.unconsumed_tail
                if not waiting:
                    at += 2**16
                    waiting = whole[at : at + 2**16]
        except zlib.error:
            pass  # not packed so, or damaged
        total += size


def _strip(made: pikepdf.Pdf) -> None:
    """No object keeps a description, an action or what a program left for itself."""
    for found in made.objects:
        if isinstance(found, (pikepdf.Dictionary, pikepdf.Stream)):
            for key in ("/Metadata", "/PieceInfo", "/AA", "/JS", "/OpenAction", "/LastModified"):
                if key in found:
                    del found[key]


# --- Where they are -------------------------------------------------------------------------------


class Away(Exception):
    """Where files are kept does not answer; `str` says so in one sentence."""


class Disk(FileSystemStorage):
    """A folder in which a file is whole or not there, and still there after a power failure."""

    def _save(self, name: str, content: Content[bytes]) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as made:
            try:
                made.write(content.read())
                made.flush()
                os.fsync(made.fileno())
                Path(made.name).chmod(0o644)
                Path(made.name).replace(path)
            except BaseException:
                Path(made.name).unlink(missing_ok=True)
                raise
        return name


def place(name: str) -> str:
    """Where a file of that name is, in the storage of files."""
    return f"files/{name[:2]}/{name}"


def remove(place: str) -> None:
    """Delete a file, or a folder with all that is in it, if it is there."""
    try:
        _folders, names = default_storage.listdir(place)
    except (FileNotFoundError, NotADirectoryError):
        names = []
    for name in names:
        default_storage.delete(f"{place}/{name}")
    default_storage.delete(place)


def store(place: str, content: bytes) -> None:
    """Keep it, if it is not: what has the same place is the same."""
    if not default_storage.exists(place):
        default_storage.save(place, ContentFile(content))


def kept(file: File, name: str) -> str:
    """Where that one of the file's names is. Cards and copies of another type are made when first
    asked for."""
    widths = dict(file.other_copies)

    def made() -> bytes:
        with (
            default_storage.open(place(file.name)) as opened,
            Image.open(opened, formats=("JPEG", "PNG", "WEBP")) as image,
        ):
            if name in widths:
                type_ = file.other_type
                whole = image if type_ == "image/webp" else image.convert("RGB")
                return _written(_at(whole, widths[name]), type_)
            # Cut to its shape around the focal point.
            at = (file.focal_x / 100, file.focal_y / 100)
            fitted = ImageOps.fit(image.convert("RGB"), CARD, centering=at)
            return _written(fitted, "image/jpeg")

    is_made = name == file.card or name in widths
    return made_once(place(name), made) if is_made else place(name)


def made_once(place: str, make: Callable[[], bytes]) -> str:
    if not default_storage.exists(place):
        store(place, make())
    return place
