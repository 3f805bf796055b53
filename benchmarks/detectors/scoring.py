"""Scores of the detectors against the known faults of simulated machines."""

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
    detected: int = 0
    true_positives: int = 0
    false_positives: int = 0
    delays_h: list = field(default_factory=list)  # from the fault's beginning to the third quarter hour of the finding

    @property
    def recall(self):
        return self.detected / self.machines if self.machines else None

    @property
    def precision(self):
        return (
            self.true_positives / (self.true_positives + self.false_positives)
            if self.true_positives + self.false_positives
            else None
        )


def score_machine(detector, seed, name, score):
    rows, fault = quarter_hours(seed, name)
    findings = list(detector.find(MachineSeries("made up", END, [QuarterMeans(at, values) for at, values in rows])))
    score.machines += 1
    if fault is None:
        score.false_positives += len(findings)
        return
    hits = [one for one in findings if one.since < fault.until and one.until > fault.at]
    score.true_positives += len(hits)
    score.false_positives += len(findings) - len(hits)
    if hits:
        score.detected += 1
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
            total.true_positives, total.false_positives = (
                total.true_positives + score.true_positives,
                total.false_positives + score.false_positives,
            )
        healthy = Score()
        for seed in range(machines):
            score_machine(detector, seed, None, healthy)
        lines.append(
            f"| none | {detector.name} | | {healthy.false_positives} findings on {machines} healthy machine days | |"
        )
    return "\n".join(lines) + "\n"


def line(name, detector, score):
    delay = f"{median(score.delays_h):.2f} h" if score.delays_h else "–"
    precision = "–" if score.precision is None else f"{score.precision:.2f}"
    return f"| {name} | {detector} | {score.recall:.2f} | {precision} | {delay} |"
