"""The template context of the PDF, from the frozen row only; no figure is computed here."""

from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from calculations import cbam, pat, spcb
from reports.documents.cbam_terms import NOT_VERIFIED
from reports.printing import charts

CHART_TITLES = {"temperature": ("Temperature", "°C"), "gas_index": ("Gas index, indicative", "index")}


def context_of(report) -> dict:
    inputs, figures = report.inputs, report.figures
    zone = ZoneInfo(inputs["unit"]["time_zone"])
    return {
        "report": report,
        "unit": inputs["unit"],
        "period": inputs["period"],
        "logo": bool(inputs.get("logo")),
        "zone": zone,
        "figures": figures,
        "tables": figures["tables"],
        "sections": figures["sections"],
        "short_digest": report.figures_sha256[:16],
        "is_draft": not report.is_final,
        **waivers_of(report),
        "final_signatory": ", ".join(filter(None, [report.final_name, report.final_designation, report.final_place])),
        "energy_chart": energy_chart(inputs),
        "temperature_charts": series_charts(inputs, "temperature", zone),
        "gas_charts": series_charts(inputs, "gas_index", zone),
        "rules": [*spcb.RULES, energy_rule()],
        "references": [pat.TOE_CITATION],
        "disclosure": disclosure(figures["disclosure_section"]),
        "no_laboratory": spcb.NO_LABORATORY_RESULTS,
        "not_verified": NOT_VERIFIED,
        "cbam_rules": cbam.RULES,
        "signature_lines": ["Name", "Designation", "Place and date", "Signature and seal"],
    }


def waivers_of(report) -> dict:
    """The waivers in the order given, and by the number of the document's item."""
    rows = list(report.waivers.select_related("waived_by")) if report.pk else []
    by_item = {row.key.split(":")[1]: row.reason for row in rows if row.key.startswith("item:")}
    return {"waivers": rows, "waived_items": by_item}


def disclosure(section) -> str:
    """The disclaimer printed with every gas index; `section` is that of the laboratory results, if any."""
    last_sentence = spcb.RESTS_ON.format(section=section) if section else spcb.NO_STATEMENT
    return f"{spcb.GAS_DISCLOSURE} {last_sentence}"


def energy_rule() -> str:
    return (
        "Energy: a mean power holds until the next reading; a meter register counts by difference. Across a gap a "
        "register's difference is known in total only and printed as bridged; what no evidence covers stays missing."
    )


def energy_chart(inputs) -> dict | None:
    """Bar chart of energy per day or, for more than two months, per month."""
    days = inputs["energy_days"]
    if len(days) <= 62:
        labels = [str(int(day["on"][8:])) for day in days]
        values = [None if day["kwh"] is None else float(day["kwh"]) for day in days]
        caption = "Electricity of all machines by day"
        if len(days) == 7:
            labels = [f"{d:%a} {d.day}" for d in (datetime.fromisoformat(day["on"]) for day in days)]
    else:
        labels, values = by_month(days)
        caption = "Electricity of all machines by month"
    svg = charts.bars(labels, values, "kWh", caption)
    return {"svg": svg, "caption": caption} if svg else None


def by_month(days) -> tuple:
    labels, values = [], []
    for month, group in groupby(days, key=lambda day: day["on"][:7]):
        known = [float(day["kwh"]) for day in group if day["kwh"] is not None]
        labels.append(f"{datetime.fromisoformat(month + '-01'):%b %y}")
        values.append(sum(known) if known else None)
    return labels, values


def series_charts(inputs, metric, zone):
    """One band chart per machine that reports `metric`; the gas index never has a limit line."""
    title, unit = CHART_TITLES[metric]
    start = datetime.fromisoformat(inputs["period"]["starts_at"]).timestamp()
    end = datetime.fromisoformat(inputs["period"]["ends_at"]).timestamp()
    chart_list = []
    for machine in inputs["machines"]:
        series = machine["series"].get(metric)
        if not series:
            continue
        caption = f"{title}, {machine['label']}: mean with lowest and highest value"
        svg = charts.band(series["t"], series["min"], series["mean"], series["max"], unit, caption, zone, start, end)
        if svg:
            chart_list.append({"svg": svg, "caption": caption})
    return chart_list
