"""Documents behind rows: their type found in the bytes, kept as they came, never served as anything but a download."""

import hashlib
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from registers.models import Evidence
from registers.tests.cast import MAY, gears, production_row

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def april(steel_forge):
    return production_row(steel_forge, gears(steel_forge))


def attach(client, found, content, name="bill.pdf"):
    address = f"/dashboard/registers/{found.register.slug}/{found.pk}/document/"
    return client.post(address, {"document": SimpleUploadedFile(name, content)}, follow=True)


def test_a_document_is_kept_as_it_came_and_found_by_its_digest(vik, ira, page, april):
    attach(page(vik), april, PDF, '../../b"ill\n.exe')
    april.refresh_from_db()
    evidence = april.evidence
    assert (evidence.sha256, evidence.media_type) == (hashlib.sha256(PDF).hexdigest(), "application/pdf")
    answer = page(ira).get(f"/dashboard/registers/documents/{evidence.pk}/")
    assert answer.content == PDF and answer["X-Content-Type-Options"] == "nosniff"
    assert (
        answer["Content-Disposition"].startswith("attachment;")
        and "/" not in evidence.name
        and '"' not in evidence.name
    )


def test_the_same_document_is_kept_once_a_factory(vik, chitra, page, april, chem_works):
    mays = production_row(april.factory, april.product, MAY)
    for found in (april, mays):
        attach(page(vik), found, PDF)
    attach(page(chitra), production_row(chem_works, gears(chem_works)), PDF)
    assert Evidence.objects.filter(factory=april.factory).count() == 1 and Evidence.objects.count() == 2


def png():
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"<html><script>alert(1)</script>", b"MZ\x90", b"%PDF-1.4 no end", b"PK\x03\x04", png()[:40], b"<svg/>"],
)
def test_what_is_no_document_is_refused_whatever_it_is_called(content, vik, page, april):
    body = text_of(attach(page(vik), april, content))
    assert "Only PDF, PNG, JPEG and XLSX documents are kept." in body and not Evidence.objects.exists()


def test_a_picture_is_a_document(vik, page, april):
    attach(page(vik), april, png(), "scan.jpeg")
    assert Evidence.objects.get().name == "scan.png"


def test_a_document_too_large_is_refused(vik, page, april, settings):
    settings.EVIDENCE_MAX_BYTES = 20
    assert "larger than" in text_of(attach(page(vik), april, PDF)) and not Evidence.objects.exists()


def test_a_document_is_taken_off_and_stays(vik, page, april):
    attach(page(vik), april, PDF)
    page(vik).post(f"/dashboard/registers/production/{april.pk}/document/", {"remove": "1"})
    april.refresh_from_db()
    assert april.evidence is None and Evidence.objects.exists()


def test_a_row_cannot_carry_another_factorys_document(api, asha, april, chem_works, now):
    fields = {"name": "x.pdf", "media_type": "application/pdf", "size_bytes": 1, "sha256": "1" * 64, "content": b"x"}
    theirs = Evidence.objects.create(factory=chem_works, uploaded_at=now, **fields)
    answer = api(asha).patch(f"/registers/production/{april.pk}", {"evidence_id": theirs.pk})
    assert answer.status_code == 400 and "evidence_id" in answer.json()


def upload(client, content, name="bill.pdf", **also):
    return client.post(
        "/registers/documents", {"document": SimpleUploadedFile(name, content), **also}, format="multipart"
    )


def test_a_client_sends_a_document_names_it_in_a_row_and_reads_it_back(api, vik, ira, april):
    sent = upload(api(vik), PDF)
    assert sent.status_code == 201 and sent.json()["sha256"] == hashlib.sha256(PDF).hexdigest()
    number = sent.json()["id"]
    answer = api(vik).patch(f"/registers/production/{april.pk}", {"evidence_id": number})
    assert answer.status_code == 200 and answer.json()["evidence_id"] == number
    assert api(ira).get(f"/registers/documents/{number}/content").content == PDF
    assert [row["id"] for row in api(ira).get("/registers/documents").json()] == [number]
    assert api(vik).patch(f"/registers/production/{april.pk}", {"evidence_id": None}).json()["evidence_id"] is None
    again = upload(api(vik), PDF, "other.pdf")
    assert (again.status_code, again.json()["id"]) == (200, number)


@pytest.mark.parametrize("content", [b"MZ\x90\x00 a program", b"<html></html>", b"%PDF-1.4 cut short"])
def test_over_the_api_too_only_documents_are_kept(api, vik, content):
    answer = upload(api(vik), content, "bill.pdf")
    assert answer.status_code == 400 and list(answer.json()) == ["document"]


def test_a_request_without_a_document_or_too_large_names_the_field(api, vik, settings):
    assert list(api(vik).post("/registers/documents", {}, format="multipart").json()) == ["document"]
    assert list(upload(api(vik), b"").json()) == ["document"]
    settings.EVIDENCE_MAX_BYTES = 40
    assert "larger than" in str(upload(api(vik), PDF).json()["document"])


def test_documents_are_written_by_those_who_enter_registers_and_hidden_from_strangers(
    api, vik, ira, chitra, steel_forge, chem_works
):
    assert upload(api(ira), PDF).status_code == 403
    assert upload(api(vik), PDF, factory_id=chem_works.pk).status_code == 404
    number = upload(api(vik), PDF).json()["id"]
    for address in (f"/registers/documents/{number}", f"/registers/documents/{number}/content"):
        assert api(chitra).get(address).status_code == 404
    assert api(chitra).get("/registers/documents").json() == []
    assert api(vik).delete(f"/registers/documents/{number}").status_code == 405
