"""Storing and serving evidence documents; the media type is detected from the bytes, not the file name."""

import hashlib
import io
import re
import warnings

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from PIL import Image, UnidentifiedImageError

from core.xlsx import MEDIA_TYPE
from core.xlsx.reader import SIGNATURE, is_workbook
from registers.models import Evidence

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
EXTENSIONS = {PDF: "pdf", PNG: "png", JPEG: "jpg", MEDIA_TYPE: "xlsx"}
ALLOWED_TYPES = "Only PDF, PNG, JPEG and XLSX documents are kept."


def store_evidence(factory, upload, *, by, now):
    """Store an uploaded file, or return the document with the same bytes. Raises ValidationError."""
    max_bytes = settings.EVIDENCE_MAX_BYTES
    if upload.size > max_bytes:
        raise ValidationError({"document": f"Document: larger than {max_bytes // 1024 // 1024} MB."})
    content = upload.read()
    media_type = detect_media_type(content)
    sha256 = hashlib.sha256(content).hexdigest()
    fields = {
        "name": safe_file_name(upload.name, EXTENSIONS[media_type]),
        "media_type": media_type,
        "size_bytes": len(content),
        "content": content,
        "uploaded_by": by,
        "uploaded_at": now,
    }
    return Evidence.objects.get_or_create(factory=factory, sha256=sha256, defaults=fields)[0]


def detect_media_type(content: bytes) -> str:
    """The media type, one of the allowed ones. Raises ValidationError for any other content."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return PDF
    if content.startswith(SIGNATURE) and is_workbook(content):
        return MEDIA_TYPE
    return image_media_type(content)


def image_media_type(content):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=["PNG", "JPEG"])
            picture.verify()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, MemoryError, Warning) as error:
        raise ValidationError({"document": f"Document: {ALLOWED_TYPES}"}) from error
    return {"PNG": PNG, "JPEG": JPEG}[picture.format]


def safe_file_name(name, extension) -> str:
    """A name safe in a Content-Disposition header; the extension follows the detected type."""
    stem = re.sub(r"[^\w .()-]+", "_", (name or "").rsplit("/", 1)[-1]).rsplit(".", 1)[0].strip(" ._")
    return f"{stem[:120] or 'document'}.{extension}"


def download(document: Evidence) -> HttpResponse:
    """The unchanged bytes, always as an attachment: active content must not run on this origin."""
    response = HttpResponse(bytes(document.content), content_type=document.media_type)
    response["Content-Disposition"] = f'attachment; filename="{document.name.encode("ascii", "replace").decode()}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=300"
    return response
