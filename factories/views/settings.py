"""Settings pages of a factory: identity, logo, shifts and holidays."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from core.tables import first_export
from factories.forms.people import FactoryForm, HolidayForm, LogoForm, ShiftForm
from factories.models import Factory, Holiday, Shift
from factories.permissions import current_factory, requires_right, row_or_404, set_current_factory
from factories.roles import Right
from factories.tables import HolidayTable, ShiftTable

FORMS = {"factory": FactoryForm, "shift": ShiftForm, "holiday": HolidayForm}


@requires_right(Right.MANAGE)
def factory_settings(request) -> HttpResponse:
    """One page, several forms; `form` in the POST names the one that was submitted."""
    factory = current_factory(request)
    if factory is None:
        return redirect("overview")
    submitted = request.POST.get("form")
    instances = {
        "factory": reload_factory(factory),
        "shift": Shift(factory=factory),
        "holiday": Holiday(factory=factory),
    }
    forms = {
        name: form(request.POST if submitted == name else None, instance=instances[name], prefix=name)
        for name, form in FORMS.items()
    }
    forms["logo"] = LogoForm(*((request.POST, request.FILES) if submitted == "logo" else ()))
    form = forms.get(submitted)
    if form is not None and form.is_valid():
        save_form(factory, submitted, form)
        messages.success(request, "Saved.")
        return redirect("factory_settings")
    shifts = ShiftTable(factory.shifts.all(), request=request)
    holidays = HolidayTable(factory.holidays.all(), request=request)
    context = {"forms": forms, "shifts": shifts, "holidays": holidays}
    return first_export(shifts, holidays) or render(request, "factories/settings.html", context)


def reload_factory(factory):
    """A second instance for the form, so that a rejected name does not appear in the page header."""
    return Factory.objects.get(pk=factory.pk)


def save_form(factory, submitted, form) -> None:
    if submitted == "logo":
        factory.logo, factory.logo_type = form.cleaned_data["logo"]
        factory.save(update_fields=["logo", "logo_type"])
    else:
        form.save()


@requires_right(Right.MANAGE)
@require_POST
def logo_remove(request) -> HttpResponse:
    factory = current_factory(request)
    if factory is not None:
        factory.logo, factory.logo_type = None, ""
        factory.save(update_fields=["logo", "logo_type"])
        messages.success(request, f"The logo of {factory} is removed.")
    return redirect("factory_settings")


@login_required
def factory_logo(request, pk):
    factory = row_or_404(Factory.objects.current(), request.user, pk, Right.READ_REPORTS)
    if not factory.logo:
        return HttpResponse(status=204)
    response = HttpResponse(bytes(factory.logo), content_type=factory.logo_type)
    response["Cache-Control"] = "private, max-age=300"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def confirm_and_delete(request, model, pk) -> HttpResponse:
    """GET asks for confirmation; POST deletes the row."""
    row = row_or_404(model.objects.select_related("factory"), request.user, pk, Right.MANAGE)
    set_current_factory(request, row.factory)
    if request.method != "POST":
        return render(request, "factories/remove.html", {"row": row, "kind": model._meta.verbose_name})
    messages.success(request, f"{row} is removed.")
    row.delete()
    return redirect("factory_settings")


@login_required
def shift_edit(request, pk) -> HttpResponse:
    shift = row_or_404(Shift.objects.select_related("factory"), request.user, pk, Right.MANAGE)
    set_current_factory(request, shift.factory)
    form = ShiftForm(request.POST or None, instance=shift)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, f"{shift} is saved.")
        return redirect("factory_settings")
    return render(request, "factories/shift.html", {"shift": shift, "form": form})


@login_required
def shift_remove(request, pk) -> HttpResponse:
    return confirm_and_delete(request, Shift, pk)


@login_required
def holiday_remove(request, pk) -> HttpResponse:
    return confirm_and_delete(request, Holiday, pk)
