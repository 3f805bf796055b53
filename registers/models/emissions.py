"""Emission points, consents with their limits, and laboratory results."""

from collections.abc import Iterator

from django.db import models

from registers import parsers
from registers.columns import Quantity, ResultField, char_field, choice_field, required_fk, text_field, unique_per
from registers.description import FORM_V, SPCB, Register, RegisterKind
from registers.models.fuels import USE_PERIOD_IN_ORDER
from registers.models.row import RegisterRow, ValidityPeriod
from registers.row_validation import not_before, required_when


class EmissionPoint(RegisterRow, ValidityPeriod):
    """A stack, outlet or other sampling point."""

    class What(models.TextChoices):
        STACK = "stack", "Stack"
        OUTLET = "outlet", "Effluent outlet"
        SEWAGE = "sewage", "Sewage outlet"
        AMBIENT = "ambient", "Ambient air station"
        NOISE = "noise", "Noise point"

    name = char_field("stack, outlet or station", blank=False)
    what = choice_field("what", What, blank=False)
    attached_to = char_field("attached to", 150)
    fuel_words = char_field("fuel and quantity", 150)
    control = char_field("pollution control equipment", 150)
    height_m = Quantity("height", "m")
    diameter_m = Quantity("diameter", "m")
    reference_oxygen_percent = Quantity("reference O₂", "%", high=20)

    class Meta:
        constraints = [unique_per("emissionpoint", "name")]

    register = Register(
        slug="stacks",
        title="Stacks and outlets",
        singular="stack or outlet",
        kind=RegisterKind.STANDING,
        sentence="Stacks, outlets, ambient stations and noise points.",
        identity=("name",),
        columns=("what", "attached_to", "control", "height_m", "reference_oxygen_percent"),
        more=("fuel_words", "diameter_m", "used_from", "used_until"),
        needed={SPCB: ("attached_to",), FORM_V: ("attached_to",)},
        validators=(USE_PERIOD_IN_ORDER,),
    )

    @property
    def label(self):
        return self.name


class Consent(RegisterRow):
    """A consent or authorisation. Since 27 January 2026 a consent to operate may be valid until cancelled."""

    class What(models.TextChoices):
        AIR = "cto_air", "Consent to operate, air"
        WATER = "cto_water", "Consent to operate, water"
        BOTH = "cto", "Consent to operate, air and water"
        WASTE = "hw", "Hazardous-waste authorisation"
        ESTABLISH = "cte", "Consent to establish"
        OTHER = "other", "Other"

    number = char_field("number", 80, blank=False)
    what = choice_field("what", What, blank=False)
    issued_on = models.DateField("issued on", null=True, blank=True)
    valid_until = models.DateField("valid until", null=True, blank=True, help_text="Blank: until cancelled")
    authority = char_field("issued by", 150)
    conditions = text_field("conditions, and how they are met")

    class Meta:
        constraints = [unique_per("consent", "number")]

    register = Register(
        slug="consents",
        title="Consents",
        singular="consent",
        kind=RegisterKind.STANDING,
        sentence="Consents and authorisations; a blank end means until cancelled.",
        identity=("number",),
        columns=("what", "issued_on", "valid_until", "authority"),
        more=("conditions",),
        needed={SPCB: ("issued_on", "authority", "conditions"), FORM_V: ("issued_on", "authority")},
        default_source="authority",
        validators=(not_before("valid_until", "issued_on", "Valid until: this lies before the day of issue."),),
    )

    @property
    def label(self):
        return self.number


class Parameter(models.TextChoices):
    """A pollutant or parameter that is limited and measured."""

    PM = "pm", "Particulate matter"
    SO2 = "so2", "SO₂"
    NOX = "nox", "NOx"
    CO = "co", "CO"
    HCL = "hcl", "HCl"
    PM10 = "pm10", "PM10"
    PM25 = "pm25", "PM2.5"
    NO2 = "no2", "NO₂"
    O3 = "o3", "O₃"
    NH3 = "nh3", "NH₃"
    PB = "pb", "Lead"
    BENZENE = "benzene", "Benzene"
    BAP = "bap", "Benzo(a)pyrene"
    AS = "as", "Arsenic"
    NI = "ni", "Nickel"
    PH = "ph", "pH"
    TSS = "tss", "Total suspended solids"
    TDS = "tds", "Total dissolved solids"
    BOD = "bod", "BOD"
    COD = "cod", "COD"
    OIL = "oil", "Oil and grease"
    TEMPERATURE = "temperature", "Temperature"
    NOISE_DAY = "noise_day", "Noise, day Leq"
    NOISE_NIGHT = "noise_night", "Noise, night Leq"
    OTHER = "other", "Other (say in the remark)"


class ResultUnit(models.TextChoices):
    MG_NM3 = "mg/Nm3", "mg/Nm³"
    MG_L = "mg/L", "mg/L"
    UG_M3 = "ug/m3", "µg/m³"
    MG_M3 = "mg/m3", "mg/m³"
    NG_M3 = "ng/m3", "ng/m³"
    PH = "pH", "pH"
    CELSIUS = "C", "°C"
    DBA = "dB(A)", "dB(A)"
    PPM = "ppm", "ppm"
    PERCENT = "%", "%"
    OTHER = "other", "other"


UNITS_BY_POINT = {  # a stack's result in mg/L goes back from the board
    "stack": {"mg/Nm3", "ppm", "%", "C", "other"},
    "outlet": {"mg/L", "pH", "C", "other"},
    "sewage": {"mg/L", "pH", "C", "other"},
    "ambient": {"ug/m3", "mg/m3", "ng/m3", "other"},
    "noise": {"dB(A)"},
}


def unit_matches_point(row) -> Iterator:
    """The unit fits the point: stack gas in mg/Nm³, water in mg/L, ambient air in µg/m³, noise in dB(A)."""
    if row.point_id is None or row.unit in UNITS_BY_POINT[row.point.what]:
        return
    yield "unit", f"Unit: {row.get_unit_display()} does not fit {row.point.get_what_display().lower()} {row.point}."


class ConsentLimit(RegisterRow):
    """A consent's limit for a stack or outlet, never laxer than the national one."""

    consent = required_fk(Consent, "consent")
    point = required_fk(EmissionPoint, "stack or outlet")
    parameter = choice_field("parameter", Parameter, blank=False)
    low = Quantity("not below")
    high = Quantity("not above")
    unit = choice_field("unit", ResultUnit, blank=False)
    legal_source = char_field("legal source", 150)

    class Meta:
        constraints = [unique_per("consentlimit", "consent", "point", "parameter")]

    register = Register(
        slug="consent-limits",
        title="Limits of the consents",
        singular="limit",
        kind=RegisterKind.STANDING,
        sentence="What each consent allows at each stack and outlet.",
        identity=("consent", "point", "parameter"),
        columns=("low", "high", "unit", "legal_source"),
        needed={SPCB: ("high",), FORM_V: ("high",)},
        default_source="authority",
        validators=(unit_matches_point, not_before("high", "low", "Not above: this lies below the lower limit.")),
    )


class LabResult(RegisterRow):
    """One parameter of one sample, as reported by the laboratory: BDL stays BDL, never zero."""

    point = required_fk(EmissionPoint, "stack or outlet")
    sampled_on = models.DateField("sampled on")
    parameter = choice_field("parameter", Parameter, blank=False)
    result = ResultField("result", help_text="45.2, <5 or BDL")
    unit = choice_field("unit", ResultUnit, blank=False)
    detection_limit = Quantity("detection limit", help_text="in the unit of the result")
    oxygen_percent = Quantity("O₂ measured", "%", high=21)
    flow_nm3_per_h = Quantity("flow, stack", "Nm³/h")
    flow_m3_per_day = Quantity("flow, water", "m³/day")
    gas_c = Quantity("gas temperature", "°C", low=-30, high=1800)
    velocity_m_per_s = Quantity("velocity", "m/s")
    reference_c = Quantity("Nm³ at", "°C", high=25, help_text="0 or 25, as the laboratory says")
    averaging_h = Quantity("averaged over", "h")
    laboratory = char_field("laboratory", 150)
    nabl_number = char_field("NABL number", 40)
    report_number = char_field("report number", 60)
    reported_on = models.DateField("reported on", null=True, blank=True)
    method = char_field("method", 80)
    reason = char_field("reason where above the limit", 300)

    class Meta:
        verbose_name = "laboratory result"
        constraints = [unique_per("labresult", "point", "sampled_on", "parameter", "report_number")]

    register = Register(
        slug="laboratory",
        title="Laboratory results",
        singular="laboratory result",
        kind=RegisterKind.DATED,
        sentence="One line a parameter, as the laboratory reported it.",
        date_field_name="sampled_on",
        identity=("sampled_on", "point", "parameter", "report_number"),
        columns=("result", "unit", "oxygen_percent", "flow_nm3_per_h", "laboratory", "nabl_number"),
        more=(
            *("detection_limit", "flow_m3_per_day", "gas_c", "velocity_m_per_s", "reference_c", "averaging_h"),
            *("reported_on", "method", "reason"),
        ),
        needed={
            SPCB: ("laboratory", "nabl_number", "report_number"),
            FORM_V: ("laboratory", "nabl_number", "report_number"),
        },
        expected_per="point",
        default_source="laboratory",
        validators=(
            unit_matches_point,
            not_before("reported_on", "sampled_on", "Reported on: this lies before the sampling."),
            required_when("remark", lambda row: row.parameter == "other", "Remark: say which parameter it is."),
        ),
    )

    @property
    def value(self):
        """The numeric value, or None for BDL and <5."""
        return parsers.result_value(self.result)
