"""People, factories and memberships: who may see what. Everything else in the product hangs below a factory."""

from factories.models.factories import Factory, Industry
from factories.models.memberships import Invitation, Membership
from factories.models.tariffs import Tariff, TariffBand
from factories.models.users import User
from factories.models.working_time import Holiday, Shift

__all__ = ["Factory", "Holiday", "Industry", "Invitation", "Membership", "Shift", "Tariff", "TariffBand", "User"]
