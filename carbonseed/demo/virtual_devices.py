"""Virtual ESP32 devices: each reads its curve, queues what it read, and posts the queue, as the firmware does.

A reading leaves the queue only when the server answered for it. Away or overloaded: wait (`Retry-After` counts), then
send the queue in batches. A 413 halves the batch. A refused single reading is dropped, since it would block the rest.
"""

import random
import threading
from collections import deque
from datetime import UTC, datetime, timedelta

import requests

MAX_QUEUE = 5_000  # readings; a real device has little more, and the oldest go first
MAX_BATCH = 500
TIMEOUT_S = 10
MAX_WAIT_S = 60


class VirtualDevice:
    """One virtual device: its queue, batch size and count of failures."""

    def __init__(self, machine, key, url, log, is_quiet) -> None:
        self.machine, self.key, self.url = machine, key, url
        self.log, self.is_quiet = log, is_quiet
        self.queue = deque(maxlen=MAX_QUEUE)
        self.batch = MAX_BATCH
        self.failures = 0
        self.session = requests.Session()
        self.session.headers["X-API-Key"] = key

    def read(self, at, interval_s) -> None:
        values = self.machine.reading_at(at, interval_s)
        if values:
            self.queue.append({"device_id": self.machine.device_id, "timestamp": at.isoformat(), **values})

    def flush(self) -> float:
        """Send what is queued → seconds to wait before trying again; 0 when the queue is empty."""
        while self.queue:
            batch = [self.queue[place] for place in range(min(self.batch, len(self.queue)))]
            try:
                response = self.session.post(
                    f"{self.url}/ingest", json=batch if len(batch) > 1 else batch[0], timeout=TIMEOUT_S
                )
            except requests.RequestException as error:
                return self.back_off(type(error).__name__)
            if wait := self.apply_response(response, len(batch)):
                return wait
        return 0

    def apply_response(self, response, count) -> float:
        """Apply the status and headers → seconds to wait, 0 to go on."""
        if response.status_code == 413 and count > 1:
            self.batch = max(1, count // 2)
            return 0
        if response.status_code in (401, 403, 404, 408, 429) or response.status_code >= 500:
            return self.back_off(f"{response.status_code} {response.text[:120]}", response.headers.get("Retry-After"))
        if not response.ok:
            self.log(f"{self.machine.device_id}: {response.status_code} {response.text[:200]}, {count} dropped")
        for _ in range(count):
            self.queue.popleft()
        if self.failures or not self.is_quiet:
            after = f" after {self.failures} failed attempts" if self.failures else ""
            self.log(f"{self.machine.device_id}: {response.status_code}, {count} sent{after}, {len(self.queue)} queued")
        self.failures = 0
        return 0

    def back_off(self, reason, retry_after=None) -> float:
        self.failures += 1
        if self.failures == 1 or not self.is_quiet:
            self.log(f"{self.machine.device_id}: {reason}; {len(self.queue)} queued")
        if retry_after and retry_after.isdigit():
            return max(1.0, float(retry_after))
        return min(MAX_WAIT_S, 2.0 ** min(self.failures, 6)) * random.uniform(0.7, 1.3)


def run(devices, *, url, interval_s, speed, readings, log, is_quiet) -> None:
    """Every device in a thread of its own until Ctrl-C, or until each has read `readings` times."""
    stopping, log = threading.Event(), serialise_calls(log)
    began = datetime.now(UTC)
    threads = [
        threading.Thread(
            target=run_device,
            args=(VirtualDevice(machine, key, url, log, is_quiet), began, interval_s, speed, readings, stopping),
            kwargs={"first_after": interval_s * (place + 1) / len(devices)},
            daemon=True,
        )
        for place, (machine, key) in enumerate(devices)
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive():
                thread.join(0.5)
    except KeyboardInterrupt:
        stopping.set()
        log("stopped")


def run_device(device, began, interval_s, speed, readings, stopping, first_after) -> None:
    """Plant time starts now and runs `speed` times as fast; spread over the interval so that posts do not bunch up."""
    plant_s, try_again_at, count = first_after, 0.0, 0
    while not stopping.is_set() and (readings is None or count < readings):
        if stopping.wait(max(0.0, plant_s / speed - elapsed_s(began))):
            return
        device.read(began + timedelta(seconds=plant_s), interval_s)
        plant_s, count = plant_s + interval_s, count + 1
        if elapsed_s(began) >= try_again_at:
            try_again_at = elapsed_s(began) + device.flush()
    while device.queue and readings is not None and not stopping.is_set():
        stopping.wait(device.flush())


def elapsed_s(began) -> float:
    return (datetime.now(UTC) - began).total_seconds()


def serialise_calls(log):
    lock = threading.Lock()

    def safely(text):
        with lock:
            log(text)

    return safely
