"""SPCB: data capture, consumption per unit, pollutants against their standards, certified measurements only. Pure."""

from calculations.spcb.capture import (
    DAILY_CAPTURE_BENCHMARK_PCT,
    GAS_DISCLOSURE,
    LONG_GAP_MINUTES,
    NO_LABORATORY_RESULTS,
    NO_STATEMENT,
    RESTS_ON,
    RULES,
    capture_pct,
    days_below_benchmark,
)

__all__ = [
    "DAILY_CAPTURE_BENCHMARK_PCT",
    "GAS_DISCLOSURE",
    "LONG_GAP_MINUTES",
    "NO_LABORATORY_RESULTS",
    "NO_STATEMENT",
    "RESTS_ON",
    "RULES",
    "capture_pct",
    "days_below_benchmark",
]
