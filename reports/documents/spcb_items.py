"""Items of the consent-compliance report, answered from the registers of its period. Pure."""

from reports.documents import identification
from reports.documents.items import given, item, not_applicable

REGISTERS = "registers of the unit"
STACKS, WATERS = ("stack",), ("outlet", "sewage")


def in_table(label, rows):
    """An entry answered by the section's table: given where it has rows."""
    return given(label, "table of this section" if rows else None, REGISTERS)


def unit_item(unit, particulars):
    place = ", ".join(particulars[key] for key in ("plot", "taluka", "district") if particulars.get(key))
    return item(
        "2.1",
        "Occupier and unit",
        [
            given("Name of the unit", unit["name"]),
            given("Company", unit["legal_name"]),
            given("Occupier", unit["occupier"]),
            identification.postal(unit),
            identification.contact(unit),
            given("Plot or survey number, taluka, district", place),
        ],
    )


def classification_item(unit, particulars):
    return item(
        "2.2",
        "Classification",
        [
            given("Industry type", particulars.get("industry_type") or unit["industry_label"]),
            given("Year of establishment", unit["year_established"]),
            given("Category (red, orange, green, white, blue)", particulars.get("colour")),
            given("Capital investment, lakh ₹", particulars.get("capital_investment_lakh_rs")),
        ],
    )


def previous_item(particulars):
    return item("2.3", "Last environmental statement", [given("Date submitted", particulars.get("last_statement_on"))])


CONSENTS = {
    "3.1": ("Consent to operate, air", ("cto_air", "cto")),
    "3.2": ("Consent to operate, water", ("cto_water", "cto")),
    "3.3": ("Hazardous-waste authorisation", ("hw",)),
}


def consent_items(current) -> list:
    items = []
    for no, (title, kinds) in CONSENTS.items():
        rows = [row for row in current.get("consents", []) if row["what_key"] in kinds]
        numbers = "; ".join(f"{row['number']}, {row.get('valid_until') or 'until cancelled'}" for row in rows)
        items.append(item(no, title, [given("Number and validity", numbers, REGISTERS)]))
    conditions = "; ".join(row["conditions"] for row in current.get("consents", []) if row.get("conditions"))
    return [*items, item("3.4", "Consent conditions", [given("Conditions, and how they are met", conditions)])]


def production_items(current) -> list:
    products = current.get("products", [])
    major = [row for row in products if not row["is_by_product"] and row["made"]]
    others = [row for row in products if row["is_by_product"]]
    return [
        item("4.1", "Products", [in_table("Consented and actual quantity", major)]),
        item("4.2", "By-products", [
            in_table("Consented and actual quantity", others) if others
            else not_applicable("Consented and actual quantity", "none is entered") if products
            else given("Consented and actual quantity", None)
        ]),
        item("4.3", "Operating days and shutdowns", [
            given("Operating days declared by the unit", current.get("operating_days"), current.get("days_source")),
            in_table("Shutdowns with reasons", current.get("shutdowns")) if current.get("shutdowns")
            else not_applicable("Shutdowns with reasons", "none is entered for this period") if current
            else given("Shutdowns with reasons", None),
        ], note="Operating hours that devices measured stand in section 9."),
    ]  # fmt: skip


def water_items(current) -> list:
    rows = current.get("water", [])
    metered = [row for row in rows if row["quantity_m3"]]
    outlets = [row for row in rows if row["use_key"] in ("effluent", "sewage")]
    return [
        item("5.1", "Water consumption", [in_table("Process, cooling, domestic, m³/day", metered)]),
        item("5.2", "Water meters", [in_table("Opening and closing readings", [r for r in rows if r["opening"]])]),
        item("5.3", "Effluent and sewage", [in_table("Consented and actual, m³/day", outlets)]),
    ]


def consumption_items(current) -> list:
    note = "The machines' electricity measured by devices is in a table below; it is not the bill."
    return [
        item("6.1", "Raw materials", [in_table("Material and quantity", current.get("materials"))]),
        item(
            "6.2",
            "Fuels",
            [in_table("Consented and actual quantity", [f for f in current.get("fuels", []) if f["used"]])],
        ),
        item("6.3", "Electricity purchased", [in_table("kWh by bill", current.get("electricity_kwh"))], note=note),
        item("6.4", "DG sets", [in_table("Running hours and generation", current.get("generation"))]),
    ]


def laboratory_items(current) -> list:
    rows = current.get("results", [])
    controls = "; ".join(f"{row['name']}: {row['control']}" for row in current.get("points", []) if row.get("control"))
    return [
        item("7.1", "Stack emissions", [in_table("Results", [r for r in rows if r["point_what"] in STACKS])]),
        item("7.2", "Effluent", [effluent(current, rows)]),
        item(
            "7.3", "Air pollution control and effluent treatment plant", [given("Which they are", controls, REGISTERS)]
        ),
    ]


def ambient_items(current) -> list:
    rows = current.get("results", [])
    return [
        item(
            "8.1",
            "Ambient air",
            [in_table("Pollutant, number of samples, results", [r for r in rows if r["point_what"] == "ambient"])],
        ),
        item("8.2", "Noise", [in_table("Leq day and night, dB(A)", [r for r in rows if r["point_what"] == "noise"])]),
    ]


def effluent(current, rows):
    """Not applicable to a unit without an outlet."""
    has_outlet = any(row.get("what") in ("Effluent outlet", "Sewage outlet") for row in current.get("points", []))
    if current and not has_outlet:
        return not_applicable("Results", "no outlet of trade effluent or sewage is entered")
    return in_table("Results", [row for row in rows if row["point_what"] in WATERS])


def waste_items(current) -> list:
    rows = current.get("wastes", [])
    hazardous = [row for row in rows if row["is_hazardous"] and row["generated"]]
    solid = [row for row in rows if not row["is_hazardous"] and row["generated"]]
    characteristics = "; ".join(
        f"{row['name']}: {row['composition']}; {row['disposal']}" for row in rows if row["composition"]
    )
    return [
        item("12.1", "Hazardous waste", [in_table("Stocks, generation, dispatch with manifest numbers", hazardous)]),
        item("12.2", "Solid waste", [in_table("Generated, recycled, sold, disposed", solid)]),
        item(
            "12.3",
            "Characteristics and disposal",
            [given("Composition and disposal practice", characteristics, REGISTERS)],
        ),
    ]


def measure_items(current) -> list:
    rows = current.get("measures", [])
    other = current.get("statement", {}).get("other_particulars")
    yearly = "entered once a financial year, in Form V"
    return [
        item("13.1", "Impact of abatement measures", [
            in_table("Description and savings", rows) if rows else not_applicable("Description and savings", yearly)
        ]),
        item("13.2", "Other particulars", [
            given("Improving the quality of the environment", other) if other
            else not_applicable("Improving the quality of the environment", yearly)
        ]),
    ]  # fmt: skip


def notice_items(current) -> list:
    rows = current.get("letters", [])
    if not rows and current:
        return [
            item(
                "14.1",
                "Notices, complaints, deviations",
                [not_applicable("Notices", "none is entered for this period")],
            )
        ]
    return [item("14.1", "Notices, complaints, deviations", [in_table("Received, answered, closed", rows)])]


def annexure_items(current) -> list:
    documents = dict.fromkeys(row["source"] for row in current.get("results", []) if ";" in row["source"])
    return [item("17.1", "Annexures", [given("Laboratory reports kept with the rows", "; ".join(documents))])]
