"""Query parameters and responses of insights and energy over the API."""

from datetime import datetime

from rest_framework import serializers

from core.validators import MAX_ID
from telemetry.analytics.insights import PERIODS
from telemetry.models import UnitDoubt


class InsightsQuery(serializers.Serializer):
    period = serializers.ChoiceField(list(PERIODS), default="24h")
    factory_id = serializers.IntegerField(min_value=0, max_value=MAX_ID, required=False)


class MomentField(serializers.DateTimeField):
    """ISO 8601 with the moment's own offset, where DRF would convert to the time zone of the request."""

    def to_representation(self, value: datetime) -> str:
        text = value.isoformat()
        return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


class NullableFloatField(serializers.FloatField):
    """None without enough data."""

    def __init__(self, **options) -> None:
        super().__init__(allow_null=True, **options)


# Insights


class InsightMetrics(serializers.Serializer):
    avg_temperature = NullableFloatField(help_text="°C")
    max_temperature = NullableFloatField(help_text="°C")
    avg_gas_index = NullableFloatField(help_text="indicative, no unit")
    vibration_health_score = NullableFloatField(help_text="0–100, the lowest machine's")
    device_uptime_percentage = NullableFloatField()
    anomalies_detected = serializers.IntegerField(help_text="readings beyond an enabled limit")
    energy_consumption = NullableFloatField(help_text="kWh, gaps left out")


class RollingMeanSerializer(serializers.Serializer):
    hours = serializers.FloatField(help_text="length of the window")
    mean = NullableFloatField()


class ThresholdInsightSerializer(serializers.Serializer):
    device_id = serializers.IntegerField(source="device_pk")
    machine = serializers.CharField()
    metric = serializers.CharField()
    title = serializers.CharField(help_text="of the alert rule")
    readings = serializers.IntegerField(help_text="beyond the limit in the period")
    baseline = serializers.IntegerField(help_text="in the period of the same length just before")


class HealthPartSerializer(serializers.Serializer):
    name = serializers.CharField()
    weight = serializers.IntegerField(help_text="percent of the score")
    value = NullableFloatField(help_text="null where it could not be computed")
    coverage_percent = NullableFloatField()
    words = serializers.CharField()


class MachineHealthSerializer(serializers.Serializer):
    device_id = serializers.IntegerField(source="device_pk")
    machine = serializers.CharField(source="label")
    health_score = NullableFloatField(source="health.score")
    suspect = serializers.IntegerField(help_text="readings with a value that is left out")
    parts = HealthPartSerializer(source="health.parts", many=True)


class LevelDeviationSerializer(serializers.Serializer):
    """`usual_low` and `usual_high` lie 3.5 robust deviations from the median; power in kW."""

    device_id = serializers.IntegerField(source="comparison.device_pk")
    machine = serializers.CharField()
    metric = serializers.CharField(source="comparison.metric")
    at = MomentField(source="comparison.at")
    value = NullableFloatField(source="comparison.value")
    median = serializers.FloatField(source="comparison.usual.median")
    mad = serializers.FloatField(source="comparison.usual.mad", help_text="median absolute deviation")
    weeks = serializers.IntegerField(source="comparison.usual.weeks", help_text="of the four before, with data")
    z = NullableFloatField(source="comparison.z")
    usual_low = serializers.FloatField(source="comparison.usual.low")
    usual_high = serializers.FloatField(source="comparison.usual.high")
    is_unusual = serializers.BooleanField(source="comparison.is_unusual")
    since = MomentField(allow_null=True, help_text="start of the unusual stretch")
    may_be_earlier = serializers.BooleanField(help_text="the stretch may have begun before what was searched")
    words = serializers.CharField()


class PowerDoubtSerializer(serializers.Serializer):
    device_id = serializers.IntegerField(source="device_pk")
    machine = serializers.CharField()
    kind = serializers.ChoiceField(UnitDoubt.Kind.choices)
    metric = serializers.CharField()
    seen = serializers.FloatField(help_text="the value that raised it; of power and registers in kW")
    seen_at = MomentField()
    typical_kw = NullableFloatField(help_text="null for vibration and temperature")
    expected_kw = NullableFloatField()
    against = serializers.CharField(help_text="what it was compared with: rating, history, size, power, direction, …")
    since = MomentField()
    suggested = serializers.CharField(allow_null=True, help_text="what it probably sends: W, Wh, raw")
    words = serializers.CharField()


class InsightsSerializer(serializers.Serializer):
    """Of {insights, factory_id, generated_at}."""

    period = serializers.ChoiceField(list(PERIODS), source="insights.period")
    factory_id = serializers.IntegerField()
    metrics = InsightMetrics(source="insights.metrics")
    explanation = serializers.DictField(
        source="insights.explanation", help_text="per figure: window, baseline, formula, coverage_percent"
    )
    rolling_averages = serializers.DictField(
        child=RollingMeanSerializer(many=True),
        source="insights.rolling",
        help_text="per metric: means over windows that end now",
    )
    thresholds = ThresholdInsightSerializer(
        source="insights.thresholds", many=True, help_text="readings beyond each limit"
    )
    devices = MachineHealthSerializer(
        source="insights.machines", many=True, help_text="health of each, with the parts of it"
    )
    baselines = LevelDeviationSerializer(
        source="insights.level_deviations",
        many=True,
        help_text="the last finished quarter hour against its usual level, by machine",
    )
    power_doubts = PowerDoubtSerializer(
        source="insights.power_doubts",
        many=True,
        help_text="machines whose values seem to be in another unit than their profile says; "
        "answered at /devices/{id}/unit-doubts",
    )
    generated_at = MomentField()


# Energy


class LoadPartSerializer(serializers.Serializer):
    name = serializers.CharField()
    kwh = serializers.FloatField()
    share_percent = NullableFloatField()
    mean_kw = NullableFloatField()


class MachinePowerSerializer(serializers.Serializer):
    """Of a pair (machine, kW)."""

    machine = serializers.CharField()
    kw = serializers.FloatField()

    def to_representation(self, pair: tuple[str, float]) -> dict:
        machine, kw = pair
        return super().to_representation({"machine": machine, "kw": kw})


class PeakSerializer(serializers.Serializer):
    at = MomentField()
    kw = serializers.FloatField()
    machines = MachinePowerSerializer(many=True, help_text="the largest first")


class IdleLoadSerializer(serializers.Serializer):
    machine = serializers.CharField()
    kwh = serializers.FloatField()
    hours = serializers.FloatField()
    below_kw = serializers.FloatField()


class ChargeSerializer(serializers.Serializer):
    name = serializers.CharField()
    rs = serializers.FloatField()
    formula = serializers.CharField()


class SavingSerializer(serializers.Serializer):
    """What a tenth of the dearest time's energy would cost less at the cheapest."""

    from_name = serializers.CharField()
    to_name = serializers.CharField()
    kwh = serializers.FloatField()
    rs = serializers.FloatField()
    formula = serializers.CharField()


class TariffCostSerializer(serializers.Serializer):
    tariff = serializers.CharField()
    rs = serializers.FloatField(source="account.rs", help_text="sum of the charges without the demand of a month")
    charges = ChargeSerializer(many=True)
    saving = SavingSerializer(source="account.saving", allow_null=True)


class SpecificEnergySerializer(serializers.Serializer):
    month = serializers.DateField(help_text="its first day")
    kwh = serializers.FloatField()
    made_t = NullableFloatField(help_text="null where no production in tonnes is entered")
    covered_percent = NullableFloatField()
    kwh_per_t = NullableFloatField()


class LeftOutSerializer(serializers.Serializer):
    steps = serializers.IntegerField()
    kwh = serializers.FloatField(help_text="that could not have flowed")
    hours = serializers.FloatField()


class EnergySerializer(serializers.Serializer):
    """Of what `gather_energy` gives, with period and factory_id."""

    period = serializers.ChoiceField(list(PERIODS))
    factory_id = serializers.IntegerField()
    start = serializers.DateTimeField(source="load.start")
    end = serializers.DateTimeField(source="load.end")
    energy_kwh = serializers.FloatField(
        source="load.total_kwh", help_text="measured_kwh + bridged_kwh, like energy_consumption of /insights"
    )
    energy_kwh_before = serializers.FloatField(
        source="before.total_kwh", help_text="in the period of the same length just before"
    )
    measured_kwh = serializers.FloatField(
        source="load.kwh", help_text="in quarter hours: what shifts, weekdays, machines and cost add up to"
    )
    bridged_kwh = serializers.FloatField(
        source="load.bridged_kwh", help_text="known from a register across a gap, without a time of day"
    )
    exported_kwh = serializers.FloatField(
        source="load.exported_kwh", help_text="fed back by feeders that export; subtracted from no figure"
    )
    coverage_percent = NullableFloatField(source="load.covered_percent")
    doubtful = LeftOutSerializer(source="left_out", help_text="open doubtful steps of counters, in no figure")
    by_shift = LoadPartSerializer(source="load.by_shift", many=True)
    by_weekday = LoadPartSerializer(source="load.by_weekday", many=True)
    by_machine = LoadPartSerializer(source="load.by_machine", many=True)
    peak = PeakSerializer(source="load.peak", allow_null=True, help_text="the quarter hour of the highest mean power")
    idle = IdleLoadSerializer(source="load.idle", many=True)
    cost = TariffCostSerializer(source="accounts", many=True, help_text="by tariff; empty where none is entered")
    unpriced_kwh = serializers.FloatField(help_text="of days for which no tariff is entered")
    per_tonne = SpecificEnergySerializer(source="months", many=True, help_text="of complete months")
