"""SPCB: the data-capture rules that are printed beside sensor data, and the disclosure the gas index must carry."""

from decimal import Decimal

from calculations.quantities import share_pct

# Odisha SPCB, 30 April 2018: less than 85 % of data a day counts as default for OCEMS. Here a benchmark, no duty.
DAILY_CAPTURE_BENCHMARK_PCT = Decimal(85)
LONG_GAP_MINUTES = 30
GAS_DISCLOSURE = (
    "Gas index values come from uncertified low-cost metal-oxide sensors (MQ-135 class). They respond to several gases "
    "at once, drift with temperature and humidity, and are not expressed in mg/Nm³ or µg/m³. They are "
    "indicative trends only, are not OCEMS/CEMS or CAAQMS data, are not transmitted to CPCB/SPCB servers, and are not "
    "evidence of compliance or non-compliance with any emission or ambient standard."
)
RESTS_ON = "Compliance statements in this report rest only on the laboratory/CEMS results listed in section {section}."
NO_STATEMENT = "This report makes no compliance statement."

NO_LABORATORY_RESULTS = "No laboratory or CEMS result has been entered: this report makes no compliance statement."
RULES = [
    "Expected readings: the time divided by the device's reporting interval of that time, from the day the device was "
    "fitted; planned stops (outside shifts, holidays) in which nothing was reported are left out.",
    "Data capture: valid readings divided by expected readings. Valid: stored and without a suspect value.",
    "Device uptime: share of the quarter hours of that time in which the device was heard; not data capture.",
    "Suspect: outside the sensor's plausible range. Suspect values are kept, counted and left out of every figure.",
    "Means are arithmetic means of valid values. Gaps are shown, never filled with zero or by interpolation.",
    f"A gap is listed when no reading was received for more than {LONG_GAP_MINUTES} minutes and three intervals.",
    "Days are days of the factory's own time zone, 00:00 to 24:00; quarter hours are labelled by their start.",
    "Figures are kept in full precision and rounded half up when printed; shares of what was measured are cut.",
]


def capture_pct(valid: int, expected: Decimal) -> Decimal | None:
    """Valid readings over expected readings, at most 100."""
    share = share_pct(Decimal(valid), expected)
    return None if share is None else min(share, Decimal(100))


def days_below_benchmark(days: list[tuple[str, int, Decimal]]) -> list[tuple[str, Decimal]]:
    """[(day, valid, expected)] → the days, with their capture, that fall below the benchmark."""
    captured = [(day, capture_pct(valid, expected)) for day, valid, expected in days]
    return [(day, share) for day, share in captured if share is not None and share < DAILY_CAPTURE_BENCHMARK_PCT]
