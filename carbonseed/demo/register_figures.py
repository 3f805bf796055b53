"""The figures of the demo's registers, month by month: gear blanks and flanges from steel bars, burning furnace oil."""

from datetime import date

from calculations import periods
from carbonseed.demo.master_data import ALLOY, BARS, FLANGES, GEARS, D
from carbonseed.demo.simulator import hash_noise
from registers import models
from registers.models import Source


def steady_value(name, month, middle, share="0.12", places="0.001"):
    """A figure around `middle`, the same for the same month."""
    return (middle * (1 + D(str(round(hash_noise(name, month.toordinal()), 4))) * D(share))).quantize(D(places))


def add_stock_row(writer, model, stocks, key, month, *, names, inflow, outflow, **values):
    """A row with stock: opening from last month, closing from inflow and outflow."""
    opening_name, inflow_name, outflow_name, closing_name = names
    opening = stocks.get(key, (inflow / 4).quantize(D("0.001")))
    closing = max(D(0), opening + inflow - outflow)
    outflow = opening + inflow - closing
    stocks[key] = closing
    figures = {opening_name: opening, inflow_name: inflow, outflow_name: outflow, closing_name: closing}
    return writer.add(model, month=month, **figures, **values)


def add_production(writer, master, stocks, month, is_half_done) -> None:
    names = ("opening", "made", "dispatched", "closing")
    for name, _code, middle in (GEARS, FLANGES):
        produced = steady_value(name, month, middle)
        if is_half_done:
            writer.add(
                models.Production,
                month=month,
                product=master["product"][name],
                opening=stocks[name],
                made=produced,
            )
        else:
            dispatched = steady_value(name + "sold", month, middle)
            references = {"product": master["product"][name]}
            add_stock_row(
                writer,
                models.Production,
                stocks,
                name,
                month,
                names=names,
                inflow=produced,
                outflow=dispatched,
                **references,
            )


def add_consumption(writer, master, stocks, month) -> None:
    """Fuels, materials, precursors, water and wastes of a whole month."""
    oil = steady_value("oil", month, D("21.4"))
    add_stock_row(
        writer,
        models.FuelUse,
        stocks,
        "oil",
        month,
        names=("opening", "purchased", "used_process", "closing"),
        inflow=steady_value("oil in", month, D("21.6")),
        outflow=oil,
        fuel=master["oil"],
        process=master["forging"],
        used_power=D(0),
        gcv_kcal_per_kg=D(10050),
        ncv_gj_per_t=D("40.4"),
        value_source="standard",
        source=Source.INVOICE,
    )
    diesel = steady_value("diesel", month, D("0.9"))
    add_stock_row(
        writer,
        models.FuelUse,
        stocks,
        "diesel",
        month,
        names=("opening", "purchased", "used_power", "closing"),
        inflow=steady_value("diesel in", month, D("0.92")),
        outflow=diesel,
        fuel=master["diesel"],
        process=master["forging"],
        used_process=D(0),
        gcv_kcal_per_kg=D(11840),
        ncv_gj_per_t=D("43.0"),
        density_kg_per_l=D("0.8263"),
        value_source="standard",
        source=Source.INVOICE,
    )
    writer.add(
        models.Generation,
        month=month,
        generator=master["generator"],
        generated_kwh=(diesel * 3300).quantize(D(1)),
        auxiliary_kwh=D(40),
        exported_kwh=D(0),
        operating_h=(diesel * 42).quantize(D(1)),
        source=Source.METER,
    )
    for (name, _code, per_t), (_product, _cn, made_t) in ((BARS, GEARS), (ALLOY, FLANGES)):
        add_stock_row(
            writer,
            models.PrecursorUse,
            stocks,
            name,
            month,
            names=("opening_t", "purchased_t", "mass_t", "closing_t"),
            inflow=steady_value(name + "in", month, made_t * per_t),
            outflow=steady_value(name, month, made_t * per_t),
            supply=master["supply"][name],
            process=master["forging"],
            source=Source.INVOICE,
        )
    add_stock_row(
        writer,
        models.MaterialUse,
        stocks,
        "graphite",
        month,
        names=("opening", "purchased", "used", "closing"),
        inflow=D(120),
        outflow=steady_value("graphite", month, D(118), places="1"),
        material=master["scrap"],
        process=master["forging"],
        source=Source.INVOICE,
    )
    for name, daily in (("Quench and cooling", 11), ("Domestic", 4)):
        quantity = steady_value(name, month, D(daily * 26), places="1")
        opening = stocks.get(name, D(10_000))
        stocks[name] = opening + quantity
        writer.add(
            models.WaterUse,
            month=month,
            point=master["water"][name],
            opening_reading_m3=opening,
            quantity_m3=quantity,
            closing_reading_m3=stocks[name],
            source=Source.METER,
        )
    add_wastes(writer, master, stocks, month)


def add_wastes(writer, master, stocks, month) -> None:
    names = ("opening", "generated", "dispatched", "closing")
    leaves = month.month % 3 == 0
    values = {"manifests": f"MH-SAMPLE-{month:%y%m}", "destination": "Registered recycler"} if leaves else {}
    add_stock_row(
        writer,
        models.WasteMonth,
        stocks,
        "used oil",
        month,
        names=names,
        inflow=steady_value("used oil", month, D("0.21")),
        outflow=stocks.get("used oil", D(0)) if leaves else D(0),
        waste=master["waste"]["oil"],
        reused=D(0),
        sold=D(0),
        **values,
    )
    names = ("opening", "generated", "sold", "closing")
    add_stock_row(
        writer,
        models.WasteMonth,
        stocks,
        "scale",
        month,
        names=names,
        inflow=steady_value("scale", month, D(37)),
        outflow=steady_value("scale sold", month, D(37)),
        waste=master["waste"]["scale"],
        reused=D(0),
        dispatched=D(0),
        destination="Melting unit, Jalna",
    )


def add_yearly_rows(writer, master) -> None:
    """What is entered once a year, for the last complete financial and calendar year."""
    financial, calendar = (periods.last_complete(kind, writer.today) for kind in ("pat", "cbam_summary"))
    writer.add(
        models.Measure,
        month=financial.end.replace(day=1),
        description="Recuperator on the reheating furnace",
        stage="done",
        purpose="energy",
        done_on=financial.start.replace(month=8, day=12),
        saving_toe=D("18.4"),
        investment_lakh_rs=D("14.5"),
        fuel_kl_per_day=D("0.06"),
    )
    writer.add(
        models.Measure,
        month=financial.end.replace(day=1),
        description="Closed loop for quench water",
        stage="proposed",
        purpose="prevention",
        investment_lakh_rs=D("6.2"),
        water_m3_per_day=D(3),
    )
    writer.add(
        models.YearStatement,
        month=financial.end.replace(day=1),
        baseline_sec_toe_per_t=D("0.1912"),
        target_sec_toe_per_t=D("0.1850"),
        baseline_production_t=D(1530),
        other_particulars="120 trees planted along the boundary; noise barrier at the hammer.",
    )
    for product in master["product"].values():
        writer.add(
            models.SectorParameters,
            month=calendar.end,
            product=product,
            scrap_t_per_t=D(0),
            reducing_agent="unknown",
            manganese_percent=D("0.7"),
            chromium_percent=D("0.9"),
            source=Source.SUPPLIER,
        )
    writer.add(
        models.CbamYear,
        month=calendar.end,
        plan_title="Monitoring plan of the Chakan works",
        plan_version="1.2",
        plan_dated_on=calendar.start,
        heat_imported=False,
        heat_exported=False,
        zero_rated_fuels=False,
        waste_gas_made=False,
        waste_gas_moved=False,
        co2_captured=False,
        own_electricity=True,
        uses_cems=False,
        carbon_price="none",
        data_quality="Electricity by devices, fuels by invoice, calorific values standard.",
    )


def add_samples(writer, master, document) -> None:
    """Laboratory results twice a year, a calibration, a shutdown, a notice."""
    for month in writer.months[3::6]:
        for parameter, result in (("pm", "84.2"), ("so2", "112"), ("nox", "BDL")):
            writer.add(
                models.LabResult,
                sampled_on=month.replace(day=11),
                point=master["stack"],
                parameter=parameter,
                result=result,
                unit="mg/Nm3",
                detection_limit=D(20) if result == "BDL" else None,
                oxygen_percent=D("11.2"),
                flow_nm3_per_h=D(4350),
                laboratory="Sample Environmental Laboratory",
                nabl_number="TC-SAMPLE",
                report_number=f"SEL/{month:%y%m}/17",
                reported_on=month.replace(day=19),
                source=Source.LABORATORY,
                evidence=document,
            )
    year = writer.today.year
    writer.add(
        models.Calibration,
        calibrated_on=date(year - 1, 5, 6),
        meter="HT meter",
        due_on=date(year, 5, 5),
        quantity="Electricity, kWh",
        place="Substation, panel 1",
        laboratory="Sample Calibration Centre",
        certificate="SCC-2217",
        uncertainty_percent=D("0.5"),
        source=Source.LABORATORY,
    )
    writer.add(
        models.Shutdown,
        from_on=date(year - 1, 10, 20),
        until_on=date(year - 1, 10, 23),
        what="Whole works",
        reason="planned",
        hours=D(64),
        is_external=False,
    )
    writer.add(
        models.Letter,
        received_on=date(year, 2, 17),
        what="notice",
        subject="Visit note: housekeeping at oil store",
        sender="MPCB Pune II",
        action="Dyke wall built, store roofed",
        answered_on=date(year, 2, 26),
        closed_on=date(year, 3, 18),
        source=Source.AUTHORITY,
    )
