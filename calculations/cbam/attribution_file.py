"""Reading what belongs to the whole installation, and attributing it to the processes that were read."""

from decimal import Decimal

from calculations.cbam import attribution
from calculations.cbam.attribution import CoProduct, NothingToShare, SharedEmissions
from calculations.cbam.energy_file import Units
from calculations.cbam.heat import Boiler, Cogeneration
from calculations.cbam.processes import Process
from calculations.strict_json import Node

ZERO, ONE = Decimal(0), Decimal(1)


def shared(node: Node) -> SharedEmissions:
    found = SharedEmissions(
        node.text("name", required=True),
        node.number("emissions_t", required=True, default=ZERO),
        tuple(co_product(row) for row in node.rows("co_products", required=True)),
    )
    if found.co_products and not found.is_by_moles and any(one.molar_mass_g_per_mol for one in found.co_products):
        node.fault("co_products", "must all have a molar mass, or none: then the masses are the key.")
    node.close()
    return found


def co_product(node: Node) -> CoProduct:
    found = CoProduct(
        node.text("process", required=True),
        node.number("mass_t", required=True, default=ONE, above=ZERO),
        node.number("molar_mass_g_per_mol", above=ZERO),
    )
    node.close()
    return found


def check_shared(node: Node, entries: list[SharedEmissions], names: set[str]) -> bool:
    """Whether every co-product names a process of the installation."""
    is_sound = True
    for place, entry in enumerate(entries):
        for row, product in enumerate(entry.co_products):
            if product.process and product.process not in names:
                where = f"shared_emissions[{place}].co_products[{row}].process"
                node.fault(where, f"“{product.process[:80]}” is no process of this installation.")
                is_sound = False
    return is_sound


def totals(node: Node | None) -> dict[str, Decimal]:
    """What meters of the whole installation say, by key."""
    if node is None:
        return {}
    found = {key: node.number(key) for key in ("electricity_mwh", "heat_imported_tj")}
    node.close()
    return {key: value for key, value in found.items() if value is not None}


def attributed(
    node: Node,
    processes: tuple[Process, ...],
    entries: list[SharedEmissions],
    whole: dict[str, Decimal],
    units: Units,
) -> tuple[Process, ...]:
    """The processes with their parts of what was read for the whole installation.

    Readings are reconciled first, so that losses of heat follow the heat that counts.
    """
    if check_shared(node, entries, {process.name for process in processes}):
        processes = attribution.share_emissions(processes, [entry for entry in entries if entry.co_products])
    for key, reconcile in (
        ("electricity_mwh", attribution.reconcile_electricity),
        ("heat_imported_tj", attribution.reconcile_heat),
    ):
        if key in whole:
            try:
                processes = reconcile(processes, whole[key])
            except NothingToShare:
                node.fault(f"installation_totals.{key}", "cannot be shared: no process has any of it.")
    for place, (name, unit) in enumerate(units.items()):
        if isinstance(unit, Boiler | Cogeneration) and (losses := unit.losses_tj):
            try:
                processes = attribution.share_losses(processes, name, unit.heat_factor, losses)
            except NothingToShare:
                node.fault(
                    f"energy_units[{place}].losses_tj", "cannot be shared: no process imports heat of this unit."
                )
    return processes
