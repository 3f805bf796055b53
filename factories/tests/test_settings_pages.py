"""Settings of a factory: identity, logo, shifts, holidays."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, PngImagePlugin

from factories.logos import InvalidLogo, clean_logo
from factories.models import Holiday, Shift

SHIFT = {"form": "shift", "shift-name": "A", "shift-starts_at": "22:00", "shift-ends_at": "06:00"}


def picture(kind="PNG", size=(1200, 300), **options):
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind, **options)
    return out.getvalue()


def upload(client, raw, name="logo.png"):
    return client.post(reverse("factory_settings"), {"form": "logo", "logo": SimpleUploadedFile(name, raw)})


def test_a_logo_is_scaled_and_written_anew():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "<script>alert(1)</script>")
    raw, kind = clean_logo(picture(pnginfo=notes) + b"<?php trailing ?>")
    assert kind == "image/png"
    assert b"script" not in raw
    assert b"php" not in raw
    assert Image.open(io.BytesIO(raw)).size == (600, 150)


def test_half_a_picture_is_refused_also_after_a_document_was_printed(monkeypatch):
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", True)  # what importing WeasyPrint does
    with pytest.raises(InvalidLogo):
        clean_logo(picture()[:200])


@pytest.mark.parametrize(
    "raw", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n", picture("GIF"), picture()[:200]]
)
def test_anything_but_a_png_or_jpeg_is_refused(raw):
    with pytest.raises(InvalidLogo):
        clean_logo(raw)


def test_a_logo_that_is_too_large_is_refused():
    with pytest.raises(InvalidLogo, match="512 KB"):
        clean_logo(b"x" * (512 * 1024 + 1))
    with pytest.raises(InvalidLogo, match="pixels"):
        clean_logo(picture(size=(6000, 6000)))


def test_a_logo_is_shown_to_members_only(page, asha, chitra, ira, steel_forge):
    path = reverse("factory_logo", args=[steel_forge.pk])
    assert page(asha).get(path).status_code == 204
    assert upload(page(asha), picture("JPEG")).status_code == 302
    answer = page(ira).get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert page(chitra).get(path).status_code == 404
    page(asha).post(reverse("logo_remove"))
    assert page(asha).get(path).status_code == 204


def test_a_bad_logo_is_told_at_its_field(page, asha, steel_forge):
    answer = upload(page(asha), b"not a picture")
    assert list(answer.context["forms"]["logo"].errors) == ["logo"]


def test_the_factory_is_described_for_its_reports(page, asha, steel_forge):
    form = page(asha).get(reverse("factory_settings")).context["forms"]["factory"]
    entered = {f"factory-{name}": "" if value is None else value for name, value in form.initial.items()}
    answer = page(asha).post(
        reverse("factory_settings"),
        {"form": "factory", **entered, "factory-occupier": "A. Kulkarni", "factory-time_zone": "Asia/Colombo"},
    )
    assert answer.status_code == 302
    steel_forge.refresh_from_db()
    assert (steel_forge.occupier, steel_forge.time_zone) == ("A. Kulkarni", "Asia/Colombo")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a\x00b"),
        ("time_zone", "Mars/North"),
        ("latitude", "91"),
        ("latitude", "NaN"),
        ("year_established", "9"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(page, asha, steel_forge, field, value):
    form = page(asha).get(reverse("factory_settings")).context["forms"]["factory"]
    entered = {f"factory-{name}": "" if value is None else value for name, value in form.initial.items()}
    answer = page(asha).post(reverse("factory_settings"), {"form": "factory", **entered, f"factory-{field}": value})
    assert list(answer.context["forms"]["factory"].errors) == [field]
    assert "Settings of Steel Forge" in answer.content.decode()


def test_shifts_come_change_and_go(page, asha, chitra, steel_forge):
    page(asha).post(reverse("factory_settings"), {**SHIFT, "shift-weekdays": ["1", "6"]})
    shift = Shift.objects.get()
    assert (shift.factory, shift.weekdays, shift.days) == (steel_forge, [1, 6], "Mon, Sat")
    path = reverse("shift_edit", args=[shift.pk])
    assert page(chitra).get(path).status_code == 404
    page(asha).post(path, {"name": "Night", "starts_at": "22:00", "ends_at": "06:30", "weekdays": ["7"]})
    shift.refresh_from_db()
    assert (shift.name, shift.weekdays) == ("Night", [7])
    remove = reverse("shift_remove", args=[shift.pk])
    assert page(chitra).post(remove).status_code == 404
    assert "Remove Night" in page(asha).get(remove).content.decode()
    page(asha).post(remove)
    assert not Shift.objects.exists()


@pytest.mark.parametrize(
    ("bad", "wrong"),
    [
        ({"shift-weekdays": ["9"]}, "weekdays"),
        ({"shift-weekdays": []}, "weekdays"),
        ({"shift-weekdays": ["1"], "shift-ends_at": "22:00"}, "ends_at"),
        ({"shift-weekdays": ["1"], "shift-starts_at": "25:00"}, "starts_at"),
    ],
)
def test_a_bad_shift_is_told_at_its_field(page, asha, steel_forge, bad, wrong):
    answer = page(asha).post(reverse("factory_settings"), {**SHIFT, **bad})
    assert list(answer.context["forms"]["shift"].errors) == [wrong]


def test_a_day_is_a_holiday_once(page, asha, chitra, steel_forge):
    entered = {"form": "holiday", "holiday-on": "2025-10-20", "holiday-name": "Diwali"}
    page(asha).post(reverse("factory_settings"), entered)
    again = page(asha).post(reverse("factory_settings"), entered)
    assert list(again.context["forms"]["holiday"].errors) == ["on"]
    remove = reverse("holiday_remove", args=[Holiday.objects.get().pk])
    assert page(chitra).post(remove).status_code == 404
    page(asha).post(remove)
    assert not Holiday.objects.exists()
