"""Users, factories and memberships; every other row belongs to a factory."""

from factories.models.factories import Factory, Industry
from factories.models.memberships import Invitation, Membership
from factories.models.tariffs import Tariff, TariffBand
from factories.models.users import User
from factories.models.working_time import Holiday, Shift

__all__ = ["Factory", "Holiday", "Industry", "Invitation", "Membership", "Shift", "Tariff", "TariffBand", "User"]
