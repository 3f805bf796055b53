"""The page of energy and its cost."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from carbonseed.dashboard.energy import gather_energy
from carbonseed.dashboard.time_ranges import PERIOD_LABELS
from factories.permissions import current_factory, requires_right
from factories.roles import Right


@require_safe
@requires_right(Right.SEE)
def energy_page(request: HttpRequest) -> HttpResponse:
    factory = current_factory(request)
    if factory is None:
        return render(request, "dashboard/energy.html")
    period = request.GET.get("period", "7d")
    period = period if period in PERIOD_LABELS else "7d"
    energy = gather_energy(factory, period, timezone.now())
    load, before = energy["load"], energy["before"]
    context = {
        **energy,
        "period": period,
        "periods": PERIOD_LABELS,
        "length": PERIOD_LABELS[period],
        "change_percent": 100 * (load.total_kwh - before.total_kwh) / before.total_kwh if before.total_kwh else None,
        "tables": [
            ("By shift", "Shift", with_previous(load.by_shift, before.by_shift)),
            ("By day of the week", "Day", with_previous(load.by_weekday, before.by_weekday)),
            ("By machine", "Machine", with_previous(load.by_machine, before.by_machine)),
        ],
        "cost_rs": sum(cost.account.rs for cost in energy["accounts"]),
    }
    return render(request, "dashboard/energy.html", context)


def with_previous(parts, before) -> list:
    """Each part with its kWh of the period before."""
    previous_kwh = {part.name: part.kwh for part in before}
    return [(part, previous_kwh.get(part.name)) for part in parts]
