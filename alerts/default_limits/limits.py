"""The default limits of one machine from its kind, rating, measured point and own history. Pure."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from alerts.default_limits.full_load import FullLoad, full_load
from alerts.default_limits.kinds import Proposal, TemperatureLimit, proposal_for
from alerts.models import RuleKind, Severity

SHORTEST_HOLD_S = 60
OWN_MARGIN = 1.10  # a watch limit lies at least a tenth over the machine's own 99th percentile under load

METRICS_BY_DEVICE_TYPE = {  # device types that measure only these get the default limits of these
    "meter": ("power_consumption",),
    "vibration": (),
    "gas": (),
    "temperature": ("temperature",),
    "gateway": (),
}


class Machine(NamedTuple):
    """What default limits follow from. `own`: {metric: 99th percentile under load}, of metrics that are learned.

    `sends_register`: its meter sends a register, of which a single reading gives no power to hold against a limit.
    """

    kind: str = ""
    temperature_point: str = ""
    rated_kw: float | None = None
    device_type: str = ""
    own: dict[str, float] = {}
    sends_register: bool = False

    @property
    def proposal(self) -> Proposal:
        return proposal_for(self.kind)

    @property
    def full_load(self) -> FullLoad | None:
        return full_load(self.proposal.rating, self.rated_kw) if self.rated_kw else None


class DefaultLimit(NamedTuple):
    """A limit as it would be a rule. `learns`: silent until its machine is known; `basis`: what it comes from."""

    key: str
    metric: str
    kind: RuleKind
    severity: Severity
    level: float | None
    clear_level: float | None
    hold_seconds: int
    learns: bool
    basis: dict[str, Any]


SILENCE = DefaultLimit(
    "silence", "", RuleKind.SILENCE, Severity.WARNING, None, None, 0, False, {"key": "silence", "from": "every machine"}
)


def default_limits(machine: Machine) -> list[DefaultLimit]:
    """Silence always; power where a rating is known; temperature where the kind has limits for the point measured."""
    limits = [SILENCE, *power_limits(machine), *temperature_limits(machine)]
    return [limit for limit in limits if not limit.metric or is_measured(limit.metric, machine)]


def is_measured(metric: str, machine: Machine) -> bool:
    """Whether the machine's device may send values of `metric` that a limit can be held against."""
    if metric == "power_consumption" and machine.sends_register:
        return False
    measured = measured_metrics(machine.device_type)
    return measured is None or metric in measured


def measured_metrics(device_type: str) -> tuple[str, ...] | None:
    """Metrics of a device type that measures only some: "Energy meter" power, "Gateway" none; None: any."""
    name = device_type.lower()
    return next((metrics for word, metrics in METRICS_BY_DEVICE_TYPE.items() if word in name), None)


def power_limits(machine: Machine) -> Iterator[DefaultLimit]:
    load = machine.full_load
    if load is None:
        return
    urgent = min((row.share for row in machine.proposal.power if row.severity == Severity.CRITICAL), default=None)
    cap = None if urgent is None else urgent * load.kw
    for row in machine.proposal.power:
        basis = {
            "from": "rating",
            "machine_kind": machine.kind,
            "rated_kw": machine.rated_kw,
            "full_load_kw": rounded(load.kw),
            "full_load_words": load.words,
            "share": row.share,
        }
        yield built(
            "power_consumption", row.severity, row.share * load.kw, row.clear_share / row.share, row.hold_s, basis,
            own=machine.own.get("power_consumption"), cap=cap,
        )  # fmt: skip


def temperature_limits(machine: Machine) -> Iterator[DefaultLimit]:
    rows = [row for row in machine.proposal.temperatures if row.point == machine.temperature_point]
    cap = min((row.level for row in rows if row.severity == Severity.CRITICAL), default=None)
    for row in rows:
        basis = {"from": "kind", "machine_kind": machine.kind, "temperature_point": row.point.value}
        yield built(
            "temperature", row.severity, row.level, clear_share(row), row.hold_s, basis,
            own=machine.own.get("temperature"), cap=cap,
        )  # fmt: skip


def clear_share(row: TemperatureLimit) -> float:
    return row.clear_level / row.level


def built(
    metric: str, severity: Severity, proposed: float, clear_share: float, hold_s: int, basis: dict[str, Any],
    *, own: float | None, cap: float | None,
) -> DefaultLimit:  # fmt: skip
    """A watch limit is the larger of what is proposed and what the machine's own history says, never over `cap`."""
    level, learns = proposed, severity == Severity.WARNING
    basis = {"key": f"{metric}.{severity.value}", **basis, "proposed_level": rounded(proposed)}
    if learns and own is not None:
        own_level = own * OWN_MARGIN
        level = max(proposed, own_level) if cap is None else min(max(proposed, own_level), cap)
        winner = "proposed" if own_level <= proposed else "own" if cap is None or own_level <= cap else "urgent"
        basis |= {"own_p99": rounded(own), "own_level": rounded(own_level), "winner": winner}
    return DefaultLimit(
        basis["key"],
        metric,
        RuleKind.ABOVE,
        severity,
        rounded(level),
        rounded(level * clear_share),
        max(SHORTEST_HOLD_S, hold_s),
        learns,
        basis,
    )


def rounded(value: float) -> float:
    """Three significant digits: a limit does not pretend to be finer than the rating it comes from."""
    return float(f"{value:.3g}")
