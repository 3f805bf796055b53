"""Small charts drawn by the server as SVG geometry, in the units of their viewBox. Pure."""

WIDTH, HEIGHT = 120, 28


def sparkline(values, width=WIDTH, height=HEIGHT, low=None, high=None):
    """Values, oldest first, None for a gap → point lists for `<polyline>`, one per unbroken run."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return []
    low = min(known) if low is None else low
    high = max(known) if high is None else high
    span = (high - low) or 1
    step = width / max(1, len(values) - 1)
    runs, run = [], []
    for place, value in enumerate(values):
        if value is None:
            runs.append(run)
            run = []
            continue
        y = height - 2 - (min(max(value, low), high) - low) / span * (height - 4)
        run.append(f"{place * step:.1f},{y:.1f}")
    runs.append(run)
    return [" ".join(run) for run in runs if len(run) > 1]


def bars(values, height, top):
    """Values → (place, y, height) of each bar that is known, `top` being the value at the upper edge."""
    scale = height / top if top > 0 else 0
    return [
        (place, round(height - max(value, 0) * scale, 2), round(max(value, 0) * scale, 2))
        for place, value in enumerate(values)
        if value is not None
    ]


def band(lows, highs, height, top):
    """The area between two step lines as SVG path data; places where either is None interrupt it."""
    scale = height / top if top > 0 else 0
    path = []
    for place, (low, high) in enumerate(zip(lows, highs, strict=True)):
        if low is None or high is None:
            continue
        upper, lower = round(height - high * scale, 2), round(height - max(low, 0) * scale, 2)
        path.append(f"M{place} {upper}H{place + 1}V{lower}H{place}Z")
    return "".join(path)


def nice_ceiling(value):
    """The next of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 × 10ⁿ: a calm upper edge of an axis."""
    if value <= 0:
        return 1
    size = 1.0
    while size * 10 <= value:
        size *= 10
    while size > value:
        size /= 10
    return next(step * size for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * size >= value)
