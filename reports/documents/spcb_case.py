"""The case for the SPCB validation rules, and figures shared by both SPCB documents. Pure."""

from decimal import Decimal

from calculations.spcb import consumption
from calculations.spcb.consumption import TwoYears, per_unit_two_years
from calculations.spcb.pollutants import (
    MOLAR_MASS_G,
    MOLAR_VOLUME_L,
    Result,
    Variation,
    air_kg_per_day,
    at_reference_oxygen,
    mg_per_nm3,
    water_kg_per_day,
)
from calculations.validation import Case, findings_of
from reports.documents import calculation_findings

STACK, OUTLETS = "stack", ("outlet", "sewage")
KG_PER_T = Decimal(1000)
IN_TONNES = {"t": Decimal(1), "kg": 1 / KG_PER_T}
PER_UNIT = (("water", "water", "quantity_m3"), ("raw material", "materials", "used"), ("fuel", "fuels", "used"))


def number(text):
    return None if text is None or text == "" else Decimal(text)


def findings_about(inputs, current, previous=None):
    """Findings of the validation rules on the registers of a period, frozen."""
    if not current:
        return [calculation_findings.finding("ENTERED", "Nothing is entered in the registers for this period.")]
    findings = findings_of("spcb", Case(case_of(inputs, current, previous), is_report=True))
    return calculation_findings.frozen_findings(findings, places_of(current))


def places_of(current):
    """{path in the case: URL of the page to correct it on}"""
    particulars_url = current["particulars"].get("url", "")
    urls_by_path = {"unit": particulars_url, "addressee": particulars_url, "signatory": particulars_url}
    for key, rows in (
        ("products", current["products"]),
        ("fuels", current["fuels"]),
        ("water", current["water"]),
        ("consents", current["consents"]),
        ("laboratory_results", current["results"]),
        ("hazardous_waste", hazardous(current)),
    ):
        urls_by_path |= {f"{key}[{place}]": row["url"] for place, row in enumerate(rows)}
    return urls_by_path


def case_of(inputs, current, previous) -> dict:
    unit, particulars = inputs["unit"], current["particulars"]
    return {
        "unit": {
            "name": unit["name"],
            "address": unit["address"],
            "occupier": unit["occupier"],
            "industry_category": particulars.get("colour"),
            "year_established": unit["year_established"],
        },
        "addressee": particulars.get("board"),
        "period": {"start": current["start"], "end": current["end"]},
        "due_on": current["due_on"],
        "made_on": current["made_on"],
        "signatory": {"name": particulars.get("signatory")},
        "consents": [
            {"name": row.get("what", "Consent"), "number": row.get("number"), "valid_until": row.get("valid_until")}
            for row in current["consents"]
        ],
        "products": [
            {**quantities(row, "made"), "is_in_consent": bool(row["consented"]) or bool(row["is_by_product"])}
            for row in current["products"]
            if row["made"] is not None
        ],
        "fuels": [quantities(row, "used") for row in current["fuels"]],
        "water": [water_case(row, current) for row in current["water"]],
        "per_unit": [
            {"name": row["label"], "previous": row["previous"], "current": row["current"]}
            for row in per_unit_rows(current, previous)
        ]
        if previous
        else [],
        "hazardous_waste": [waste_case(row) for row in hazardous(current)],
        "laboratory_results": [result_case(row) for row in current["results"]],
        "gaps": [],
        "texts": {"conditions": "; ".join(row.get("conditions", "") for row in current["consents"])},
    }


def quantities(row, name) -> dict:
    return {
        "name": row["name"],
        "unit": row["unit"],
        "actual_quantity": number(row[name]),
        "consented_quantity": number(row["allowed"]),
        "reason": row["reason"],
    }


def water_case(row, current) -> dict:
    return {
        "name": row["name"],
        "unit": "m³/day",
        "actual_quantity": per_day(row["quantity_m3"], current),
        "consented_quantity": number(row["consented_m3_per_day"]),
        "reason": row["reason"],
        "meter_opening": number(row["opening"]),
        "meter_closing": number(row["closing"]),
        "quantity_m3": number(row["quantity_m3"]),
    }


def waste_case(row):
    """Quantities in tonnes for wastes counted in t or kg; others get no mass balance."""
    scale = IN_TONNES.get(row["unit_key"])
    quantities_by_name = {
        name: number(row[name]) for name in ("opening", "generated", "dispatched", "reused", "sold", "closing")
    }
    case = {"name": row["name"], "unit": "t" if scale else "kg"}
    if scale is None:
        return case
    reused = (
        None
        if quantities_by_name["reused"] is None
        else quantities_by_name["reused"] + (quantities_by_name["sold"] or Decimal(0))
    )
    case_quantities = {**quantities_by_name, "reused": reused}
    return case | {
        f"{name}_t": None if case_quantities[name] is None else case_quantities[name] * scale
        for name in ("opening", "generated", "dispatched", "reused", "closing")
    }


def result_case(row) -> dict:
    is_stack = row["point_what"] == STACK
    return {
        "name": row["point"],
        "medium": "stack" if is_stack else "effluent" if row["point_what"] in OUTLETS else row["point_what"],
        "parameter": row["parameter_key"],
        "text": row["text"],
        "unit": row["unit"],
        "oxygen_pct": number(row["oxygen_percent"]),
        "is_combustion": is_stack and row["reference_oxygen_percent"] is not None,
        "normalised": at_reference_oxygen_of(row),
        "standard": number(row["limit"]),
        "reason": row["reason"],
    }


def hazardous(current) -> list:
    return [row for row in current["wastes"] if row["is_hazardous"]]


# Figures


def at_reference_oxygen_of(row):
    """mg/Nm³ at the stack's reference oxygen; None where it has none or the result is not numeric."""
    value, oxygen = Result(row["text"]).value, number(row["oxygen_percent"])
    reference = number(row["reference_oxygen_percent"])
    if None in (value, oxygen, reference):
        return None
    return at_reference_oxygen(value, oxygen, reference)


def variation(row):
    value = at_reference_oxygen_of(row)
    return Variation(Result(row["text"]).value if value is None else value, number(row["limit"]), row["reason"])


def mass_kg_per_day(row, current):
    """kg/day from a result and the laboratory's flow; sensor data is never used."""
    value = Result(row["text"]).value
    if value is None:
        return None
    in_gas, flow, hours = gas_mg_per_nm3(row, value), number(row["flow_nm3_per_h"]), hours_per_day(current)
    if in_gas is not None and flow is not None and hours is not None:
        return air_kg_per_day(in_gas, flow, hours)
    flow = number(row["flow_m3_per_day"])
    return water_kg_per_day(value, flow) if row["unit_key"] == "mg/L" and flow is not None else None


def gas_mg_per_nm3(row, value):
    """mg/Nm³ of a stack's result; of ppm only for a known gas at the laboratory's Nm³ of 0 or 25 °C."""
    if row["unit_key"] == "mg/Nm3":
        return value
    molar_mass, reference = MOLAR_MASS_G.get(row["parameter_key"]), number(row.get("reference_c"))
    if row["unit_key"] != "ppm" or molar_mass is None or reference not in MOLAR_VOLUME_L:
        return None
    return mg_per_nm3(value, molar_mass, int(reference))


def hours_per_day(current):
    days, hours = number(current["operating_days"]), number(current["operating_hours"])
    return hours / days if days and hours is not None else None


def per_day(quantity, current):
    return consumption.per_day(number(quantity), number(current["operating_days"]))


def per_unit_rows(current, previous):
    """Consumption per unit of product of two years; None where it is not known, never zero."""
    rows = []
    current_output, previous_output = output(current), output(previous)
    for kind, key, name in (
        ("water", "water", "quantity_m3"),
        ("raw material", "materials", "used"),
        ("fuel", "fuels", "used"),
    ):
        previous_rows = {row["name"]: row for row in previous[key]}
        for row in current[key]:
            if kind == "water" and row["use_key"] != "process":
                continue
            unit = "m³" if kind == "water" else row["unit"]
            used = TwoYears(number(previous_rows.get(row["name"], {}).get(name)), number(row[name]))
            rate = per_unit_two_years(used, TwoYears(previous_output, current_output))
            rows.append({
                "kind": kind, "label": row["name"], "unit": f"{unit} per t", "source": row["source"],
                "previous": rate.previous, "current": rate.current,
                "previous_months": months_both(previous, previous_rows.get(row["name"])),
                "current_months": months_both(current, row),
            })  # fmt: skip
    return rows


def product_names(span) -> str:
    """Of the products that `output` adds up."""
    made = [row for row in (span or {}).get("products", []) if row["made"] is not None and row["unit"] in IN_TONNES]
    return ", ".join(row["name"] for row in made)


def months_both(span, row) -> int | None:
    """Months of the period in which both the use and the output are entered at most; None where it is not known."""
    counts = [held.get("months_entered") for held in (span or {}, row or {})]
    return min((count for count in counts if count is not None), default=None)


def output(span):
    """Total tonnes of the products counted in t or kg."""
    known = [
        number(row["made"]) * IN_TONNES[row["unit"]]
        for row in (span or {}).get("products", [])
        if row["made"] is not None and row["unit"] in IN_TONNES
    ]
    return sum(known, Decimal(0)) if known else None
