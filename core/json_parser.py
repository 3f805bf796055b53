"""Strict JSON request parser."""

import json
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class CleanJSONParser(JSONParser):
    """Only JSON that can be serialised again: no lone surrogates, no number beyond a double, no excessive nesting.

    PostgreSQL rejects the first two, and an error response that quotes them could not be encoded.
    """

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
            json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
        except RecursionError as error:
            raise ParseError("This JSON is nested too deeply.") from error
        except ValueError as error:  # UnicodeEncodeError is one
            raise ParseError("This JSON holds a character or number that cannot be stored.") from error
        return data
