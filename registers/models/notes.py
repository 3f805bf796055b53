"""Calibrations of meters, and letters to and from authorities."""

from django.db import models

from devices.models import Device
from registers.columns import Quantity, choice, maybe_one_of, once, words
from registers.description import CBAM, PAT, Kind, Register
from registers.models.row import RegisterRow
from registers.row_validation import needs, not_before


class Calibration(RegisterRow):
    """A meter's calibration certificate."""

    meter = words("meter", blank=False)
    calibrated_on = models.DateField("calibrated on")
    device = maybe_one_of(Device, "its device")
    place = words("exact location", 120)
    quantity = words("quantity measured", 80)
    serial_number = words("serial number", 60)
    due_on = models.DateField("next due on", null=True, blank=True)
    laboratory = words("calibrated by", 150)
    certificate = words("certificate number", 60)
    uncertainty_percent = Quantity("uncertainty", "%", high=100)

    class Meta:
        constraints = [once("calibration", "meter", "calibrated_on")]

    about = Register(
        slug="calibrations",
        title="Calibration of meters",
        singular="calibration",
        kind=Kind.DATED,
        sentence="Each meter's certificates; a lapsed one makes an auditor doubt every figure behind it.",
        happens_on="calibrated_on",
        identity=("calibrated_on", "meter"),
        columns=("quantity", "device", "due_on", "laboratory", "certificate", "uncertainty_percent"),
        more=("place", "serial_number"),
        needed={PAT: ("certificate", "due_on"), CBAM: ("certificate", "place", "quantity")},
        default_source="laboratory",
        rules=(not_before("due_on", "calibrated_on", "Next due on: this lies before the calibration."),),
    )


class Letter(RegisterRow):
    """A notice, complaint or deviation, the answer, and when it was closed."""

    class What(models.TextChoices):
        NOTICE = "notice", "Notice of an authority"
        COMPLAINT = "complaint", "Complaint"
        DEVIATION = "deviation", "Deviation found by the unit"

    received_on = models.DateField("date")
    what = choice("what", What, blank=False)
    subject = words("subject", 200, blank=False)
    sender = words("from", 150)
    action = words("corrective action", 300)
    answered_on = models.DateField("answered on", null=True, blank=True)
    closed_on = models.DateField("closed on", null=True, blank=True)

    class Meta:
        verbose_name = "notice or deviation"
        verbose_name_plural = "notices and deviations"
        constraints = [once("letter", "received_on", "subject")]

    about = Register(
        slug="notices",
        title="Notices and deviations",
        singular="notice or deviation",
        kind=Kind.DATED,
        sentence="Notices, complaints and deviations, what was done, and when they were closed.",
        happens_on="received_on",
        identity=("received_on", "subject"),
        columns=("what", "sender", "action", "answered_on", "closed_on"),
        default_source="authority",
        rules=(
            needs("action", lambda row: row.closed_on, "Corrective action: what is closed was dealt with somehow."),
            not_before("answered_on", "received_on", "Answered on: this lies before the date."),
            not_before("closed_on", "received_on", "Closed on: this lies before the date."),
        ),
    )
