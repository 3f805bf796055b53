"""CBAM: Regulation (EU) 2023/956 and the methods of Implementing Regulation (EU) 2025/2547. Pure.

`file.installation_of(data)` reads an input, `installation.calculate(…)` works it out; equation numbers are those of
2025/2547.
"""

from calculations.cbam.electricity_note import RECORDED_NOT_COUNTED, RULES, electricity_mwh, electricity_note

__all__ = ["RECORDED_NOT_COUNTED", "RULES", "electricity_mwh", "electricity_note"]
