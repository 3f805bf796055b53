"""Reading a request body up to a maximum size."""

from contextlib import suppress

from telemetry.payloads import TooLarge, Unreadable

MAX_DRAIN_BYTES = 64 * 1024


def read_body(request, max_bytes: int) -> bytes:
    """At most `max_bytes`; with chunked transfer (Telegraf with gzip) the length is unknown beforehand.

    Raises TooLarge or Unreadable.
    """
    try:
        declared = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        declared = 0
    if declared > max_bytes:
        raise TooLarge(f"{declared} bytes; at most {max_bytes} fit one request.")
    is_chunked = not declared and "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    try:
        body = (request.META["wsgi.input"] if is_chunked else request).read(max_bytes + 1)
    except OSError as error:
        raise Unreadable("The connection ended before the body did.") from error
    if len(body) < declared:
        raise Unreadable(f"The body ends after {len(body)} of {declared} bytes.")
    return body


def drain_body(request) -> None:
    """Read and discard the rest of a refused request, if it is short.

    With bytes unread the connection is closed, and a small client that is still sending sees a reset, not its answer.
    """
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if declared.isdecimal() and int(declared) <= MAX_DRAIN_BYTES:
        with suppress(OSError):  # it went away
            request.read()
