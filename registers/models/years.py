"""Yearly registers: measures and investment, targets, statements, and CBAM's questions."""

from django.core.validators import MaxValueValidator
from django.db import models

from calculations.plausibility import GRID_FACTOR, HEAT_RATE, SPECIFIC_ENERGY
from registers.columns import Quantity, bool_field, char_field, choice_field, date_field, text_field, unique_per
from registers.description import CBAM, FORM_V, PAT, Register, RegisterKind
from registers.models.row import RegisterRow
from registers.plausible_values import plausible
from registers.row_validation import required_when


class Measure(RegisterRow):
    """A completed or proposed environmental or energy-saving measure."""

    class Stage(models.TextChoices):
        DONE = "done", "Done in the year"
        PROPOSED = "proposed", "Proposed for next year"

    class Purpose(models.TextChoices):
        ABATEMENT = "abatement", "Pollution abatement"
        PREVENTION = "prevention", "Pollution prevention"
        ENERGY = "energy", "Energy conservation"

    description = char_field("measure", 200, blank=False)
    stage = choice_field("stage", Stage, blank=False)
    purpose = choice_field("purpose", Purpose)
    done_on = models.DateField("done on", null=True, blank=True)
    investment_lakh_rs = Quantity("investment", "lakh ₹")
    maintenance_lakh_rs = Quantity("less maintenance", "lakh ₹", low=None)
    water_m3_per_day = Quantity("less water", "m³/day", low=None)
    fuel_kl_per_day = Quantity("less fuel and solvent", "kL/day", low=None)
    material_kg = Quantity("less raw material", "kg", low=None)
    power_kwh = Quantity("less electricity", "kWh a year", low=None)
    saving_toe = Quantity("saving", "toe a year", low=None)
    saving_lakh_rs = Quantity("saving in money", "lakh ₹ a year", low=None)
    is_verified = bool_field("saving verified")

    class Meta:
        constraints = [unique_per("measure", "month", "description")]

    register = Register(
        slug="measures",
        title="Measures and investment",
        singular="measure",
        kind=RegisterKind.YEARLY,
        sentence="Measures done and proposed, with investment and savings (Form V parts G and H; PAT).",
        identity=("description",),
        columns=("stage", "purpose", "investment_lakh_rs", "power_kwh", "water_m3_per_day"),
        more=(
            *("done_on", "fuel_kl_per_day", "material_kg", "maintenance_lakh_rs", "saving_toe", "saving_lakh_rs"),
            "is_verified",
        ),
        needed={FORM_V: ("investment_lakh_rs", "purpose"), PAT: ("investment_lakh_rs",)},
        validators=(
            required_when(
                "done_on", lambda row: row.stage == "done" and row.is_verified, "Done on: a verified saving has a date."
            ),
        ),
    )


class YearStatement(RegisterRow):
    """Text answers of a financial year's statements, and the targets they are compared with."""

    last_statement_on = date_field("environmental statement of the year before submitted on")
    other_particulars = text_field("other particulars (Form V part I)")
    reasons_for_change = text_field("reasons for change in consumption")
    boundary_changes = text_field("changes of the boundary since the baseline")
    baseline_year = models.PositiveSmallIntegerField(
        "baseline: financial year that began in", null=True, blank=True, validators=[MaxValueValidator(2199)]
    )
    baseline_production_t = Quantity("baseline production", "t")
    baseline_sec_toe_per_t = Quantity("baseline SEC", "toe/t")
    target_sec_toe_per_t = Quantity("target SEC", "toe/t")
    normalised_sec_toe_per_t = Quantity("SEC normalised by the auditor", "toe/t")
    normalisation = text_field("normalisation factors and values")
    target_t_co2e_per_t = Quantity("target emission intensity", "t CO₂e/t")
    grid_factor_t_per_mwh = Quantity("emission factor of bought electricity that BEE fixed", "t CO₂/MWh")
    export_heat_rate_kcal_per_kwh = Quantity("exporter's heat rate", "kcal/kWh")

    class Meta:
        verbose_name = "year's statement"
        constraints = [unique_per("yearstatement", "month")]

    register = Register(
        slug="year-statements",
        title="Targets and statements of the year",
        singular="year's statement",
        kind=RegisterKind.YEARLY,
        sentence="Targets, the auditor's normalised figure, and what the year's statements say in words.",
        columns=("baseline_sec_toe_per_t", "target_sec_toe_per_t", "baseline_production_t", "normalised_sec_toe_per_t"),
        more=(
            *(
                "baseline_year",
                "target_t_co2e_per_t",
                "grid_factor_t_per_mwh",
                "export_heat_rate_kcal_per_kwh",
                "normalisation",
            ),
            *("reasons_for_change", "boundary_changes", "other_particulars", "last_statement_on"),
        ),
        needed={FORM_V: ("other_particulars",)},
        expected_per="month",
        validators=(
            required_when(
                "evidence",
                lambda row: row.normalised_sec_toe_per_t is not None and not row.evidence_id and not row.remark,
                "Document: the auditor's normalised SEC needs the auditor's document, or its number in the remark.",
            ),
            plausible("grid_factor_t_per_mwh", GRID_FACTOR),
            plausible("export_heat_rate_kcal_per_kwh", HEAT_RATE),
            plausible("baseline_sec_toe_per_t", SPECIFIC_ENERGY),
            plausible("target_sec_toe_per_t", SPECIFIC_ENERGY),
            plausible("normalised_sec_toe_per_t", SPECIFIC_ENERGY),
        ),
    )


class CbamYear(RegisterRow):
    """The yes-or-no questions of Annex IV, the monitoring plan, and the carbon price of a calendar year."""

    class Price(models.TextChoices):
        NONE = "none", "None"
        TAX = "tax", "Carbon tax, levy or fee"
        NATIONAL = "national_ets", "National emissions trading"
        REGIONAL = "regional_ets", "Regional emissions trading"
        OTHER = "other", "Other"

    plan_title = char_field("monitoring plan", 150)
    plan_version = char_field("its version", 30)
    plan_dated_on = models.DateField("its date", null=True, blank=True)
    months_monitored = Quantity("months monitored (new installation)", high=12)
    heat_imported = bool_field("heat imported from other installations")
    heat_exported = bool_field("heat exported to other installations")
    heat_others = char_field("those installations", 200)
    zero_rated_fuels = bool_field("zero-rated fuels used")
    zero_rated_proof = char_field("proof of zero-rating", 200)
    waste_gas_made = bool_field("waste gases made and used inside")
    waste_gas_moved = bool_field("waste gases imported or exported")
    waste_gas_others = char_field("installations of waste gases", 200)
    co2_captured = bool_field("CO₂ captured or transferred")
    co2_receiver = char_field("receiver of CO₂, with a contact", 200)
    own_electricity = bool_field("own electricity used")
    uses_cems = bool_field("emissions measured continuously")
    data_quality = text_field("data quality and quality assurance")
    gaps = text_field("data gaps and how they were filled")
    carbon_price = choice_field("carbon price", Price)
    carbon_price_act = char_field("its legal act", 200)
    carbon_price_covered_t = Quantity("emissions it covers", "t CO₂e")
    carbon_price_paid = Quantity("effectively paid, after rebates")
    carbon_price_currency = char_field("currency", 3)

    class Meta:
        verbose_name = "CBAM year"
        constraints = [unique_per("cbamyear", "month")]

    register = Register(
        slug="cbam-years",
        title="CBAM: answers of the year",
        singular="year's answers",
        kind=RegisterKind.CALENDAR,
        sentence="Monitoring plan, heat, waste gases, capture and carbon price: what Annex IV asks with yes or no.",
        columns=("plan_title", "plan_version", "heat_imported", "heat_exported", "zero_rated_fuels", "carbon_price"),
        more=(
            *("plan_dated_on", "months_monitored", "heat_others", "zero_rated_proof", "waste_gas_made"),
            *("waste_gas_moved", "waste_gas_others", "co2_captured", "co2_receiver", "own_electricity", "uses_cems"),
            *("data_quality", "gaps", "carbon_price_act", "carbon_price_covered_t", "carbon_price_paid"),
            "carbon_price_currency",
        ),
        needed={
            CBAM: (
                *("plan_title", "plan_version", "plan_dated_on", "heat_imported", "heat_exported", "zero_rated_fuels"),
                *("waste_gas_made", "waste_gas_moved", "co2_captured", "data_quality", "carbon_price"),
            )
        },
        expected_per="month",
        validators=(
            required_when(
                "zero_rated_proof", lambda row: row.zero_rated_fuels, "Proof of zero-rating: say how it is proved."
            ),
            required_when("co2_receiver", lambda row: row.co2_captured, "Receiver of CO₂: name it, with a contact."),
            required_when(
                "heat_others",
                lambda row: row.heat_imported or row.heat_exported,
                "Those installations: name where the heat comes from or goes to.",
            ),
            required_when(
                "carbon_price_paid",
                lambda row: row.carbon_price not in ("", "none"),
                "Effectively paid: say what was paid after rebates.",
            ),
        ),
    )
