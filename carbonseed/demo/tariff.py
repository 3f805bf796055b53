"""An electricity tariff for the demo's forge. Every rate is invented, and its name says so."""

from datetime import date, time
from decimal import Decimal

from factories.models import Tariff, TariffBand

BANDS = [("Evening peak", time(17), time(22), "1.10"), ("Night", time(22), time(6), "-1.50")]


def create_tariff(factory, since: date) -> None:
    tariff = Tariff.objects.create(
        factory=factory,
        name="Sample tariff, invented rates",
        valid_from=since,
        energy_rs_per_kwh=Decimal("8.12"),
        demand_rs_per_kva=Decimal(549),
        contract_demand_kva=Decimal(180),
        least_billed_percent=Decimal(75),
        power_factor=Decimal("0.96"),
    )
    for name, starts_at, ends_at, change in BANDS:
        TariffBand.objects.create(
            tariff=tariff, name=name, starts_at=starts_at, ends_at=ends_at, change_rs_per_kwh=Decimal(change)
        )
