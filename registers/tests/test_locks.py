"""A locked month: closed at every door, opened by an owner with a reason; readings that arrive late are named."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.urls import reverse

from core.audit_log import describe_entry, entries_of
from registers import locks, models
from registers.checks.checklist import late_sentence
from registers.models import MonthLock, PeriodLocked
from registers.tests.cast import APRIL, MAY, gears, production_row
from registers.tests.model_factories import ProductMaker, ShutdownMaker, YearStatementMaker
from telemetry.models import QuarterHour

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
APRILS_PAGE = "/dashboard/registers/production/?period=2024-04"


@pytest.fixture
def april(steel_forge, asha, now):
    """April's production, and April locked."""
    found = production_row(steel_forge, gears(steel_forge))
    locks.lock_month(steel_forge, APRIL, by=asha, now=now)
    return found


def test_the_model_refuses_to_change_remove_and_add(april, steel_forge):
    april.remark = "afterthought"
    for act in (april.full_clean, april.save, april.delete):
        with pytest.raises(ValidationError, match="April 2024 is locked"):
            act()
    flanges = ProductMaker(factory=steel_forge, name="Flanges", unit="t")
    with pytest.raises(PeriodLocked):
        models.Production(factory=steel_forge, product=flanges, month=APRIL, source="record").save()
    assert models.Production.objects.get().remark == ""


def test_a_row_leaves_no_locked_month_and_enters_none(april, steel_forge):
    april.month = MAY
    with pytest.raises(PeriodLocked):
        april.save()
    mays = production_row(steel_forge, april.product, MAY)
    mays.month = APRIL
    with pytest.raises(PeriodLocked):
        mays.save()


def test_many_rows_at_once_are_refused_too(april):
    with pytest.raises(PeriodLocked):
        models.Production.objects.all().delete()
    for act in (
        models.Production.objects.update,
        models.Production.objects.bulk_create,
        models.Production.objects.bulk_update,
    ):
        with pytest.raises(TypeError):
            act()
    assert models.Production.objects.count() == 1


def test_the_sheet_shows_it_shaded_and_takes_nothing(april, vik, page):
    client = page(vik)
    body = client.get(APRILS_PAGE).content.decode()
    assert 'class="locked' in body and f'name="r{april.pk}-made"' not in body
    client.post(APRILS_PAGE, {"rows": f"r{april.pk}", f"r{april.pk}-made": "7", "save": "1"})
    alone = client.post(APRILS_PAGE, {"only": f"r{april.pk}", f"r{april.pk}-made": "7"})
    assert "Saved" not in alone.content.decode() and "April 2024 is locked" in alone.content.decode()
    april.refresh_from_db()
    assert april.made == 100


def test_the_rows_page_document_and_removal_are_closed(april, vik, page):
    client, address = page(vik), f"/dashboard/registers/production/{april.pk}/"
    assert "this row cannot change" in client.get(address).content.decode()
    assert client.post(address, {"made": "7", "source": "record"}).status_code == 422
    client.post(f"{address}remove/")
    client.post(f"{address}document/", {"remove": "1"})
    april.refresh_from_db()
    assert april.made == 100


def test_copying_last_month_into_it_copies_nothing(april, steel_forge, asha, vik, page, now):
    locks.lock_month(steel_forge, MAY, by=asha, now=now)
    page(vik).post("/dashboard/registers/production/?period=2024-05", {"copy": "1"})
    assert models.Production.objects.count() == 1


def test_an_import_into_it_is_refused_line_by_line(april, vik, page):
    text = "Month\tProduct\tMade\n2024-04\tGear blanks\t7\n2024-05\tGear blanks\t8"
    answer = page(vik).post("/dashboard/registers/production/import/", {"text": text, "carry_out": "1"})
    assert answer.status_code == 422 and "April 2024 is locked" in answer.content.decode()
    assert models.Production.objects.count() == 1


def test_the_admin_shows_it_without_a_way_to_change(april, admin_user, page):
    client, name = page(admin_user), "admin:registers_production"
    assert client.get(reverse(f"{name}_change", args=[april.pk])).status_code == 200
    assert client.post(reverse(f"{name}_change", args=[april.pk]), {"made": "7"}).status_code == 403
    assert client.post(reverse(f"{name}_delete", args=[april.pk]), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [april.pk], "post": "yes"}
    client.post(reverse(f"{name}_changelist"), chosen)
    assert models.Production.objects.filter(made=100).exists()


def test_an_owner_unlocks_with_a_reason_that_is_remembered(april, steel_forge, asha, page):
    client = page(asha)
    client.post("/dashboard/registers/locks/", {"month": "2024-04", "unlock": "1", "reason": " "})
    assert MonthLock.objects.active().exists()
    client.post(
        "/dashboard/registers/locks/", {"month": "2024-04", "unlock": "1", "reason": "Bill corrected by MSEDCL"}
    )
    lock = MonthLock.objects.get()
    assert (lock.unlocked_by, lock.reason) == (asha, "Bill corrected by MSEDCL")
    entry = describe_entry(entries_of(steel_forge).first())
    assert (entry.actor, entry.object_name) == ("Asha Kulkarni", "April 2024")
    assert ("reason for unlocking", None, "Bill corrected by MSEDCL") in entry.changes
    april.remark = "now it may"
    april.save()


@pytest.mark.parametrize("person", ["vik", "vera", "ira"])
def test_only_an_owner_locks_and_unlocks(person, april, page, request):
    client = page(request.getfixturevalue(person))
    for sent in ({"month": "2024-05", "lock": "1"}, {"month": "2024-04", "unlock": "1", "reason": "because"}):
        assert client.post("/dashboard/registers/locks/", sent).status_code == 403
    assert [lock.month for lock in MonthLock.objects.active()] == [APRIL]


def test_a_month_under_way_is_not_locked(steel_forge, asha, now):
    with pytest.raises(ValidationError, match="not over yet"):
        locks.lock_month(steel_forge, now.date(), by=asha, now=now)


def test_locking_twice_changes_nothing(april, steel_forge, asha, now):
    locks.lock_month(steel_forge, APRIL, by=asha, now=now + timedelta(days=1))
    assert MonthLock.objects.get().locked_at == now


def test_a_yearly_row_is_locked_with_the_last_month_of_its_year(steel_forge, asha, now):
    statement = YearStatementMaker(factory=steel_forge, month=date(2023, 6, 1), other_particulars="Trees")
    assert statement.month == date(2024, 3, 1)
    locks.lock_month(steel_forge, date(2023, 6, 1), by=asha, now=now)
    statement.save()
    locks.lock_month(steel_forge, date(2024, 3, 1), by=asha, now=now)
    with pytest.raises(PeriodLocked):
        statement.save()


def test_a_dated_row_is_locked_with_the_month_of_its_date(steel_forge, asha, now):
    stop = ShutdownMaker(
        factory=steel_forge, what="All", from_on=date(2024, 4, 9), until_on=date(2024, 4, 9), reason="power"
    )
    locks.lock_month(steel_forge, APRIL, by=asha, now=now)
    stop.from_on = date(2024, 5, 1)
    with pytest.raises(PeriodLocked):
        stop.save()


def test_another_factorys_lock_closes_nothing_here(april, chem_works):
    theirs = production_row(chem_works, gears(chem_works))
    theirs.remark = "counted again"
    theirs.save()
    assert (theirs.month, theirs.factory) == (april.month, chem_works)
    assert models.Production.objects.get(factory=chem_works).remark == "counted again"


def test_readings_that_arrive_late_are_stored_and_named(april, steel_forge, device):
    quarter = {"received": 3, "expected": 3, "energy_kwh": 2.5, "covered_s": 900}
    QuarterHour.objects.create(device=device, starts_at=datetime(2024, 4, 3, 6, tzinfo=UTC), **quarter)
    lock = MonthLock.objects.get()
    assert locks.late_readings(lock) == {device.pk: 3}
    assert late_sentence(lock) == "3 readings of Main furnace"


def test_every_change_of_a_row_is_remembered(april, steel_forge, asha, page, now):
    locks.unlock_month(steel_forge, APRIL, reason="Recount", by=asha, now=now)
    key = f"r{april.pk}"
    sent = {"opening": "10", "made": "110", "dispatched": "90", "used_inside": "", "closing": "30", "source": "record"}
    answer = page(asha).post(APRILS_PAGE, {"only": key, **{f"{key}-{name}": value for name, value in sent.items()}})
    assert answer.status_code == 200
    newest = describe_entry(LogEntry.objects.get_for_object(april).first())
    assert newest.actor == "Asha Kulkarni"
    assert ("made", "100.000000", "110") in newest.changes
    assert "110" in page(asha).get(f"/dashboard/registers/production/{april.pk}/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_whoever_enters_while_an_owner_locks_is_waited_for_or_refused(steel_forge, asha, now):
    """The lock waits for the entry under way, and holds what comes after it."""
    product, entered, go_on = gears(steel_forge), threading.Event(), threading.Event()

    def enter():
        with transaction.atomic():
            production_row(steel_forge, product)
            entered.set()
            go_on.wait(10)
        connection.close()

    entry = threading.Thread(target=enter)
    entry.start()
    assert entered.wait(10)
    locking = threading.Thread(
        target=lambda: (locks.lock_month(steel_forge, APRIL, by=asha, now=now), connection.close())
    )
    locking.start()
    locking.join(0.5)
    assert locking.is_alive() and not MonthLock.objects.exists()
    go_on.set()
    entry.join(10)
    locking.join(10)
    assert MonthLock.objects.exists() and models.Production.objects.exists()
    with pytest.raises(PeriodLocked):
        models.Production.objects.get().save()
