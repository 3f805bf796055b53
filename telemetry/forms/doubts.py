"""Forms of doubts: the decision on a doubtful step, a stored value taken out, the answer to a question about a unit."""

from datetime import datetime, timedelta

from django import forms

from core.dates import format_second
from core.validators import ONE_LINE
from telemetry.models import DoubtfulStep, Reading, UnitDoubt

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
MAX_NAMED = 5


class MomentField(forms.DateTimeField):
    """A moment in the zone that is active, to the second."""

    def __init__(self, **options) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S")
        super().__init__(required=options.pop("required", False), widget=widget, **options)


class NoteField(forms.CharField):
    def __init__(self, **options) -> None:
        super().__init__(label="Note", required=False, max_length=300, validators=[ONE_LINE], **options)


class UntilField(MomentField):
    """A moment up to and including which something holds: the whole of the second that is typed."""

    def clean(self, value) -> datetime | None:
        moment = super().clean(value)
        return moment and moment + SECOND - timedelta(microseconds=1)


class StepDecisionForm(forms.Form):
    """What a person decides on a doubtful step; `open` takes a decision back."""

    decision = forms.ChoiceField(choices=DoubtfulStep.Decision.choices)
    effective_at = MomentField(label="New meter counts from")
    ignored_until = UntilField(label="Ignored up to and including")
    note = NoteField()


class ManyStepsForm(forms.Form):
    decision = forms.ChoiceField(
        choices=[
            choice
            for choice in DoubtfulStep.Decision.choices
            if choice[0] in (DoubtfulStep.Decision.GLITCH, DoubtfulStep.Decision.REAL)
        ]
    )
    note = NoteField()


class VoidValueForm(forms.Form):
    """A stored value of a counter, named by its time, that is to be left out."""

    metric = forms.ChoiceField(label="Counter", choices=DoubtfulStep.Metric.choices)
    at = MomentField(label="Time of the reading", required=True, help_text="To the minute, or to the second")
    ignored_until = UntilField(
        label="Up to and including", help_text="Where a run of readings is wrong; empty: this one alone"
    )
    note = NoteField()

    def __init__(self, *args, device, **options) -> None:
        super().__init__(*args, **options)
        self.device = device

    def clean(self) -> dict:
        """Find the stored reading that is meant: the one within that second or, where none is, that minute."""
        cleaned = super().clean()
        if cleaned.get("at") and cleaned.get("metric"):
            try:
                cleaned["at"] = self.stored_moment(cleaned["at"], cleaned["metric"])
            except forms.ValidationError as error:
                self.add_error("at", error)
        return cleaned

    def stored_moment(self, typed: datetime, metric: str) -> datetime:
        rows = Reading.objects.filter(device=self.device, **{f"{metric}__isnull": False}).order_by("at")
        for width in (SECOND, MINUTE) if not typed.second else (SECOND,):
            moments = list(rows.filter(at__gte=typed, at__lt=typed + width).values_list("at", flat=True)[:MAX_NAMED])
            if len(moments) == 1:
                return moments[0]
            if len(moments) > 1 and width == MINUTE:
                named = ", ".join(format_second(moment) for moment in moments)
                raise forms.ValidationError(f"Several readings came in this minute: {named}. Add the seconds.")
            if moments:
                return moments[0]
        raise forms.ValidationError("No reading with such a value is stored at this time.")


class UnitAnswerForm(forms.Form):
    """The answer to a question about a unit; `ask` opens it again."""

    kind = forms.ChoiceField(choices=UnitDoubt.Kind.choices)
    answer = forms.ChoiceField(choices=[("correct", "correct"), ("keep", "keep"), ("ask", "ask again")])
    since = MomentField(label="From")
    note = NoteField()
