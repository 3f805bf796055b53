"""A POST to an external server ends by its deadline, whatever that server does."""

import socket
import ssl
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.outbound_http import MAX_RESPONSE_BYTES, PostFailed, post


class RawServer:
    """A server that sends these bytes, a piece at a time."""

    def __init__(self, *pieces, wait=0.0):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.pieces, self.wait, self.done = self.listener.getsockname()[1], pieces, wait, threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        connection, _ = self.listener.accept()
        with connection:
            connection.recv(65_536)
            for piece in self.pieces:
                try:
                    connection.sendall(piece)
                except OSError:
                    break
                if self.done.wait(self.wait):
                    break

    def post(self, seconds=1.0):
        try:
            return post(
                "http", "127.0.0.1", self.port, "/", b"{}", {"Content-Type": "application/json"}, seconds=seconds
            )
        finally:
            self.done.set()
            self.listener.close()


OK = b"HTTP/1.1 200 OK\r\n"


def test_an_answer_is_read_whole():
    assert RawServer(OK + b"Content-Length: 2\r\n\r\n", b"ok").post() == (200, b"ok")


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([OK, *[b"X-Drip: 1\r\n"] * 90], id="in the head"),
        pytest.param([OK + b"\r\n", *[b"x"] * 90], id="in a body without a length"),
        pytest.param([OK + b"Content-Length: 90\r\n\r\n", *[b"x"] * 90], id="in a body with one"),
        pytest.param([b""] * 90, id="nothing at all"),
    ],
)
def test_a_server_that_drips_is_left_at_the_deadline(pieces):
    began = time.monotonic()
    with pytest.raises(PostFailed):
        RawServer(*pieces, wait=0.1).post(seconds=0.5)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"what is this\r\n\r\n",
        OK + b"Content-Length: 9\r\n\r\nshort",
        OK + b"\r\n" + b"x" * (MAX_RESPONSE_BYTES + 1),
    ],
)
def test_what_is_no_whole_answer_is_told_as_such(response):
    with pytest.raises(PostFailed):
        RawServer(response).post()


def test_nobody_there():
    with pytest.raises(PostFailed, match="NewConnectionError"):
        post("http", "127.0.0.1", 1, "/", b"", {}, seconds=1)


# Over TLS: the name is verified, the address that was looked up is connected to


@pytest.fixture
def secure(tmp_path):
    """A TLS server on 127.0.0.1 named hooks.example by a certificate of its own: (port, certificate file)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, datetime(2020, 1, 1), datetime(2999, 1, 1))  # noqa: DTZ001
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256())
    certificate, secret = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    server = HTTPServer(("127.0.0.1", 0), OkHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, str(certificate)
    server.shutdown()
    server.server_close()


class OkHandler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


def over_tls(port, host):
    return post("https", host, port, "/", b"", {"Host": host}, seconds=5, address="127.0.0.1")


def test_a_server_that_proves_its_name_is_posted_to(secure, monkeypatch):
    port, certificate = secure
    monkeypatch.setattr(certifi, "where", lambda: certificate)
    assert over_tls(port, "hooks.example") == (200, b"ok")


def test_a_server_of_another_name_or_nobodys_word_is_not(secure, monkeypatch):
    port, certificate = secure
    with pytest.raises(PostFailed):
        over_tls(port, "hooks.example")
    monkeypatch.setattr(certifi, "where", lambda: certificate)
    with pytest.raises(PostFailed):
        over_tls(port, "other.example")
