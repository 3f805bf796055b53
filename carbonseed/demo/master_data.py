"""What the demo's forge has: products, fuels, suppliers, stacks, consents. All of it invented."""

from datetime import date
from decimal import Decimal

from registers import models
from registers.models import Source

D = Decimal
GEARS, FLANGES = ("Gear blanks", "73261910", D(92)), ("Flanges", "73079100", D(41))
BARS, ALLOY = ("Steel bars", "72142000", D("1.28")), ("Alloy steel bars", "72283020", D("1.33"))


def create_master_data(writer) -> dict:
    """What the unit has."""
    add = writer.add
    add(
        models.Particulars,
        board="Maharashtra Pollution Control Board",
        board_office="Pune II",
        colour="orange",
        nic_code="25910",
        industry_type="Steel forging",
        application_number="MPCB-CONSENT-0000042117",
        capital_investment_lakh_rs=D("1840"),
        last_statement_on=date(writer.today.year - 1, 9, 22),
        plot="C-42",
        taluka="Khed",
        district="Pune",
        signatory="Rajesh Kulkarni",
        designation="Director",
        energy_sector="Forging (not a designated consumer)",
        chief_executive="Rajesh Kulkarni",
        energy_manager="Vikram Patil",
        boundary="The forge shop on plot C-42 with furnace, hammer and utilities. Left out: office, trucks.",
        installation="Steel Forge Industries, Chakan works",
        locode="INPNQ",
        economic_activity="Forging of steel (NIC 25910)",
        emission_source="Stack of the reheating furnace",
        emission_latitude=D("18.760642"),
        emission_longitude=D("73.858917"),
        representative="Rajesh Kulkarni",
        representative_email="owner@steelforge.in",
    )
    forging = add(
        models.Process,
        name="Forging",
        category="steel_products",
        route="Hot closed-die forging of bought bars",
        steps="Cutting to length, reheating, forging, trimming, hardening. Left out: machining, plating.",
        outsourced="None",
        attribution="One process: everything burnt or used on the plot belongs to it.",
    )
    product = {
        name: add(
            models.Product,
            name=name,
            unit="t",
            cn_code=code,
            process=forging,
            consented_quantity=D(130),
            consented_per="month",
            capacity=D(1800),
            capacity_per="year",
        )
        for name, code, _ in (GEARS, FLANGES)
    }
    supply = {
        name: add(
            models.PrecursorSupply,
            name=name,
            supplier=supplier,
            cn_code=code,
            category="steel_products",
            origin="IN",
            installation=works,
            source=Source.SUPPLIER,
            **basis,
        )
        for (name, code, _), supplier, works, basis in (
            (BARS, "Western Bar Mills", "Jalna works", {"basis": "default", "route": "Induction furnace, rolling"}),
            (
                ALLOY,
                "Deccan Special Steels",
                "Satara works",
                {
                    "basis": "actual",
                    "route": "Electric arc furnace, rolling",
                    "see_direct_t_per_t": D("1.412"),
                    "verification_report": "VR-SAMPLE-0091",
                    "verifier": "Sample Verification GmbH",
                    "verified_on": date(writer.today.year, 2, 11),
                    "accreditation_number": "SAMPLE-123",
                    "period_from": date(writer.today.year - 1, 1, 1),
                    "period_until": date(writer.today.year - 1, 12, 31),
                },
            ),
        )
    }
    oil = add(
        models.Fuel,
        name="Furnace oil",
        fuel_kind="residual_fuel_oil",
        unit="t",
        consented_quantity=D(40),
        consented_per="month",
    )
    diesel = add(
        models.Fuel,
        name="HSD",
        fuel_kind="gas_diesel_oil",
        unit="kL",
        consented_quantity=D(5),
        consented_per="month",
    )
    stack = add(
        models.EmissionPoint,
        name="Furnace stack",
        what="stack",
        attached_to="Reheating furnace",
        control="Cyclone",
        height_m=D(30),
        fuel_words="Furnace oil, 40 t a month",
    )
    consent = add(
        models.Consent,
        number="Format1.0/CC/UAN-42117/CR",
        what="cto",
        issued_on=date(writer.today.year - 2, 6, 3),
        authority="MPCB, Sub-Regional Office Pune II",
        source=Source.AUTHORITY,
        conditions="1. Stack monitoring twice a year: done. 2. Waste oil to a recycler: manifests kept.",
    )
    for parameter, limit in (("pm", 150), ("so2", 300), ("nox", 1000)):
        add(
            models.ConsentLimit,
            consent=consent,
            point=stack,
            parameter=parameter,
            high=D(limit),
            unit="mg/Nm3",
            legal_source="Consent, condition 4",
            source=Source.AUTHORITY,
        )
    waste = {
        "oil": add(
            models.Waste,
            name="Used oil",
            is_hazardous=True,
            schedule="Schedule I, 5.1",
            unit="kL",
            authorised_per_year=D(6),
            composition="Mineral oil with iron fines",
            disposal="Registered recycler",
        ),
        "scale": add(
            models.Waste,
            name="Mill scale and flash",
            unit="t",
            composition="Iron and iron oxide",
            disposal="Sold to a melting unit",
        ),
    }
    water = {
        name: add(models.WaterPoint, name=name, use=use, origin=origin, consented_m3_per_day=D(limit))
        for name, use, origin, limit in (
            ("Quench and cooling", "cooling", "MIDC supply", 18),
            ("Domestic", "domestic", "MIDC supply", 6),
        )
    }
    return {
        "forging": forging,
        "product": product,
        "supply": supply,
        "oil": oil,
        "diesel": diesel,
        "stack": stack,
        "waste": waste,
        "water": water,
        "scrap": add(models.Material, name="Graphite lubricant", unit="kg", carbon_role="plain"),
        "connection": add(
            models.Connection,
            name="HT service",
            consumer_number="170149042117",
            supplier="MSEDCL",
            contract_demand_kva=D(180),
            connected_load_kw=D(165),
            source=Source.INVOICE,
        ),
        "generator": add(
            models.Generator,
            name="DG set 125 kVA",
            plant="dg",
            fuel=diesel,
            rated_kw=D(100),
            is_synchronised=False,
        ),
    }
