"""Two who save the same at the same moment, often one person with two clicks: the second is told, nothing is broken.

Forms and serializers look first and name the field; between looking and saving there is a moment.
"""

from django.db import IntegrityError
from psycopg2.errors import UniqueViolation

CONFLICT_MESSAGE = "The same was saved a moment before, by you or somebody else. Look at it before you save again."


def is_unique_violation(error) -> bool:
    return isinstance(error, IntegrityError) and isinstance(error.__cause__, UniqueViolation)
