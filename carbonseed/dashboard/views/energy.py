"""Energy and its cost, as a page and over the API: devices measure it, the factory's tariff prices it."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from carbonseed.dashboard.specific_energy import specific_energy_by_month
from carbonseed.dashboard.views.insights import PERIOD_LABELS, InsightsQuery
from devices.models import Device
from factories.permissions import current_factory, factory_from_request, requires_right
from factories.roles import Right
from telemetry.analytics.cost import account
from telemetry.analytics.insights import PERIODS
from telemetry.analytics.load_profile import load_profile, whole_quarters


def gather_energy(factory, period, now):
    """{load, before, accounts, unpriced_kwh, months} of the last `period` and the one before it."""
    devices = list(Device.objects.for_factory(factory).current().prefetch_related("profiles"))
    start, end = whole_quarters(now, PERIODS[period])
    load = load_profile(devices, factory, start, end)
    accounts, unpriced = cost_by_tariff(factory, load)
    return {
        "load": load,
        "before": load_profile(devices, factory, start - PERIODS[period], start),
        "accounts": accounts,
        "unpriced_kwh": unpriced,
        "months": specific_energy_by_month(devices, factory, now),
    }


def cost_by_tariff(factory, load):
    """([(tariff, account)], kWh of days for which no tariff was entered); a change of tariff splits the period."""
    tariffs = list(factory.tariffs.prefetch_related("bands"))  # the newest first
    kwh_by_tariff, unpriced = {}, 0.0
    for (on, clock), kwh in load.by_clock.items():
        tariff = next((one for one in tariffs if one.valid_from <= on), None)
        if tariff is None:
            unpriced += kwh
        else:
            kwh_by_tariff.setdefault(tariff, {})[on, clock] = kwh
    peak_kw = load.peak.kw if load.peak else None
    return [(tariff, account(by_clock, tariff, peak_kw)) for tariff, by_clock in kwh_by_tariff.items()], unpriced


class EnergySerializer(serializers.Serializer):
    period = serializers.ChoiceField(list(PERIODS))
    factory_id = serializers.IntegerField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    energy_kwh = serializers.FloatField(help_text="measured in quarter hours")
    energy_kwh_before = serializers.FloatField(help_text="in the period of the same length just before")
    bridged_kwh = serializers.FloatField(help_text="known from a register across a gap, without a time of day")
    coverage_percent = serializers.FloatField(allow_null=True)
    by_shift = serializers.ListField(child=serializers.DictField())
    by_weekday = serializers.ListField(child=serializers.DictField())
    by_machine = serializers.ListField(child=serializers.DictField())
    peak = serializers.DictField(allow_null=True, help_text="the quarter hour of the highest mean power")
    idle = serializers.ListField(child=serializers.DictField())
    cost = serializers.ListField(child=serializers.DictField(), help_text="by tariff; empty where none is entered")
    unpriced_kwh = serializers.FloatField(help_text="of days for which no tariff is entered")
    per_tonne = serializers.ListField(child=serializers.DictField(), help_text="of complete months")


class EnergyView(APIView):
    @extend_schema(operation_id="insights_energy", parameters=[InsightsQuery], responses=EnergySerializer)
    def get(self, request):
        """Energy by shift, weekday and machine, peak, idle consumption, cost by the factory's tariff, and per tonne."""
        query = InsightsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        factory, period = factory_from_request(request, Right.SEE), query.validated_data["period"]
        energy = gather_energy(factory, period, timezone.now())
        return Response(EnergySerializer(serialize_energy(factory, period, energy)).data)


def serialize_energy(factory, period, energy):
    load, peak = energy["load"], energy["load"].peak
    return {
        "period": period,
        "factory_id": factory.pk,
        "start": load.start,
        "end": load.end,
        "energy_kwh": load.kwh,
        "energy_kwh_before": energy["before"].kwh,
        "bridged_kwh": load.bridged_kwh,
        "coverage_percent": load.covered_percent,
        **{
            name: [serialize_part(one) for one in getattr(load, name)]
            for name in ("by_shift", "by_weekday", "by_machine")
        },
        "peak": peak
        and {"at": peak.at, "kw": peak.kw, "machines": [{"machine": m, "kw": kw} for m, kw in peak.machines]},
        "idle": [vars(one) for one in load.idle],
        "cost": [serialize_cost(tariff, its) for tariff, its in energy["accounts"]],
        "unpriced_kwh": energy["unpriced_kwh"],
        "per_tonne": [{**one._asdict(), "kwh_per_t": one.kwh_per_t} for one in energy["months"]],
    }


def serialize_part(part):
    return {"name": part.name, "kwh": part.kwh, "share_percent": part.share_percent, "mean_kw": part.mean_kw}


def serialize_cost(tariff, cost):
    charges = [*cost.charges, *([cost.demand] if cost.demand else [])]
    return {
        "tariff": str(tariff),
        "rs": cost.rs,
        "charges": [vars(charge) for charge in charges],
        "saving": cost.saving and vars(cost.saving),
    }


@require_safe
@requires_right(Right.SEE)
def energy_page(request):
    factory = current_factory(request)
    if factory is None:
        return render(request, "dashboard/energy.html")
    period = request.GET.get("period", "7d")
    period = period if period in PERIODS else "7d"
    energy = gather_energy(factory, period, timezone.now())
    load, before = energy["load"], energy["before"]
    context = {
        **energy,
        "period": period,
        "periods": PERIOD_LABELS,
        "length": PERIOD_LABELS[period],
        "change_percent": 100 * (load.kwh - before.kwh) / before.kwh if before.kwh else None,
        "tables": [
            ("By shift", "Shift", with_previous(load.by_shift, before.by_shift)),
            ("By day of the week", "Day", with_previous(load.by_weekday, before.by_weekday)),
            ("By machine", "Machine", with_previous(load.by_machine, before.by_machine)),
        ],
        "cost_rs": sum(its.rs for _tariff, its in energy["accounts"]),
    }
    return render(request, "dashboard/energy.html", context)


def with_previous(parts, before):
    """Each part with its kWh of the period before."""
    previous_kwh = {part.name: part.kwh for part in before}
    return [(part, previous_kwh.get(part.name)) for part in parts]
