"""The daily command that lets old raw readings go: never those below the period of a report."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.utils import timezone

from reports.models import Report
from telemetry.storage.partitions import ensure_months, existing_months

pytestmark = pytest.mark.sql

OCTOBER, NOVEMBER = date(2024, 10, 1), date(2024, 11, 1)


@pytest.fixture(autouse=True)
def a_month_is_kept(monkeypatch, settings, db):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2025, 1, 16, tzinfo=UTC))
    settings.RETENTION_MONTHS = 1
    ensure_months([OCTOBER, NOVEMBER])


def test_months_past_their_time_are_dropped():
    call_command("drop_old_readings", verbosity=0)
    assert not existing_months() & {OCTOBER, NOVEMBER}


def test_a_dry_run_drops_nothing(capsys):
    call_command("drop_old_readings", dry_run=True)
    assert {OCTOBER, NOVEMBER} <= existing_months()
    assert "2024-10, 2024-11" in capsys.readouterr().out


def test_what_a_report_speaks_of_stays(steel_forge):
    """1 November in Pune begins on 31 October in UTC, where partitions begin: October stays too."""
    Report.objects.create(
        factory=steel_forge, report_type="monthly", period_start=date(2024, 11, 1), period_end=date(2024, 11, 30)
    )
    call_command("drop_old_readings", verbosity=0)
    assert {OCTOBER, NOVEMBER} <= existing_months()
