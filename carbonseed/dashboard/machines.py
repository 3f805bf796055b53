"""View models of machines: a device, its state and its latest values."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Avg, F, Q
from django.db.models.functions import TruncHour

from alerts.models import Severity
from carbonseed.dashboard.sparkline import sparkline
from devices.models import Device
from telemetry.analytics.health import Health, health_by_device
from telemetry.analytics.machine_doubts import open_doubt_counts
from telemetry.metrics import BY_NAME
from telemetry.models import QuarterHour
from telemetry.queries.latest import latest
from telemetry.queries.summary import DeviceSummary, summarise_many
from telemetry.queries.unread_streaks import recently_unread

HEALTH_STATES = {"good": "ok", "moderate": "warning", "critical": "critical", "unknown": "off"}
HOURS = 24
SPARK_METRICS = ("temperature", "power_consumption", "vibration", "gas_index")  # the first a machine has stands for it


class MachineState(NamedTuple):
    """A row of the overview. `state` is ok, warning, critical or off; `word` says it."""

    device: Device
    state: str
    word: str
    alert: object
    heard_at: datetime | None
    reading_at: datetime | None
    values: dict
    suspect: dict
    today: DeviceSummary
    vibration_health: str
    health: Health
    sparks: dict  # metric → point lists of its last 24 hours
    unread: object  # an UnreadStreak: nothing that it sends can be read
    doubts: int  # questions about its units and doubtful steps of its counters that wait for a person

    @property
    def has_reported(self) -> bool:
        return self.heard_at is not None

    @property
    def is_reporting(self):
        return self.has_reported and self.state != "off" and self.unread is None

    @property
    def energy(self):
        return self.today.energy

    @property
    def power_kw(self):
        return self.values.get("power_consumption")

    @property
    def health_state(self):
        return HEALTH_STATES[self.vibration_health]

    @property
    def main(self) -> dict | None:
        """The figure that says most about it: temperature where there is one, else the first it sends."""
        name = next((name for name in ("temperature", *BY_NAME) if self.values.get(name) is not None), None)
        return figure(name, self.values[name]) if name else None

    @property
    def icon(self):
        return {"Paused": "player-pause", "Not heard yet": "hourglass"}.get(self.word, "plug-connected-x")

    @property
    def spark_metric(self):
        return next((name for name in SPARK_METRICS if self.sparks.get(name)), "temperature")

    @property
    def spark(self):
        return self.sparks.get(self.spark_metric, [])

    @property
    def spark_label(self) -> str:
        return f"{BY_NAME[self.spark_metric].label} of the last 24 hours"


def figure(name, value) -> dict:
    metric = BY_NAME[name]
    return {"name": name, "label": metric.label, "value": value, "unit": metric.shown_unit, "decimals": metric.decimals}


def build_machines(devices, alerts, today, now) -> list:
    """Machines of the devices, worst first. `today`: their summaries by device; as many queries for one as for all.

    The health score is of the last 24 hours.
    """
    latest_values, hours = latest(devices, now), hourly_means(devices, now)
    yesterday = now - timedelta(hours=HOURS)
    scores = health_by_device(devices, yesterday, now, summarise_many(devices, yesterday, now, now)) if devices else {}
    doubts = open_doubt_counts(device.pk for device in devices)
    unread = recently_unread(devices, now)
    worst = {}
    for alert in alerts:
        current = worst.get(alert.device_id)
        if current is None or severity_rank(alert) < severity_rank(current):
            worst[alert.device_id] = alert
    machines = [
        build_machine(
            d,
            worst.get(d.pk),
            latest_values.get(d.pk),
            today[d.pk],
            scores[d.pk],
            hours.get(d.pk, {}),
            unread.get(d.pk),
            doubts.get(d.pk, 0),
        )
        for d in devices
    ]
    order = {"critical": 0, "warning": 1, "off": 2, "ok": 3}
    return sorted(machines, key=lambda machine: (order[machine.state], machine.device.label.lower()))


def load_devices(devices) -> list:
    """The queryset with all that a Machine needs of a device."""
    return list(devices.select_related("last_seen", "factory").prefetch_related("profiles", "hardware"))


def severity_rank(alert):
    return [Severity.CRITICAL, Severity.WARNING, Severity.INFO].index(alert.severity)


def build_machine(device, alert, reading, today, health, hours, unread, doubts) -> MachineState:
    state, word = state_of(device, reading, alert, unread)
    return MachineState(
        device=device,
        state=state,
        word=word,
        alert=alert,
        heard_at=device.last_seen.heard_at if hasattr(device, "last_seen") else None,
        reading_at=reading.at if reading else None,
        values=reading.values if reading else {},
        suspect=reading.suspect if reading else {},
        today=today,
        vibration_health=reading.vibration_health if reading else "unknown",
        health=health,
        sparks={name: sparkline(values) for name, values in hours.items()},
        unread=unread,
        doubts=doubts,
    )


def state_of(device, reading, alert, unread) -> tuple:
    """State and word. Silence outranks an alert: the last reading of a silent device says nothing about now."""
    if not device.is_active:
        return "off", "Paused"
    if unread:
        return "critical", "Nothing readable"
    if reading is None:
        return "off", "Not heard yet"
    if reading.is_offline:
        return "off", "Offline"
    if alert is None or alert.severity == Severity.INFO:
        return "ok", "Reporting"
    return str(alert.severity), alert.get_severity_display()


def hourly_means(devices, now):
    """Device id → metric → mean of each of the last 24 hours (None where nothing came), in one query."""
    first = (now - timedelta(hours=HOURS - 1)).replace(minute=0, second=0, microsecond=0)
    rows = (
        QuarterHour.objects.filter(device_id__in=[device.pk for device in devices], starts_at__gte=first)
        .annotate(hour=TruncHour("starts_at", tzinfo=first.tzinfo))
        .values("device_id", "hour")
        .annotate(**{name: mean_expression(name) for name in SPARK_METRICS})
        .order_by()
    )
    by_device = {}
    for row in rows:
        series = by_device.setdefault(row["device_id"], {name: [None] * HOURS for name in SPARK_METRICS})
        place = int((row["hour"] - first).total_seconds() // 3600)
        if 0 <= place < HOURS:
            for name in SPARK_METRICS:
                series[name][place] = row[name]
    return by_device


def mean_expression(name):
    return Avg(F(f"{name}_sum") / F(f"{name}_count"), filter=Q(**{f"{name}_count__gt": 0}))
