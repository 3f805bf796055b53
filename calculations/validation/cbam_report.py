"""CBAM rules on the report itself: common errors 12 and 18 to 21."""

import re

from calculations.quantities import decimal_places
from calculations.validation.cbam_goods import is_definitive
from calculations.validation.finding import WARNS, Case, Found, Rule, day, name_of, number, rule

RULES: list[Rule] = []
LOCODE = re.compile(r"[A-Z]{2} ?[A-Z2-9]{3}")
CLAIMS = re.compile(r"\b(certified|compliant|verified|approved by the eu)\b", re.IGNORECASE)
MONTHS = 12


@rule(RULES, "CBAM-12", "The period is a calendar year, whole and without doubles")
def period(case: Case) -> Found:
    told = case.data.get("period") or {}
    if is_definitive(case) and told and not is_calendar_year(told):
        yield "period", "A CBAM report covers a calendar year, January to December; books by financial year need a cut."
    months = told.get("months_present")
    if months is not None and months < MONTHS:
        yield "period.months_present", f"Only {months} of 12 months have data."
    seen = set()
    for place, stream in case.rows("source_streams"):
        sign = (stream.get("name"), stream.get("activity_data"), stream.get("emissions_t_co2e"))
        if sign in seen:
            yield place, f"{name_of(stream)} stands twice with the same quantity.", WARNS
        seen.add(sign)
    if dropped := case.data.get("rows_left_out"):
        yield "rows_left_out", f"{dropped} imported rows were left out; each needs its reason."


def is_calendar_year(told: dict) -> bool:
    start, end = str(told.get("start")), str(told.get("end"))
    return start.endswith("-01-01") and end.endswith("-12-31") and start[:4] == end[:4]


@rule(RULES, "CBAM-18", "Operator and installation are identified, in English", reports_only=True)
def identification(case: Case) -> Found:
    operator, site = case.data.get("operator") or {}, case.data.get("installation") or {}
    for key, words in (("name", "name"), ("registration_number", "registration number"), ("address", "full address")):
        if not operator.get(key):
            yield f"operator.{key}", f"The operator's {words} is missing (Annex IV, item 1)."
    for key, words in (("name", "name"), ("address", "full address")):
        if not site.get(key):
            yield f"installation.{key}", f"The installation's {words} is missing (Annex IV, item 2)."
    if not LOCODE.fullmatch(str(site.get("un_locode") or "")):
        yield "installation.un_locode", "The UN/LOCODE is missing or has not the form IN PNQ."
    yield from coordinate_faults(site)
    for where, row in (("operator", operator), ("installation", site)):
        for key, value in row.items():
            if isinstance(value, str) and any(ord(letter) > 0x24F for letter in value):
                yield f"{where}.{key}", f"The report is in English: “{value}” needs its transcript."


def coordinate_faults(site: dict) -> Found:
    for key, limit in (("latitude", 90), ("longitude", 180)):
        value = number(site, key)
        if value is None:
            yield f"installation.{key}", f"The {key} of the main emission source is missing."
        elif abs(value) > limit:
            yield f"installation.{key}", f"{value} is no {key}."
        elif decimal_places(value) < 6:
            yield f"installation.{key}", f"The {key} needs six decimals; {value} has fewer.", WARNS


@rule(RULES, "CBAM-19", "A carbon price has proof of its net payment")
def carbon_price(case: Case) -> Found:
    price = case.data.get("carbon_price") or {}
    if number(price, "net_paid"):
        for key, words in (("proof", "proof of payment"), ("certifier", "an independent certifier")):
            if not price.get(key):
                yield f"carbon_price.{key}", f"A carbon price is claimed without {words} (2023/956 Art. 9)."


@rule(RULES, "CBAM-20", "Nothing is called verified before a verifier signed")
def claims(case: Case) -> Found:
    if (case.data.get("verification") or {}).get("accreditation_number"):
        return
    texts = {"title": case.data.get("title"), **(case.data.get("texts") or {})}
    for key, value in texts.items():
        if value and (found := CLAIMS.search(str(value))):
            place = key if key == "title" else f"texts.{key}"
            yield place, f"“{found[0]}” may stand only where a verifier with an accreditation number signed."


@rule(RULES, "CBAM-21", "Monitoring plan, calibrations and estimates are told", WARNS, reports_only=True)
def monitoring(case: Case) -> Found:
    plan = case.data.get("monitoring_plan") or {}
    for key in ("title", "version", "dated_on"):
        if not plan.get(key):
            yield f"monitoring_plan.{key}", f"The monitoring plan's {key.replace('_', ' ')} is missing."
    end = day((case.data.get("period") or {}).get("end"))
    for place, meter in case.rows("meters"):
        valid_until = day(meter.get("calibrated_until"))
        if valid_until is None:
            yield f"{place}.calibrated_until", f"{name_of(meter)} has no calibration evidence."
        elif end and valid_until < end:
            yield f"{place}.calibrated_until", f"The calibration of {name_of(meter)} lapsed on {valid_until}."
    for place, stream in case.rows("source_streams"):
        if stream.get("is_estimate") and not stream.get("estimate_method"):
            yield f"{place}.estimate_method", f"{name_of(stream)} is an estimate; its method is missing (A.2(5))."
