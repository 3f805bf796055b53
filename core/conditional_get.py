"""What a door answers to somebody who holds the last answer already: 304 while its tag still stands."""

from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers


def conditional_response(request, tag, make_response):
    """`answer()`, or 304 where the client's If-None-Match is `tag`; without a tag nothing can be said.

    The tag must have been taken before the answer is made: what changes between the two is then shown under an old
    tag, and asked for once more; the other way round it would be kept as if it were new.
    The answer is kept by this person's browser alone, which asks again before each use.
    """
    etag = f'W/"{tag}"' if tag else None
    response = (get_conditional_response(request, etag=etag) if etag else None) or make_response()
    if etag:
        response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie", "Authorization"])
    return response
