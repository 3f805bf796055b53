"""Identification entries of the unit, shared by the report types. Pure."""

from reports.documents.items import given, missing


def place_of(unit) -> str:
    return ", ".join(part for part in [unit["address"], unit["state"], unit["pin_code"]] if part)


def postal(unit):
    return given("Postal address", place_of(unit))


def contact(unit):
    return given("Contact", ", ".join(part for part in [unit["contact_phone"], unit["contact_email"]] if part))


def coordinates(unit):
    if unit["latitude"] is None or unit["longitude"] is None:
        return missing("Coordinates of the main emission source")
    return given("Coordinates entered for the unit (latitude, longitude)", f"{unit['latitude']}, {unit['longitude']}")


def identification(unit) -> list:
    """All identification entries, for the operations reports."""
    return [
        given("Unit", unit["name"]),
        given("Company", unit["legal_name"]),
        given("Occupier", unit["occupier"]),
        postal(unit),
        given("Industry", unit["industry_label"]),
        given("Registration number (CIN, GSTIN or Udyam)", unit["registration_number"]),
        given("Year of establishment", unit["year_established"]),
        contact(unit),
    ]
