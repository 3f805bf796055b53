"""Conditional GET: 304 while the ETag that the client sends still matches."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers


def conditional_response(
    request: HttpRequest, tag: str | None, make_response: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """`make_response()`, or 304 where the client's If-None-Match matches `tag`; without a tag never 304.

    Compute the tag before the response: a change between the two is then sent under the old tag and fetched once more;
    the other way round, stale content would be cached under the new tag.
    Only the person's own browser may cache the response, and it revalidates before each use.
    """
    etag = f'W/"{tag}"' if tag else None
    response = (get_conditional_response(request, etag=etag) if etag else None) or make_response()
    if etag:
        response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie", "Authorization"])
    return response
