"""A factory's logo: what is uploaded is read as pixels and written anew, so that nothing else comes along."""

import io
import warnings
from contextlib import contextmanager

from PIL import Image, ImageFile, UnidentifiedImageError

LARGEST_BYTES = 512 * 1024
LARGEST_SIDE = 600  # pixels; prints at 300 dpi 5 cm wide
LARGEST_PIXELS = 20_000_000
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}


class BadLogo(ValueError):
    """Not a picture that can be a logo, and why."""


def clean_logo(raw: bytes) -> tuple[bytes, str]:
    """(bytes, media type) of the picture, re-encoded and at most 600 px a side. Raises BadLogo."""
    if len(raw) > LARGEST_BYTES:
        raise BadLogo("The picture is larger than 512 KB.")
    try:
        with warnings.catch_warnings(), whole_pictures_only():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(raw), formats=list(TYPES))
            if picture.width * picture.height > LARGEST_PIXELS:
                raise BadLogo("The picture has too many pixels.")
            kind = picture.format
            picture.load()
    except BadLogo:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError, Warning) as error:
        raise BadLogo("Only a PNG or JPEG picture can be a logo.") from error
    picture = picture.convert("RGB" if kind == "JPEG" else "RGBA")
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue(), TYPES[kind]


@contextmanager
def whole_pictures_only():
    """WeasyPrint, once imported, makes Pillow accept half a picture in the whole process."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
