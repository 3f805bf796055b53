"""Model factories of telemetry: valid rows by default, so that a test names only the fields it is about."""

from datetime import UTC, date, datetime, timedelta

from factory import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from devices.tests.cast import make_device
from factories.tests.cast import FactoryMaker
from telemetry.metrics import ROLLED_UP_METRICS
from telemetry.models import (
    Day,
    DayFile,
    DayFileLine,
    DirtySpan,
    DoubtfulStep,
    LastSeen,
    ProcessedSpan,
    QuarantineItem,
    QuarterHour,
    Reading,
    Recommendation,
    RefusalCount,
    UnitDoubt,
)
from telemetry.storage.partitions import ensure_months, month_of

AT = datetime(2025, 1, 16, 10, 30, tzinfo=UTC)  # the suite's NOW


class DeviceRowMaker(DjangoModelFactory):
    """A row of a device; without one given, of a device of a new factory."""

    class Meta:
        abstract = True

    device = LazyFunction(lambda: make_device(FactoryMaker()))


class ReadingMaker(DeviceRowMaker):
    """One reading, its partition included; `stored_readings.store_readings` stores series as ingest does."""

    class Meta:
        model = Reading

    at = AT
    received_at = SelfAttribute("at")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        ensure_months({month_of(kwargs["at"])})
        return super()._create(model_class, *args, **kwargs)


class DirtySpanMaker(DeviceRowMaker):
    class Meta:
        model = DirtySpan

    first_at = AT
    last_at = SelfAttribute("first_at")
    readings = 1


class ProcessedSpanMaker(DeviceRowMaker):
    class Meta:
        model = ProcessedSpan

    first_at = AT
    last_at = SelfAttribute("first_at")


class RollupMaker(DeviceRowMaker):
    """`temperature=850` stands for as many readings of 850 °C as were received: its count, min, max and sum."""

    class Meta:
        abstract = True

    expected = SelfAttribute("received")

    @classmethod
    def _adjust_kwargs(cls, **kwargs):
        constants = {metric.name: kwargs.pop(metric.name) for metric in ROLLED_UP_METRICS if metric.name in kwargs}
        for name, value in constants.items():
            kwargs |= {f"{name}_count": kwargs["received"], f"{name}_sum": kwargs["received"] * value}
            kwargs |= {f"{name}_min": value, f"{name}_max": value}
        return kwargs


class QuarterHourMaker(RollupMaker):
    class Meta:
        model = QuarterHour

    starts_at = AT
    received = 3


class DayMaker(RollupMaker):
    class Meta:
        model = Day

    on = date(2025, 1, 15)
    received = 288
    heard = 96


class QuarantineItemMaker(DeviceRowMaker):
    class Meta:
        model = QuarantineItem

    factory = SelfAttribute("device.factory")
    received_at = AT
    reason = QuarantineItem.Reason.INVALID
    detail = "temperature: warm is not a number"
    payload = b'{"temperature": "warm"}'
    fingerprint = Sequence("{:032x}".format)


class DayFileMaker(DeviceRowMaker):
    """A day file that is checked and not imported yet."""

    class Meta:
        model = DayFile

    factory = SelfAttribute("device.factory")
    uploaded_at = AT
    name = "SF-001_20250116.csv"
    size = 1
    sha256 = "0" * 64
    state = DayFile.State.CHECKED
    done_at = SelfAttribute("uploaded_at")


class DayFileLineMaker(DjangoModelFactory):
    class Meta:
        model = DayFileLine

    day_file = SubFactory(DayFileMaker)
    number = 2
    outcome = DayFileLine.Outcome.REFUSED
    field = "timestamp"
    why = "is missing"


class RecommendationMaker(DeviceRowMaker):
    class Meta:
        model = Recommendation

    detector = "robust baseline"
    kind = Recommendation.Kind.MAINTENANCE
    signature = "vibration+"
    since = LazyAttribute(lambda row: row.until - timedelta(hours=3))
    until = AT
    confidence = 0.99
    evidence = []
    words = "Unlike its last four weeks."
    advice = "Look at bearings, balance and mounting."
    coverage_percent = 100
    found_at = SelfAttribute("until")


class DoubtfulStepMaker(DeviceRowMaker):
    """A meter that was swapped for one with a higher register, not decided yet."""

    class Meta:
        model = DoubtfulStep

    metric = "energy_kwh"
    before_at = LazyAttribute(lambda row: row.after_at - timedelta(minutes=15))
    before_value = 1205
    after_at = AT
    after_value = 88_315
    gained_kwh = LazyAttribute(lambda row: row.after_value - row.before_value)
    possible_kwh = 1.25
    found_at = SelfAttribute("after_at")


class UnitDoubtMaker(DeviceRowMaker):
    """Watts sent as kW, not answered yet."""

    class Meta:
        model = UnitDoubt

    kind = UnitDoubt.Kind.POWER_UNIT
    metric = "power_consumption"
    seen = typical = 32_500
    seen_at = AT
    expected = 40
    against = "rating"
    since = LazyAttribute(lambda row: row.device.profiles.get().valid_from)
    suggested = {"power_kind": "W"}
    opened_at = SelfAttribute("seen_at")


class LastSeenMaker(DeviceRowMaker):
    class Meta:
        model = LastSeen

    heard_at = AT
    reading_at = SelfAttribute("heard_at")


class RefusalCountMaker(DeviceRowMaker):
    class Meta:
        model = RefusalCount

    on = LazyAttribute(lambda row: row.last_at.date())
    status = 429
    count = 1
    last_at = AT
