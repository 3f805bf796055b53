"""One HTTP POST to somebody else's server, over within so many seconds whatever that server does.

A time-out of a socket begins anew with every byte: a server that drips one now and then could hold a worker for days.
So a watch shuts the connection down at the deadline. Nothing is followed elsewhere.
"""

import socket
import threading
from contextlib import suppress
from http.client import HTTPException

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

CHUNK_BYTES = 16 * 1024
TRANSPORT_ERRORS = (
    urllib3.exceptions.HTTPError,
    HTTPException,
    OSError,
    ValueError,
)  # TLS has one that is a ValueError
MAX_RESPONSE_BYTES = 256 * 1024  # of an answer; what is longer is an error


class PostFailed(Exception):
    """No whole answer; the text says of what kind the trouble was."""


def post(scheme, host, port, path, body: bytes, headers: dict, *, seconds: float, address=None) -> tuple[int, bytes]:
    """(status, content). `address` is what is connected to, where a name has been looked up already."""
    connection = new_connection(scheme, host, port, seconds, address or host)
    with Deadline(connection, seconds) as deadline:
        try:
            connection.connect()
            deadline.socket = connection.sock  # the connection lets go of it where the answer ends with it
            connection.request("POST", path, body=body, headers=headers, preload_content=False, decode_content=False)
            response = connection.getresponse()
            content = read_body(response)
        except TRANSPORT_ERRORS as error:
            raise PostFailed("time-out" if deadline.is_over else type(error).__name__) from error
        if deadline.is_over:
            raise PostFailed("time-out")  # a body without a length just ends where it was cut
        return response.status, content


def read_body(response) -> bytes:
    content = b""
    while chunk := response.read(CHUNK_BYTES):
        content += chunk
        if len(content) > MAX_RESPONSE_BYTES:
            raise PostFailed("an answer without end")
    return content


def new_connection(scheme, host, port, seconds, address):
    if scheme == "http":
        return HTTPConnection(address, port, timeout=seconds)
    return HTTPSConnection(
        address, port, timeout=seconds, cert_reqs="CERT_REQUIRED", ca_certs=certifi.where(), server_hostname=host,
        assert_hostname=host,
    )  # fmt: skip


class Deadline:
    """Shuts a connection down once its time is over."""

    def __init__(self, connection, seconds):
        self.connection, self.socket, self.is_over = connection, None, False
        self.watch = threading.Timer(seconds, self.expire)
        self.watch.daemon = True

    def __enter__(self):
        self.watch.start()
        return self

    def __exit__(self, *_):
        self.watch.cancel()
        self.connection.close()

    def expire(self):
        self.is_over = True
        found = self.socket or self.connection.sock  # none yet: connecting has a time-out of its own
        if found is not None:
            with suppress(OSError):
                socket.socket.shutdown(found, socket.SHUT_RDWR)  # of TLS too: its own would wait for the other side
