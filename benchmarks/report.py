"""The table and the words around it: docs/performance.md."""

from benchmarks import machine
from benchmarks.measured import goal_text, is_met, ratio, ratio_spread

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


def line(figure, measured) -> str:
    return (
        f"{figure.key}: {side(measured.ours)} against {side(measured.theirs)}: {ratio_text(figure, measured)}, "
        f"goal {goal_text(figure)}: {'met' if is_met(figure, measured) else 'missed'}"
    )


def side(one) -> str:
    low, high = one.spread
    spread = f" ({number(low)}–{number(high)})" if len(one.values) > 1 else ""
    return f"{number(one.middle)} {one.unit}{spread}"


def ratio_text(figure, measured) -> str:
    low, high = ratio_spread(figure, measured)
    spread = f" ({number(low)}–{number(high)})" if len(measured.ours.values) > 1 else ""
    return f"{number(ratio(figure, measured))}{spread}"


def number(value) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def row(figure, m) -> str:
    met = "yes" if is_met(figure, m) else "**no**"
    cells = [figure.title, side(m.ours), figure.against, side(m.theirs), ratio_text(figure, m), goal_text(figure), met]
    return f"| {' | '.join(cells)} |"


def bound(figure, measured) -> str:
    """What bounds a figure, and what else was seen when it was measured."""
    return f"- **{figure.title}** (`{figure.key}`). " + " ".join([figure.bound_by, *measured.notes]).strip()


def document(results, answers, run) -> str:
    parts = [INTRODUCTION.format(machine=machine.told(run.databases), size=sizes(run))]
    if results:
        parts += ["\n".join([TABLE, *(row(*result) for result in results)]), "## What bounds each figure"]
        parts.append("\n".join(bound(*result) for result in results))
    if answers:
        parts.append("## What was measured before it was decided")
    for question, lines in answers:
        parts += [f"### {question.title}", "\n".join(lines), question.follows]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def sizes(run) -> str:
    filled = {name: run.databases.told(name) for name in ("small", "large")}
    told = [
        f"*{name}* {note['readings']:,} readings, filled in {note['fill_s']:.0f} s"
        for name, note in filled.items()
        if note
    ]
    return f"Databases: {'; '.join(told)}." if told else ""
