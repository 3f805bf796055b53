"""Pagination on request: lists are plain, capped arrays until `page` is given."""

from typing import Any

from rest_framework.pagination import PageNumberPagination

PLAIN_LIST_LIMIT = 1_000


class PagedOnRequest(PageNumberPagination):
    """`?page=2&page_size=50` gives DRF's page object; without `page` the answer is an array of at most 1,000."""

    page_size = 100
    max_page_size = 1_000
    page_size_query_param = "page_size"

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list | None:
        self.is_paged = self.page_query_param in request.query_params
        if self.is_paged:
            return super().paginate_queryset(queryset, request, view)
        return list(queryset[:PLAIN_LIST_LIMIT])

    def get_paginated_response(self, data: Any) -> Any:
        if self.is_paged:
            return super().get_paginated_response(data)
        from rest_framework.response import Response

        return Response(data)

    def get_paginated_response_schema(self, schema: dict) -> dict:
        return {"oneOf": [schema, super().get_paginated_response_schema(schema)]}
