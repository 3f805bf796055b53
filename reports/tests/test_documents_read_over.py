"""What a pollution-control officer or a verifier needs to recompute a document, and how its numbers are written."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from core.number_format import grouped_by_thousands, indian
from registers.tests.model_factories import OperatingMonthMaker, WasteMaker, WasteMonthMaker, YearStatementMaker
from reports.documents import calculation_findings, digits_of, spcb_items
from reports.documents.blocks import share_measured
from reports.documents.items import ISO_DAY
from reports.gathering.alert_facts import response_minutes, value_words
from reports.issuing import lifecycle
from reports.templatetags.printed import cell, covered, figure, response
from reports.tests.test_documents_from_registers import (
    ACTUAL,
    FY,
    IN_MAY_2027,
    YEAR_2026,
    Year,
    cbam,
    forge,
    form_v,
    made,
    quick_print,
    sampled,
    table_named,
)

__all__ = ["forge", "quick_print"]
D = Decimal


def test_part_c_can_be_recomputed_at_the_reference_oxygen(forge):
    Year(forge, FY, ACTUAL)
    for month in FY:
        OperatingMonthMaker(factory=forge, month=month, operating_days=D(25), operating_hours=D(400))
    sampled(
        forge, result="84.2", oxygen_percent=D("11.2"), flow_nm3_per_h=D(4350),
        stack={"reference_oxygen_percent": D(11)},
    )  # fmt: skip
    table = table_named(form_v(forge), "(b) Air")
    row = table["rows"][0]
    assert row[2]["text"] == "84.2 mg/Nm³ at 11.2 % O₂: 85.92 at 11 % O₂"
    assert row[3]["text"] == "4,350 Nm³/h" and row[4]["text"].startswith("100 mg/Nm³")
    assert round(D(row[5]["value"]), 2) == D("-14.08")
    assert "× 16.00 operating hours" in table["note"]


def test_part_b_names_the_products_and_part_d_is_in_kilograms(forge):
    Year(forge, FY, ACTUAL)
    oil = WasteMaker(factory=forge, name="Used oil", is_hazardous=True, schedule="Schedule I, 5.1", unit="t")
    for month in FY:
        WasteMonthMaker(
            factory=forge, waste=oil, month=month, opening=D(0), generated=D("0.21"), dispatched=D(0), reused=D(0),
            sold=D(0), closing=D("0.21"),
        )  # fmt: skip
    report = form_v(forge)
    materials = table_named(report, "Raw material per unit")
    place = [column["label"] for column in materials["columns"]].index("Per unit of")
    assert materials["rows"][0][place]["text"] == "Gear blanks"
    waste = table_named(report, "From process")["rows"][0]
    assert D(waste[2]["value"]) == 2520 and waste[3]["text"] == "kg"


def answers(report, no):
    items = [one for part in report.figures["sections"] for one in part["items"] if one["no"] == no]
    return {entry["label"]: entry["text"] for entry in items[0]["entries"]}


def test_part_a_has_the_nic_code_and_the_statement_of_the_year_before(forge):
    year = Year(forge, FY, ACTUAL)
    year.particulars.nic_code, year.particulars.last_statement_on = "25910", date(2026, 9, 21)
    year.particulars.save()
    report = form_v(forge)
    assert answers(report, "A (ii)")["NIC code"] == "25910"
    assert answers(report, "A (v)") == {"Statement for FY 2025-26, submitted on": "21 Sep 2026"}


def test_the_statement_of_another_year_is_not_this_ones(forge):
    year = Year(forge, FY, ACTUAL)
    year.particulars.last_statement_on = date(2025, 9, 20)
    year.particulars.save()
    assert list(answers(form_v(forge), "A (v)").values()) == ["not provided"]
    YearStatementMaker(factory=forge, month=date(2027, 3, 1), last_statement_on=date(2026, 9, 30))
    again = lifecycle.replace(form_v(forge), by=None, reason="Date entered", now=IN_MAY_2027)
    lifecycle.run(again, IN_MAY_2027)
    assert list(answers(again, "A (v)").values()) == ["30 Sep 2026"]


def test_items_are_numbered_without_holes():
    numbers = [entry["no"] for entry in spcb_items.measure_items({})]
    assert numbers == ["13.1", "13.2"]


class Alert:
    created_at = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

    def __init__(self, alert_type="temperature", acknowledged_after=None):
        self.alert_type = alert_type
        self.acknowledged_at = None if acknowledged_after is None else self.created_at + acknowledged_after


@pytest.mark.parametrize(
    ("after", "said"),
    [(timedelta(minutes=-40), "before it was noticed"), (timedelta(seconds=10), "at once"),
     (timedelta(minutes=75), "after 1 h 15 min")],
)  # fmt: skip
def test_a_response_before_the_alert_was_noticed_is_no_zero(after, said):
    assert response(response_minutes(Alert(acknowledged_after=after))) == said


def test_an_alerts_values_have_their_metric_and_unit():
    assert value_words(Alert()) == {"value_label": "Temperature", "unit": "°C"}
    assert value_words(Alert("energy_budget")) == {"value_label": "", "unit": "kWh"}


def test_a_finding_writes_days_as_people_do():
    found = calculation_findings.finding("X", "It was due on 2026-09-30 and is made on 2026-11-23: late.")
    assert found["sentence"] == "It was due on 30 Sep 2026 and is made on 23 Nov 2026: late."


def test_one_share_is_written_alike_everywhere():
    frozen = {"value": "99.57", "unit": "%", "decimals": 1}
    assert covered("99.57") == figure(frozen) == "99.5\u2009%"
    assert cell(share_measured(D("99.57"))) == "99.5"


def test_documents_for_the_union_group_by_thousands_and_others_as_in_india():
    with digits_of("cbam_full"):
        assert indian("335570.8", 1) == "335,570.8"
        assert indian("1234567") == "1,234,567"
    with digits_of("form_v"):
        assert indian("335570.8", 1) == "3,35,570.8"
    with pytest.raises(ZeroDivisionError), grouped_by_thousands():
        _ = 1 / 0
    assert indian("335570.8", 1) == "3,35,570.8"


def test_no_document_prints_a_day_as_a_machine_writes_it(forge):
    year = Year(forge, FY, ACTUAL)
    year.particulars.last_statement_on = date(2026, 9, 21)
    year.particulars.save()
    Year.enter(year, YEAR_2026[0])
    month = made(forge, "spcb", FY[0], date(2026, 4, 30), datetime(2026, 5, 4, tzinfo=UTC))
    for report in (form_v(forge), cbam(forge), month):
        items = [one for part in report.figures["sections"] for one in part["items"]]
        texts = [entry["text"] for one in items for entry in one["entries"]]
        texts += [one["sentence"] for one in report.figures["findings"]]
        assert not [words for words in texts if ISO_DAY.search(words)]
