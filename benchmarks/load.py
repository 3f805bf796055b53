"""A load generator of its own process: keep-alive sockets, requests made before the clock starts, answers counted.

Reads a JSON `Load` from standard input, writes a JSON result to standard output. It must stay cheap: on two cores
whatever it takes is missing at the service it measures, so it says which share of a core that was.
"""

import json
import random
import selectors
import socket
import sys
import time
from collections import Counter
from datetime import UTC, datetime

HEAD_END = b"\r\n\r\n"
TIMEOUT_S = 30


def reading_fields(rng):
    """What stands behind the time of a reading: a few hundred are made and used in turn."""
    return (
        f'"temperature": {850 + rng.uniform(-40, 40):.1f}, "gas_index": {rng.uniform(200, 400):.1f}, '
        f'"vibration_x": {rng.uniform(1, 3):.2f}, "vibration_y": {rng.uniform(1, 3):.2f}, '
        f'"vibration_z": {rng.uniform(1, 3):.2f}, "humidity": {rng.uniform(30, 60):.1f}, '
        f'"pressure": {rng.uniform(1005, 1020):.1f}, "power_consumption": {rng.uniform(20, 45):.2f}}}'
    )


class Sender:
    """A device: its next readings, `step_s` apart."""

    def __init__(self, device_id, key, first_epoch_s, step_s, fragments):
        self.device_id, self.key, self.epoch_s, self.step_s = device_id, key, first_epoch_s, step_s
        self.fragments, self.count = fragments, 0

    def reading(self):
        at = datetime.fromtimestamp(self.epoch_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.epoch_s += self.step_s
        self.count += 1
        return f'{{"device_id": "{self.device_id}", "timestamp": "{at}", {self.fragments[self.count % 499]}'

    def request(self, readings):
        body = self.reading() if readings == 1 else "[" + ",".join(self.reading() for _ in range(readings)) + "]"
        key = f"X-API-Key: {self.key}\r\n" if self.key else ""
        head = f"POST /ingest HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{key}"
        return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


class Connection:
    """One connection and the requests it will send, the next once the last is answered."""

    def __init__(self, port, requests):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.requests, self.next_request, self.buffer, self.sent_at = requests, 0, b"", 0.0

    def send(self):
        self.sent_at = time.perf_counter()
        self.socket.sendall(self.requests[self.next_request])
        self.next_request += 1

    def read_status(self) -> int | None:
        """The status of an answer that is complete."""
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError(f"closed by the service after {self.buffer[:200]!r}")
        self.buffer += data
        head, found, body = self.buffer.partition(HEAD_END)
        if not found or len(body) < length_of(head):
            return None
        self.buffer = b""
        return int(head[9:12])


def length_of(head):
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    raise ValueError(f"an answer without Content-Length: {head!r}")


def prepare_connections(load) -> list[Connection]:
    rng = random.Random(7)
    fragments = [reading_fields(rng) for _ in range(499)]
    senders = [
        Sender(s["device_id"], s.get("key"), load["first_epoch_s"], load["step_s"], fragments) for s in load["senders"]
    ]
    count, connections = load["connections"], []
    for place in range(count):
        own_senders = senders[place::count]
        turns = range(-(-load["requests"] // count))
        connections.append(
            Connection(load["port"], [own_senders[turn % len(own_senders)].request(load["batch"]) for turn in turns])
        )
    return connections


def run(connections, seconds) -> dict:
    """Every line sends until `seconds` are over or its requests are; answers on the way are waited for."""
    selector, statuses, latencies_s = selectors.DefaultSelector(), Counter(), []
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    busy, cpu, began = len(connections), time.process_time(), time.perf_counter()
    until, last = began + seconds, began
    for connection in connections:
        connection.send()
    while busy:
        events = selector.select(TIMEOUT_S)
        if not events:
            raise TimeoutError(f"no answer for {TIMEOUT_S} s; so far {dict(statuses)}")
        for key, _ in events:
            connection = key.data
            status = connection.read_status()
            if status is None:
                continue
            last = time.perf_counter()
            statuses[status] += 1
            latencies_s.append(last - connection.sent_at)
            if last < until and connection.next_request < len(connection.requests):
                connection.send()
            else:
                busy -= 1
    latencies_s.sort()
    return {
        "seconds": last - began,
        "statuses": dict(statuses),
        "sent": sum(connection.next_request for connection in connections),
        "load_cpu": (time.process_time() - cpu) / (last - began),
        "p50_ms": latencies_s[len(latencies_s) // 2] * 1000,
        "p95_ms": latencies_s[len(latencies_s) * 95 // 100] * 1000,
    }


if __name__ == "__main__":
    load_spec = json.load(sys.stdin)
    sys.stdout.write(json.dumps(run(prepare_connections(load_spec), load_spec["seconds"])))
