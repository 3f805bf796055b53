"""Addresses of the pages that need every app: landing, overview, machines, insights, energy."""

from django.urls import path

from carbonseed.dashboard.api.insights import InsightsViewSet
from carbonseed.dashboard.views import energy, home, insights, machines

urlpatterns = [
    # Landing, overview, machines
    path("", home.landing, name="landing"),
    path("dashboard/", home.overview, name="overview"),
    path("dashboard/live/", home.overview_live, name="overview_live"),
    path("dashboard/choose/", home.choose_factory, name="choose_factory"),
    path("dashboard/machines/", machines.machine_list, name="machine_list"),
    path("dashboard/machines/<int:pk>/", machines.machine, name="machine"),
    path("dashboard/machines/<int:pk>/live/", machines.machine_live, name="machine_live"),
    path("dashboard/insights/energy/", energy.energy_page, name="energy"),
    path("dashboard/insights/", insights.insights_page, name="insights_page"),
    # Insights and energy: API
    path("insights/energy", InsightsViewSet.as_view({"get": "energy"}), name="api_insights_energy"),
    path("insights", InsightsViewSet.as_view({"get": "insights"}), name="api_insights"),
]
