"""Test devices that buffer readings until they are acknowledged and record every answer."""

import json
import socket
import threading
import time
from collections import Counter
from http.client import HTTPException, HTTPResponse
from typing import NamedTuple

REQUEST_HEAD = "POST /ingest HTTP/1.1\r\nHost: carbonseed\r\nContent-Type: application/json\r\nX-API-Key: {key}\r\n"
TIMEOUT_S = 30


class Answer(NamedTuple):
    status: int
    body: dict
    wait_s: int | None  # Retry-After


class DeviceConnection:
    """A device's connection, keep-alive and reconnected after a cut. A request goes out in one piece."""

    def __init__(self, port, key, timeout_s=TIMEOUT_S):
        self.port, self.key, self.timeout_s, self.socket = port, key, timeout_s, None

    def post(self, readings) -> Answer:
        """Raises OSError where no answer came."""
        return self.post_bytes(json.dumps(readings).encode())

    def post_bytes(self, body) -> Answer:
        return self.exchange(self.request(body))

    def request(self, body) -> bytes:
        return REQUEST_HEAD.format(key=self.key).encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body

    def status_of(self, readings) -> int:
        """As `post`, for a flood: reading its answers must not cost the machine as much as giving them."""
        self.connect()
        self.socket.sendall(self.request(json.dumps(readings).encode()))
        answer = b""
        while not answer.endswith(b"}"):
            answer += self.socket.recv(4096) or b"}"
        return int(answer[9:12])

    def exchange(self, request: bytes) -> Answer:
        try:
            self.connect()
            self.socket.sendall(request)
            return self.read_answer()
        except (OSError, HTTPException) as error:
            self.close()
            raise OSError(f"cut: {error!r}") from error

    def connect(self):
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), self.timeout_s)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read_answer(self) -> Answer:
        response = HTTPResponse(self.socket)
        response.begin()
        body, retry_after = response.read(), response.headers.get("Retry-After")
        if response.will_close:
            self.close()
        is_json = "json" in response.headers.get("Content-Type", "")
        return Answer(response.status, json.loads(body) if is_json else {}, int(retry_after) if retry_after else None)

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None


class BufferingDevice(threading.Thread):
    """Measures, sends `batch` readings at a time (1: a bare object), and retries each batch until a 2xx."""

    def __init__(self, port, name, key, *, batch, stopping, patience_s=1.0):
        super().__init__(daemon=True)
        self.name, self.batch, self.stopping, self.patience_s = name, batch, stopping, patience_s
        self.connection = DeviceConnection(port, key)
        self.at = 1_760_000_000  # epoch in s of its next reading
        self.acknowledged = {}  # (name, at) → temperature
        self.accepted = self.duplicates = self.cuts = 0
        self.answers = Counter()
        self.bare_503s = 0  # without Retry-After
        self.slowest_s = 0.0

    def run(self):
        while not self.stopping.is_set():
            self.send([self.measure() for _ in range(self.batch)])
        self.connection.close()

    def measure(self):
        self.at += 1
        return {"timestamp": self.at, "temperature": (self.at % 1000) / 4}

    def send(self, readings):
        while True:
            began = time.monotonic()
            try:
                answer = self.connection.post(readings[0] if self.batch == 1 else readings)
            except OSError:
                self.cuts += 1
                time.sleep(0.05)
                continue
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            self.answers[answer.status] += 1
            self.bare_503s += answer.status == 503 and answer.wait_s is None
            if answer.status < 300:
                return self.record_acknowledged(readings, answer)
            if answer.status not in (429, 503):
                return None  # nothing that helps to repeat; the test sees it in `answers`
            time.sleep(min(answer.wait_s or 1, self.patience_s))

    def record_acknowledged(self, readings, answer):
        self.acknowledged |= {(self.name, one["timestamp"]): one["temperature"] for one in readings}
        self.accepted += answer.body["accepted"]
        self.duplicates += answer.body["duplicates"]


class DeviceFleet:
    """Devices that all send at once, as long as the `with` lasts."""

    def __init__(self, service, keys, batches=(1, 1, 1, 20)):
        self.stopping = threading.Event()
        self.devices = [
            BufferingDevice(service.port, name, key, batch=batches[place % len(batches)], stopping=self.stopping)
            for place, (name, key) in enumerate(keys.items())
        ]

    def __enter__(self):
        for device in self.devices:
            device.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for device in self.devices:
            device.join(60)
        assert not any(device.is_alive() for device in self.devices), "a device was never answered"

    @property
    def progress(self) -> dict[str, int]:
        return {device.name: len(device.acknowledged) for device in self.devices}

    def progressed_since(self, before: dict[str, int]) -> bool:
        """Whether every device has been acknowledged something since."""
        return all(device_now > before[name] for name, device_now in self.progress.items())

    @property
    def acknowledged(self) -> dict:
        return {key: value for device in self.devices for key, value in device.acknowledged.items()}

    @property
    def answers(self) -> Counter:
        return sum((device.answers for device in self.devices), Counter())

    @property
    def slowest_s(self) -> float:
        return max(device.slowest_s for device in self.devices)

    def total(self, name) -> int:
        return sum(getattr(device, name) for device in self.devices)


def assert_stored_exactly(service, load, factory, excluded=()):
    """Everything acknowledged is there once and as it was sent, nothing else is, and each is logged for the digest.

    `excluded`: devices of the factory that are not part of the load.
    """
    stored = {key: value for key, value in service.stored(factory).items() if key[0] not in excluded}
    acknowledged = load.acknowledged
    assert {key: value for key, value in acknowledged.items() if stored.get(key) != value} == {}, "acknowledged, lost"
    assert stored.keys() - acknowledged.keys() == set(), "stored, but not acknowledged"
    assert load.total("accepted") + load.total("duplicates") == len(acknowledged)
    assert service.logged_arrivals(factory) == service.stored_count(factory)
