"""SPCB, PAT and CBAM figures of the last 30 complete days in one summary: computed on request, not stored."""

from datetime import timedelta

from calculations import periods
from reports import documents
from reports.gathering import gather

DAYS = 30
STANDARDS = {"spcb": "spcb", "pat": "pat", "cbam": "cbam_summary"}


def last_30_days(factory, now) -> tuple:
    """→ (period, {standard: summary of frozen figures})."""
    last = periods.today(now, factory.zone) - timedelta(days=1)
    period = periods.Period("days", last - timedelta(days=DAYS - 1), last)
    gathered = gather.gather("weekly", factory, period, now)
    return period, {name: documents.figures_of(kind, gathered)["summary"] for name, kind in STANDARDS.items()}
