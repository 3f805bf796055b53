"""Forms of alerts, rules and maintenance windows."""

import json

from django import forms

from alerts import lifecycle
from alerts.models import LONGEST_HOLD_S, RULE_METRIC_CHOICES, Alert, MaintenanceWindow, RuleKind, Severity
from alerts.rules import clear_levels, validation
from core.validators import ONE_LINE
from devices.models import Device
from factories.models import User
from telemetry.metrics import BY_NAME

KINDS = [(kind, RuleKind(kind).label.capitalize()) for kind in validation.AVAILABLE_KINDS]
METRICS = [("", "The whole device")] + [
    (name, f"{label}, {unit}" if (unit := BY_NAME[name].shown_unit) else f"{label}, indicative")
    for name, label in RULE_METRIC_CHOICES
]


REQUIRED_FIELDS = {  # by kind
    "above": ("metric", "level"),
    "below": ("metric", "level"),
    "outside": ("metric", "low", "high"),
    "rate": ("metric", "level", "window_seconds"),
    "baseline": ("metric",),
    "flat": ("metric", "hold_seconds"),
    "budget": ("level",),
    "capture": ("level",),
    "health": ("level",),
}
PARAM_FIELDS = validation.PARAMS_BY_KIND  # the form has a field of the same name for each
WITHOUT_LEVEL = ("outside", "silence", "flat", "baseline")


class OptionalCommentForm(forms.Form):
    comment = forms.CharField(max_length=2000, required=False)


class CommentForm(forms.Form):
    comment = forms.CharField(
        label="Add a comment",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What was found, what was done",
    )


class AlertResponseForm(forms.Form):
    """The response a regulator asks for: assignee, cause, corrective action."""

    assignee = forms.ModelChoiceField(User.objects.none(), label="Who deals with it", required=False)
    cause = forms.CharField(max_length=500, required=False, validators=[ONE_LINE])
    action = forms.CharField(label="Corrective action", max_length=500, required=False, validators=[ONE_LINE])

    def __init__(self, *args, factory, now, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = lifecycle.alert_responders(factory.pk, now)
        self.fields["assignee"].empty_label = "Nobody yet"


class SnoozeForm(forms.Form):
    minutes = forms.TypedChoiceField(
        label="No messages for",
        coerce=int,
        choices=[(30, "30 minutes"), (120, "2 hours"), (480, "8 hours"), (1440, "a day"), (10080, "a week")],
        widget=forms.Select(attrs={"class": "control"}),
    )


class BulkActionForm(forms.Form):
    """One action on several alerts of the board."""

    alert = forms.TypedMultipleChoiceField(coerce=int, error_messages={"required": "Choose at least one alert."})
    act = forms.ChoiceField(choices=[("acknowledge", "Acknowledge"), ("resolve", "Resolve")])
    comment = forms.CharField(max_length=2000, required=False)

    def __init__(self, data, *, alerts) -> None:
        super().__init__(data)
        self.fields["alert"].choices = [(pk, pk) for pk in alerts.values_list("pk", flat=True)]


class AlertFilterForm(forms.Form):
    """Filters of the alerts of one factory."""

    device = forms.ModelChoiceField(Device.objects.none(), label="Machine", required=False, empty_label="Every machine")
    severity = forms.ChoiceField(choices=[("", "Any"), *Severity.choices], required=False)
    status = forms.ChoiceField(choices=[("", "As a board"), *Alert.Status.choices], label="State", required=False)

    def __init__(self, *args, factory, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["device"].queryset = Device.objects.for_factory(factory).current()
        self.fields["device"].label_from_instance = lambda device: device.label
        for field in self.fields.values():
            field.widget.attrs["class"] = "control"


class MaintenanceWindowForm(forms.ModelForm):
    """A maintenance window, in the factory's time zone."""

    class Meta:
        model = MaintenanceWindow
        fields = ["device", "starts_at", "ends_at", "reason"]
        labels = {"device": "Machine", "starts_at": "From", "ends_at": "Until"}
        widgets = {
            name: forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            for name in ("starts_at", "ends_at")
        }

    def __init__(self, *args, factory, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.instance.factory = factory
        self.fields["device"].queryset = Device.objects.for_factory(factory).current()
        self.fields["device"].label_from_instance = lambda device: device.label
        self.fields["device"].empty_label = "Every machine"


class RuleForm(forms.Form):
    """A rule. Bands are entered as low and high; `alerts.rules.validation` gives the errors, by field."""

    device = forms.ModelChoiceField(Device.objects.none(), label="Machine", required=False, empty_label="Every machine")
    metric = forms.ChoiceField(choices=METRICS, label="Value", initial="temperature")
    kind = forms.ChoiceField(choices=KINDS, label="Alert when it is", initial="above")
    level = forms.FloatField(label="Level")
    low = forms.FloatField(label="Low", help_text="The band's lower edge")
    high = forms.FloatField(label="High", help_text="The band's upper edge")
    clear_level = forms.FloatField(
        label="Ends at",
        required=False,
        help_text="Back at this level the alert is over. A little inside the level, a value that trembles there is one "
        "alert and not thirty; to end at the level itself, type the level",
    )
    second_level = forms.FloatField(
        label="Critical beyond", required=False, help_text="A second level: there the alert becomes critical"
    )
    window_seconds = forms.IntegerField(
        label="Within, in seconds",
        min_value=validation.SHORTEST_WINDOW_S,
        max_value=validation.LONGEST_WINDOW_S,
        initial=600,
        help_text="A change is measured over this time; give at least two reporting intervals",
    )
    direction = forms.ChoiceField(
        label="Which change",
        choices=[("any", "Either way"), ("rise", "Only a rise"), ("fall", "Only a fall")],
        initial="any",
    )
    z = forms.FloatField(
        label="How far from usual, robust z",
        required=False,
        min_value=validation.LEAST_Z,
        max_value=validation.MOST_Z,
        help_text="Against the same quarter hour of the four weeks before; 3.5 if empty. Silent until three are known",
    )
    period = forms.ChoiceField(label="Budget for", choices=[("day", "A day"), ("shift", "A shift")], required=False)
    hold_seconds = forms.IntegerField(
        label="Hold, in seconds",
        required=False,
        min_value=0,
        max_value=LONGEST_HOLD_S,
        help_text="How long it must last first. Empty: at once; for silence: three intervals, at least 15 minutes",
    )
    severity = forms.ChoiceField(choices=Severity.choices, initial=Severity.WARNING)
    title = forms.CharField(
        max_length=150, required=False, validators=[ONE_LINE], help_text="Of the alert; made from the limit if empty"
    )

    def __init__(self, *args, factory, rule=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["device"].queryset = Device.objects.for_factory(factory).current()
        if self.is_bound:
            needed = REQUIRED_FIELDS.get(self.data.get("kind"), ())
            for name in ("metric", "level", "low", "high", "window_seconds", "direction", "hold_seconds"):
                self.fields[name].required = name in needed
        self.rule, self.suggested_clear_level = rule, None
        if rule is None:
            self.fields["clear_level"].widget.attrs["data-margins"] = json.dumps(clear_levels.by_metric())
        else:
            del self.fields["device"]  # a rule does not move
            self.initial = {name: getattr(rule, name, rule.params.get(name)) for name in self.fields}
            self.initial = {name: value for name, value in self.initial.items() if value is not None}

    def clean_hold_seconds(self):
        return self.cleaned_data["hold_seconds"] or 0

    def clean(self):
        data = super().clean()
        kind = data.get("kind")
        data["params"] = {
            name: data.get(name) for name in PARAM_FIELDS.get(kind, ()) if data.get(name) not in (None, "")
        }
        if kind in validation.WHOLE_DEVICE_KINDS:
            data["metric"] = ""
        if kind == "budget":
            data["clear_level"] = None
        if kind in WITHOUT_LEVEL:
            data["level"] = data["clear_level"] = None
        if not self.errors:
            names = ("kind", "metric", "level", "clear_level", "params", "hold_seconds")
            for field, message in validation.problems(**{name: data[name] for name in names}).items():
                self.add_error(PARAM_FIELDS[kind][0] if field == "params" else field, message)
        if not self.errors and self.rule is None and data["clear_level"] is None:
            self.suggested_clear_level = clear_levels.suggested_clear_level(data["metric"], kind, data["level"])
            data["clear_level"] = self.suggested_clear_level
        return data

    @property
    def changes(self) -> dict:
        """The new values of the rule's fields."""
        param_names = {name for names in PARAM_FIELDS.values() for name in names}  # they are in params
        return {name: value for name, value in self.cleaned_data.items() if name not in param_names}


class CopyRulesForm(forms.Form):
    """Copy rules from one machine to others."""

    source = forms.ModelChoiceField(Device.objects.none())
    target = forms.ModelMultipleChoiceField(Device.objects.none())

    def __init__(self, *args, factory, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.queryset = Device.objects.for_factory(factory).current()
