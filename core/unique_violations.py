"""Unique violations from concurrent saves, often a double click: the second request gets a 409 instead of a 500.

Forms and serializers check uniqueness first and name the field; a race remains between the check and the save.
"""

from django.db import IntegrityError
from psycopg2.errors import UniqueViolation

CONFLICT_MESSAGE = "The same was saved a moment before, by you or somebody else. Look at it before you save again."


def is_unique_violation(error: BaseException) -> bool:
    """Whether `error` is an IntegrityError caused by a unique constraint."""
    return isinstance(error, IntegrityError) and isinstance(error.__cause__, UniqueViolation)
