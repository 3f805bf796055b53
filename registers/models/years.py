"""What a year says of itself: measures and investment, targets, statements, and the answers CBAM asks for."""

from django.core.validators import MaxValueValidator
from django.db import models

from registers.columns import Quantity, answer, choice, once, prose, words
from registers.description import CBAM, FORM_V, PAT, Kind, Register
from registers.models.row import RegisterRow
from registers.row_validation import needs


class Measure(RegisterRow):
    """What was done, or is proposed, for the environment or to save energy."""

    class Stage(models.TextChoices):
        DONE = "done", "Done in the year"
        PROPOSED = "proposed", "Proposed for next year"

    class Purpose(models.TextChoices):
        ABATEMENT = "abatement", "Pollution abatement"
        PREVENTION = "prevention", "Pollution prevention"
        ENERGY = "energy", "Energy conservation"

    description = words("measure", 200, blank=False)
    stage = choice("stage", Stage, blank=False)
    purpose = choice("purpose", Purpose)
    done_on = models.DateField("done on", null=True, blank=True)
    investment_lakh_rs = Quantity("investment", "lakh ₹")
    maintenance_lakh_rs = Quantity("less maintenance", "lakh ₹", low=None)
    water_m3_per_day = Quantity("less water", "m³/day", low=None)
    fuel_kl_per_day = Quantity("less fuel and solvent", "kL/day", low=None)
    material_kg = Quantity("less raw material", "kg", low=None)
    power_kwh = Quantity("less electricity", "kWh a year", low=None)
    saving_toe = Quantity("saving", "toe a year", low=None)
    saving_lakh_rs = Quantity("saving in money", "lakh ₹ a year", low=None)
    is_verified = answer("saving verified")

    class Meta:
        constraints = [once("measure", "month", "description")]

    about = Register(
        slug="measures",
        title="Measures and investment",
        singular="measure",
        kind=Kind.YEARLY,
        sentence="Measures done and proposed, with investment and savings (Form V parts G and H; PAT).",
        identity=("description",),
        columns=("stage", "purpose", "investment_lakh_rs", "power_kwh", "water_m3_per_day"),
        more=(
            *("done_on", "fuel_kl_per_day", "material_kg", "maintenance_lakh_rs", "saving_toe", "saving_lakh_rs"),
            "is_verified",
        ),
        needed={FORM_V: ("investment_lakh_rs", "purpose"), PAT: ("investment_lakh_rs",)},
        rules=(
            needs(
                "done_on", lambda row: row.stage == "done" and row.is_verified, "Done on: a verified saving has a date."
            ),
        ),
    )


class YearStatement(RegisterRow):
    """What a financial year's statements say in words, and the targets they are held against."""

    other_particulars = prose("other particulars (Form V part I)")
    reasons_for_change = prose("reasons for change in consumption")
    boundary_changes = prose("changes of the boundary since the baseline")
    baseline_year = models.PositiveSmallIntegerField(
        "baseline: financial year that began in", null=True, blank=True, validators=[MaxValueValidator(2199)]
    )
    baseline_production_t = Quantity("baseline production", "t")
    baseline_sec_toe_per_t = Quantity("baseline SEC", "toe/t")
    target_sec_toe_per_t = Quantity("target SEC", "toe/t")
    normalised_sec_toe_per_t = Quantity("SEC normalised by the auditor", "toe/t")
    normalisation = prose("normalisation factors and values")
    target_t_co2e_per_t = Quantity("target emission intensity", "t CO₂e/t")
    grid_factor_t_per_mwh = Quantity("emission factor of bought electricity that BEE fixed", "t CO₂/MWh")
    export_heat_rate_kcal_per_kwh = Quantity("exporter's heat rate", "kcal/kWh")

    class Meta:
        verbose_name = "year's statement"
        constraints = [once("yearstatement", "month")]

    about = Register(
        slug="year-statements",
        title="Targets and statements of the year",
        singular="year's statement",
        kind=Kind.YEARLY,
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
            *("reasons_for_change", "boundary_changes", "other_particulars"),
        ),
        needed={FORM_V: ("other_particulars",)},
        lines_from="month",
        rules=(
            needs(
                "evidence",
                lambda row: row.normalised_sec_toe_per_t is not None and not row.evidence_id and not row.remark,
                "Document: the auditor's normalised SEC needs the auditor's document, or its number in the remark.",
            ),
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

    plan_title = words("monitoring plan", 150)
    plan_version = words("its version", 30)
    plan_dated_on = models.DateField("its date", null=True, blank=True)
    months_monitored = Quantity("months monitored (new installation)", high=12)
    heat_imported = answer("heat imported from other installations")
    heat_exported = answer("heat exported to other installations")
    heat_others = words("those installations", 200)
    zero_rated_fuels = answer("zero-rated fuels used")
    zero_rated_proof = words("proof of zero-rating", 200)
    waste_gas_made = answer("waste gases made and used inside")
    waste_gas_moved = answer("waste gases imported or exported")
    waste_gas_others = words("installations of waste gases", 200)
    co2_captured = answer("CO₂ captured or transferred")
    co2_receiver = words("receiver of CO₂, with a contact", 200)
    own_electricity = answer("own electricity used")
    uses_cems = answer("emissions measured continuously")
    data_quality = prose("data quality and quality assurance")
    gaps = prose("data gaps and how they were filled")
    carbon_price = choice("carbon price", Price)
    carbon_price_act = words("its legal act", 200)
    carbon_price_covered_t = Quantity("emissions it covers", "t CO₂e")
    carbon_price_paid = Quantity("effectively paid, after rebates")
    carbon_price_currency = words("currency", 3)

    class Meta:
        verbose_name = "CBAM year"
        constraints = [once("cbamyear", "month")]

    about = Register(
        slug="cbam-years",
        title="CBAM: answers of the year",
        singular="year's answers",
        kind=Kind.CALENDAR,
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
        lines_from="month",
        rules=(
            needs("zero_rated_proof", lambda row: row.zero_rated_fuels, "Proof of zero-rating: say how it is proved."),
            needs("co2_receiver", lambda row: row.co2_captured, "Receiver of CO₂: name it, with a contact."),
            needs(
                "heat_others",
                lambda row: row.heat_imported or row.heat_exported,
                "Those installations: name where the heat comes from or goes to.",
            ),
            needs(
                "carbon_price_paid",
                lambda row: row.carbon_price not in ("", "none"),
                "Effectively paid: say what was paid after rebates.",
            ),
        ),
    )
