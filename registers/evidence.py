"""Documents behind rows: what may be kept, found out from the bytes and not from the name."""

import hashlib
import io
import re
import warnings
import zipfile

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from PIL import Image, UnidentifiedImageError

from registers.models import Evidence

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENDINGS = {PDF: "pdf", PNG: "png", JPEG: "jpg", XLSX: "xlsx"}
WHAT_MAY = "Only PDF, PNG, JPEG and XLSX documents are kept."


def keep(factory, upload, *, by, now):
    """The document of an uploaded file; the same bytes are kept once a factory. Raises ValidationError."""
    largest = settings.EVIDENCE_MAX_BYTES
    if upload.size > largest:
        raise ValidationError({"document": f"Document: larger than {largest // 1024 // 1024} MB."})
    content = upload.read()
    media_type = type_of(content)
    sha256 = hashlib.sha256(content).hexdigest()
    fields = {
        "name": safe_name(upload.name, ENDINGS[media_type]),
        "media_type": media_type,
        "size_bytes": len(content),
        "content": content,
        "uploaded_by": by,
        "uploaded_at": now,
    }
    return Evidence.objects.get_or_create(factory=factory, sha256=sha256, defaults=fields)[0]


def type_of(content: bytes) -> str:
    """The media type of a document that may be kept. Raises ValidationError for any other."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return PDF
    if content.startswith(b"PK\x03\x04") and is_workbook(content):
        return XLSX
    return picture_type(content)


def picture_type(content):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=["PNG", "JPEG"])
            picture.verify()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError, Warning) as error:
        raise ValidationError({"document": f"Document: {WHAT_MAY}"}) from error
    return {"PNG": PNG, "JPEG": JPEG}[picture.format]


def is_workbook(content):
    """A workbook without macros."""
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except zipfile.BadZipFile:
        return False
    return "xl/workbook.xml" in names and not any(name.endswith("vbaProject.bin") for name in names)


def safe_name(name, ending):
    """A file's name as it may stand in a header: letters, digits, spaces, dots; the ending is what the bytes are."""
    stem = re.sub(r"[^\w .()-]+", "_", (name or "").rsplit("/", 1)[-1]).rsplit(".", 1)[0].strip(" ._")
    return f"{stem[:120] or 'document'}.{ending}"


def download(kept: Evidence) -> HttpResponse:
    """A document as it came, always as a download: nothing in it runs under this address."""
    answer = HttpResponse(bytes(kept.content), content_type=kept.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{kept.name.encode("ascii", "replace").decode()}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, max-age=300"
    return answer
