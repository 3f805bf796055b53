"""What the unit is: its particulars, CBAM production processes and products."""

from django.db import models

from registers.columns import (
    Quantity,
    answer,
    choice,
    cn_code,
    day,
    maybe_one_of,
    once,
    one_of,
    prose,
    un_locode,
    words,
)
from registers.description import CBAM, FORM_V, PAT, SPCB, Kind, Register
from registers.models.row import Lasting, RegisterRow
from registers.row_validation import needs, not_before


class Unit(models.TextChoices):
    """In what quantities are counted."""

    T = "t", "t"
    KG = "kg", "kg"
    KL = "kL", "kL"
    L = "L", "L"
    M3 = "m3", "m³"
    SM3 = "Sm3", "Sm³"
    THOUSAND_NM3 = "1000Nm3", "1000 Nm³"
    NOS = "nos", "Nos"
    MWH = "MWh", "MWh"


class Goods(models.TextChoices):
    """Aggregated goods categories of Annex I to Implementing Regulation (EU) 2025/2547."""

    CLAY = "calcined_clay", "Calcined clay"
    CLINKER = "cement_clinker", "Cement clinker"
    CEMENT = "cement", "Cement"
    ALUMINOUS_CEMENT = "aluminous_cement", "Aluminous cement"
    HYDROGEN = "hydrogen", "Hydrogen"
    UREA = "urea", "Urea"
    NITRIC_ACID = "nitric_acid", "Nitric acid"
    AMMONIA = "ammonia", "Ammonia"
    FERTILISERS = "mixed_fertilisers", "Mixed fertilisers"
    SINTERED_ORE = "sintered_ore", "Sintered ore"
    PIG_IRON = "pig_iron", "Pig iron"
    FERRO_MANGANESE = "ferro_manganese", "Ferro-manganese"
    FERRO_CHROMIUM = "ferro_chromium", "Ferro-chromium"
    FERRO_NICKEL = "ferro_nickel", "Ferro-nickel"
    DRI = "dri", "Direct reduced iron"
    CRUDE_STEEL = "crude_steel", "Crude steel"
    STEEL_PRODUCTS = "steel_products", "Iron or steel products"
    UNWROUGHT_ALUMINIUM = "unwrought_aluminium", "Unwrought aluminium"
    ALUMINIUM_PRODUCTS = "aluminium_products", "Aluminium products"
    ELECTRICITY = "electricity", "Electricity"
    NONE = "none", "Not a CBAM good"


class Colour(models.TextChoices):
    RED = "red", "Red"
    ORANGE = "orange", "Orange"
    GREEN = "green", "Green"
    WHITE = "white", "White"
    BLUE = "blue", "Blue"


class Per(models.TextChoices):
    DAY = "day", "per day"
    MONTH = "month", "per month"
    YEAR = "year", "per year"


class Particulars(RegisterRow):
    """What the reports' first pages need beyond the factory's settings; one row."""

    board = words("State Pollution Control Board", 150)
    board_office = words("board's regional office", 100)
    colour = choice("category", Colour)
    industry_type = words("type of industry", 150)
    application_number = words("unique application number (UAN)", 60)
    capital_investment_lakh_rs = Quantity("capital investment", "lakh ₹")
    last_statement_on = day("last environmental statement submitted on")
    plot = words("plot or survey number", 100)
    taluka = words("taluka", 80)
    district = words("district", 80)
    signatory = words("signatory", 100)
    designation = words("signatory's designation", 100)
    consumer_registration = words("PAT registration number", 40)
    obligated_registration = words("CCTS registration number", 40)
    energy_sector = words("sector under the Energy Conservation Act", 100)
    chief_executive = words("chief executive", 100)
    energy_manager = words("energy manager", 100)
    energy_manager_number = words("energy manager's BEE number", 40)
    boundary = prose("boundary: what is inside and what is left out")
    installation = words("installation's name in English", 150)
    registry_id = words("CBAM registry id", 60)
    locode = un_locode()
    economic_activity = words("main economic activity", 150)
    emission_source = words("main emission source", 150)
    emission_latitude = Quantity("latitude of the main source", "°", low=-90, high=90, max_digits=9)
    emission_longitude = Quantity("longitude of the main source", "°", low=-180, high=180, max_digits=9)
    representative = words("authorised representative", 100)
    representative_email = models.EmailField("representative's e-mail", blank=True)
    representative_phone = words("representative's telephone", 30)
    controlling_entity = words("controlling entity", 150)

    class Meta:
        verbose_name = verbose_name_plural = "particulars of the unit"
        constraints = [once("particulars")]

    about = Register(
        slug="particulars",
        title="Particulars of the unit",
        singular="particulars",
        kind=Kind.UNIT,
        sentence="What the first pages of the reports need beyond the factory's settings.",
        columns=(
            *("board", "board_office", "colour", "industry_type", "application_number", "capital_investment_lakh_rs"),
            *("last_statement_on", "plot", "taluka", "district", "signatory", "designation", "energy_sector"),
            *("consumer_registration", "obligated_registration", "chief_executive", "energy_manager"),
            *("energy_manager_number", "boundary", "installation", "registry_id", "locode", "economic_activity"),
            *("emission_source", "emission_latitude", "emission_longitude", "representative"),
            *("representative_email", "representative_phone", "controlling_entity"),
        ),
        needed={
            SPCB: ("board", "board_office", "colour"),
            FORM_V: (
                *("board", "board_office", "colour", "industry_type", "capital_investment_lakh_rs"),
                *("last_statement_on", "signatory", "designation"),
            ),
            PAT: ("energy_sector", "chief_executive", "energy_manager", "boundary"),
            CBAM: (
                *("installation", "locode", "economic_activity", "emission_source"),
                *("emission_latitude", "emission_longitude", "representative"),
            ),
        },
        default_source="record",
    )


class Process(RegisterRow, Lasting):
    """A production process of the installation; one per CN code and functional unit (Annex II A.4, Art. 4)."""

    name = words("process", blank=False)
    category = choice("goods category", Goods)
    route = words("production route", 150)
    is_joint = answer("joint process with its precursor (Art. 4(9))")
    is_multifunctional = answer("multifunctional (Annex II A.4)")
    steps = prose("steps inside and steps left out")
    outsourced = prose("steps done by others")
    attribution = prose("how emissions are attributed to it")

    class Meta:
        verbose_name_plural = "processes"
        constraints = [once("process", "name")]

    about = Register(
        slug="processes",
        title="Production processes",
        singular="process",
        kind=Kind.STANDING,
        sentence="CBAM production processes and the others, so that each fuel and kWh finds its place.",
        identity=("name",),
        columns=("category", "route", "used_from", "used_until"),
        more=("is_joint", "is_multifunctional", "steps", "outsourced", "attribution"),
        needed={CBAM: ("category", "route", "steps", "attribution")},
        rules=(not_before("used_until", "used_from", "In use until: this lies before in use from."),),
    )

    @property
    def label(self):
        return self.name


class Product(RegisterRow, Lasting):
    """What the unit makes, sold or not."""

    name = words("product", blank=False)
    unit = choice("unit", Unit, blank=False, default=Unit.T)
    is_by_product = answer("by-product")
    cn_code = cn_code()
    process = maybe_one_of(Process, "process")
    invoice_name = words("name on invoices", 150)
    consented_quantity = Quantity("consented quantity", unit_of="self")
    consented_per = choice("consented per", Per)
    capacity = Quantity("installed capacity", unit_of="self")
    capacity_per = choice("capacity per", Per)
    equivalence = Quantity("equivalent major product per unit", "t")

    class Meta:
        constraints = [once("product", "name")]

    about = Register(
        slug="products",
        title="Products",
        singular="product",
        kind=Kind.STANDING,
        sentence="What the unit makes, with its CN code and what the consent allows.",
        identity=("name",),
        columns=("unit", "cn_code", "process", "consented_quantity", "consented_per", "is_by_product"),
        more=("invoice_name", "capacity", "capacity_per", "equivalence", "used_from", "used_until"),
        needed={
            SPCB: ("consented_quantity", "consented_per"),
            FORM_V: ("consented_quantity", "consented_per", "capacity"),
            CBAM: ("cn_code", "process"),
        },
        fixed_once_used=("unit",),
        rules=(
            needs(
                "consented_per",
                lambda row: row.consented_quantity is not None,
                "Consented per: say per day or per year.",
            ),
            not_before("used_until", "used_from", "In use until: this lies before in use from."),
        ),
    )

    @property
    def label(self):
        return self.name

    @property
    def unit_said(self):
        return self.get_unit_display()


class SectorParameters(RegisterRow):
    """What Annex IV point 2 asks of each good; a year's averages."""

    class Agent(models.TextChoices):
        COAL = "coal", "Coal or coke"
        GAS = "gas", "Natural gas"
        BIOGAS = "biogas", "Biogas"
        HYDROGEN = "hydrogen", "Hydrogen"
        UNKNOWN = "unknown", "Not known"

    product = one_of(Product, "product")
    reducing_agent = choice("main reducing agent", Agent)
    steel_mill = words("steel mill's number", 60)
    manganese_percent = Quantity("manganese", "% by mass", high=100)
    chromium_percent = Quantity("chromium", "% by mass", high=100)
    nickel_percent = Quantity("nickel", "% by mass", high=100)
    other_alloys_percent = Quantity("other alloys", "% by mass", high=100)
    carbon_percent = Quantity("carbon", "% by mass", high=100)
    scrap_t_per_t = Quantity("scrap", "t/t")
    pre_consumer_percent = Quantity("pre-consumer scrap", "% of scrap", high=100)
    non_aluminium_percent = Quantity("non-aluminium elements", "% by mass", high=100)
    clinker_percent = Quantity("clinker in cement", "%", high=100)
    nitrogen_percent = Quantity("nitrogen", "% by mass", high=100)
    concentration_percent = Quantity("concentration", "% by mass", high=100)
    ammonium_n_percent = Quantity("nitrogen as ammonium", "% by mass", high=100)
    nitrate_n_percent = Quantity("nitrogen as nitrate", "% by mass", high=100)
    urea_n_percent = Quantity("nitrogen as urea", "% by mass", high=100)
    organic_n_percent = Quantity("nitrogen in other forms", "% by mass", high=100)

    class Meta:
        verbose_name = verbose_name_plural = "sector parameters"
        constraints = [once("sectorparameters", "month", "product")]

    about = Register(
        slug="sector-parameters",
        title="Sector parameters",
        singular="row of sector parameters",
        kind=Kind.CALENDAR,
        sentence="Alloys, scrap and composition of each CBAM good, which Annex IV point 2 asks for.",
        identity=("product",),
        columns=(
            *("reducing_agent", "manganese_percent", "chromium_percent", "nickel_percent", "other_alloys_percent"),
            *("scrap_t_per_t", "pre_consumer_percent"),
        ),
        more=(
            *("steel_mill", "carbon_percent", "non_aluminium_percent", "clinker_percent", "nitrogen_percent"),
            *("concentration_percent", "ammonium_n_percent", "nitrate_n_percent", "urea_n_percent"),
            "organic_n_percent",
        ),
        needed={CBAM: ("scrap_t_per_t",)},
        lines_from="product",
        default_source="supplier",
    )
