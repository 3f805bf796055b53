"""Pages of a factory's electricity tariffs and their time-of-day bands."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import inlineformset_factory
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from factories.forms.tariffs import BandForm, BaseTariffBandFormSet, TariffForm
from factories.models import Tariff, TariffBand
from factories.models.tariffs import MAX_BANDS
from factories.permissions import current_factory, requires_right, row_or_404, set_current_factory
from factories.roles import Right
from factories.tables import TariffTable

BandFormSet = inlineformset_factory(
    Tariff, TariffBand, form=BandForm, formset=BaseTariffBandFormSet, extra=3, max_num=MAX_BANDS, can_delete_extra=False
)


@requires_right(Right.MANAGE)
def tariff_list(request) -> HttpResponse:
    """List of tariffs, with a form for a new one."""
    factory = current_factory(request)
    if factory is None:
        return redirect("overview")
    return tariff_form_page(request, Tariff(factory=factory), factory)


@login_required
def tariff_edit(request, pk) -> HttpResponse:
    tariff = row_or_404(Tariff.objects.select_related("factory"), request.user, pk, Right.MANAGE)
    set_current_factory(request, tariff.factory)
    return tariff_form_page(request, tariff, tariff.factory)


def tariff_form_page(request, tariff, factory) -> HttpResponse:
    form = TariffForm(request.POST or None, instance=tariff)
    bands = BandFormSet(request.POST or None, instance=tariff)
    if request.method == "POST" and form.is_valid() and bands.is_valid():
        form.save()
        bands.save()
        messages.success(request, f"{form.instance} is saved.")
        return redirect("tariff_list")
    tariffs = TariffTable(factory.tariffs.prefetch_related("bands"), request=request)
    context = {"form": form, "bands": bands, "tariff": tariff, "tariffs": tariffs}
    return tariffs.export_response() or render(
        request, "factories/tariff.html", context, status=422 if request.method == "POST" else 200
    )


@login_required
@require_POST
def tariff_remove(request, pk) -> HttpResponse:
    tariff = row_or_404(Tariff.objects.select_related("factory"), request.user, pk, Right.MANAGE)
    name = str(tariff)
    tariff.delete()
    messages.success(request, f"{name} is removed.")
    return redirect("tariff_list")
