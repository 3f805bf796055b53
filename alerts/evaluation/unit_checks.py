"""Questions about units, asked before a rule is evaluated: a limit on a value of unknown meaning notifies nobody."""

from telemetry.analytics import unit_doubts


def review_units(contexts, now) -> None:
    """Open and close the unit doubts of each device from its new readings, and note which metrics are in question."""
    unit_doubts.review(
        [unit_doubts.NewReadings(context.device, context.readings, context.unit_doubts) for context in contexts], now
    )


def is_in_question(context, rule) -> bool:
    """Whether the meaning of what `rule` judges is in question; silence needs no meaning.

    Such a rule is not evaluated: its state stays where it is, and the next reading after the answer is judged.
    """
    if rule.kind in ("silence", "flat", "capture", "health"):
        return False
    return rule.metric in context.metrics_in_question
