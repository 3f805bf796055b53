"""Why a request body as a whole is refused. Pure."""


class BadBody(ValueError):
    """The request as a whole is refused."""


class Unreadable(BadBody):
    """It cannot be parsed; the message gives the position."""

    line = b""  # of NDJSON or CSV, as it came


class TooLarge(BadBody):
    """More bytes or readings than one request may carry."""


class UnsupportedMediaType(BadBody):
    """An unsupported content type, format or encoding; the message says what to do."""
