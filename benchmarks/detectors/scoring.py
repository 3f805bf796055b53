"""Findings against the truth of each made-up machine."""

from dataclasses import dataclass, field
from statistics import median

from benchmarks.detectors.machines import END, FAULTS, quarter_hours
from telemetry.analytics.detectors import MachineSeries, QuarterMeans
from telemetry.analytics.detectors.nearest import NearestNeighbourDetector
from telemetry.analytics.detectors.robust import RobustBaselineDetector


@dataclass
class Score:
    """Of one detector and fault. A finding is right when it overlaps the fault, and wrong when it does not."""

    machines: int = 0
    found: int = 0
    right: int = 0
    wrong: int = 0
    delays_h: list = field(default_factory=list)  # from the fault's beginning to the third quarter hour of the finding

    @property
    def recall(self):
        return self.found / self.machines if self.machines else None

    @property
    def precision(self):
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None


def score_machine(detector, seed, name, score):
    rows, fault = quarter_hours(seed, name)
    findings = list(detector.find(MachineSeries("made up", END, [QuarterMeans(at, values) for at, values in rows])))
    score.machines += 1
    if fault is None:
        score.wrong += len(findings)
        return
    hits = [one for one in findings if one.since < fault.until and one.until > fault.at]
    score.right += len(hits)
    score.wrong += len(findings) - len(hits)
    if hits:
        score.found += 1
        first = min(max(one.since, fault.at) for one in hits)
        score.delays_h.append((first - fault.at).total_seconds() / 3600 + 0.75)


def table(machines: int) -> str:
    lines = ["| fault | detector | recall | precision | delay, median |", "|---|---|---|---|---|"]
    for detector in (RobustBaselineDetector(), NearestNeighbourDetector()):
        total = Score()
        for name in FAULTS:
            score = Score()
            for seed in range(machines):
                score_machine(detector, seed, name, score)
            lines.append(line(name, detector.name, score))
            total.right, total.wrong = total.right + score.right, total.wrong + score.wrong
        healthy = Score()
        for seed in range(machines):
            score_machine(detector, seed, None, healthy)
        lines.append(f"| none | {detector.name} | | {healthy.wrong} findings on {machines} healthy machine days | |")
    return "\n".join(lines) + "\n"


def line(name, detector, score):
    delay = f"{median(score.delays_h):.2f} h" if score.delays_h else "–"
    precision = "–" if score.precision is None else f"{score.precision:.2f}"
    return f"| {name} | {detector} | {score.recall:.2f} | {precision} | {delay} |"
