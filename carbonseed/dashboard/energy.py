"""Energy of a factory and its cost: devices measure it, the factory's tariff prices it."""

from datetime import datetime
from typing import NamedTuple

from carbonseed.dashboard.specific_energy import specific_energy_by_month
from devices.models import Device
from factories.models import Factory, Tariff
from telemetry.analytics.cost import Account, Charge, account
from telemetry.analytics.insights import PERIODS
from telemetry.analytics.load_profile import LoadProfile, load_profile, whole_quarters
from telemetry.queries.doubtful_energy import left_out_in_all


class TariffAccount(NamedTuple):
    """What the energy of the days of one tariff costs."""

    tariff: Tariff
    account: Account

    @property
    def charges(self) -> list[Charge]:
        """With the demand charge of a month, which is no part of the sum."""
        demand = self.account.demand
        return [*self.account.charges, *([demand] if demand else [])]


def gather_energy(factory: Factory, period: str, now: datetime) -> dict:
    """{load, before, left_out, accounts, unpriced_kwh, months} of the last `period` and the one before it."""
    devices = list(Device.objects.for_factory(factory).current().prefetch_related("profiles"))
    start, end = whole_quarters(now, PERIODS[period])
    load = load_profile(devices, factory, start, end)
    accounts, unpriced_kwh = cost_by_tariff(factory, load)
    return {
        "load": load,
        "before": load_profile(devices, factory, start - PERIODS[period], start),
        "left_out": left_out_in_all([device.pk for device in devices], start, end),
        "accounts": accounts,
        "unpriced_kwh": unpriced_kwh,
        "months": specific_energy_by_month(devices, factory, now),
    }


def cost_by_tariff(factory: Factory, load: LoadProfile) -> tuple[list[TariffAccount], float]:
    """(accounts, kWh of days for which no tariff was entered); a change of tariff splits the period."""
    tariffs = list(factory.tariffs.prefetch_related("bands"))  # the newest first
    kwh_by_tariff, unpriced_kwh = {}, 0.0
    for (on, clock), kwh in load.by_clock.items():
        tariff = next((one for one in tariffs if one.valid_from <= on), None)
        if tariff is None:
            unpriced_kwh += kwh
        else:
            kwh_by_tariff.setdefault(tariff, {})[on, clock] = kwh
    peak_kw = load.peak.kw if load.peak else None
    accounts = [TariffAccount(tariff, account(kwh, tariff, peak_kw)) for tariff, kwh in kwh_by_tariff.items()]
    return accounts, unpriced_kwh
