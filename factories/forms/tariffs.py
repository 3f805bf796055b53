"""Forms of a tariff and its time-of-day bands."""

from django import forms

from factories.forms.rows import FactoryRowForm
from factories.models import Tariff, TariffBand
from factories.models.tariffs import validate_bands

TIME_ATTRIBUTES = {"type": "time", "class": "control"}
DECIMAL_ATTRIBUTES = {"class": "control", "inputmode": "decimal", "autocomplete": "off"}


class TariffForm(FactoryRowForm):
    """A second tariff from the same day is rejected by the model's constraint."""

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

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field, forms.DecimalField):
                field.widget = forms.TextInput(attrs=DECIMAL_ATTRIBUTES)


class BandForm(forms.ModelForm):
    class Meta:
        model = TariffBand
        fields = ["name", "starts_at", "ends_at", "change_rs_per_kwh"]
        widgets = {
            "name": forms.TextInput(attrs={"class": "control", "autocomplete": "off"}),
            "starts_at": forms.TimeInput(attrs=TIME_ATTRIBUTES, format="%H:%M"),
            "ends_at": forms.TimeInput(attrs=TIME_ATTRIBUTES, format="%H:%M"),
            "change_rs_per_kwh": forms.TextInput(attrs=DECIMAL_ATTRIBUTES),
        }


class BaseTariffBandFormSet(forms.BaseInlineFormSet):
    """Bands must not overlap, and their names must differ."""

    def clean(self) -> None:
        super().clean()
        bands = [form.instance for form in self.forms if form.cleaned_data.get("name") and not self.is_deleted(form)]
        validate_bands([band for band in bands if band.starts_at and band.ends_at])

    def is_deleted(self, form):
        return self.can_delete and form.cleaned_data.get("DELETE")
