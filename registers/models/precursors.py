"""CBAM precursors: supplies with their embedded emissions, and the mass entering each process."""

from collections.abc import Iterator

from django.db import models

from calculations.plausibility import GRID_FACTOR, MWH_PER_TONNE, SEE
from registers.columns import (
    Quantity,
    bool_field,
    char_field,
    choice_field,
    cn_code_field,
    country_field,
    optional_fk,
    required_fk,
    text_field,
    un_locode_field,
    unique_per,
)
from registers.description import CBAM, Register, RegisterKind
from registers.models.row import RegisterRow, ValidityPeriod
from registers.models.unit import Goods, Process, Product
from registers.plausible_values import plausible
from registers.row_validation import balance, not_before, required_when


class PrecursorSupply(RegisterRow, ValidityPeriod):
    """A precursor of one supplier's installation, with its specific embedded emissions: actual, or by default.

    Actual values count only with the verification report of an accredited verifier (2547 Annex II A.1(4)).
    """

    class Basis(models.TextChoices):
        ACTUAL = "actual", "Actual, verified"
        DEFAULT = "default", "Default value"
        EXEMPT = "exempt", "EU or exempt origin"

    class Choice(models.TextChoices):
        SINGLE = "single", "One installation"
        AVERAGE = "average", "Average, Art. 14(2)"
        PROVEN = "proven", "Proven subset, Art. 14(3)"

    name = char_field("precursor", blank=False)
    supplier = char_field("supplier (operator)", 150)
    cn_code = cn_code_field(blank=False)
    category = choice_field("goods category", Goods)
    origin = country_field("country of origin")
    installation = char_field("installation", 150)
    registry_id = char_field("installation's CBAM registry id", 60)
    locode = un_locode_field()
    address = char_field("installation's address", 250)
    latitude = Quantity("latitude", "°", low=-90, high=90, max_digits=9)
    longitude = Quantity("longitude", "°", low=-180, high=180, max_digits=9)
    route = char_field("production route", 150)
    parameters = text_field("sector parameters")
    basis = choice_field("basis", Basis, blank=False)
    see_direct_t_per_t = Quantity("SEE direct", "t CO₂e/t")
    see_indirect_t_per_t = Quantity("SEE indirect", "t CO₂e/t")
    electricity_mwh_per_t = Quantity("electricity", "MWh/t")
    electricity_factor_t_per_mwh = Quantity("its emission factor", "t CO₂/MWh")
    period_from = models.DateField("supplier's period from", null=True, blank=True)
    period_until = models.DateField("supplier's period until", null=True, blank=True)
    is_time_of_production = bool_field("period is the proven time of production")
    several_installations = choice_field("several installations", Choice)
    verification_report = char_field("verification report", 60)
    verified_on = models.DateField("date of its statement", null=True, blank=True)
    verifier = char_field("verifier", 150)
    accreditation_number = char_field("verifier's accreditation number", 60)
    accreditation_body = char_field("accreditation body and country", 150)
    accredited_until = models.DateField("accredited until", null=True, blank=True)

    class Meta:
        verbose_name = "precursor's supply"
        verbose_name_plural = "precursors' supplies"
        constraints = [unique_per("precursorsupply", "name", "supplier", "period_from")]

    register = Register(
        slug="precursor-supplies",
        title="Precursors: suppliers",
        singular="supply of a precursor",
        kind=RegisterKind.STANDING,
        sentence="Each precursor and supplier, with the embedded emissions the supplier had verified, or by default.",
        identity=("name", "supplier"),
        columns=("cn_code", "origin", "installation", "basis", "see_direct_t_per_t", "verification_report"),
        more=(
            *("category", "registry_id", "locode", "address", "latitude", "longitude", "route", "parameters"),
            *("see_indirect_t_per_t", "electricity_mwh_per_t", "electricity_factor_t_per_mwh", "period_from"),
            *("period_until", "is_time_of_production", "several_installations", "verified_on", "verifier"),
            *("accreditation_number", "accreditation_body", "accredited_until", "used_from", "used_until"),
        ),
        needed={CBAM: ("cn_code", "category", "origin", "installation")},
        default_source="supplier",
        validators=(
            required_when(
                "verification_report",
                lambda row: row.basis == "actual",
                "Verification report: an actual value counts only with the report of an accredited verifier.",
            ),
            required_when(
                "see_direct_t_per_t", lambda row: row.basis == "actual", "SEE direct: an actual value needs its figure."
            ),
            required_when(
                "origin", lambda row: row.basis == "default", "Country of origin: the default value depends on it."
            ),
            plausible("see_direct_t_per_t", SEE),
            plausible("see_indirect_t_per_t", SEE),
            plausible("electricity_mwh_per_t", MWH_PER_TONNE),
            plausible("electricity_factor_t_per_mwh", GRID_FACTOR),
            not_before("period_until", "period_from", "Supplier's period until: this lies before its first day."),
            not_before("used_until", "used_from", "In use until: this lies before in use from."),
        ),
    )

    @property
    def label(self):
        return f"{self.name}, {self.supplier}" if self.supplier else self.name


class PrecursorUse(RegisterRow):
    """The mass of a bought precursor that enters a process in a month, before any cutting or forging loss."""

    supply = required_fk(PrecursorSupply, "precursor")
    process = optional_fk(Process, "process")
    opening_t = Quantity("opening stock", "t")
    purchased_t = Quantity("purchased", "t")
    mass_t = Quantity("entering the process", "t")
    other_uses_t = Quantity("other uses", "t")
    closing_t = Quantity("closing stock", "t")
    nitrogen_kg = Quantity("nitrogen contained", "kg")
    clinker_t = Quantity("clinker contained", "t")

    class Meta:
        verbose_name = "precursor of a month"
        verbose_name_plural = "precursors used"
        constraints = [unique_per("precursoruse", "month", "supply", "process")]

    register = Register(
        slug="precursors",
        title="Precursors bought",
        singular="precursor of a month",
        kind=RegisterKind.MONTHLY,
        sentence="The mass entering each process, before cutting and forging loss: flash and crop ends are inside.",
        identity=("supply", "process"),
        columns=("opening_t", "purchased_t", "mass_t", "other_uses_t", "closing_t"),
        more=("nitrogen_kg", "clinker_t"),
        needed={CBAM: ("purchased_t", "mass_t", "process")},
        expected_per="supply",
        carry_forward={"opening_t": "closing_t"},
        default_source="invoice",
        validators=(
            balance(
                *("opening_t", ["purchased_t"], ["mass_t"], "closing_t"),
                optional_minus=["other_uses_t"],
                message="Closing stock is opening + purchased − entering the process − other uses",
            ),
        ),
    )


class OwnPrecursorUse(RegisterRow):
    """A product of the unit that enters another of its processes."""

    product = required_fk(Product, "own product")
    process = optional_fk(Process, "process")
    mass_t = Quantity("entering the process", "t")

    class Meta:
        verbose_name = "own precursor of a month"
        verbose_name_plural = "own precursors used"
        constraints = [unique_per("ownprecursoruse", "month", "product", "process")]

    register = Register(
        slug="own-precursors",
        title="Precursors of one's own",
        singular="own precursor of a month",
        kind=RegisterKind.MONTHLY,
        sentence="Products of one process that enter another; empty where there are none.",
        identity=("product", "process"),
        columns=("mass_t",),
        needed={CBAM: ("mass_t", "process")},
        validators=(lambda row: not_own_process(row),),
    )


def not_own_process(row) -> Iterator:
    if row.process_id and row.product_id and row.product.process_id == row.process_id:
        yield "process", "Process: this product is made in this very process; it cannot enter it."
