"""Factories over the API."""

from alerts.models import Alert
from devices.tests.model_factories import DeviceMaker
from factories.models import Factory
from factories.tests.cast import FactoryMaker


def test_a_factory_shows_its_counts_without_multiplying_them(api, asha, vik, steel_forge, now):
    device, *_others = DeviceMaker.create_batch(3, factory=steel_forge)
    for number in range(2):
        Alert.objects.create(
            factory=steel_forge,
            device=device,
            alert_type="temperature",
            severity="critical",
            title=f"Alert {number}",
            triggered_at=now,
        )
    shown = api(asha).get(f"/factories/{steel_forge.pk}").json()
    assert (shown["device_count"], shown["user_count"], shown["active_alerts"]) == (3, 2, 2)


def test_the_list_holds_ones_own_factories_only(api, asha, chitra, admin_user):
    assert [each["name"] for each in api(asha).get("/factories").json()] == ["Steel Forge"]
    assert len(api(admin_user).get("/factories").json()) == 2


def test_the_list_costs_the_same_queries_however_long(api, admin_user, django_assert_num_queries):
    FactoryMaker()
    with django_assert_num_queries(1):
        api(admin_user).get("/factories")
    FactoryMaker.create_batch(2)
    with django_assert_num_queries(1):
        assert len(api(admin_user).get("/factories").json()) == 3


def test_factories_are_filtered_and_ordered(api, admin_user):
    FactoryMaker(name="Alpha Forge", industry="forging", location="Pune")
    FactoryMaker(name="Beta Cement", industry="cement", location="Satna")

    def names(query):
        return [each["name"] for each in api(admin_user).get(f"/factories?{query}").json()]

    assert names("industry=cement") == names("search=satna") == names("search=BETA") == ["Beta Cement"]
    assert names("ordering=-name") == ["Beta Cement", "Alpha Forge"]
    for bad in ("industry=x", "search=%00", "ordering=logo"):
        assert api(admin_user).get(f"/factories?{bad}").status_code == 400


def test_an_admin_opens_and_archives_a_factory(api, admin_user):
    made = api(admin_user).post("/factories", {"name": "New Works", "industry": "foundry"})
    assert (made.status_code, made.json()["device_count"]) == (201, 0)
    assert api(admin_user).delete(f"/factories/{made.json()['id']}").status_code == 204
    assert api(admin_user).get("/factories").json() == []
    assert Factory.objects.get().archived_at is not None


def test_a_time_zone_that_does_not_exist_is_a_400(api, asha, steel_forge):
    for zone in ["Asia/Nowhere", "../etc/passwd", "", "x" * 60]:
        answer = api(asha).patch(f"/factories/{steel_forge.pk}", {"time_zone": zone})
        assert (answer.status_code, list(answer.json())) == (400, ["time_zone"])


def test_a_name_is_one_line(api, asha, steel_forge):
    """It stands in mail subjects and file names."""
    answer = api(asha).patch(f"/factories/{steel_forge.pk}", {"name": "Steel\r\nBcc: all@example.in"})
    assert (answer.status_code, list(answer.json())) == (400, ["name"])


def test_a_machines_name_is_one_line(api, asha, steel_forge):
    sent = {"device_id": "D-9", "device_name": "Furnace\nLine two", "factory_id": steel_forge.pk}
    answer = api(asha).post("/devices/register", sent)
    assert (answer.status_code, list(answer.json())) == (400, ["device_name"])
