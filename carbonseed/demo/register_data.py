"""What Steel Forge's accountant entered: every register since the last yearly reports began, the last month half done.

All of it is sample data and says so in each row's remark. Electricity and running hours are taken over from the
devices, bills lie a little above the meters as bills do, and one month lies far enough away to be asked about.
"""

import hashlib
from datetime import timedelta
from decimal import Decimal

from calculations import periods
from carbonseed.demo import master_data, personas, register_figures
from carbonseed.demo.simulator import hash_noise
from devices.models import Device
from factories.models import Factory, User
from registers import locks, models
from registers.evidence import detect_media_type
from registers.models import Evidence, Source
from registers.month_ranges import last_complete_month
from registers.sheet import measured_suggestions

SAMPLE = "Sample data"


class RegisterWriter:
    """Writes rows of one factory, each marked as sample data."""

    def __init__(self, factory, owner, now) -> None:
        self.factory, self.owner, self.now = factory, owner, now
        self.today = periods.today(now, factory.zone)
        self.last = last_complete_month(self.today)
        first = min(periods.last_complete(kind, self.today).start for kind in ("pat", "cbam_summary"))
        self.months = [periods.months_later(first, place) for place in range(36)]
        self.months = [month for month in self.months if month <= self.last]

    def add(self, model, **values):
        row = model.register.new_row(self.factory, **{"remark": SAMPLE, **values})
        row.save()
        return row


def fill_registers(now) -> None:
    """Fill the registers of Steel Forge; does nothing where they are filled already."""
    factory = Factory.objects.get(name=personas.FACTORIES["SF"]["name"])
    if models.Product.objects.filter(factory=factory).exists():
        return
    owner = User.objects.get(email=personas.FACTORIES["SF"]["contact_email"])
    writer = RegisterWriter(factory, owner, now)
    master = master_data.create_master_data(writer)
    add_register_exemptions(writer)
    stocks = {}
    for month in writer.months:
        fill_month(writer, master, stocks, month, is_half_done=month == writer.last)
    register_figures.add_yearly_rows(writer, master)
    register_figures.add_samples(writer, master, add_laboratory_report(writer))
    lock_last_year(writer)


def fill_month(writer, master, stocks, month, is_half_done) -> None:
    """A month's rows. Half done: no fuel, no water, no waste yet, and production without its closing stock."""
    metered = add_machine_months(writer, master, month)
    register_figures.add_production(writer, master, stocks, month, is_half_done)
    add_electricity_bill(writer, master, month, metered)
    writer.add(models.OperatingMonth, month=month, operating_days=Decimal(26), operating_hours=Decimal(416))
    if not is_half_done:
        register_figures.add_consumption(writer, master, stocks, month)


def add_machine_months(writer, master, month):
    """Electricity and hours as the devices measured them, taken over by the owner → kWh of all."""
    devices = (
        Device.objects.for_factory(writer.factory).select_related("factory").prefetch_related("profiles", "hardware")
    )
    devices = list(devices)
    measured, total = measured_suggestions.suggestions_for_month(devices, month, writer.now), Decimal(0)
    for device in devices:
        energy, hours = (measured.get((device.pk, what)) for what in ("energy_kwh", "operating_h"))
        if energy is None or month == writer.last:
            continue
        provenance = {"energy_kwh": energy.as_record(writer.owner, writer.now)}
        values = {"energy_kwh": energy.value}
        if hours is not None:
            provenance["operating_h"], values["operating_h"] = hours.as_record(writer.owner, writer.now), hours.value
        values |= {"process": master["forging"], "source": Source.DEVICE, "taken_over": provenance}
        writer.add(models.MachineMonth, month=month, device=device, **values)
    return sum((each.value for (_pk, what), each in measured.items() if what == "energy_kwh"), total)


def add_electricity_bill(writer, master, month, metered_kwh) -> None:
    outlier_month = periods.months_later(writer.last, -4)
    share = (
        Decimal("0.87")
        if month == outlier_month
        else Decimal("0.975") + Decimal(str(round(hash_noise("bill", month.toordinal()) / 80, 4)))
    )
    energy_kwh = (metered_kwh / share).quantize(Decimal(1)) if metered_kwh else None
    writer.add(
        models.ElectricityBill,
        month=month,
        connection=master["connection"],
        bill_number=f"MSEDCL-{month:%y%m}-0417",
        energy_kwh=energy_kwh,
        apparent_kvah=energy_kwh and (energy_kwh * Decimal("1.02")).quantize(Decimal(1)),
        demand_kva=Decimal(142),
        amount_rs=energy_kwh and (energy_kwh * Decimal("8.62")).quantize(Decimal(1)),
        from_on=month,
        until_on=periods.months_later(month, 1) - timedelta(days=1),
    )


def add_register_exemptions(writer) -> None:
    for slug, reason in (
        ("heat", "No heat and no waste gas crosses the boundary of the process"),
        ("own-precursors", "One process only: nothing made here enters another process"),
    ):
        models.RegisterExemption.objects.create(factory=writer.factory, register=slug, reason=reason)


def add_laboratory_report(writer):
    """A laboratory report to download: one page, marked as a sample."""
    content = small_pdf("Sample data: laboratory report of the demo, not a measurement.")
    fields = {
        "media_type": detect_media_type(content),
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    names = {"name": "sample-laboratory-report.pdf", "uploaded_by": writer.owner, "uploaded_at": writer.now}
    return Evidence.objects.create(factory=writer.factory, content=content, **fields, **names)


def lock_last_year(writer) -> None:
    """The financial year that is over is closed."""
    year = periods.last_complete("form_v", writer.today)
    for month in writer.months:
        if year.start <= month <= year.end:
            locks.lock_month(writer.factory, month, by=writer.owner, now=writer.now)


def small_pdf(text) -> bytes:
    """A PDF of one line, without a library."""
    stream = f"BT /F1 12 Tf 60 780 Td ({text}) Tj ET".encode()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources "
        b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 5\n0000000000 65535 f \n" + table
    return out + head + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)
