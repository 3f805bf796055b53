"""The table and the words around it."""

from benchmarks import machine
from benchmarks.measured import goal_text, is_met, ratio, ratio_spread


def line(figure, measured) -> str:
    low, high = ratio_spread(figure, measured)
    return (
        f"{figure.key}: {side(measured.ours)} against {side(measured.theirs)}: {ratio(figure, measured):.3g} "
        f"({low:.3g}–{high:.3g}), goal {goal_text(figure)}: {'met' if is_met(figure, measured) else 'missed'}"
    )


def side(one) -> str:
    low, high = one.spread
    return f"{number(one.middle)} {one.unit} ({number(low)}–{number(high)})"


def number(value) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def document(results, run) -> str:
    rows = [
        f"| {figure.title} | {side(m.ours)} | {figure.against} | {side(m.theirs)} | {ratio(figure, m):.3g} | "
        f"{goal_text(figure)} | {'yes' if is_met(figure, m) else '**no**'} |"
        for figure, m in results
    ]
    bounds = [f"- **{f.key}**: {f.bound_by} {' '.join(m.notes)}" for f, m in results]
    return "\n".join(
        [
            machine.told(run.databases),
            "",
            "| figure | measured | against, in the same run | measured | ratio | goal | met |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
            *bounds,
            "",
        ]
    )
