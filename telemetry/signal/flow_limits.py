"""How much energy can have flowed: the bound that every gain of a counter is held against. Pure.

With a rating, twice the rated power. A motor's rating is its shaft power, its input a tenth to a quarter more, and it
must bear 1.5 times its rated current for two minutes (IEC 60034-1, 9.3): over any interval of a meter, twice the
rating is beyond what a machine draws. `plausibility.RATED_POWER_MULTIPLE` is wider, since it judges single values.

Without a rating, the device's own history: twenty times the third-highest rate of its register within a week on both
sides, and never less than `UNRATED_KW`. The third-highest, so that neither one wrong step nor two raise the bound for
others; a week, so that a machine that stands still from Friday to Monday may start again. More readings only raise it,
so a doubt that rests on history alone ends by itself once the machine has drawn as much three times.
"""

RATING_MULTIPLE = 2.0
UNRATED_KW = 250.0  # more than a single machine of a small factory usually draws
HISTORY_MULTIPLE = 20.0
HISTORY_RANK = 3
HISTORY_S = 7 * 86_400  # on both sides of a step
CLOCK_JITTER_S = 60  # a reading's stamp may be its arrival's
TICKS_KWH = (100.0, 10.0, 1.0, 0.1, 0.01)  # what a register may count in
UNRATED_TICK_KWH = 10.0


def limit_kw(rated_kw: float | None, history_kw: float | None) -> float:
    """The highest mean power that is believed; `history_kw` counts only without a rating."""
    if rated_kw:
        return RATING_MULTIPLE * rated_kw
    return max(UNRATED_KW, HISTORY_MULTIPLE * (history_kw or 0.0))


def possible_kwh(seconds: float, max_kw: float) -> float:
    """The most energy that can have flowed between two readings, the jitter of their stamps included."""
    return max_kw * (seconds + CLOCK_JITTER_S) / 3600


def tick_kwh(before_kwh: float, after_kwh: float, rated_kw: float | None) -> float:
    """The step in which a register seems to count, by its values: one that counts whole kWh gains 1 or nothing.

    At most an hour at rated power, or 1 kWh: two round numbers are no proof of a register that counts in hundreds.
    """
    most = max(1.0, rated_kw or UNRATED_TICK_KWH)
    return next(
        (min(tick, most) for tick in TICKS_KWH if is_multiple(before_kwh, tick) and is_multiple(after_kwh, tick)), 0.0
    )


def is_multiple(value: float, tick: float) -> bool:
    count = value / tick
    return abs(count - round(count)) < 1e-6
