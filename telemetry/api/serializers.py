"""Query parameters and responses of readings over the API."""

from datetime import UTC, datetime, timedelta

from rest_framework import serializers

from core.validators import MAX_ID
from telemetry.etags import ONE_MINUTE, whole_minute
from telemetry.metrics import METRIC_NAMES, ROLLED_UP_METRICS
from telemetry.queries.timeseries import RESOLUTIONS

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MAX_BUCKETS = 40_000
MAX_CHART_SPAN = timedelta(days=3660)
STEPS = {"15m": timedelta(minutes=15), "1h": timedelta(hours=1), "1d": DAY}


class MomentField(serializers.DateTimeField):
    """ISO 8601; UTC where no offset is given. A plus sign that a client did not encode is accepted."""

    def __init__(self, **kwargs):
        super().__init__(default_timezone=UTC, **kwargs)

    def to_internal_value(self, value) -> datetime:
        moment = super().to_internal_value(value.replace(" ", "+") if value.count(" ") == 1 and "T" in value else value)
        if not EARLIEST <= moment <= LATEST:
            raise serializers.ValidationError("Only moments between 2000 and 2100 are understood.")
        return moment.astimezone(UTC)


class SpanQuery(serializers.Serializer):
    """A device and a span; the last 24 hours when no time is given."""

    device_id = serializers.IntegerField(min_value=1, max_value=MAX_ID, help_text="the device's number")
    start_time = MomentField(required=False, help_text="default: 24 hours before the end")
    end_time = MomentField(required=False, help_text="default: now")

    def validate(self, attrs) -> dict:
        end = attrs.get("end_time") or max(self.default_end(attrs), attrs.get("start_time", EARLIEST))
        start = attrs.get("start_time") or max(EARLIEST, end - DAY)
        if start > end:
            raise serializers.ValidationError({"end_time": ["The end lies before the start."]})
        return {**attrs, "start": start, "end": end}

    def default_end(self, attrs) -> datetime:
        return self.context["now"]


class TimeseriesQuery(SpanQuery):
    limit = serializers.IntegerField(min_value=1, max_value=10_000, default=1_000, help_text="readings at most")
    points = serializers.IntegerField(
        min_value=10, max_value=5_000, required=False, help_text="width of the chart: the finest buckets that fit"
    )
    resolution = serializers.ChoiceField(RESOLUTIONS, required=False, help_text="columnar answer in these buckets")
    metric = serializers.ListField(
        child=serializers.ChoiceField([metric.name for metric in ROLLED_UP_METRICS]),
        required=False,
        help_text="only these metrics; repeatable",
    )

    baseline = serializers.BooleanField(
        default=False,
        help_text="with the usual level of each bucket, for spans up to 8 days in buckets up to 15 min",
    )

    @property
    def is_columnar(self) -> bool:
        return is_chart(self.validated_data)

    def default_end(self, attrs) -> datetime:
        """The next whole minute for charts, so that they change once a minute and include the newest readings."""
        now = super().default_end(attrs)
        return whole_minute(now) + ONE_MINUTE if is_chart(attrs) else now

    def validate(self, attrs) -> dict:
        attrs = super().validate(attrs)
        step = STEPS.get(attrs.get("resolution"))
        if step and (attrs["end"] - attrs["start"]) / step > MAX_BUCKETS:
            raise serializers.ValidationError(
                {"resolution": [f"More than {MAX_BUCKETS} buckets; ask for coarser ones."]}
            )
        if is_chart(attrs) and attrs["end"] - attrs["start"] > MAX_CHART_SPAN:
            raise serializers.ValidationError({"start_time": ["A chart spans ten years at most."]})
        return attrs


def is_chart(attrs) -> bool:
    return bool(attrs.get("baseline") or {"points", "resolution", "metric"} & attrs.keys())


class ExportQuery(SpanQuery):
    format = serializers.ChoiceField(["csv", "xlsx"], default="csv")


class LatestQuery(serializers.Serializer):
    factory_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, required=False)
    device_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, required=False)


HEALTH = ["good", "moderate", "critical", "unknown"]


def values_field(**kwargs) -> serializers.DictField:
    return serializers.DictField(child=serializers.FloatField(), **kwargs)


class DeviceLatestSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    device_id = serializers.CharField()
    device_name = serializers.CharField()
    machine_name = serializers.CharField(allow_blank=True)
    last_update = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)
    values = values_field(help_text="valid values by metric; power in kW, vibration is the worst axis")
    suspect = values_field(help_text="values that are not believed")
    vibration_health = serializers.ChoiceField(HEALTH)
    is_offline = serializers.BooleanField()
    device_uptime = serializers.FloatField(allow_null=True, help_text="% of the last 24 hours")


class LatestSerializer(serializers.Serializer):
    temperature = serializers.FloatField(allow_null=True)
    gas_index = serializers.FloatField(allow_null=True)
    vibration_health = serializers.ChoiceField(HEALTH)
    device_uptime = serializers.FloatField(allow_null=True)
    last_update = serializers.DateTimeField(allow_null=True)
    devices = DeviceLatestSerializer(many=True)


READING_FIELDS = {name: serializers.FloatField(allow_null=True) for name in METRIC_NAMES}
ReadingValues = type("ReadingValues", (serializers.Serializer,), READING_FIELDS)


class ReadingSerializer(ReadingValues):
    """A reading as it was sent: `power_consumption` is in the device's own unit."""

    device_id = serializers.IntegerField()
    timestamp = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    clock = serializers.ChoiceField(["device", "server", "shifted"])
    suspect = serializers.ListField(child=serializers.ChoiceField(METRIC_NAMES))
    extra = serializers.DictField(allow_null=True)


def column(child) -> serializers.ListField:
    return serializers.ListField(child=child)


class ColumnsSerializer(serializers.Serializer):
    min = column(serializers.FloatField(allow_null=True))
    mean = column(serializers.FloatField(allow_null=True))
    max = column(serializers.FloatField(allow_null=True))
    count = column(serializers.IntegerField())
    suspect = column(serializers.IntegerField())


class BaselineColumnsSerializer(serializers.Serializer):
    low = column(serializers.FloatField(allow_null=True))
    median = column(serializers.FloatField(allow_null=True))
    high = column(serializers.FloatField(allow_null=True))


class SeriesSerializer(serializers.Serializer):
    """Buckets as columns; a bucket without valid readings is null. Power is mean kW.

    `count` are the valid values behind a bucket, `suspect` those left out of it.
    """

    resolution = serializers.CharField()
    step_s = serializers.IntegerField(allow_null=True, help_text="null: `t` are the readings' own moments")
    t = column(serializers.FloatField())
    series = serializers.DictField(child=ColumnsSerializer())
    expected = column(serializers.FloatField())
    baseline = serializers.DictField(
        child=BaselineColumnsSerializer(),
        required=False,
        help_text="when attrs for: what is usual at this time of the week, by metric; null where nothing is known",
    )


class StatusSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    device_id = serializers.CharField()
    device_name = serializers.CharField()
    is_active = serializers.BooleanField()
    last_seen = serializers.DateTimeField(allow_null=True)
    uptime_percentage = serializers.FloatField(allow_null=True, help_text="of the last 24 hours")
