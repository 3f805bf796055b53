"""Kinds of machine, and what a temperature sensor on one measures. A machine's default limits follow from both."""

from django.db import models


class MachineKind(models.TextChoices):
    """What stands there; an empty value means that nobody said."""

    INDUCTION_FURNACE = "induction_furnace", "Induction melting furnace"
    CUPOLA = "cupola", "Cupola"
    ARC_FURNACE = "arc_furnace", "Electric arc furnace"
    FORGING_FURNACE = "forging_furnace", "Forging furnace, oil, gas or electric"
    BILLET_HEATER = "billet_heater", "Induction billet heater"
    HEAT_TREATMENT = "heat_treatment", "Heat-treatment furnace"
    HAMMER = "hammer", "Forging hammer"
    PRESS = "press", "Press"
    SCREW_COMPRESSOR = "screw_compressor", "Screw air compressor"
    RECIPROCATING_COMPRESSOR = "recip_compressor", "Reciprocating air compressor"
    PUMP = "pump", "Pump"
    COOLING_TOWER = "cooling_tower", "Cooling tower"
    SPRAY_DRYER = "spray_dryer", "Spray dryer"
    ROTARY_KILN = "rotary_kiln", "Rotary kiln"
    BALL_MILL = "ball_mill", "Ball mill"
    BOILER = "boiler", "Steam boiler"
    THERMIC_HEATER = "thermic_heater", "Thermic-fluid heater"
    ALUMINIUM_FURNACE = "aluminium_furnace", "Aluminium melting or holding furnace"
    DIE_CASTER = "die_caster", "Die-casting machine"
    INCOMER = "incomer", "Incomer or transformer"
    DG_SET = "dg_set", "DG set"
    EFFLUENT_PLANT = "effluent_plant", "Effluent treatment plant"
    OTHER = "other", "Another machine"


class TemperaturePoint(models.TextChoices):
    """Where the temperature sensor sits. Without it no limit on a temperature is proposed: the same furnace has a bath
    at 1,450 °C and cooling water at 50."""

    COIL_WATER = "coil_water", "Coil or panel cooling water, outlet"
    BATH = "bath", "Bath, charge or zone"
    FLUE = "flue", "Flue or top gas"
    QUENCH_OIL = "quench_oil", "Quench oil"
    OIL = "oil", "Hydraulic or transformer oil"
    OUTLET = "outlet", "Compressed air or element outlet"
    BEARING = "bearing", "Bearing"
    SHELL = "shell", "Shell"
    COOLANT = "coolant", "Engine coolant"
    AIR = "air", "Air of the hall"
    OTHER = "other", "Something else"
