"""Forms of one's own notifications, and of escalation steps."""

from django import forms

from alerts import lifecycle
from alerts.models import Channel, EscalationStep, Preference
from alerts.notifications import channel_setup
from factories.forms.rows import FactoryRowForm


class PreferenceForm(forms.ModelForm):
    class Meta:
        model = Preference
        fields = Preference.EDITABLE_FIELDS
        widgets = {
            name: forms.TimeInput(attrs={"type": "time", "class": "control"}, format="%H:%M")
            for name in ("digest_at", "quiet_from", "quiet_until")
        } | {name: forms.Select(attrs={"class": "control form-select"}) for name in ("lowest", "rhythm")}


class ChannelForm(forms.Form):
    """A new channel of `person`. `hint` is the part of its address that may be shown later."""

    label = forms.CharField(
        label="Name", max_length=60, validators=Channel._meta.get_field("label").validators,
        widget=forms.TextInput(attrs={"class": "control", "autocomplete": "off"}),
    )  # fmt: skip
    url = forms.CharField(
        label="Address",
        max_length=500,
        widget=forms.TextInput(attrs={"class": "control", "autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ["label", "url"]
    kind = placeholder = hint = ""

    def __init__(self, data=None, *, person) -> None:
        super().__init__(data, auto_id=f"{type(self).__name__.lower()}-%s")
        self.person = person
        self.fields["url"].widget.attrs["placeholder"] = self.placeholder

    def clean_label(self):
        return channel_setup.validate_label(self.person, self.cleaned_data["label"])

    def clean_url(self):
        url = self.cleaned_data["url"].strip()
        self.hint = channel_setup.hint_of(self.kind, url)
        return url

    def clean(self):
        channel_setup.validate_count(self.person)
        return super().clean()


class ServiceForm(ChannelForm):
    kind = Channel.Kind.SERVICE
    placeholder = "tgram://bot-token/chat-id"


class WebhookForm(ChannelForm):
    kind = Channel.Kind.WEBHOOK
    placeholder = "https://erp.example.in/carbonseed"


class EscalationStepForm(FactoryRowForm):
    """An escalation step of `factory`: one per person, of those who may act on alerts."""

    class Meta:
        model = EscalationStep
        fields = ["person", "after_minutes", "lowest"]
        widgets = {name: forms.Select(attrs={"class": "control form-select"}) for name in ("person", "lowest")}

    def __init__(self, data=None, *, factory, now) -> None:
        super().__init__(data, instance=EscalationStep(factory=factory))
        self.fields["person"].queryset = lifecycle.alert_responders(factory.pk, now)
