"""Day files over the API, for those who may upload them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from devices.tests.cast import make_device
from telemetry.models import DayFile, Reading
from telemetry.tests.import_files import DAY, import_day_file
from telemetry.tests.model_factories import DayFileLineMaker, DayFileMaker
from telemetry.tests.test_import_dialects import SEMICOLON


@pytest.fixture
def clock(monkeypatch, now):
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.fixture
def day_file(device, asha):
    return DayFileMaker(device=device, uploaded_by=asha, lines=3, accepted=2, refused=1)


def test_an_owner_reads_what_became_of_a_file(api, asha, device):
    imported = import_day_file(device, DAY + "2025-01-15 15:30,1,1\n", by=asha)
    answer = api(asha).get(f"/imports/{imported.pk}").json()
    assert (answer["device_id"], answer["uploaded_by"], answer["state"]) == (device.pk, asha.pk, "done")
    assert (answer["lines"], answer["accepted"], answer["refused"]) == (4, 3, 1)
    [line] = api(asha).get(f"/imports/{imported.pk}/lines").json()
    assert (line["number"], line["outcome"], line["field"]) == (5, "refused", "timestamp")


def test_files_are_found_by_state_and_device(api, asha, steel_forge, device, day_file):
    press = make_device(steel_forge, "ESP32-SF-002")
    failed = DayFileMaker(device=press, state="failed")
    whole_factory = DayFileMaker(device=None, factory=steel_forge)

    def listed(**query):
        return {row["id"] for row in api(asha).get("/imports", query).json()}

    assert listed() == {day_file.pk, failed.pk, whole_factory.pk}
    assert listed(state="failed") == listed(device_id=press.pk) == {failed.pk}


@pytest.mark.parametrize(("path", "field"), [("/imports", "state"), ("/imports/{pk}/lines", "outcome")])
def test_a_value_no_filter_knows_is_a_400_that_names_it(api, asha, day_file, path, field):
    answer = api(asha).get(path.format(pk=day_file.pk), {field: "lost"})
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_lines_come_by_number_and_are_found_by_outcome(api, asha, day_file):
    DayFileLineMaker(day_file=day_file, number=9)
    DayFileLineMaker(day_file=day_file, number=4, outcome="remark")
    DayFileLineMaker()  # of another file

    def numbers(**query):
        return [line["number"] for line in api(asha).get(f"/imports/{day_file.pk}/lines", query).json()]

    assert (numbers(), numbers(outcome="refused")) == ([4, 9], [9])


@pytest.mark.parametrize("who", ["vik", "vera", "ira"])
def test_only_who_may_bring_readings_reads_of_files(request, api, day_file, who):
    client = api(request.getfixturevalue(who))
    for path in ("/imports", f"/imports/{day_file.pk}", f"/imports/{day_file.pk}/lines"):
        assert client.get(path).status_code == 403


def test_files_of_another_factory_do_not_exist(api, chitra, day_file):
    assert api(chitra).get("/imports").json() == []
    for path in (f"/imports/{day_file.pk}", f"/imports/{day_file.pk}/lines"):
        assert api(chitra).get(path).status_code == 404


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_file_is_not_changed_over_the_api(api, asha, day_file, method):
    for path in ("/imports", f"/imports/{day_file.pk}", f"/imports/{day_file.pk}/lines"):
        assert getattr(api(asha), method)(path, {"state": "done"}).status_code == 405
    assert DayFile.objects.get().state == "checked"


def send(client, device, text, **more):
    file = SimpleUploadedFile("day.csv", text.encode())
    return client.post("/imports", {"file": file, "device_id": device.pk, **more}, format="multipart")


def test_an_upload_answers_with_its_dry_run_and_is_imported_when_told(api, asha, device, clock):
    client = api(asha)
    found = send(client, device, DAY).json()
    assert (found["state"], found["accepted"], found["questions"]) == ("checked", 3, [])
    assert found["values"]["rows"][0]["values"] == {"temperature": 850.5, "power_consumption": 32.5}
    assert not Reading.objects.exists()
    done = client.post(f"/imports/{found['id']}/start").json()
    assert (done["state"], Reading.objects.count()) == ("done", 3)
    assert client.post(f"/imports/{found['id']}/start").status_code == 409
    assert client.delete(f"/imports/{found['id']}").status_code == 409


def test_a_question_is_answered_by_the_columns_heading(api, asha, device, clock):
    client = api(asha)
    found = send(client, device, SEMICOLON).json()
    assert (found["state"], [question["key"] for question in found["questions"]]) == ("asking", ["decimals.2"])
    assert client.post(f"/imports/{found['id']}/start").status_code == 409
    answer = {"choices": {"decimals": {"Energy_kWh": "comma"}}}
    again = client.post(f"/imports/{found['id']}/answer", answer, format="json").json()
    assert (again["state"], again["values"]["metrics"][0]["sum"]) == ("checked", pytest.approx(37.044))
    assert client.delete(f"/imports/{found['id']}").status_code == 204 and not DayFile.objects.exists()


def test_choices_may_come_with_the_upload(api, asha, device, clock):
    found = send(api(asha), device, SEMICOLON, choices='{"decimals": "point"}').json()
    assert (found["state"], found["values"]["metrics"][0]["least"]["value"]) == ("checked", 12345)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"choices": "{"}, "choices"),
        ({"choices": "[]"}, "choices"),
        ({"choices": '{"decimals": "semicolon"}'}, "choices"),
        ({"times": "mars"}, "times"),
        ({"device_id": "x"}, "device_id"),
        ({"file": ""}, "file"),
    ],
)
def test_an_upload_that_is_none_names_the_field(api, asha, device, more, field):
    answer = send(api(asha), device, DAY, **more)
    assert (answer.status_code, list(answer.json())) == (400, [field])
    assert not DayFile.objects.exists()


def test_an_answer_about_a_column_that_is_not_there_names_it(api, asha, device, clock):
    client = api(asha)
    found = send(client, device, SEMICOLON).json()
    answer = client.post(f"/imports/{found['id']}/answer", {"choices": {"decimals": {"MWh": "comma"}}}, format="json")
    assert answer.status_code == 400 and "There is no column 'MWh'" in str(answer.json()["choices"])


def test_strangers_and_operators_upload_nothing(api, vik, chitra, device, day_file):
    for who, status in ((vik, 403), (chitra, 404)):
        client = api(who)
        assert send(client, device, DAY).status_code == status
        for path in ("start", "answer"):
            assert client.post(f"/imports/{day_file.pk}/{path}", {}, format="json").status_code == status
        assert client.delete(f"/imports/{day_file.pk}").status_code == status


def test_the_list_takes_the_same_number_of_queries_with_one_and_three_files(
    api, asha, device, day_file, django_assert_num_queries
):
    client = api(asha)
    with django_assert_num_queries(3):
        client.get("/imports")
    DayFileMaker.create_batch(2, device=device)
    with django_assert_num_queries(3):
        assert len(client.get("/imports").json()) == 3
