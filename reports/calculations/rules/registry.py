"""All rules by scheme; ids are unique."""

from reports.calculations.rules import cbam_energy, cbam_goods, cbam_precursors, cbam_report, pat_rules, spcb_rules
from reports.calculations.rules.finding import Case, Finding, check

RULES = {
    "cbam": [*cbam_goods.RULES, *cbam_precursors.RULES, *cbam_energy.RULES, *cbam_report.RULES],
    "pat": pat_rules.RULES,
    "spcb": spcb_rules.RULES,
}


def findings_of(scheme: str, case: Case) -> list[Finding]:
    return check(RULES[scheme], case)
