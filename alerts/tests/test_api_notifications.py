"""Escalation and one's own preferences over the API."""

import pytest

from alerts.models import EscalationStep, Preference
from alerts.notifications.recipients import preference_of
from alerts.tests.model_factories import EscalationStepMaker

pytestmark = pytest.mark.django_db
STEPS, WISHES = "/escalation-steps", "/notification-preferences"


def test_an_owner_says_who_is_told_next(api, asha, vik):
    made = api(asha).post(STEPS, {"person_id": vik.pk, "after_minutes": 15, "lowest": "critical"}, format="json")
    assert made.status_code == 201
    row = {"id": made.json()["id"], "factory_id": EscalationStep.objects.get().factory_id, "person_id": vik.pk}
    assert made.json() == {**row, "person": vik.full_name, "after_minutes": 15, "lowest": "critical"}
    assert api(asha).get(STEPS).json() == [made.json()]
    again = api(asha).post(STEPS, {"person_id": vik.pk, "after_minutes": 20}, format="json")
    assert (again.status_code, list(again.json())) == (400, ["person_id"])
    assert api(asha).delete(f"{STEPS}/{row['id']}").status_code == 204
    assert not EscalationStep.objects.exists()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"after_minutes": 15}, "person_id"),
        ({"person_id": "vera", "after_minutes": 15}, "person_id"),  # she may only look
        ({"person_id": "chitra", "after_minutes": 15}, "person_id"),  # another factory's
        ({"person_id": "vik", "after_minutes": 0}, "after_minutes"),
        ({"person_id": "vik", "after_minutes": 15, "lowest": "awful"}, "lowest"),
    ],
)
def test_what_will_not_do_as_a_step_is_named(api, asha, vik, vera, chitra, said, field):
    people = {"vik": vik.pk, "vera": vera.pk, "chitra": chitra.pk}
    said = {name: people.get(value, value) for name, value in said.items()}
    answer = api(asha).post(STEPS, said, format="json")
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_steps_are_the_owners(api, asha, vik, chitra, steel_forge):
    step = EscalationStepMaker(factory=steel_forge, person=vik)
    assert api(vik).get(STEPS).status_code == 403
    assert api(vik).delete(f"{STEPS}/{step.pk}").status_code == 403
    assert api(chitra).delete(f"{STEPS}/{step.pk}").status_code == 404
    foreign = {"factory_id": steel_forge.pk, "person_id": vik.pk, "after_minutes": 15}
    assert api(chitra).post(STEPS, foreign, format="json").status_code == 404


def test_steps_are_filtered_by_factory_person_and_severity(api, asha, vik, steel_forge):
    EscalationStepMaker(factory=steel_forge, person=vik, after_minutes=10)
    EscalationStepMaker(factory=steel_forge, person=asha, after_minutes=30, lowest="critical")
    client = api(asha)
    assert [row["person_id"] for row in client.get(f"{STEPS}?factory_id={steel_forge.pk}").json()] == [vik.pk, asha.pk]
    assert [row["person_id"] for row in client.get(f"{STEPS}?person_id={vik.pk}").json()] == [vik.pk]
    assert [row["person_id"] for row in client.get(f"{STEPS}?lowest=critical").json()] == [asha.pk]
    assert client.get(f"{STEPS}?lowest=awful").status_code == 400


def test_everybody_says_what_they_hear_themselves(api, asha, vik, steel_forge):
    [unset] = api(vik).get(WISHES).json()
    assert (unset["factory_id"], unset["is_on"], unset["digest_at"]) == (steel_forge.pk, False, "08:00")
    assert api(asha).get(WISHES).json()[0]["is_on"] is True
    said = {"is_on": True, "lowest": "critical", "quiet_from": "22:00", "quiet_until": "06:00"}
    answer = api(vik).patch(f"{WISHES}/{steel_forge.pk}", said, format="json")
    assert answer.json() == {**unset, **said}
    assert (
        api(vik).patch(f"{WISHES}/{steel_forge.pk}", {"rhythm": "daily"}, format="json").json()["lowest"] == "critical"
    )
    assert list(Preference.objects.values_list("user", "rhythm")) == [(vik.pk, "daily")]
    assert api(vik).get(WISHES).json() == [{**unset, **said, "rhythm": "daily"}]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"rhythm": "sometimes"}, "rhythm"),
        ({"digest_at": "25:00"}, "digest_at"),
        ([], "non_field_errors"),
    ],
)
def test_what_will_not_do_as_a_preference_is_named(api, asha, steel_forge, said, field):
    answer = api(asha).patch(f"{WISHES}/{steel_forge.pk}", said, format="json")
    assert answer.status_code == 400
    assert isinstance(answer.json(), list) or list(answer.json()) == [field]
    assert not Preference.objects.exists()


def test_nobody_speaks_for_a_factory_that_is_not_theirs(api, chitra, admin_user, steel_forge):
    for stranger in (chitra, admin_user):
        assert api(stranger).patch(f"{WISHES}/{steel_forge.pk}", {"is_on": False}, format="json").status_code == 404
    assert api(admin_user).get(WISHES).json() == []


@pytest.fixture
def another_is_quicker(monkeypatch, steel_forge, vik):
    """Between looking and saving, somebody else saves the same step."""

    def look(self, *_, **__):
        EscalationStep.objects.get_or_create(factory=steel_forge, person=vik, defaults={"after_minutes": 5})

    monkeypatch.setattr(EscalationStep, "validate_constraints", look)


@pytest.mark.django_db(transaction=True)
def test_the_second_of_two_who_save_the_same_at_once_is_told(api, page, asha, vik, another_is_quicker):
    said = {"person_id": vik.pk, "after_minutes": 15}
    answer = api(asha).post(STEPS, said, format="json")
    assert (answer.status_code, list(answer.json())) == (409, ["detail"])
    form = {"person": vik.pk, "after_minutes": 15, "lowest": "warning"}
    answer = page(asha).post("/dashboard/alerts/escalation/", form)
    assert (answer.status_code, "Saved already" in answer.content.decode()) == (409, True)
    assert EscalationStep.objects.get().after_minutes == 5


def test_of_two_first_wishes_at_once_the_last_counts(asha, steel_forge):
    first, second = (preference_of(asha.memberships.get()) for _ in range(2))
    first.lowest, second.lowest = "warning", "critical"
    first.save()
    second.save()
    assert list(Preference.objects.values_list("lowest", flat=True)) == ["critical"]
