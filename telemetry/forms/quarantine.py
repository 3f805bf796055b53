"""Forms of the quarantine page: which items are shown, and what becomes of those chosen."""

from datetime import timedelta

from django import forms

from core.number_format import indian
from devices.models import Device
from telemetry.models import QuarantineItem
from telemetry.quarantine.selection import Selection
from telemetry.quarantine.shift import LAST_IS_RECEIVED, parse_shift

WRONG_CLOCK_REASONS = (QuarantineItem.Reason.FUTURE, QuarantineItem.Reason.TOO_OLD)  # as sent they cannot be stored
NO_MACHINE = "none"  # a gateway's readings that name no machine of the factory


class QuarantineFilterForm(forms.Form):
    machine = forms.ChoiceField(required=False)
    reason = forms.ChoiceField(required=False, choices=[("", "Any reason"), *QuarantineItem.Reason.choices])
    state = forms.ChoiceField(required=False, choices=QuarantineItem.State.choices)

    def __init__(self, data, *args, factory, **kwargs) -> None:
        data = data.copy()
        data["state"] = data.get("state") or QuarantineItem.State.HELD
        super().__init__(data, *args, **kwargs)
        self.factory = factory
        self.devices = {
            str(device.pk): device for device in Device.objects.for_factory(factory).order_by("device_name")
        }
        self.fields["machine"].choices = [
            ("", "Any machine"),
            (NO_MACHINE, "No machine of ours"),
            *((pk, device.label) for pk, device in self.devices.items()),
        ]
        for field in self.fields.values():
            field.widget.attrs["class"] = "control"

    @property
    def chosen_state(self) -> str:
        return self.cleaned_data.get("state") or QuarantineItem.State.HELD

    @property
    def device(self) -> Device | None:
        return self.devices.get(self.cleaned_data.get("machine", ""))

    @property
    def selection(self) -> Selection:
        """Of the valid form; what is not valid chooses nothing in particular."""
        chosen = self.cleaned_data
        has_no_device = chosen.get("machine") == NO_MACHINE
        return Selection(self.factory, self.device, chosen.get("reason", ""), has_no_device=has_no_device)


class DecisionForm(forms.Form):
    """What is done with the ticked items, or with all that the filter shows."""

    SCOPES = (("ticked", "the ticked ones"), ("all", "all of them"))
    TIMES = (
        ("sent", "as it was sent"),
        (LAST_IS_RECEIVED, "moved, so that the last one was measured when it came"),
        ("typed", "moved by what I type"),
    )
    scope = forms.ChoiceField(choices=SCOPES, widget=forms.RadioSelect, initial="ticked", label="Which")
    time = forms.ChoiceField(choices=TIMES, widget=forms.RadioSelect, initial="sent", label="Time of each reading")
    shift = forms.CharField(
        max_length=60,
        required=False,
        label="Move by",
        help_text="-5:30 (hours), +45 min, 2 days 3 h. Indian time sent as UTC is moved by -5:30.",
        widget=forms.TextInput(attrs={"class": "control", "autocomplete": "off"}),
    )
    replace = forms.BooleanField(required=False, label="Let it win over a stored reading that says otherwise")

    def __init__(self, *args, count: int = 0, reason: str = "", **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if reason in WRONG_CLOCK_REASONS:
            self.fields["time"].initial = LAST_IS_RECEIVED
        self.fields["scope"].choices = [self.SCOPES[0], ("all", f"all {indian(count)} that are listed")]

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("time") == "typed":
            try:
                cleaned["parsed_shift"] = parse_shift(cleaned.get("shift", ""))
            except ValueError as error:
                self.add_error("shift", f"{error}.".capitalize())
        return cleaned

    @property
    def chosen_shift(self) -> timedelta | str | None:
        time = self.cleaned_data["time"]
        return self.cleaned_data["parsed_shift"] if time == "typed" else None if time == "sent" else time
