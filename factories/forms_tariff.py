"""Forms of a tariff: its rates, and its times of day as rows beneath."""

from datetime import time

from django import forms

from factories.models import Tariff, TariffBand
from factories.row_forms import FactoryRowForm

CLOCK = {"type": "time", "class": "control"}
FIGURE = {"class": "control", "inputmode": "decimal", "autocomplete": "off"}


class TariffForm(FactoryRowForm):
    """Two from the same day are refused by the tariff's own constraint."""

    class Meta:
        model = Tariff
        fields = [
            *("name", "valid_from", "energy_rs_per_kwh", "demand_rs_per_kva", "contract_demand_kva"),
            *("least_billed_percent", "power_factor", "factor_target", "factor_percent", "bonus_percent"),
        ]
        widgets = {
            "valid_from": forms.DateInput(attrs={"type": "date", "class": "control"}, format="%Y-%m-%d"),
            "name": forms.TextInput(attrs={"class": "control", "autocomplete": "off"}),
        }

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field, forms.DecimalField):
                field.widget = forms.TextInput(attrs=FIGURE)


class BandForm(forms.ModelForm):
    class Meta:
        model = TariffBand
        fields = ["name", "starts_at", "ends_at", "change_rs_per_kwh"]
        widgets = {
            "name": forms.TextInput(attrs={"class": "control", "autocomplete": "off"}),
            "starts_at": forms.TimeInput(attrs=CLOCK, format="%H:%M"),
            "ends_at": forms.TimeInput(attrs=CLOCK, format="%H:%M"),
            "change_rs_per_kwh": forms.TextInput(attrs=FIGURE),
        }


class Bands(forms.BaseInlineFormSet):
    """No moment of the day lies in two bands, and no two have the same name."""

    def clean(self):
        super().clean()
        rows = [form.instance for form in self.forms if form.cleaned_data.get("name") and not self.is_gone(form)]
        names = [row.name.casefold() for row in rows]
        if len(set(names)) < len(names):
            raise forms.ValidationError("Two times of day have the same name.")
        for minute in range(0, 24 * 60, 5):
            clock = time(minute // 60, minute % 60)
            there = [row for row in rows if row.starts_at and row.ends_at and row.holds_at(clock)]
            if len(there) > 1:
                raise forms.ValidationError(f"{there[0].name} and {there[1].name} overlap at {clock:%H:%M}.")

    def is_gone(self, form):
        return self.can_delete and form.cleaned_data.get("DELETE")
