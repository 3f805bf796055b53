"""The page of insights."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from carbonseed.dashboard.insights import gather_insights
from carbonseed.dashboard.time_ranges import PERIOD_LABELS
from factories.permissions import current_factory, requires_right
from factories.roles import Right
from telemetry.metrics import BY_NAME


@require_safe
@requires_right(Right.SEE)
def insights_page(request: HttpRequest) -> HttpResponse:
    factory = current_factory(request)
    if factory is None:
        return render(request, "dashboard/insights.html")
    period = request.GET.get("period", "24h")
    period = period if period in PERIOD_LABELS else "24h"
    figures = gather_insights(factory, period, timezone.now())
    context = {
        "insights": figures,
        "period": period,
        "periods": PERIOD_LABELS,
        "length": PERIOD_LABELS[period],
        "rolling": [rolling_row(name, windows) for name, windows in figures.rolling.items()],
        "crossed": [row for row in figures.thresholds if row.readings or row.baseline],
        "unusual": [row for row in figures.level_deviations if row.comparison.is_unusual],
        "within_limits": sum(not (row.readings or row.baseline) for row in figures.thresholds),
    }
    return render(request, "dashboard/insights.html", context)


def rolling_row(name, windows) -> tuple:
    """(metric, its windows with a label, unit) for a row of the table."""
    metric = BY_NAME[name]
    with_labels = [{**window, "label": window_label(window["hours"])} for window in windows]
    return metric, with_labels, metric.shown_unit


def window_label(hours) -> str:
    return f"{hours / 24:.0f} days" if hours > 24 else f"{hours:.0f} h"
