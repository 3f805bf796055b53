"""Figures that two independent roads lead to: the table, and a finding where they lie too far apart. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from calculations import two_roads
from calculations.quantities import share_pct, total
from calculations.two_roads import TwoRoads
from calculations.validation import WARNS
from core.number_format import indian
from reports.documents.blocks import column, figure, number_column, table, text, yes_or_no
from reports.documents.calculation_findings import finding
from reports.documents.common_tables import energy_of_all, with_power

ZERO, HUNDRED = Decimal(0), Decimal(100)
NOTE = (
    "The difference is of the first road, negative where the second is the higher; the allowances are rules of this "
    "product. What was not measured is allowed on top."
)


@dataclass(frozen=True)
class Comparison:
    """`why_not` says why the two are not compared, e.g. that months are missing on one of them."""

    what: str
    first_name: str
    second_name: str
    unit: str
    roads: TwoRoads
    reason: str
    decimals: int = 0
    why_not: str = ""

    @property
    def is_compared(self) -> bool:
        return not self.why_not

    @property
    def is_apart(self) -> bool:
        return self.is_compared and self.roads.agrees is False

    def sentence(self) -> str:
        first, second = (indian(value, self.decimals) for value in (self.roads.first, self.roads.second))
        pct, allowed = indian(abs(self.roads.difference_pct), 1), indian(self.roads.allowed_pct, 1)
        return (
            f"{self.what}: {first} {self.unit} by {self.first_name}, {second} {self.unit} by {self.second_name}: "
            f"{pct} % apart, {allowed} % are allowed ({self.reason})."
        )


def comparison_table(comparisons) -> dict:
    rows = [row_of(each) for each in comparisons]
    columns = [
        column("Figure"), column("First road"), number_column("First"), column("Second road"),
        number_column("Second"), column("In"), number_column("Difference", "%"), number_column("Allowed", "%"),
        column("Within it"), column("Allowed for"),
    ]  # fmt: skip
    return table("Two roads to one figure", columns, rows, note=NOTE if rows else "", empty="Nothing to compare.")


def row_of(each) -> list:
    roads = each.roads
    pct = roads.difference_pct if each.is_compared else None
    return [
        text(each.what), text(each.first_name), figure(roads.first, each.decimals), text(each.second_name),
        figure(roads.second, each.decimals), text(each.unit),
        figure(pct, 1, "–" if each.is_compared else "not compared"),
        figure(roads.allowed_pct, 1), yes_or_no(roads.agrees if each.is_compared else None),
        text(each.why_not or each.reason),
    ]  # fmt: skip


def findings(comparisons, url="") -> list:
    """A warning for each pair that lies farther apart than allowed."""
    return [finding("ROADS", each.sentence(), url, severity=WARNS) for each in comparisons if each.is_apart]


def number(text_value):
    return None if text_value is None else Decimal(text_value)


@dataclass(frozen=True)
class Supply:
    """kWh that reached the unit's feeders: bought and generated inside, less what was exported."""

    billed_kwh: Decimal | None
    generated_kwh: Decimal | None
    exported_kwh: Decimal | None

    @property
    def supplied_kwh(self) -> Decimal | None:
        if self.billed_kwh is None and self.generated_kwh is None:
            return None
        return (self.billed_kwh or ZERO) + (self.generated_kwh or ZERO) - (self.exported_kwh or ZERO)


def supply_of(registers) -> Supply:
    generation = registers.get("generation", [])
    return Supply(
        total(number(row["energy_kwh"]) for row in registers.get("bills", [])),
        total(number(row["generated_kwh"]) for row in generation),
        total(number(row["exported_kwh"]) for row in generation),
    )


def electricity(registers, measured_kwh, coverage_pct, months="") -> Comparison:
    """Bills with own generation against the feeders; `months` where bills of the year are missing."""
    allowed = two_roads.allowed_with_gaps(two_roads.METERS_PCT, coverage_pct)
    roads = TwoRoads(supply_of(registers).supplied_kwh, measured_kwh, allowed)
    why_not = f"bills of {months} only" if months else ""
    reason = with_gaps(two_roads.METERS_REASON, coverage_pct)
    return Comparison(
        "Electricity", "bills + own generation − exported", "feeders measured", "kWh", roads, reason, why_not=why_not
    )


def with_gaps(reason, coverage_pct) -> str:
    if coverage_pct is None or coverage_pct >= HUNDRED:
        return reason
    return f"{reason}; {indian(HUNDRED - coverage_pct, 1)} % not measured"


def fuel_stocks(stocks) -> list[Comparison]:
    """What left the store by stocks and purchases, against what was entered as used."""
    found = []
    for row in stocks:
        parts = [number(row[name]) for name in ("opening", "purchased", "closing")]
        used = total(number(row[name]) for name in ("used_process", "used_power", "used_elsewhere"))
        if None in parts or used is None:
            continue
        roads = TwoRoads(parts[0] + parts[1] - parts[2], used, two_roads.STOCK_PCT)
        names = ("opening + purchased − closing", "use entered")
        found.append(Comparison(row["name"], *names, row["unit"], roads, two_roads.STOCK_REASON, decimals=3))
    return found


def production(rows, months_of_period) -> list[Comparison]:
    """Made against the consent: of fewer months only that it was passed is certain."""
    found = []
    for row in rows:
        allowed, made = number(row["allowed"]), number(row["made"])
        if allowed is None or made is None:
            continue
        roads = TwoRoads(allowed, made, ZERO, is_ceiling=True)
        is_short = row["months_entered"] < months_of_period and roads.agrees
        why_not = f"{row['months_entered']} of {months_of_period} months are entered" if is_short else ""
        found.append(Comparison(row["name"], "consent for the period", "made", row["unit"], roads,
                                two_roads.CEILING_REASON, decimals=3, why_not=why_not))  # fmt: skip
    return found


def operating_hours(inputs, typed_h, months="") -> list[Comparison]:
    """Hours entered for the unit against those of the machine that ran longest."""
    ran = [
        (number(machine["operating"]["operating_h"]), machine)
        for machine in with_power(inputs)
        if machine["operating"]["operating_h"] is not None
    ]
    if typed_h is None or not ran:
        return []
    measured_h, machine = max(ran, key=lambda pair: pair[0])
    unknown, period = (number(machine["operating"][name]) for name in ("unknown_h", "period_h"))
    coverage_pct = HUNDRED - (share_pct(unknown, period) or ZERO)
    roads = TwoRoads(typed_h, measured_h, two_roads.allowed_with_gaps(two_roads.HOURS_PCT, coverage_pct))
    reason, why_not = with_gaps(two_roads.HOURS_REASON, coverage_pct), f"hours of {months} only" if months else ""
    name = f"measured at {machine['label']}, which ran longest"
    return [Comparison("Operating hours", "entered for the unit", name, "h", roads, reason, 1, why_not)]


def of_pat_year(inputs, year) -> list[Comparison]:
    registers, energy = year.registers, energy_of_all(inputs)
    bills = year.months if registers.get("bills") else ""
    return [
        electricity(registers, energy.total_kwh, energy.coverage_pct, bills),
        *fuel_stocks(registers.get("stocks", [])),
        *production(registers.get("consented", []), 12),
        *operating_hours(inputs, number(registers.get("operating_hours")), year.operating_months),
    ]


def of_period(inputs, current) -> list[Comparison]:
    """Of a consent report or Form V."""
    if not current:
        return []
    entered, months = current.get("operating_months"), current["months"]
    is_short = entered is not None and entered < months
    hours = number(current["operating_hours"])
    return [
        *production(current["products"], months),
        *operating_hours(inputs, hours, f"{entered} of {months} months" if is_short else ""),
    ]
