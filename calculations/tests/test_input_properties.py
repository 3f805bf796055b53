"""Strict input and periods: every number comes back as it was written, every day lies in one period of each kind."""

import contextlib
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calculations import periods, quantities, strict_json
from calculations.strict_json import EXPONENTS, Node, StructureError
from calculations.tests.faults import GONE, with_value
from calculations.tests.properties import EXAMPLES, suite
from calculations.tests.test_calculate import SCHEMES, VECTORS
from calculations.trace import given as entered
from calculations.validation import Case, findings_of
from reports.management.commands.calculate import JSON, plain

finite = st.decimals(allow_nan=False, allow_infinity=False).filter(
    lambda value: not value or (value.adjusted() in EXPONENTS and len(value.as_tuple().digits) <= 60)
)


def written(value: Decimal) -> str:
    return f'{{"figure": {value}}}'


def number_of(text, **bounds):
    faults = []
    node = Node(strict_json.parse(text), "", faults)
    found = node.number("figure", **{"least": None, **bounds})
    return found, faults


@suite
@given(finite)
def test_a_number_is_read_with_every_digit_and_its_exponent(value):
    found, faults = number_of(written(value))
    assert faults == []
    assert found.as_tuple() == value.as_tuple()


@suite
@given(finite)
def test_a_printed_figure_is_the_same_number_again(value):
    again = json.loads(JSON.encode({"figure": plain(value)}), parse_float=Decimal, parse_int=Decimal)["figure"]
    exact = value if len(value.as_tuple().digits) <= 28 else +value  # arithmetic has 28 digits
    assert again == exact


@suite
@given(finite)
def test_a_frozen_figure_is_the_same_number_again(value):
    assert Decimal(quantities.text_of(value)) == value
    assert Decimal(entered("x", "", value, "t").frozen()["value"]) == value


@suite
@given(st.floats(-1e15, 1e15, allow_nan=False).map(lambda value: float(f"{value:.15g}")))
def test_a_float_of_a_row_is_the_decimal_a_person_would_write(value):
    assert quantities.decimal_of(value) == Decimal(repr(value))


@suite
@given(finite, finite, finite)
def test_a_number_is_taken_within_its_bounds_alone(value, one, other):
    least, most = sorted([one, other])
    found, faults = number_of(written(value), least=least, most=most)
    assert (found == value and not faults) if least <= value <= most else (found is None and len(faults) == 1)


# What a file may hold, in any depth.
nodes = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@suite
@given(st.dictionaries(st.sampled_from(["source_streams", "processes", "goods", "electricity", "period", "x"]), nodes))
def test_whatever_stands_in_a_file_is_a_figure_or_a_fault_and_never_an_error(data):
    for scheme in SCHEMES.values():
        try:
            scheme.figures(scheme.work_out(strict_json.parse(json.dumps(data))))
        except StructureError as refused:
            assert all(str(fault) for fault in refused.faults)


def places_of(node, path=()):
    """The path of every value of a file."""
    if path:
        yield path
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield from places_of(value, (*path, key))


TEXTS = {path.stem: path.read_bytes() for path in sorted(VECTORS.glob("*.json"))}
PLACES = {
    name: [path for path in places_of(strict_json.parse(text)) if path[0] != "expected"] for name, text in TEXTS.items()
}
ODD = st.sampled_from(
    [GONE, None, True, "", "t", "Grid", [], {}, [{}], *map(Decimal, ("0", "-1", "1", "0.5", "1e-60", "1e24", "1e25"))]
)


@pytest.mark.parametrize("name", TEXTS)
def test_an_example_with_any_values_changed_is_a_figure_or_a_fault_and_never_an_error(name):
    """Zero, nothing, huge or of another kind, in up to three places at once: no division fails, no key is forgotten."""
    scheme = SCHEMES[name.split("-")[0]]

    @settings(suite, max_examples=5 * EXAMPLES)
    @given(st.lists(st.tuples(st.sampled_from(PLACES[name]), ODD), min_size=1, max_size=3))
    def holds(changes):
        data = strict_json.parse(TEXTS[name])
        for path, value in changes:
            with contextlib.suppress(KeyError, IndexError, TypeError, AttributeError):  # an earlier change took it away
                data = with_value(data, path, value)
        try:
            found = scheme.work_out(data)
        except StructureError as refused:
            assert all(fault.sentence for fault in refused.faults)
        else:
            JSON.encode(plain(scheme.figures(found)))
            findings_of(name.split("-")[0], Case(scheme.completed(data, found), found))

    holds()


# Periods

DAYS = st.dates(date(2001, 1, 1), date(2198, 12, 31))
KINDS = [periods.WEEK, periods.MONTH, periods.QUARTER, periods.FINANCIAL_YEAR, periods.CALENDAR_YEAR]


@pytest.mark.parametrize("kind", KINDS)
def test_every_day_lies_in_one_period_and_periods_leave_no_gap(kind):
    @suite
    @given(DAYS)
    def holds(day):
        period = periods.around(kind, day)
        assert period.start <= day <= period.end
        before = periods.around(kind, period.start - timedelta(days=1))
        after = periods.around(kind, period.end + timedelta(days=1))
        assert before.end + timedelta(days=1) == period.start
        assert after.start - timedelta(days=1) == period.end
        for inside in (period.start, period.end):
            assert periods.around(kind, inside) == period
        assert period.days == (period.end - period.start).days + 1

    holds()


@suite
@given(DAYS)
def test_months_make_quarters_and_quarters_make_both_years(day):
    for kind, part, number in (
        (periods.QUARTER, periods.MONTH, 3),
        (periods.FINANCIAL_YEAR, periods.QUARTER, 4),
        (periods.CALENDAR_YEAR, periods.QUARTER, 4),
    ):
        whole = periods.around(kind, day)
        parts = [periods.around(part, whole.start)]
        while parts[-1].end < whole.end:
            parts.append(periods.around(part, parts[-1].end + timedelta(days=1)))
        assert len(parts) == number and parts[-1].end == whole.end
        assert sum(one.days for one in parts) == whole.days


@suite
@given(DAYS, st.sampled_from(sorted(periods.KINDS)))
def test_complete_periods_follow_one_another_back_from_today(today, report_type):
    found = periods.complete_periods(report_type, today)
    latest, earlier = next(found), next(found)
    assert latest.end < today and earlier.end + timedelta(days=1) == latest.start
    assert periods.around(latest.kind, today).start == latest.end + timedelta(days=1)
    assert periods.check(report_type, latest.start, latest.end, today) == latest


@suite
@given(DAYS, st.integers(0, 400))
def test_a_month_later_is_the_first_of_a_month(day, months):
    later = periods.months_later(day, months)
    assert later.day == 1
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
