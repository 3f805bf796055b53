"""Impossible values of a calculation's input become faults, each beside its key."""

from decimal import Decimal

from calculations.plausibility.ranges import PlausibleRange
from calculations.strict_json import Node


def refuse_impossible(node: Node, key: str, value: Decimal | None, plausible: PlausibleRange) -> None:
    """A fault where the entered value cannot be what its key means. Zero is a statement, not a slip of units."""
    if not value or not node.has(key):
        return
    doubt = plausible.doubt(value)
    if doubt and doubt.is_impossible:
        node.fault(key, doubt.sentence)
