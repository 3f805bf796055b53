"""Which kind of machine a name suggests."""

import pytest

from devices.kind_suggestions import suggest_kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Induction furnace 1", "induction_furnace"),
        ("500 kW induction heater", "billet_heater"),
        ("Main furnace", None),
        ("Reheating furnace", "forging_furnace"),
        ("Holding furnace, aluminium", "aluminium_furnace"),
        ("1 t hammer", "hammer"),
        ("Trimming press 250T", "press"),
        ("Pressure vessel", None),
        ("Compressor", "screw_compressor"),
        ("Piston compressor", "recip_compressor"),
        ("Effluent pumps", "pump"),
        ("ETP blower", "effluent_plant"),
        ("DG set 125 kVA", "dg_set"),
        ("Spray dryer", "spray_dryer"),
        ("Spray drier", "spray_dryer"),
        ("Temperature of the hall", None),
        ("", None),
    ],
)
def test_a_name_suggests_a_kind_or_nothing(name, kind):
    assert suggest_kind(name) == kind


def test_the_measuring_point_is_asked_where_the_machine_says_nothing():
    assert suggest_kind("No. 4", "Cooling tower fan") == "cooling_tower"
