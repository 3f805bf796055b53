"""Forms of machines, devices, profiles and keys."""

from datetime import UTC, datetime, timedelta

from django import forms

from core.validators import ONE_LINE
from devices.kind_suggestions import suggest_kind
from devices.models import Device, DeviceProfile, MachineKind, TemperaturePoint

MIN_VALID_FROM = datetime(2000, 1, 1, tzinfo=UTC)
MAX_AHEAD, MINUTE = timedelta(days=366), timedelta(minutes=1)


def kind_field(device=None) -> forms.ChoiceField:
    """The kind of machine; for a `device` whose kind nobody said, with what its name suggests."""
    text = "Its default limits follow from it"
    suggested = suggest_kind(device.machine_name, device.device_name) if device and not device.machine_kind else None
    if suggested:
        text = f"Its name suggests: {suggested.label}. {text}"
    choices = [("", "Not said"), *MachineKind.choices]
    return forms.ChoiceField(label="Kind of machine", choices=choices, required=False, help_text=text)


def point_field() -> forms.ChoiceField:
    choices = [("", "Not said"), *TemperaturePoint.choices]
    text = "The same furnace has a bath at 1,450 °C and cooling water at 50: without this no limit on it is proposed"
    return forms.ChoiceField(label="Its temperature sensor measures", choices=choices, required=False, help_text=text)


class DeviceForm(forms.ModelForm):
    machine_kind, temperature_point = kind_field(), point_field()

    class Meta:
        model = Device
        fields = [
            *["machine_name", "machine_kind", "device_name", "temperature_point", "location", "device_type"],
            "firmware_version",
        ]
        labels = {
            "machine_name": "Machine",
            "device_name": "Name of the measuring point",
            "location": "Place in the factory",
            "device_type": "Type of device",
            "firmware_version": "Firmware version",
        }
        help_texts = {
            "machine_name": "What people call it: Furnace 1",
            "device_name": "What hangs there: Furnace 1, roof sensor",
            "location": "Bay A, ground floor",
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["machine_kind"].help_text = kind_field(self.instance).help_text


class DeviceIdField(forms.CharField):
    def __init__(self, **kwargs) -> None:
        super().__init__(
            label="Device id",
            max_length=64,
            validators=[ONE_LINE],
            help_text="Exactly what the firmware sends, such as ESP32-SF-001",
            **kwargs,
        )


class NewDeviceForm(DeviceForm):
    device_id = DeviceIdField()
    field_order = ["device_id"]


class SwapUnitForm(forms.Form):
    device_id = DeviceIdField()


class ProfileForm(forms.ModelForm):
    """Meaning of a device's readings; labels and help texts use shop-floor terms."""

    class Meta:
        model = DeviceProfile
        fields = [
            "power_kind",
            "interval_s",
            "rated_kw",
            "exports_power",
            "energy_unit",
            "register_width",
            "vibration_kind",
            "temperature_max",
        ]
        labels = {
            "power_kind": "What power_consumption means",
            "interval_s": "Sends every (seconds)",
            "rated_kw": "Rated power of the machine (kW)",
            "exports_power": "This feeder also gives power back",
            "energy_unit": "Its energy register counts in",
            "register_width": "The register starts again at 0 after",
            "vibration_kind": "What vibration means",
            "temperature_max": "Highest temperature the sensor can measure (°C)",
        }
        help_texts = {
            "power_kind": "A wrong choice is a factor of 1,000 in every report. Compare with the panel meter.",
            "interval_s": "From this the data coverage is counted",
            "rated_kw": "From the name plate: limits on power follow from it, and a warning when readings are far off",
            "register_width": "100000 for a register of five digits; empty where nobody knows",
        }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["energy_unit"].required = False  # a client that knows nothing of it leaves it as it is

    def clean_energy_unit(self) -> str:
        return self.cleaned_data["energy_unit"] or self.instance.energy_unit


class DatedProfileForm(ProfileForm):
    """A profile with the time from which it is valid, in the factory's time zone."""

    valid_from = forms.DateTimeField(
        label="Valid from",
        help_text="Readings before this moment keep the meaning they had",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    corrects_later = forms.BooleanField(
        label="Correct later entries with it",
        required=False,
        help_text="Those that only repeated what is corrected here, up to the first that says something else",
    )
    field_order = ["valid_from"]

    def __init__(self, *args, now, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    @classmethod
    def initial_from_query(cls, query) -> dict:
        """Initial values from a link's query: `valid_from`, `power_kind` and `energy_unit`, where they are valid."""
        names = ("valid_from", "power_kind", "energy_unit")
        fields = {name: cls.base_fields[name] for name in names if query.get(name)}
        initial = {}
        for name, field in fields.items():
            try:
                initial[name] = field.clean(query[name])
            except forms.ValidationError:
                continue
        return initial

    def clean_valid_from(self):
        """Snap to a profile that begins within the same minute: the page shows no seconds."""
        moment = self.cleaned_data["valid_from"]
        if not MIN_VALID_FROM <= moment <= self.now + MAX_AHEAD:
            raise forms.ValidationError("Choose a moment from the year 2000 to a year from now.")
        same_minute = self.instance.device.profiles.filter(
            valid_from__gte=moment, valid_from__lt=moment + MINUTE
        ).first()
        return same_minute.valid_from if same_minute and not moment.second else moment


class KeyForm(forms.Form):
    """A further key; without a date it is valid until revoked."""

    expires_on = forms.DateField(
        label="Works until", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args, today, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_expires_on(self):
        day = self.cleaned_data["expires_on"]
        if day is not None and not self.today <= day <= self.today + timedelta(days=3660):
            raise forms.ValidationError("Choose a day from today to ten years from now.")
        return day
