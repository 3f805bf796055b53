"""Logo uploads: the picture is decoded and re-encoded, which drops metadata and trailing data."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageFile, UnidentifiedImageError

MAX_BYTES = 512 * 1024
MAX_SIDE_PX = 600  # pixels; prints at 300 dpi 5 cm wide
MAX_PIXELS = 20_000_000
MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}


class InvalidLogo(ValueError):
    """The upload is not acceptable as a logo; the text says why."""


def clean_logo(raw: bytes) -> tuple[bytes, str]:
    """(bytes, media type) of the picture, re-encoded and at most 600 px a side. Raises InvalidLogo."""
    if len(raw) > MAX_BYTES:
        raise InvalidLogo("The picture is larger than 512 KB.")
    try:
        with warnings.catch_warnings(), reject_truncated_images():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(raw), formats=list(MEDIA_TYPES))
            if picture.width * picture.height > MAX_PIXELS:
                raise InvalidLogo("The picture has too many pixels.")
            kind = picture.format
            picture.load()
    except InvalidLogo:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError, Warning) as error:
        raise InvalidLogo("Only a PNG or JPEG picture can be a logo.") from error
    picture = picture.convert("RGB" if kind == "JPEG" else "RGBA")
    picture.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue(), MEDIA_TYPES[kind]


@contextmanager
def reject_truncated_images() -> Iterator:
    """Make Pillow raise on truncated pictures: importing WeasyPrint switches that off for the whole process."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
