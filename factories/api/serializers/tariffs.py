"""Serializers of tariffs and their time-of-day bands."""

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from rest_framework import serializers

from factories.api.serializers.rows import FactoryRowSerializer
from factories.models import Tariff, TariffBand
from factories.models.tariffs import MAX_BANDS, validate_bands


class TariffBandSerializer(serializers.ModelSerializer):
    class Meta:
        model = TariffBand
        fields = ["name", "starts_at", "ends_at", "change_rs_per_kwh"]


class TariffSerializer(FactoryRowSerializer):
    """A tariff. `bands`, where given, replaces all bands."""

    bands = TariffBandSerializer(many=True, required=False, max_length=MAX_BANDS)
    unique_field = "valid_from"

    class Meta:
        model = Tariff
        fields = [
            *["id", "factory_id", "name", "valid_from", "energy_rs_per_kwh", "demand_rs_per_kva"],
            *["contract_demand_kva", "least_billed_percent", "power_factor", "factor_target", "factor_percent"],
            *["bonus_percent", "bands"],
        ]

    def validate_bands(self, bands):
        try:
            validate_bands([TariffBand(**band) for band in bands])
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages) from error
        return bands

    @transaction.atomic
    def create(self, data):
        bands = data.pop("bands", [])
        tariff = super().create(data)
        create_bands(tariff, bands)
        return tariff

    @transaction.atomic
    def update(self, tariff, data):
        bands = data.pop("bands", None)
        tariff = super().update(tariff, data)
        if bands is not None:
            tariff.bands.all().delete()
            create_bands(tariff, bands)
        return tariff


def create_bands(tariff, bands) -> None:
    TariffBand.objects.bulk_create(TariffBand(tariff=tariff, **band) for band in bands)
