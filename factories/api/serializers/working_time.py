"""Serializers of shifts and holidays."""

from rest_framework import serializers

from factories.api.serializers.rows import FactoryRowSerializer
from factories.models import Holiday, Shift
from factories.models.working_time import WEEKDAYS


class ShiftSerializer(FactoryRowSerializer):
    """A shift. `weekdays` are ISO numbers (1 is Monday); one that ends before it starts runs past midnight."""

    weekdays = serializers.ListField(child=serializers.ChoiceField(WEEKDAYS), allow_empty=False, max_length=7)

    class Meta:
        model = Shift
        fields = ["id", "factory_id", "name", "starts_at", "ends_at", "weekdays"]

    def validate_weekdays(self, weekdays) -> list:
        return sorted(set(weekdays))


class HolidaySerializer(FactoryRowSerializer):
    """A day on which no shift starts."""

    unique_field = "on"

    class Meta:
        model = Holiday
        fields = ["id", "factory_id", "on", "name"]
