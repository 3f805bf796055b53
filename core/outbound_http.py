"""One HTTP POST to an external server with a hard overall deadline.

A socket time-out restarts with every byte, so a server that sends one now and then could block a worker for days. A
timer therefore shuts the connection down at the deadline. Redirects are not followed.
"""

import socket
import threading
from contextlib import suppress
from http.client import HTTPException
from typing import Any

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

CHUNK_BYTES = 16 * 1024
# ValueError: ssl raises one
TRANSPORT_ERRORS = (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError)
MAX_RESPONSE_BYTES = 256 * 1024  # a longer response is an error


class PostFailed(Exception):
    """No complete response was received; the text names the kind of error."""


def post(
    scheme: str,
    host: str,
    port: int,
    path: str,
    body: bytes,
    headers: dict[str, str],
    *,
    seconds: float,
    address: str | None = None,
) -> tuple[int, bytes]:
    """(status, content). `address`: the resolved IP address to connect to instead of `host`. Raises PostFailed."""
    connection = new_connection(scheme, host, port, seconds, address or host)
    with Deadline(connection, seconds) as deadline:
        try:
            connection.connect()
            deadline.socket = connection.sock  # the connection drops it when the response closes it
            connection.request("POST", path, body=body, headers=headers, preload_content=False, decode_content=False)
            response = connection.getresponse()
            content = read_body(response)
        except TRANSPORT_ERRORS as error:
            raise PostFailed("time-out" if deadline.has_passed else type(error).__name__) from error
        if deadline.has_passed:
            raise PostFailed("time-out")  # a body without Content-Length just ends at the cut
        return response.status, content


def read_body(response: Any) -> bytes:
    content = b""
    while chunk := response.read(CHUNK_BYTES):
        content += chunk
        if len(content) > MAX_RESPONSE_BYTES:
            raise PostFailed("an answer without end")
    return content


def new_connection(scheme: str, host: str, port: int, seconds: float, address: str) -> HTTPConnection:
    if scheme == "http":
        return HTTPConnection(address, port, timeout=seconds)
    return HTTPSConnection(
        address, port, timeout=seconds, cert_reqs="CERT_REQUIRED", ca_certs=certifi.where(), server_hostname=host,
        assert_hostname=host,
    )  # fmt: skip


class Deadline:
    """Context manager that shuts a connection down once `seconds` have passed."""

    def __init__(self, connection: HTTPConnection, seconds: float) -> None:
        self.connection, self.has_passed = connection, False
        self.socket: Any = None
        self.timer = threading.Timer(seconds, self.expire)
        self.timer.daemon = True

    def __enter__(self) -> "Deadline":
        self.timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.timer.cancel()
        self.connection.close()

    def expire(self) -> None:
        self.has_passed = True
        sock = self.socket or self.connection.sock  # None while connecting, which has a time-out of its own
        if sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # TLS too: SSLSocket's own would wait for the peer
