"""Calibrations of meters, and letters to and from authorities."""

from django.db import models

from devices.models import Device
from registers.columns import Quantity, char_field, choice_field, optional_fk, unique_per
from registers.description import CBAM, PAT, Register, RegisterKind
from registers.models.row import RegisterRow
from registers.row_validation import not_before, required_when


class Calibration(RegisterRow):
    """A meter's calibration certificate."""

    meter = char_field("meter", blank=False)
    calibrated_on = models.DateField("calibrated on")
    device = optional_fk(Device, "its device")
    place = char_field("exact location", 120)
    quantity = char_field("quantity measured", 80)
    serial_number = char_field("serial number", 60)
    due_on = models.DateField("next due on", null=True, blank=True)
    laboratory = char_field("calibrated by", 150)
    certificate = char_field("certificate number", 60)
    uncertainty_percent = Quantity("uncertainty", "%", high=100)

    class Meta:
        constraints = [unique_per("calibration", "meter", "calibrated_on")]

    register = Register(
        slug="calibrations",
        title="Calibration of meters",
        singular="calibration",
        kind=RegisterKind.DATED,
        sentence="Each meter's certificates; a lapsed one makes an auditor doubt every figure behind it.",
        date_field_name="calibrated_on",
        identity=("calibrated_on", "meter"),
        columns=("quantity", "device", "due_on", "laboratory", "certificate", "uncertainty_percent"),
        more=("place", "serial_number"),
        needed={PAT: ("certificate", "due_on"), CBAM: ("certificate", "place", "quantity")},
        default_source="laboratory",
        validators=(not_before("due_on", "calibrated_on", "Next due on: this lies before the calibration."),),
    )


class Letter(RegisterRow):
    """A notice, complaint or deviation, the answer, and when it was closed."""

    class What(models.TextChoices):
        NOTICE = "notice", "Notice of an authority"
        COMPLAINT = "complaint", "Complaint"
        DEVIATION = "deviation", "Deviation found by the unit"

    received_on = models.DateField("date")
    what = choice_field("what", What, blank=False)
    subject = char_field("subject", 200, blank=False)
    sender = char_field("from", 150)
    action = char_field("corrective action", 300)
    answered_on = models.DateField("answered on", null=True, blank=True)
    closed_on = models.DateField("closed on", null=True, blank=True)

    class Meta:
        verbose_name = "notice or deviation"
        verbose_name_plural = "notices and deviations"
        constraints = [unique_per("letter", "received_on", "subject")]

    register = Register(
        slug="notices",
        title="Notices and deviations",
        singular="notice or deviation",
        kind=RegisterKind.DATED,
        sentence="Notices, complaints and deviations, what was done, and when they were closed.",
        date_field_name="received_on",
        identity=("received_on", "subject"),
        columns=("what", "sender", "action", "answered_on", "closed_on"),
        default_source="authority",
        validators=(
            required_when(
                "action", lambda row: row.closed_on, "Corrective action: what is closed was dealt with somehow."
            ),
            not_before("answered_on", "received_on", "Answered on: this lies before the date."),
            not_before("closed_on", "received_on", "Closed on: this lies before the date."),
        ),
    )
