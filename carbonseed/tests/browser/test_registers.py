"""A month entered by keyboard alone, as an accountant does; a range pasted; pages that break no rule of access."""

from datetime import date
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe

from carbonseed.tests.browser.conftest import DESK, PHONE
from registers import models
from registers.tests.cast import APRIL, MAY, gears, one_row_per_register, production_row, row

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/dashboard/registers/production/?period=2024-05"
PASTE = """([selector, text]) => {
  const cell = document.querySelector(selector);
  cell.focus();
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def products(steel_forge):
    """Flanges and gear blanks, in the order they stand on the sheet."""
    return row(models.Product, steel_forge, name="Flanges", unit="t"), gears(steel_forge)


def type_row(page, *cells):
    """Figures with Tab between them; the last cell is left without."""
    for place, text in enumerate(cells):
        page.keyboard.type(text)
        if place < len(cells) - 1:
            page.keyboard.press("Tab")


def focused_id(page):
    return page.evaluate("document.activeElement.id")


def test_a_month_is_entered_by_keyboard(open_page, log_in, vik, products):
    page = log_in(open_page(), vik)
    page.goto(PAGE)
    flanges, blanks = products
    first = f"n202405-{flanges.pk}"
    page.focus(f"#{first}-opening")
    type_row(page, "1,200", "40", "0", "0", "1,240")
    page.keyboard.press("Enter")
    assert focused_id(page) == f"n202405-{blanks.pk}-closing"
    page.wait_for_selector("tr.saved >> text=Flanges")
    assert focused_id(page) == f"n202405-{blanks.pk}-closing"
    page.keyboard.type("7")
    for _ in range(4):
        page.keyboard.press("Home")
        page.keyboard.press("ArrowLeft")
    assert focused_id(page) == f"n202405-{blanks.pk}-opening"
    type_row(page, "5", "9", "4", "0")
    page.keyboard.press("Enter")  # the last row: stays, and is saved
    error = page.locator("tr", has_text="Gear blanks").locator(".errorlist", has_text="that makes 10, not 7")
    error.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.type("10")
    page.keyboard.press("Enter")
    page.wait_for_selector("tr.saved >> text=Gear blanks")
    found = {each.product: (each.made, each.closing) for each in models.Production.objects.filter(month=MAY)}
    assert found == {flanges: (Decimal(40), Decimal(1240)), blanks: (Decimal(9), Decimal(10))}


def test_escape_takes_a_change_back(open_page, log_in, vik, steel_forge):
    found = production_row(steel_forge, gears(steel_forge), MAY)
    page = log_in(open_page(), vik)
    page.goto(PAGE)
    page.focus(f"#r{found.pk}-made")
    page.keyboard.type("999")
    page.keyboard.press("Escape")
    assert page.input_value(f"#r{found.pk}-made") == "100"


def test_a_range_is_pasted_from_a_spreadsheet(open_page, log_in, vik, products):
    page = log_in(open_page(), vik)
    page.goto(PAGE)
    cells = "10\t20\t5\t0\t25\n1\t2\tthree\t0\t0\n"
    page.evaluate(PASTE, [f"#n202405-{products[0].pk}-opening", cells])
    page.wait_for_selector("text=Pasted; 1 cells have faults.")
    assert models.Production.objects.get().closing == Decimal(25)
    assert "A figure such as" in page.locator("tr", has_text="Gear blanks").inner_text()


def test_lines_that_are_not_there_yet_are_pasted_one_below_the_other(open_page, log_in, vik, steel_forge):
    page = log_in(open_page(), vik)
    page.goto("/dashboard/registers/fuels/")
    page.evaluate(PASTE, ["#b1-name", "HSD\tDiesel (HSD, LDO)\tkL\nCoal\tCoal, bituminous\tt\nLPG\tLPG\tkg"])
    page.wait_for_selector("text=Pasted into 3 rows.")
    assert sorted(models.Fuel.objects.values_list("name", "unit")) == [
        ("Coal", "t"),
        ("HSD", "kL"),
        ("LPG", "kg"),
    ]
    assert page.locator("tr.blank").count() == 1


def test_the_checklist_leads_to_the_very_cell(open_page, log_in, vik, products):
    page = log_in(open_page(), vik)
    page.goto("/dashboard/registers/checklist/?month=2024-05&report=pat")
    page.locator("#pat li", has_text="Flanges").locator("a", has_text="May 24").click()
    cell = f"n202405-{products[0].pk}-opening"
    page.wait_for_function("id => document.activeElement.id === id", arg=cell)
    assert page.evaluate("document.activeElement.id") == cell


def test_a_sheet_is_saved_without_scripts(chromium, live_server, client, vik, products):
    client.force_login(vik, backend="django.contrib.auth.backends.ModelBackend")
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto(PAGE)
    page.fill(f"#n202405-{products[0].pk}-made", "12.5")
    page.press(f"#n202405-{products[0].pk}-made", "Enter")
    page.wait_for_selector("text=1 row saved.")
    assert models.Production.objects.get().made == Decimal("12.5")
    context.close()


@pytest.mark.parametrize(("theme", "viewport"), [("light", DESK), ("dark", PHONE)])
def test_the_pages_can_be_used_by_everyone(open_page, log_in, asha, steel_forge, theme, viewport):
    rows = one_row_per_register(steel_forge)
    production_row(steel_forge, rows["products"], date(2024, 6, 1), closing=None)
    page = log_in(open_page(theme, viewport), asha)
    base = "/dashboard/registers/"
    paths = [base, f"{base}?period=fy2024", f"{base}checklist/?month=2024-06", f"{base}calendar/", f"{base}locks/"]
    paths += [
        f"{base}{slug}/?period={APRIL:%Y-%m}" for slug in ("fuel-use", "laboratory", "machines", "electricity-bills")
    ]
    paths += [f"{base}production/{rows['production'].pk}/", f"{base}production/import/", f"{base}heat/?period=2024-05"]
    for path in paths:
        page.goto(path)
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
