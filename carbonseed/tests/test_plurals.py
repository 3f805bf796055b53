"""Numbers with their words on pages: each is a whole phrase for one and for many, as translators need it."""

import re
from datetime import UTC, datetime

import pytest
from django.template import Context
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode

from carbonseed.tests.test_floors import PURE, ROOT, modules

PHRASES = {
    "dashboard/_machine_quality.html": [
        ("1 gap over 30 min", "3 gaps over 30 min"),
        ("and 1 older one; a shorter span lists them.", "and 12,34,567 older ones; a shorter span lists them."),
    ],
    "dashboard/_overview.html": [
        ("1 of 1 machine reporting", "1 of 1234567 machines reporting"),
        ("1 reading with suspect values, left out", "12,34,567 readings with suspect values, left out"),
    ],
    "dashboard/_machine_doubts.html": [
        ("1 doubtful step of its counter", "12,34,567 doubtful steps of its counters"),
        ("1 doubtful step waits for the answer above.", "12,34,567 doubtful steps wait for the answer above."),
        ("1 more step", "12,34,567 more steps"),
    ],
    "dashboard/energy.html": [
        (
            "1 doubtful step of a counter is left out: 1.0 kWh in 0.3 h",
            "12,34,567 doubtful steps of counters are left out: 1.0 kWh in 0.3 h",
        )
    ],
    "dashboard/_machine_table.html": [("1 doubtful value to decide", "12,34,567 doubtful values to decide")],
    "telemetry/doubts.html": [
        ("1 doubtful step waits for the answer above.", "12,34,567 doubtful steps wait for the answer above."),
    ],
    "dashboard/machine.html": [("1 gap over 30 min", "3 gaps over 30 min")],
    "alerts/cells/rule_state.html": [("would have alerted 1 time", "would have alerted 12,34,567 times")],
    "alerts/_preview.html": [("Would have fired 1 time", "Would have fired 3 times")],
    "registers/calendar.html": [("in 1 day", "in 1234567 days")],
    "registers/checklist.html": [("1 of 1 month locked", "1 of 1234567 months locked")],
    "registers/import.html": [
        ("1 month", "3 months"),
        ("1 blank cell leaves a stored figure as it is.", "1234567 blank cells leave stored figures as they are."),
        ("Import 1 line", "Import 3 lines"),
    ],
    "reports/_calculator_faults.html": [
        ("This cannot be calculated: 1 fault.", "This cannot be calculated: 3 faults.")
    ],
    "reports/detail.html": [("PDF, 1 page", "PDF, 1234567 pages")],
    "reports/pdf/_cover.html": [("FINAL with 1 item waived", "FINAL with 3 items waived")],
    "telemetry/import_detail.html": [
        ("1 reading stored at 16 Jan 2025, 16:00.", "12,34,567 readings stored at 16 Jan 2025, 16:00."),
        ("Import 1 reading", "Import 12,34,567 readings"),
    ],
    "reports/pdf/_quality.html": [("1 day", "1234567 days")],
    "admin/telemetry/rows.html": [("1 row, newest first.", "1234567 rows, newest first.")],
    "dashboard/insights.html": [
        ("1 value compared", "3 values compared"),
        (
            "1 other limit had no reading beyond it in either period.",
            "1234567 other limits had no reading beyond them in either period.",
        ),
        (
            "1 limit had no reading beyond it in either period.",
            "1234567 limits had no reading beyond them in either period.",
        ),
        ("1 suspect value left out.", "12,34,567 suspect values left out."),
    ],
    "telemetry/_unread.html": [("1 request,", "12,34,567 requests,")],
}


def context(number, rows):
    """What the phrases count: `number` where a page has a number, `rows` where it has a list."""
    return Context(
        {
            "preview": {"breaches": rows},
            "record": {"silent_alerts": number},
            "row": {"days": number},
            "one": {"locked_months": 1, "months": number},
            "plan": {"lines": rows, "blank_count": number},
            "months": rows,
            "faults": rows,
            "document": {"pages": number},
            "machine": {"days": number, "doubts": number},
            "summary": {"gaps": rows},
            "quality": {"unplanned": rows, "more_gaps": number},
            "doubts": {"step_count": number, "in_question": number, "more_steps": number},
            "left_out": {"steps": number, "kwh": 1, "hours": 0.25},
            "overview": {"reporting": 1, "expected": number, "suspect": number},
            "page": {"paginator": {"count": number}},
            "insights": {"level_deviations": rows},
            "within_limits": number,
            "streak": {"requests": number},
            "waivers": rows,
            "figure": {"suspect": number},
            "file": {"accepted": number, "done_at": datetime(2025, 1, 16, 10, 30, tzinfo=UTC)},
        }
    )


def phrases(name, context) -> list[str]:
    """The phrases with a plural of a template, in its order."""
    template = get_template(name).template
    nodes = template.nodelist.get_nodes_by_type(BlockTranslateNode)
    with context.bind_template(template):
        return [node.render(context) for node in nodes if node.plural]


@pytest.mark.parametrize("name", PHRASES)
def test_one_and_many_are_phrases_of_their_own(name):
    one, many = phrases(name, context(1, rows="a")), phrases(name, context(1_234_567, rows="abc"))
    assert list(zip(one, many, strict=True)) == PHRASES[name]


def test_no_page_makes_a_plural_by_hand():
    folder = ROOT / "templates"
    texts = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.*")}
    assert [name for name, text in texts.items() if "pluralize" in text] == []
    assert sorted(PHRASES) == sorted(name for name, text in texts.items() if "{% plural %}" in text)


def test_no_module_makes_a_plural_by_hand():
    """But the pure ones: they know no Django, and their words are stored as they are."""
    pure = {path for pattern in PURE for path in ROOT.glob(pattern)}
    by_hand = re.compile(r"""(['"])s\1 (if|\*)|(['"])\3 if .{1,40} else (['"])s\4""")
    paths = [path for path in modules().values() if path not in pure]
    assert [str(path) for path in paths if by_hand.search(path.read_text())] == []
