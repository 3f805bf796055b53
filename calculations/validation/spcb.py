"""SPCB rules: the nine causes for which Form V and consent reports are sent back or answered with a notice."""

import re
from decimal import Decimal

from calculations.spcb.consumption import AgainstConsent, WasteBalance
from calculations.spcb.pollutants import Result, Variation
from calculations.validation.finding import BLOCKS, WARNS, Case, Found, Rule, day, name_of, number, numbers, rule

RULES: list[Rule] = []
STACK, EFFLUENT = "stack", "effluent"
# "Exceedance" belongs to these alone; an uncertified sensor gives process alerts.
CERTIFIED = {"NABL_LAB", "CERTIFIED_CEMS", "CAAQMS"}
MASS_BALANCE_TOLERANCE_T = Decimal("0.001")
CEMS_CLAIM = re.compile(r"\b(cpcb|cems|ocems)[ -]?(compliant|certified|approved)\b|\bcompliant cems\b", re.IGNORECASE)
COMBUSTION_PARAMETERS = {"pm", "so2", "nox", "co", "spm"}


@rule(RULES, "SPCB-01", "Production, fuel and water stay within the consent, or the reason is given")
def within_consent(case: Case) -> Found:
    for key in ("products", "fuels", "water"):
        for place, row in case.rows(key):
            actual, consented = number(row, "actual_quantity"), number(row, "consented_quantity")
            against = None if actual is None else AgainstConsent(actual, consented)
            if key == "products" and row.get("is_in_consent") is False:
                yield place, f"{name_of(row)} does not stand in the consent."
            elif against and against.may_need_reason and not row.get("reason"):
                unit = row.get("unit", "")
                words = f"{name_of(row)}: {actual} {unit} against {consented} {unit} consented, without a reason."
                yield f"{place}.reason", words


@rule(RULES, "SPCB-02", "Figures agree with laboratory reports, manifests and meters")
def agreement(case: Case) -> Found:
    for place, waste in case.rows("hazardous_waste"):
        parts = numbers(waste, "opening_t", "generated_t", "dispatched_t", "reused_t", "closing_t")
        if parts:
            balance = WasteBalance(*parts)
            if abs(balance.difference_t) > MASS_BALANCE_TOLERANCE_T:
                yield (
                    f"{place}.closing_t",
                    f"{name_of(waste)}: opening + generated − dispatched − reused is {balance.expected_closing_t} t, "
                    f"not {balance.closing_t} t.",
                )
        manifests = waste.get("manifests") or []
        known = [tonnes for entry in manifests if (tonnes := number(entry, "quantity_t")) is not None]
        dispatched = number(waste, "dispatched_t")
        if dispatched is not None and len(known) == len(manifests):
            on_paper = sum(known, Decimal(0))
            if abs(on_paper - dispatched) > MASS_BALANCE_TOLERANCE_T:
                words = f"{name_of(waste)}: {dispatched} t dispatched, {on_paper} t on manifests (Form 10)."
                yield f"{place}.dispatched_t", words
    for place, water in case.rows("water"):
        metered = numbers(water, "meter_opening", "meter_closing", "quantity_m3")
        if metered and metered[1] - metered[0] != metered[2]:
            opening, closing, entered = metered
            words = f"{name_of(water)}: the meter moved by {closing - opening} m³, entered are {entered} m³."
            yield f"{place}.quantity_m3", words


@rule(RULES, "SPCB-03", "No field is blank, no authorisation has run out", reports_only=True)
def filled(case: Case) -> Found:
    unit = case.data.get("unit") or {}
    for key in ("name", "address", "occupier", "industry_category", "year_established"):
        if not unit.get(key):
            yield f"unit.{key}", f"The unit's {key.replace('_', ' ')} is not entered.", WARNS
    end = day((case.data.get("period") or {}).get("end"))
    for place, consent in case.rows("consents"):
        if not consent.get("number"):
            yield f"{place}.number", f"{name_of(consent)} has no number."
        until = day(consent.get("valid_until"))
        if until and end and until < end:  # none: valid until cancelled
            yield f"{place}.valid_until", f"{name_of(consent)} ran out on {until}, before the period ended."


@rule(RULES, "SPCB-04", "Results are in their units, at reference oxygen, as the laboratory wrote them")
def results(case: Case) -> Found:
    for place, row in case.rows("laboratory_results"):
        unit, parameter = str(row.get("unit") or ""), str(row.get("parameter") or "").lower()
        if row.get("medium") == STACK and unit.lower().startswith("mg/l"):
            yield f"{place}.unit", f"{row.get('parameter')} of a stack is in mg/Nm³, not in {unit}."
        if row.get("medium") == EFFLUENT and "nm" in unit.lower():
            yield f"{place}.unit", f"{row.get('parameter')} of an effluent is in mg/L, not in {unit}."
        if str(row.get("text", "")).strip() in ("0", "0.0", "0.00") and parameter != "o2":
            yield (
                f"{place}.text",
                f"{row.get('parameter')} is 0: write the laboratory's “BDL” with its detection limit.",
            )
        needs_oxygen = row.get("medium") == STACK and parameter in COMBUSTION_PARAMETERS and row.get("is_combustion")
        if needs_oxygen and number(row, "oxygen_pct") is None:
            yield f"{place}.oxygen_pct", f"{row.get('parameter')} of a boiler needs its oxygen to be normalised."
    yield from blanks(case)


def blanks(case: Case) -> Found:
    for place, row in case.rows("hazardous_waste"):
        if str(row.get("unit") or "t") not in ("t", "kg"):
            yield f"{place}.unit", f"{name_of(row)} is in {row['unit']}: t and kg are understood."
    for place, row in case.rows("per_unit"):
        for key in ("previous", "current"):
            if number(row, key) is None:
                words = f"The consumption of {name_of(row)} per unit of product is blank for the {key} year."
                yield f"{place}.{key}", words, WARNS


@rule(RULES, "SPCB-05", "A positive variation from the standard has its reason")
def variations(case: Case) -> Found:
    for place, row in case.rows("laboratory_results"):
        value = number(row, "normalised") or Result(str(row.get("text") or "")).value
        found = Variation(value, number(row, "standard"), str(row.get("reason") or ""))
        if found.lacks_reason:
            words = (
                f"{row.get('parameter')} of {name_of(row)} lies {found.pct:.1f} % above its standard, without a reason."
            )
            yield f"{place}.reason", words


@rule(RULES, "SPCB-06", "Gaps and flat lines are explained", WARNS)
def gaps(case: Case) -> Found:
    for key, words in (("gaps", "A gap"), ("flat_lines", "A flat line")):
        for place, row in case.rows(key):
            if not row.get("explanation"):
                yield f"{place}.explanation", f"{words} of {name_of(row)} from {row.get('start')} has no explanation."


@rule(RULES, "SPCB-07", "Uncertified sensors are called what they are")
def sensor_words(case: Case) -> Found:
    for key, value in (case.data.get("texts") or {}).items():
        if found := CEMS_CLAIM.search(str(value)):
            yield f"texts.{key}", f"“{found[0]}”: the gas sensors are indicative, no CEMS."
    for place, row in case.rows("exceedances"):
        if row.get("instrument_class") not in CERTIFIED:
            words = f"{name_of(row)} is not certified: its events are process alerts, no exceedances."
            yield f"{place}.instrument_class", words


@rule(RULES, "SPCB-08", "It goes to the State board", reports_only=True)
def addressee(case: Case) -> Found:
    told = str(case.data.get("addressee") or "")
    if not told:
        yield "addressee", "The State Pollution Control Board it goes to is not entered."
    elif re.search(r"\bCPCB\b|Central Pollution", told, re.IGNORECASE):
        yield "addressee", "Form V and consent reports go to the State board, not to CPCB."


@rule(RULES, "SPCB-09", "It is in time and signed", WARNS, reports_only=True)
def in_time(case: Case) -> Found:
    due, made = day(case.data.get("due_on")), day(case.data.get("made_on"))
    if due and made and made > due:
        yield "made_on", f"It was due on {due} and is made on {made}: late."
    if not (case.data.get("signatory") or {}).get("name"):
        yield "signatory.name", "Nobody is named who signs.", BLOCKS
