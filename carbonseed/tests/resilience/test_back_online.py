"""After a power cut every device sends a day of buffered readings, all at once.

PROOF_DEVICES=1000 runs the whole thing.
"""

import json
import os
import threading
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from carbonseed.tests.resilience.sending import BufferingDevice
from carbonseed.tests.resilience.service import Service

pytestmark = pytest.mark.slow
DEVICES = int(os.environ.get("PROOF_DEVICES", "60"))
PROCESSES = 4
INTERVAL_S = 300
A_DAY = 288  # readings
BATCH = 48
FROM = 1_759_948_200  # epoch in s of midnight in India, 9 October 2025
UNTIL = FROM + A_DAY * INTERVAL_S
PAST_BREACH, PRESENT_BREACH = "D0", "D1"
OWNER = """
from factories.models import Factory, Membership, User
owner = User.objects.create_user("asha@steelforge.in", "a-long-enough-password-42")
Membership.objects.create(user=owner, factory=Factory.objects.get(name="Back online"), role="factory_owner")
"""
CATCH_UP = """
import json
from datetime import UTC, datetime, timedelta
from alerts.models import Alert, Delivery
from alerts.evaluation.evaluator import evaluate_new_readings
from telemetry.models import DirtySpan, ProcessedSpan
from telemetry.rollups.digest import digest
now, rounds = datetime.fromtimestamp({until} + 60, UTC), 0
while DirtySpan.objects.filter(device__factory__name="Back online").exists():
    digest(now)
    evaluate_new_readings(now)
    rounds += 1
    assert rounds < 100
alerts = Alert.objects.filter(factory__name="Back online").order_by("device__device_id", "triggered_at")
print(json.dumps({{
    "rounds": rounds,
    "waiting": ProcessedSpan.objects.filter(device__factory__name="Back online").count(),
    "alerts": [
        [a.device.device_id, a.alert_type, a.status, a.found_late, a.deliveries.filter(next_attempt_at=None).count()]
        for a in alerts
    ],
}}))
"""


@pytest.fixture(scope="module")
def service(server):
    """With the rate limits that an installation has unless it sets others."""
    with Service(server, INGEST_DEVICE_RATE="5", INGEST_DEVICE_BURST="600") as running:
        yield running


def readings_of(name):
    """A day at about 12 kW; one device was too hot around noon, another has been for ten minutes."""
    hot = {PAST_BREACH: range(130, 140), PRESENT_BREACH: range(A_DAY - 2, A_DAY)}.get(name, ())
    return [
        {
            "timestamp": FROM + step * INTERVAL_S,
            "temperature": (950 if step in hot else 850) + step % 7,  # one that never moves would be suspect
            "power_consumption": 10 + step % 5,
        }
        for step in range(A_DAY)
    ]


class ReturningDevice(BufferingDevice):
    """Honours Retry-After to the second, as the contract asks it to."""

    def run(self):
        readings = readings_of(self.name)
        for start in range(0, A_DAY, BATCH):
            self.send(readings[start : start + BATCH])
        self.connection.close()


def send_backlogs(port, keys) -> tuple[Counter, int, int, int]:
    """These devices at once, each on its own connection → (answers, accepted, 503s without Retry-After, cuts)."""
    devices = [
        ReturningDevice(port, name, key, batch=BATCH, stopping=threading.Event(), patience_s=float("inf"))
        for name, key in keys.items()
    ]
    for device in devices:
        device.start()
    for device in devices:
        device.join()
    answers = sum((device.answers for device in devices), Counter())
    return answers, *(sum(getattr(d, name) for d in devices) for name in ("accepted", "bare_503s", "cuts"))


@pytest.fixture(scope="module")
def outcomes(service):
    """Counters of the answers, one tuple per sending process."""
    names = [f"D{number}" for number in range(DEVICES)]
    keys = list(service.register(*names, factory="Back online").items())
    service.run(OWNER)
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as senders:
        crowds = [senders.submit(send_backlogs, service.port, dict(keys[n::PROCESSES])) for n in range(PROCESSES)]
        return [crowd.result() for crowd in crowds]


def test_every_reading_is_stored(service, outcomes):
    answers = sum((one[0] for one in outcomes), Counter())
    accepted, bare_503s, cuts = (sum(one[place] for one in outcomes) for place in (1, 2, 3))
    assert set(answers) <= {200, 201, 503}
    assert (accepted, bare_503s, cuts) == (DEVICES * A_DAY, 0, 0)
    assert len(service.stored("Back online")) == service.logged_arrivals("Back online") == DEVICES * A_DAY


def test_the_digest_catches_up_and_past_breaches_wake_nobody(service, outcomes):
    caught_up = json.loads(service.run(CATCH_UP.format(until=UNTIL)).splitlines()[-1])
    assert caught_up["waiting"] == 0
    quarters = (
        "SELECT count(*), count(DISTINCT q.device_id), sum(q.energy_kwh) FROM telemetry_quarterhour q "
        "JOIN devices_device d ON d.id = q.device_id JOIN factories_factory f ON f.id = d.factory_id "
        "WHERE f.name = 'Back online' AND q.received = 3 AND q.temperature_count = 3"
    )
    count, devices, energy_kwh = service.query(quarters)[0]
    assert (count, devices) == (DEVICES * 96, DEVICES)
    assert energy_kwh == pytest.approx(DEVICES * 12 * 24, rel=0.005)  # a mean of 12 kW, less the last interval
    assert caught_up["alerts"] == [
        [PAST_BREACH, "temperature", "resolved", True, 0],
        [PRESENT_BREACH, "temperature", "active", False, 1],
    ]
