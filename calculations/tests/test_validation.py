"""All validation rules together: each is told by a test, and none falls over."""

from calculations.tests.faults import with_value
from calculations.tests.test_validation_cbam import CBAM, CBAM_FAULTS, G, S, cbam_findings
from calculations.tests.test_validation_pat import PAT_FAULTS
from calculations.tests.test_validation_spcb import SPCB_FAULTS
from calculations.validation import BLOCKS, RULES, Case, findings_of


def test_every_rule_is_told_by_some_test():
    """A rule that nothing there can make fail would be no rule."""
    told = {row[0] for row in [*CBAM_FAULTS, *PAT_FAULTS, *SPCB_FAULTS]} | {"CBAM-09", "CBAM-10"}
    assert told == {entry.id for rules in RULES.values() for entry in rules}


def test_ids_are_unique_and_the_22_common_errors_are_covered():
    ids = [entry.id for rules in RULES.values() for entry in rules]
    assert len(ids) == len(set(ids))
    covered = {entry.id[:7] for entry in RULES["cbam"]}
    assert covered == {f"CBAM-{number:02d}" for number in range(1, 23)}


def test_an_empty_case_is_judged_without_falling_over():
    """A calculation of nothing has nothing wrong; a report misses what each must name."""
    assert not any(findings_of(scheme, Case({})) for scheme in RULES)
    missing = {scheme: findings_of(scheme, Case({}, is_report=True)) for scheme in RULES}
    assert {scheme: {finding.rule for finding in found} for scheme, found in missing.items()} == {
        "cbam": {"CBAM-18", "CBAM-21"},
        "pat": {"PAT-02"},
        "spcb": {"SPCB-03", "SPCB-08", "SPCB-09"},
    }


def test_what_blocks_comes_first_and_is_frozen():
    data = with_value(with_value(CBAM, (*S, "name"), "Gas of the forklifts"), (*G, "cn_code"), "7326")
    found = cbam_findings(data)
    assert [finding.severity for finding in found] == sorted((f.severity for f in found), key=lambda s: s != BLOCKS)
    assert found[0].frozen()["rule"] == "CBAM-01"
