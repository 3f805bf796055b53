"""All rules by scheme; ids are unique."""

from calculations.validation import cbam_energy, cbam_goods, cbam_precursors, cbam_report, pat, spcb
from calculations.validation.finding import Case, Finding, check

RULES = {
    "cbam": [*cbam_goods.RULES, *cbam_precursors.RULES, *cbam_energy.RULES, *cbam_report.RULES],
    "pat": pat.RULES,
    "spcb": spcb.RULES,
}


def findings_of(scheme: str, case: Case) -> list[Finding]:
    return check(RULES[scheme], case)
