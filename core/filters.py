"""Filters that the lists of several apps share (django-filter)."""

from typing import Any

from django.forms import IntegerField
from django_filters import rest_framework as filters

from core.validators import MAX_ID


class IdFilter(filters.NumberFilter):
    """A primary key: a whole number that the column can hold, and otherwise a 400 instead of an overflow in SQL."""

    field_class = IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=0, max_value=MAX_ID, **kwargs)
