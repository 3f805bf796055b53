"""Master data of the unit: particulars, CBAM production processes and products."""

from django.db import models

from registers.columns import (
    Quantity,
    bool_field,
    char_field,
    choice_field,
    cn_code_field,
    date_field,
    optional_fk,
    required_fk,
    text_field,
    un_locode_field,
    unique_per,
)
from registers.description import CBAM, FORM_V, PAT, SPCB, Register, RegisterKind
from registers.models.row import RegisterRow, ValidityPeriod
from registers.row_validation import not_before, required_when


class QuantityUnit(models.TextChoices):
    """Units of quantities."""

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
    """Particulars for the reports' identification sections, beyond the factory's settings; one row."""

    board = char_field("State Pollution Control Board", 150)
    board_office = char_field("board's regional office", 100)
    colour = choice_field("category", Colour)
    industry_type = char_field("type of industry", 150)
    nic_code = char_field("NIC code of the main activity", 10, help_text="National Industrial Classification 2008")
    application_number = char_field("unique application number (UAN)", 60)
    capital_investment_lakh_rs = Quantity("capital investment", "lakh ₹")
    last_statement_on = date_field("last environmental statement submitted on")
    plot = char_field("plot or survey number", 100)
    taluka = char_field("taluka", 80)
    district = char_field("district", 80)
    signatory = char_field("signatory", 100)
    designation = char_field("signatory's designation", 100)
    consumer_registration = char_field("PAT registration number", 40)
    obligated_registration = char_field("CCTS registration number", 40)
    energy_sector = char_field("sector under the Energy Conservation Act", 100)
    chief_executive = char_field("chief executive", 100)
    energy_manager = char_field("energy manager", 100)
    energy_manager_number = char_field("energy manager's BEE number", 40)
    boundary = text_field("boundary: what is inside and what is left out")
    installation = char_field("installation's name in English", 150)
    registry_id = char_field("CBAM registry id", 60)
    locode = un_locode_field()
    economic_activity = char_field("main economic activity", 150)
    emission_source = char_field("main emission source", 150)
    emission_latitude = Quantity("latitude of the main source", "°", low=-90, high=90, max_digits=9)
    emission_longitude = Quantity("longitude of the main source", "°", low=-180, high=180, max_digits=9)
    representative = char_field("authorised representative", 100)
    representative_email = models.EmailField("representative's e-mail", blank=True)
    representative_phone = char_field("representative's telephone", 30)
    controlling_entity = char_field("controlling entity", 150)

    class Meta:
        verbose_name = verbose_name_plural = "particulars of the unit"
        constraints = [unique_per("particulars")]

    register = Register(
        slug="particulars",
        title="Particulars of the unit",
        singular="particulars",
        kind=RegisterKind.UNIT,
        sentence="What the first pages of the reports need beyond the factory's settings.",
        columns=(
            *("board", "board_office", "colour", "industry_type", "application_number", "capital_investment_lakh_rs"),
            *("last_statement_on", "plot", "taluka", "district", "signatory", "designation", "energy_sector"),
            *("consumer_registration", "obligated_registration", "chief_executive", "energy_manager"),
            *("energy_manager_number", "boundary", "installation", "registry_id", "locode", "economic_activity"),
            *("emission_source", "emission_latitude", "emission_longitude", "representative"),
            *("representative_email", "representative_phone", "controlling_entity"),
        ),
        more=("nic_code",),
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


class Process(RegisterRow, ValidityPeriod):
    """A production process of the installation; one per CN code and functional unit (Annex II A.4, Art. 4)."""

    name = char_field("process", blank=False)
    category = choice_field("goods category", Goods)
    route = char_field("production route", 150)
    is_joint = bool_field("joint process with its precursor (Art. 4(9))")
    is_multifunctional = bool_field("multifunctional (Annex II A.4)")
    steps = text_field("steps inside and steps left out")
    outsourced = text_field("steps done by others")
    attribution = text_field("how emissions are attributed to it")

    class Meta:
        verbose_name_plural = "processes"
        constraints = [unique_per("process", "name")]

    register = Register(
        slug="processes",
        title="Production processes",
        singular="process",
        kind=RegisterKind.STANDING,
        sentence="CBAM production processes and the others, so that each fuel and kWh finds its place.",
        identity=("name",),
        columns=("category", "route", "used_from", "used_until"),
        more=("is_joint", "is_multifunctional", "steps", "outsourced", "attribution"),
        needed={CBAM: ("category", "route", "steps", "attribution")},
        validators=(not_before("used_until", "used_from", "In use until: this lies before in use from."),),
    )

    @property
    def label(self):
        return self.name


class Product(RegisterRow, ValidityPeriod):
    """A product of the unit, sold or used internally."""

    name = char_field("product", blank=False)
    unit = choice_field("unit", QuantityUnit, blank=False, default=QuantityUnit.T)
    is_by_product = bool_field("by-product")
    cn_code = cn_code_field()
    process = optional_fk(Process, "process")
    invoice_name = char_field("name on invoices", 150)
    consented_quantity = Quantity("consented quantity", unit_of="self")
    consented_per = choice_field("consented per", Per)
    capacity = Quantity("installed capacity", unit_of="self")
    capacity_per = choice_field("capacity per", Per)
    equivalence = Quantity("equivalent major product per unit", "t")

    class Meta:
        constraints = [unique_per("product", "name")]

    register = Register(
        slug="products",
        title="Products",
        singular="product",
        kind=RegisterKind.STANDING,
        sentence="What the unit makes, with its CN code and what the consent allows.",
        identity=("name",),
        columns=("unit", "cn_code", "process", "consented_quantity", "consented_per", "is_by_product"),
        more=("invoice_name", "capacity", "capacity_per", "equivalence", "used_from", "used_until"),
        needed={
            SPCB: ("consented_quantity", "consented_per"),
            FORM_V: ("consented_quantity", "consented_per", "capacity"),
            CBAM: ("cn_code", "process"),
        },
        immutable_once_referenced=("unit",),
        validators=(
            required_when(
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
    def unit_label(self):
        return self.get_unit_display()


class SectorParameters(RegisterRow):
    """Parameters of each good required by Annex IV point 2, averaged over a year."""

    class Agent(models.TextChoices):
        COAL = "coal", "Coal or coke"
        GAS = "gas", "Natural gas"
        BIOGAS = "biogas", "Biogas"
        HYDROGEN = "hydrogen", "Hydrogen"
        UNKNOWN = "unknown", "Not known"

    product = required_fk(Product, "product")
    reducing_agent = choice_field("main reducing agent", Agent)
    steel_mill = char_field("steel mill's number", 60)
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
        constraints = [unique_per("sectorparameters", "month", "product")]

    register = Register(
        slug="sector-parameters",
        title="Sector parameters",
        singular="row of sector parameters",
        kind=RegisterKind.CALENDAR,
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
        expected_per="product",
        default_source="supplier",
    )
