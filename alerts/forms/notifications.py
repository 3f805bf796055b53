"""Forms of one's own notifications, and of escalation steps."""

from urllib.parse import urlsplit

from django import forms

from alerts import lifecycle
from alerts.models import Channel, EscalationStep, Preference
from alerts.notifications.channels import DeliveryError, messaging_service, ssrf_guard
from factories.forms.rows import FactoryRowForm

MOST_CHANNELS = 10


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
    hint = ""

    def __init__(self, data=None, *, person):
        super().__init__(data, auto_id=f"{type(self).__name__.lower()}-%s")
        self.person = person

    def clean_label(self):
        label = self.cleaned_data["label"].strip()
        if Channel.objects.for_user(self.person).filter(label=label).exists():
            raise forms.ValidationError("You have a way of this name already.")
        return label

    def clean_url(self):
        url = self.cleaned_data["url"].strip()
        try:
            self.hint = self.hint_of(url)
        except DeliveryError as error:
            raise forms.ValidationError(str(error)) from error
        return url

    def clean(self):
        if Channel.objects.for_user(self.person).count() >= MOST_CHANNELS:
            raise forms.ValidationError(f"At most {MOST_CHANNELS} ways fit one person; remove one first.")
        return super().clean()


class ServiceForm(ChannelForm):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["url"].widget.attrs["placeholder"] = "tgram://bot-token/chat-id"

    def hint_of(self, url):
        return messaging_service.service_name(url)


class WebhookForm(ChannelForm):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["url"].widget.attrs["placeholder"] = "https://erp.example.in/carbonseed"

    def hint_of(self, url):
        ssrf_guard.target_of(url)
        return urlsplit(url).hostname[:80]


class EscalationStepForm(FactoryRowForm):
    """An escalation step of `factory`: one per person, of those who may act on alerts."""

    class Meta:
        model = EscalationStep
        fields = ["person", "after_minutes", "lowest"]
        widgets = {name: forms.Select(attrs={"class": "control form-select"}) for name in ("person", "lowest")}

    def __init__(self, data=None, *, factory, now):
        super().__init__(data, instance=EscalationStep(factory=factory))
        self.fields["person"].queryset = lifecycle.alert_responders(factory.pk, now)
