"""The defaults of the model factories make valid rows, also several of them."""

import pytest

from reports.tests.model_factories import DocumentMaker, ReportMaker, WhatIfMaker

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("maker", [ReportMaker, DocumentMaker, WhatIfMaker])
def test_the_defaults_are_valid(maker):
    for row in maker.create_batch(2):
        row.refresh_from_db()
        row.full_clean()


def test_a_draft_and_a_final_document_have_digests_of_their_own():
    draft = DocumentMaker()
    assert DocumentMaker(report=draft.report, is_final=True).sha256 != draft.sha256
