"""Form of what a machine's default limits follow from."""

from typing import Any

from django import forms

from devices.forms.machines import kind_field, point_field
from devices.models import Device


class MachineLimitsForm(forms.Form):
    """Kind, rated power and measured point of a machine; the suggested kind is chosen only on the page."""

    machine_kind = kind_field()
    rated_kw = forms.FloatField(
        label="Rated power of the machine (kW)",
        required=False,
        min_value=0,
        help_text="From the name plate. Limits are computed from the electrical input at full load, which is more",
    )
    temperature_point = point_field()

    def __init__(self, *args: Any, device: Device, rated_kw: float | None, **options: Any) -> None:
        initial = {
            "machine_kind": device.machine_kind,
            "rated_kw": int(rated_kw) if rated_kw is not None and rated_kw.is_integer() else rated_kw,
            "temperature_point": device.temperature_point,
        }
        super().__init__(*args, initial=initial, **options)
        self.fields["machine_kind"].help_text = kind_field(device).help_text
