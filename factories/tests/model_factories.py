"""Makers of rows that belong to a factory, each valid as it is; people and factories come from `cast`."""

from datetime import date, time, timedelta
from decimal import Decimal

from factory import Sequence, SubFactory
from factory.django import DjangoModelFactory

from factories.models import Holiday, Invitation, Shift, Tariff, TariffBand
from factories.roles import Role
from factories.tests.cast import FactoryMaker

FIRST_DAY = date(2024, 4, 1)


class TariffMaker(DjangoModelFactory):
    class Meta:
        model = Tariff

    factory = SubFactory(FactoryMaker)
    name = "HT I(A)"
    valid_from = Sequence(lambda n: FIRST_DAY + timedelta(days=n))
    energy_rs_per_kwh = Decimal("8.2")


class TariffBandMaker(DjangoModelFactory):
    class Meta:
        model = TariffBand

    tariff = SubFactory(TariffMaker)
    name = "Evening peak"
    starts_at = time(18)
    ends_at = time(22)
    change_rs_per_kwh = Decimal("1.1")


class ShiftMaker(DjangoModelFactory):
    class Meta:
        model = Shift

    factory = SubFactory(FactoryMaker)
    name = "A"
    starts_at = time(6)
    ends_at = time(14)
    weekdays = (1, 2, 3, 4, 5, 6)


class HolidayMaker(DjangoModelFactory):
    class Meta:
        model = Holiday

    factory = SubFactory(FactoryMaker)
    on = Sequence(lambda n: FIRST_DAY + timedelta(days=n))
    name = "Republic Day"


class InvitationMaker(DjangoModelFactory):
    class Meta:
        model = Invitation

    factory = SubFactory(FactoryMaker)
    email = Sequence(lambda n: f"invited{n}@example.in")
    role = Role.VIEWER.value
