"""Whether an error says that the database is out of reach, and not that it was asked something wrong."""

from django.db import DatabaseError, InterfaceError, OperationalError


def is_database_unavailable(error) -> bool:
    """Also of the bare DatabaseError that psycopg2 makes of a connection which broke off in the middle of an answer."""
    is_connection_lost = type(error) is DatabaseError and error.__cause__ is not None  # Django's own ones have no cause
    return is_connection_lost or isinstance(error, OperationalError | InterfaceError)
