"""Energy and its cost, as a page and over the API: devices measure it, the factory's tariff prices it."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from carbonseed.dashboard.specific_energy import per_tonne
from carbonseed.dashboard.views.insights import PERIOD_WORDS, InsightsQuery
from devices.models import Device
from factories.permissions import current_factory, meant_factory, page
from factories.roles import Right
from telemetry.analytics.cost import account
from telemetry.analytics.insights import PERIODS
from telemetry.analytics.load_profile import load_of, whole_quarters


def gathered(factory, period, now):
    """{load, before, accounts, unpriced_kwh, months} of the last `period` and the one before it."""
    devices = list(Device.objects.for_factory(factory).current().prefetch_related("profiles"))
    start, end = whole_quarters(now, PERIODS[period])
    load = load_of(devices, factory, start, end)
    accounts, unpriced = priced(factory, load)
    return {
        "load": load,
        "before": load_of(devices, factory, start - PERIODS[period], start),
        "accounts": accounts,
        "unpriced_kwh": unpriced,
        "months": per_tonne(devices, factory, now),
    }


def priced(factory, load):
    """([(tariff, account)], kWh of days for which no tariff was entered); a change of tariff splits the period."""
    tariffs = list(factory.tariffs.prefetch_related("bands"))  # the newest first
    held, unpriced = {}, 0.0
    for (on, clock), kwh in load.by_clock.items():
        tariff = next((one for one in tariffs if one.valid_from <= on), None)
        if tariff is None:
            unpriced += kwh
        else:
            held.setdefault(tariff, {})[on, clock] = kwh
    peak_kw = load.peak.kw if load.peak else None
    return [(tariff, account(by_clock, tariff, peak_kw)) for tariff, by_clock in held.items()], unpriced


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
        factory, period = meant_factory(request, Right.SEE), query.validated_data["period"]
        found = gathered(factory, period, timezone.now())
        return Response(EnergySerializer(described(factory, period, found)).data)


def described(factory, period, found):
    load, peak = found["load"], found["load"].peak
    return {
        "period": period,
        "factory_id": factory.pk,
        "start": load.start,
        "end": load.end,
        "energy_kwh": load.kwh,
        "energy_kwh_before": found["before"].kwh,
        "bridged_kwh": load.bridged_kwh,
        "coverage_percent": load.covered_percent,
        **{name: [part_of(one) for one in getattr(load, name)] for name in ("by_shift", "by_weekday", "by_machine")},
        "peak": peak
        and {"at": peak.at, "kw": peak.kw, "machines": [{"machine": m, "kw": kw} for m, kw in peak.machines]},
        "idle": [vars(one) for one in load.idle],
        "cost": [cost_of(tariff, its) for tariff, its in found["accounts"]],
        "unpriced_kwh": found["unpriced_kwh"],
        "per_tonne": [{**one._asdict(), "kwh_per_t": one.kwh_per_t} for one in found["months"]],
    }


def part_of(part):
    return {"name": part.name, "kwh": part.kwh, "share_percent": part.share_percent, "mean_kw": part.mean_kw}


def cost_of(tariff, its):
    charges = [*its.charges, *([its.demand] if its.demand else [])]
    return {
        "tariff": str(tariff),
        "rs": its.rs,
        "charges": [vars(charge) for charge in charges],
        "saving": its.saving and vars(its.saving),
    }


@require_safe
@page(Right.SEE)
def energy_page(request):
    factory = current_factory(request)
    if factory is None:
        return render(request, "telemetry/energy.html")
    period = request.GET.get("period", "7d")
    period = period if period in PERIODS else "7d"
    found = gathered(factory, period, timezone.now())
    load, before = found["load"], found["before"]
    context = {
        **found,
        "period": period,
        "periods": PERIOD_WORDS,
        "length": PERIOD_WORDS[period],
        "change_percent": 100 * (load.kwh - before.kwh) / before.kwh if before.kwh else None,
        "tables": [
            ("By shift", "Shift", beside(load.by_shift, before.by_shift)),
            ("By day of the week", "Day", beside(load.by_weekday, before.by_weekday)),
            ("By machine", "Machine", beside(load.by_machine, before.by_machine)),
        ],
        "cost_rs": sum(its.rs for _tariff, its in found["accounts"]),
    }
    return render(request, "telemetry/energy.html", context)


def beside(parts, before):
    """Each part with its kWh of the period before."""
    was = {part.name: part.kwh for part in before}
    return [(part, was.get(part.name)) for part in parts]
