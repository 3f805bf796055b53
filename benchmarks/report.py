"""The table and the words around it: docs/performance.md."""

from benchmarks import machine
from benchmarks.benchmark import goal_text, is_met, ratio, ratio_spread

INTRODUCTION = """\
# How fast it is

Written by `make bench`, which measures every figure and its counterpart in turn, in one run on one machine and one
scratch PostgreSQL with `fsync` on: a ratio says more than a number, since both sides share whatever the machine does
meanwhile. Medians of the rounds, the lowest and highest in brackets. `python -m benchmarks --only ROW …` runs some rows
(`--list`), `--keep FOLDER` keeps the filled server for the next run.

{machine}

{size}
"""
TABLE = """\
| figure | measured | against, in the same run | measured | ratio | goal | met |
|---|---|---|---|---|---|---|"""


def summary_line(benchmark, measurement) -> str:
    sides = f"{format_side(measurement.ours)} against {format_side(measurement.theirs)}"
    return (
        f"{benchmark.key}: {sides}: {ratio_text(benchmark, measurement)}, "
        f"goal {goal_text(benchmark)}: {'met' if is_met(benchmark, measurement) else 'missed'}"
    )


def format_side(one) -> str:
    low, high = one.spread
    spread = f" ({number(low)}–{number(high)})" if len(one.values) > 1 else ""
    return f"{number(one.median)} {one.unit}{spread}"


def ratio_text(benchmark, measurement) -> str:
    low, high = ratio_spread(benchmark, measurement)
    spread = f" ({number(low)}–{number(high)})" if len(measurement.ours.values) > 1 else ""
    return f"{number(ratio(benchmark, measurement))}{spread}"


def number(value) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table_row(benchmark, measurement) -> str:
    met = "yes" if is_met(benchmark, measurement) else "**no**"
    cells = [
        benchmark.title,
        format_side(measurement.ours),
        benchmark.against,
        format_side(measurement.theirs),
        ratio_text(benchmark, measurement),
        goal_text(benchmark),
        met,
    ]
    return f"| {' | '.join(cells)} |"


def bound_text(benchmark, measurement) -> str:
    """What bounds a figure, and what else was seen when it was measured."""
    return f"- **{benchmark.title}** (`{benchmark.key}`). " + " ".join([benchmark.bound_by, *measurement.notes]).strip()


def document(results, answers, run) -> str:
    parts = [INTRODUCTION.format(machine=machine.describe(run.databases), size=database_sizes(run))]
    if results:
        parts += ["\n".join([TABLE, *(table_row(*result) for result in results)]), "## What bounds each figure"]
        parts.append("\n".join(bound_text(*result) for result in results))
    if answers:
        parts.append("## What was measured before it was decided")
    for question, lines in answers:
        parts += [f"### {question.title}", "\n".join(lines), question.follows]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def database_sizes(run) -> str:
    filled = {name: run.databases.metadata(name) for name in ("small", "large")}
    parts = [
        f"*{name}* {note['readings']:,} readings, filled in {note['fill_s']:.0f} s"
        for name, note in filled.items()
        if note
    ]
    return f"Databases: {'; '.join(parts)}." if parts else ""
