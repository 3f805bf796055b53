"""Insights of a factory: telemetry's figures, counted against the limits of its alert rules."""

from datetime import datetime

from carbonseed.dashboard.alert_limits import alert_bounds
from devices.models import Device
from factories.models import Factory
from telemetry.analytics.insights import Insights, insights


def gather_insights(factory: Factory, period: str, now: datetime) -> Insights:
    """Of the last `period` (24h, 7d, 30d) of the factory's current devices."""
    devices = list(Device.objects.for_factory(factory).current().select_related("factory"))
    bounds, titles = alert_bounds(devices)
    return insights(devices, period, now, bounds, titles)
