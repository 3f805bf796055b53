"""Roles and their rights. Pure: no rows, no requests."""

from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"
    OWNER = "factory_owner"
    OPERATOR = "operator"
    VIEWER = "viewer"
    AUDITOR = "auditor"

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Roles of a membership: all but admin, which holds in every factory."""
        return [(role.value, role.label) for role in cls if role is not cls.ADMIN]

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class Right(StrEnum):
    SEE = "see"  # overview, machines, alerts, insights
    READ_DATA = "read_data"  # readings behind reports
    READ_REPORTS = "read_reports"  # reports and registers
    ACT_ON_ALERTS = "act_on_alerts"  # acknowledge, resolve, comment
    ENTER_REGISTERS = "enter_registers"
    MANAGE = "manage"  # devices, keys, people, rules, making reports


RIGHTS = {
    Role.ADMIN: frozenset(Right),
    Role.OWNER: frozenset(Right),
    Role.OPERATOR: frozenset(Right) - {Right.MANAGE},
    Role.VIEWER: frozenset({Right.SEE, Right.READ_DATA, Right.READ_REPORTS}),
    Role.AUDITOR: frozenset({Right.READ_DATA, Right.READ_REPORTS}),
}


def roles_with(right: Right) -> list[str]:
    return [role.value for role, rights in RIGHTS.items() if right in rights]
