"""The ledger of factors: loaded once, cited, looked up for a day, never changed."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from calculations.cbam.allocation import YearFactors, allocation
from calculations.cbam.defaults import marked_up, printed_default
from registers.factors import lookup
from registers.factors.loader import COLUMNS, FactorFileError, load
from registers.factors.lookup import FactorNotFound, benchmark, default_value, factor, factor_differences, mark_up
from registers.models.factors import Factor, FactorImmutableError, FactorSet

pytestmark = pytest.mark.django_db
YEAR_END = date(2026, 12, 31)


def test_a_fresh_database_has_the_ledger():
    assert FactorSet.objects.count() == 15 and Factor.objects.count() > 1000
    assert load() == []


def test_loading_again_is_one_query(django_assert_num_queries):
    with django_assert_num_queries(3):  # the sets, and the savepoint around nothing
        load()


# Read off the Official Journal by eye, apart from the parsing that made the file.
OFFICIAL_JOURNAL = [
    ("fuel.ef.natural_gas", "56.1", "t CO2/TJ", "Annex II G, Table 1 (OJ p. 62)"),
    ("fuel.ncv.natural_gas", "48.0", "GJ/t", "Annex II G, Table 1 (OJ p. 62)"),
    ("fuel.ef.gas_diesel_oil", "74.1", "t CO2/TJ", "Annex II G, Table 1 (OJ p. 61)"),
    ("fuel.ef.residual_fuel_oil", "77.4", "t CO2/TJ", "Annex II G, Table 1 (OJ p. 61)"),
    ("fuel.ef.liquefied_petroleum_gases", "63.1", "t CO2/TJ", "Annex II G, Table 1 (OJ p. 61)"),
    ("fuel.ncv.sub_bituminous_coal", "18.9", "GJ/t", "Annex II G, Table 1 (OJ p. 61)"),
    ("fuel.ef.blast_furnace_gas", "260", "t CO2/TJ", "Annex II G, Table 1 (OJ p. 62)"),
    ("fuel.ncv.peat", "9.76", "GJ/t", "Annex II G, Table 1 (OJ p. 62)"),
    ("fuel.ef.carbon_monoxide", "155.2", "t CO2/TJ", "Annex II G, Table 1 (OJ p. 62)"),
    ("fuel.ncv.methane", "50.0", "GJ/t", "Annex II G, Table 1 (OJ p. 62)"),
    ("biomass.ef.wood", "112", "t CO2/TJ", "Annex II G, Table 2 (OJ p. 62)"),
    ("biomass.ncv.biodiesels", "37.0", "GJ/t", "Annex II G, Table 2 (OJ p. 63)"),
    ("carbonate.ef.caco3", "0.440", "t CO2/t", "Annex II G, Table 3 (OJ p. 63)"),
    ("oxide.ef.mgo", "1.092", "t CO2/t", "Annex II G, Table 4 (OJ p. 64)"),
    ("material.cc.eaf_carbon_electrodes", "0.8188", "t C/t", "Annex II G, Table 5 (OJ p. 64)"),
    ("material.cc.steel_steel_scrap", "0.0109", "t C/t", "Annex II G, Table 5 (OJ p. 64)"),
    ("gwp.c2f6", "11100", "t CO2e/t C2F6", "Annex II G, Table 6 (OJ p. 64)"),
    ("efficiency.heat.l7.steam.from_2016", "80", "%", "Annex III C, Table 2 (OJ p. 76)"),
    ("efficiency.electricity.g10.from_2016", "53.0", "%", "Annex III C, Table 1 (OJ p. 74)"),
]


@pytest.mark.parametrize(("key", "value", "unit", "place"), OFFICIAL_JOURNAL)
def test_a_standard_factor_stands_as_the_journal_prints_it(key, value, unit, place):
    found = factor(key, YEAR_END)
    assert (format(found.amount, "f"), found.unit, found.place, found.is_verified) == (value, unit, place, True)
    assert found.citation == f"Implementing Regulation (EU) 2025/2547, {place} (OJ L, 22.12.2025)"


@pytest.mark.parametrize(
    ("beginning", "count"),
    [
        ("fuel.ef.", 41),
        ("fuel.ncv.", 39),
        ("biomass.ef.", 11),
        ("biomass.ncv.", 11),
        ("carbonate.", 9),
        ("oxide.", 3),
        ("material.cc.", 9),
        ("material.ef.", 9),
        ("gwp.", 3),
        ("pfc.", 16),
    ],
)
def test_no_row_of_a_table_is_missing(beginning, count):
    assert Factor.objects.filter(key__startswith=beginning).count() == count


def test_carbon_contents_agree_with_their_emission_factors():
    """Table 5 prints both, rounded: EF = CC × 3.664 to its two decimals."""
    for content in Factor.objects.filter(key__startswith="material.cc."):
        printed = factor(content.key.replace(".cc.", ".ef."), YEAR_END)
        assert abs(content.value * D("3.664") - printed.value) < D("0.006"), content.key


@pytest.mark.parametrize(
    ("code", "base", "percent", "printed"),
    [
        ("7318 15 42", "5.72", "10", "6.292"),
        ("73261990", "4.91", "10", "5.401"),
        ("72071190", "4.32", "10", "4.752"),
        ("31021019", "2.22", "1", "2.242"),
        ("28141000", "3.28", "1", "3.313"),
    ],
)
def test_a_default_value_is_marked_up_only_when_it_is_used(code, base, percent, printed):
    value, added = default_value(code, YEAR_END), mark_up(code, YEAR_END)
    assert (value.amount, added.value * 100) == (D(base), D(percent))
    assert printed_default(marked_up(value.value, added.value).value) == D(printed)


@pytest.mark.parametrize(("year", "percent"), [(2026, 10), (2027, 20), (2028, 30), (2033, 30)])
def test_the_mark_up_rises(year, percent):
    assert mark_up("73181542", date(year, 6, 1)).value * 100 == percent


def test_white_and_grey_clinker_differ():
    assert default_value("25231000", YEAR_END, "white").amount == D("1.41")
    assert default_value("25231000", YEAR_END, "grey").amount == D("1.44")


def test_where_india_has_no_value_that_of_other_countries_holds():
    found = default_value("25070080", YEAR_END)
    assert found.amount == D("0.28") and "Other countries" in found.citation


def test_what_is_not_in_the_act_is_not_guessed():
    for code in ("73251000", "87089900"):
        with pytest.raises(FactorNotFound, match=r"cbam\.default\.in"):
            default_value(code, YEAR_END)
    with pytest.raises(FactorNotFound):
        factor("fuel.ef.natural_gas", date(2025, 12, 31))  # the regulation holds from 2026


def test_the_benchmark_of_screws_and_its_free_allocation():
    year = YearFactors(factor("cbam.factor", YEAR_END).value, factor("cbam.cscf", YEAR_END).value)
    found = benchmark("73181542", "b", YEAR_END, route="C")
    assert allocation(year, found.value).value == D("0.975") * D("1.364")
    assert "unverified" in found.citation
    with pytest.raises(FactorNotFound):
        benchmark("73181410", "b", YEAR_END, route="C")  # stainless, and not known


def test_a_grid_factor_is_that_of_its_year_in_the_newest_version():
    fy = date(2024, 3, 31)
    assert factor("grid.cea.average", fy).amount == D("0.7290")
    assert factor("grid.cea.average_with_imports", fy).amount == D("0.727")
    assert factor("grid.cea.average", date(2025, 3, 31)).factor_set.version == "21.0"
    with pytest.raises(FactorNotFound):
        factor("grid.cea.average", date(2025, 3, 31), known_by=date(2025, 6, 30))


def test_second_hand_figures_print_so():
    assert "unverified: from a secondary page" in factor("grid.cea.average", date(2025, 3, 31)).citation
    assert not Factor.objects.filter(key__startswith="grid.cea", is_verified=True).exists()
    assert not factor("naaqs.as.annual.general", YEAR_END).is_verified
    assert factor("cbam.grid.in", YEAR_END).is_verified
    assert "CC BY-NC-SA" in factor("cbam.grid.in", YEAR_END).factor_set.licence


def a_set(folder, version, rows, columns=None):
    (folder / f"{version}.csv").write_text("\n".join([",".join(columns or COLUMNS), *rows]))
    with (folder / "sets.toml").open("a") as file:
        file.write(
            f'[[set]]\nslug = "test"\nversion = "{version}"\nfile = "{version}.csv"\ntitle = "T"\nact = "A"\n'
            f"published_on = 2026-0{version}-01\n"
        )


ROW = "test.key,Test,{},t,place,,,yes,"


def test_a_new_version_is_a_new_row_and_changes_nothing_issued(tmp_path):
    a_set(tmp_path, "1", [ROW.format("1.0")])
    load(tmp_path)
    frozen = [factor("test.key", YEAR_END).frozen()]
    assert factor_differences(frozen, YEAR_END) == []
    a_set(tmp_path, "2", [ROW.format("1.50")])
    load(tmp_path)
    assert Factor.objects.filter(key="test.key").count() == 2
    assert frozen[0]["value"] == "1.0"
    (told,) = factor_differences(frozen, YEAR_END)
    assert (told.before, told.now, told.version_before, told.version_now) == (D("1.0"), D("1.5"), "1", "2")
    assert factor("test.key", YEAR_END).amount == D("1.50")
    assert factor("test.key", YEAR_END, known_by=date(2026, 1, 15)).amount == D("1.0")


def test_a_factor_that_no_longer_holds_is_told_too(tmp_path):
    frozen = [{"key": "gone", "name": "Gone", "value": "1", "unit": "t", "version": "0"}]
    (told,) = factor_differences(frozen, YEAR_END)
    assert told.now is None and told.changes_value


def test_changes_of_many_factors_are_one_query(django_assert_num_queries):
    frozen = [factor(key, YEAR_END).frozen() for key in ("gwp.n2o", "gwp.cf4", "gwp.c2f6")]
    with django_assert_num_queries(1):
        lookup.factor_differences(frozen, YEAR_END)


def test_a_file_that_changed_under_its_version_is_refused(tmp_path):
    a_set(tmp_path, "1", [ROW.format("1.0")])
    load(tmp_path)
    (tmp_path / "1.csv").write_text(",".join(COLUMNS) + "\n" + ROW.format("9.9"))
    with pytest.raises(FactorFileError, match=r"1\.csv changed, but test 1 is loaded already"):
        load(tmp_path)
    assert factor("test.key", YEAR_END).amount == D("1.0")


@pytest.mark.parametrize(
    "row",
    ["test.key,Test,n.a.,t,place,,,yes,", "test.key,Test,1,t,place,,,perhaps,", ",Test,1,t,place,,,yes,", "test.key"],
)
def test_a_faulty_line_is_named_and_nothing_is_loaded(tmp_path, row):
    a_set(tmp_path, "1", [row])
    with pytest.raises(FactorFileError, match=r"1\.csv, line 2"):
        load(tmp_path)
    assert not FactorSet.objects.filter(slug="test").exists()


def test_the_same_key_cannot_stand_twice_for_one_day(tmp_path):
    a_set(tmp_path, "1", [ROW.format("1.0"), ROW.format("2.0")])
    with pytest.raises(IntegrityError):
        load(tmp_path)


def test_a_loaded_factor_never_changes():
    found = factor("gwp.n2o", YEAR_END)
    found.value = D(298)
    with pytest.raises(FactorImmutableError):
        found.save()
    with pytest.raises(FactorImmutableError):
        found.delete()


def test_admin_looks_and_does_not_touch(page, admin_user):
    client = page(admin_user)
    found = factor("gwp.n2o", YEAR_END)
    assert "gwp.n2o" in client.get("/admin/registers/factor/?q=gwp").text
    assert client.post(f"/admin/registers/factor/{found.pk}/change/", {"value": 1}).status_code == 403
    assert client.get("/admin/registers/factor/add/").status_code == 403


def test_the_command_says_what_is_new(capsys):
    call_command("load_factors")
    assert capsys.readouterr().out == "Nothing new.\n"


@pytest.mark.parametrize(
    ("cn_code", "country", "total"),
    [
        ("72071111", "cn", "3.168785"),  # a billet from China has its own …
        ("72071111", "om", None),  # … and from Oman, which has none of its own
        ("25231000", "al", None),  # no white clinker there: that of other countries
        ("72071111", "fr", None),  # not in the workbook at all
    ],
)
def test_a_precursor_from_anywhere_has_the_default_of_its_country_or_of_others(cn_code, country, total):
    variant = "white" if cn_code == "25231000" else ""
    found = lookup.default_value(cn_code, YEAR_END, variant, country)
    if total is None:
        assert found.key.startswith("cbam.default.other.")
    else:
        assert (str(found.amount), found.is_verified) == (total, False)
        assert "the act decides" in found.citation


def test_the_default_values_of_a_country_are_read_once(django_assert_num_queries):
    values = lookup.default_values_on(YEAR_END)
    with django_assert_num_queries(1):
        codes = [values.value(code, country="cn").key for code in ("72071111", "72071190")]
    assert codes == ["cbam.default.cn.72071111.total", "cbam.default.cn.72071190.total"]
