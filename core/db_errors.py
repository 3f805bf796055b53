"""Telling an unavailable database from a faulty query."""

from django.db import DatabaseError, InterfaceError, OperationalError


def is_database_unavailable(error: BaseException) -> bool:
    """True also for the bare DatabaseError that psycopg2 raises when a connection breaks in the middle of a result."""
    is_connection_lost = type(error) is DatabaseError and error.__cause__ is not None  # Django's own have no cause
    return is_connection_lost or isinstance(error, OperationalError | InterfaceError)
