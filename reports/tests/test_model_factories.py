"""The defaults of the model factories make valid rows, also several of them."""

import pytest
from django.core.exceptions import ValidationError

from reports.tests.model_factories import DocumentMaker, ReportMaker, WhatIfMaker

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("maker", [ReportMaker, DocumentMaker, WhatIfMaker])
def test_the_defaults_are_valid(maker):
    rows = maker.create_batch(2)
    assert rows[0].pk != rows[1].pk
    assert [validation_errors(row) for row in rows] == [{}, {}]


def validation_errors(row) -> dict[str, list[str]]:
    row.refresh_from_db()
    try:
        row.full_clean()
    except ValidationError as error:
        return error.message_dict
    return {}


def test_a_draft_and_a_final_document_have_digests_of_their_own():
    draft = DocumentMaker()
    assert DocumentMaker(report=draft.report, is_final=True).sha256 != draft.sha256
