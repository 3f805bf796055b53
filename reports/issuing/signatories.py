"""Who signs a final report: the account that makes it final, or the person authorised in the unit's particulars."""

from typing import NamedTuple

from factories.models import Factory, User
from registers.models import Particulars

ACCOUNT, AUTHORISED = "account", "authorised"


class Signatory(NamedTuple):
    name: str
    designation: str
    place: str

    @property
    def text(self) -> str:
        return ", ".join(part for part in self if part)


def signatory(factory: Factory, kind: str, by: User) -> Signatory | None:
    """None where the particulars name nobody."""
    if kind == ACCOUNT:
        role = by.role_in(factory)
        return Signatory(by.full_name or by.email, role.label if role else "", factory.location)
    particulars = Particulars.objects.for_factory(factory).exclude(signatory="").order_by("pk").last()
    if particulars is None:
        return None
    return Signatory(particulars.signatory, particulars.designation, factory.location)


def choices(factory: Factory, by: User) -> list[tuple[str, str]]:
    """(kind, as it is printed) of those who may sign."""
    found = [(kind, signatory(factory, kind, by)) for kind in (ACCOUNT, AUTHORISED)]
    return [(kind, signs.text) for kind, signs in found if signs]
