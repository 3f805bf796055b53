"""Validation rules: what would send a report back, found before it leaves. Pure.

`check(cbam_rules.RULES, case)` gives findings; one that blocks keeps a report from becoming final, a warning is
printed. A case is plain data: the keys of a calculation file and those that docs/calculations.md adds for reports.
"""

from calculations.validation.finding import BLOCKS, WARNS, Case, Finding, check
from calculations.validation.registry import RULES, findings_of

__all__ = ["BLOCKS", "RULES", "WARNS", "Case", "Finding", "check", "findings_of"]
