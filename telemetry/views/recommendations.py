"""Dismissing a recommendation, with a reason; and the list over the API."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from core.validators import ONE_LINE
from devices.models import Device
from factories.permissions import requires_right, row_or_404
from factories.roles import Right
from telemetry.analytics import recommendations
from telemetry.models import Recommendation


class DismissForm(forms.Form):
    why = forms.CharField(label="Why it does not apply", max_length=300, validators=[ONE_LINE])


@require_POST
@requires_right(Right.SEE)
def recommendation_dismiss(request, pk):
    rows = Recommendation.objects.select_related("device__factory")
    recommendation = row_or_404(rows, request.user, pk, Right.ACT_ON_ALERTS)
    form = DismissForm(request.POST)
    if form.is_valid():
        recommendations.dismiss(recommendation, by=request.user, now=timezone.now(), why=form.cleaned_data["why"])
        messages.success(request, "The recommendation is dismissed.")
    else:
        messages.error(request, " ".join(form.errors["why"]))
    return redirect("machine", recommendation.device_id)


class RecommendationSerializer(serializers.ModelSerializer):
    class Meta:
        model = Recommendation
        fields = [
            *("id", "device_id", "detector", "kind", "since", "until", "confidence", "evidence", "words", "advice"),
            *("is_opinion", "coverage_percent", "found_at"),
        ]


class RecommendationsView(APIView):
    @extend_schema(
        operation_id="device_recommendations",
        parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)],
        responses=RecommendationSerializer(many=True),
    )
    def get(self, request, pk):
        """What detectors found about a device in the last week, the newest first. Findings, not certainties."""
        device = row_or_404(Device.objects.select_related("factory"), request.user, pk, Right.SEE)
        rows = recommendations.active_recommendations(device, timezone.now())
        return Response(RecommendationSerializer(rows, many=True).data)
