"""What the dry run of a day file shows of its values: first rows, extremes with their lines, sums, time span, months.

Collected batch by batch; its memory is bounded.
"""

from datetime import timedelta

from telemetry.metrics import BY_NAME, METRIC_NAMES

POWER = "power_consumption"
FIRST_ROWS = 5
MAX_MONTHS = 24


class MetricValues:
    """Readings, least and greatest value with their lines, sum, and the values of the first and last moment."""

    def __init__(self, name: str) -> None:
        self.name, self.count, self.total = name, 0, 0.0
        self.least = self.greatest = self.first = self.last = None

    def add(self, value: float, line: int, at) -> None:
        self.count, self.total = self.count + 1, self.total + value
        if self.least is None or value < self.least[0]:
            self.least = value, line
        if self.greatest is None or value > self.greatest[0]:
            self.greatest = value, line
        if self.first is None or at < self.first[0]:
            self.first = at, value
        if self.last is None or at >= self.last[0]:
            self.last = at, value

    def as_json(self, power_unit: str) -> dict:
        metric = BY_NAME[self.name]
        unit = power_unit if self.name == POWER else metric.unit
        return {
            "metric": self.name,
            "label": metric.label,
            "unit": "" if unit == "index" else unit,
            "readings": self.count,
            "least": {"value": self.least[0], "line": self.least[1]},
            "greatest": {"value": self.greatest[0], "line": self.greatest[1]},
            "mean": self.total / self.count,
            "sum": self.total,
            "first": self.first[1],
            "last": self.last[1],
        }


class DryRunValues:
    def __init__(self, zone) -> None:
        self.zone, self.first_rows, self.months = zone, [], {}
        self.metrics, self.power_unit = {}, ""
        self.first_at = self.last_at = None

    def add(self, batch, validator) -> None:
        """The rows of a LineBatchResult; `validator` knows the unit of the machine's power."""
        validation = batch.validation
        for row in validation.rows:
            self.add_row(row, validation.line_numbers[id(row.raw)])
            if not self.power_unit and POWER in self.metrics:
                self.power_unit = validator.power_unit(row)

    def add_row(self, row, line: int) -> None:
        local = row.at.astimezone(self.zone)
        month = f"{local:%Y-%m}"
        if month in self.months or len(self.months) < MAX_MONTHS:
            self.months[month] = self.months.get(month, 0) + 1
        self.first_at = min(self.first_at or row.at, row.at)
        self.last_at = max(self.last_at or row.at, row.at)
        for name, value in zip(METRIC_NAMES, row.values, strict=True):
            if value is not None:
                self.metrics.setdefault(name, MetricValues(name)).add(value, line, row.at)
        if len(self.first_rows) < FIRST_ROWS:
            values = {name: value for name, value in zip(METRIC_NAMES, row.values, strict=True) if value is not None}
            self.first_rows.append({"line": line, "at": local.isoformat(), "values": values})

    def as_json(self) -> dict:
        ordered = [self.metrics[name].as_json(self.power_unit) for name in METRIC_NAMES if name in self.metrics]
        return {
            "rows": self.first_rows,
            "metrics": ordered,
            "first_at": self.first_at and self.first_at.isoformat(),
            "last_at": self.last_at and self.last_at.isoformat(),
            "span_h": (self.last_at - self.first_at) / timedelta(hours=1) if self.first_at else None,
            "months": dict(sorted(self.months.items())),
        }
