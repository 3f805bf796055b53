"""Forms of users, invitations, factories, shifts and holidays."""

from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.contrib.auth.password_validation import validate_password

from factories.logos import MAX_BYTES, InvalidLogo, clean_logo
from factories.membership_changes import MAX_ACCESS
from factories.models import Factory, Holiday, Shift, User
from factories.models.working_time import WEEKDAYS
from factories.roles import Role

TIME_ZONES = [(name, name) for name in sorted(available_timezones()) if "/" in name and not name.startswith("Etc/")]
DATE_INPUT = {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class ExpiringRoleForm(forms.Form):
    """A role and, for an auditor, its last day (`expires_on`, in the factory's time zone)."""

    role = forms.ChoiceField(label="Role", choices=Role.choices())
    expires_on = forms.DateField(
        label="Until (auditors only)", required=False, help_text="The last day of the auditor's access", **DATE_INPUT
    )

    def __init__(self, *args, today, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self):
        data = super().clean()
        day = data.get("expires_on")
        if day is None:
            return data
        if data.get("role") != Role.AUDITOR:
            self.add_error("expires_on", "Only an auditor's access has a last day.")
        elif not self.today <= day <= self.today + MAX_ACCESS:
            self.add_error("expires_on", "Choose a day from today to ten years from now.")
        return data


class InviteForm(ExpiringRoleForm):
    email = forms.EmailField(label="E-mail of your colleague", max_length=254)
    field_order = ["email"]


class AcceptInvitationForm(forms.Form):
    """Name and password of a new user."""

    full_name = forms.CharField(label="Your name", max_length=150)
    password1, password2 = SetPasswordMixin.create_password_fields("Password", "Password once more")

    def __init__(self, *args, email, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self):
        data = super().clean()
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error("password2", "The two passwords are not the same.")
        elif first:
            try:
                validate_password(first, User(email=self.email, full_name=data.get("full_name", "")))
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return data


class NameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["full_name"]
        labels = {"full_name": "Your name"}


class FactoryForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        label="Time zone", choices=TIME_ZONES, help_text="Days, months and financial years are counted in it"
    )

    class Meta:
        model = Factory
        fields = [
            *["name", "industry", "location", "contact_email", "contact_phone", "time_zone", "legal_name", "occupier"],
            *["address", "state", "pin_code", "registration_number", "year_established", "latitude", "longitude"],
        ]
        labels = {
            "name": "Name of the factory",
            "location": "Town and state",
            "contact_email": "E-mail",
            "contact_phone": "Telephone",
            "legal_name": "Name of the company",
            "occupier": "Occupier (Factories Act)",
            "address": "Postal address in English",
            "year_established": "Year established",
            "latitude": "Latitude (°)",
            "longitude": "Longitude (°)",
        }
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def clean_year_established(self):
        year = self.cleaned_data["year_established"]
        if year is not None and not 1700 <= year <= 2100:
            raise forms.ValidationError("This is not a year of our times.")
        return year

    def clean(self):
        data = super().clean()
        for name, limit in (("latitude", 90), ("longitude", 180)):
            if data.get(name) is not None and abs(data[name]) > limit:
                self.add_error(name, f"From -{limit} to {limit} degrees.")
        return data


class LogoForm(forms.Form):
    logo = forms.FileField(
        label="Logo",
        help_text="PNG or JPEG, at most 512 KB. It stands on the first page of reports.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
    )

    def clean_logo(self):
        """(bytes, media type), re-encoded."""
        upload = self.cleaned_data["logo"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError("The picture is larger than 512 KB.")
        try:
            return clean_logo(upload.read())
        except InvalidLogo as error:
            raise forms.ValidationError(str(error)) from error


class ShiftForm(forms.ModelForm):
    weekdays = forms.TypedMultipleChoiceField(
        label="Days", choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Shift
        fields = ["name", "starts_at", "ends_at", "weekdays"]
        labels = {"name": "Shift", "starts_at": "From", "ends_at": "To"}
        help_texts = {"ends_at": "A shift that ends before it starts runs past midnight"}
        widgets = {name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M") for name in ("starts_at", "ends_at")}


class HolidayForm(forms.ModelForm):
    on = forms.DateField(label="Day", **DATE_INPUT)

    class Meta:
        model = Holiday
        fields = ["on", "name"]
        labels = {"name": "Holiday"}

    def clean_on(self):
        day = self.cleaned_data["on"]
        if Holiday.objects.filter(factory=self.instance.factory, on=day).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("This day is a holiday already.")
        return day
