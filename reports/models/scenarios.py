"""Saved calculator scenarios: only the input is stored, figures are calculated on each view."""

from django.db import models

from core.audit_log import audited
from factories.models import Factory, User
from factories.tenancy import FactoryScopedQuerySet

MAX_SAVED = 200  # per factory; the input is free text


@audited(exclude=["text"])
class WhatIf(models.Model):
    factory_path = "factory"

    class Scheme(models.TextChoices):
        CBAM = "cbam", "CBAM"
        PAT = "pat", "PAT and CCTS"

    factory = models.ForeignKey(Factory, on_delete=models.CASCADE, related_name="what_ifs")
    scheme = models.CharField(max_length=10, choices=Scheme)
    title = models.CharField(max_length=150)
    text = models.TextField(help_text="the JSON of the calculation")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    objects = FactoryScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "what-if"

    def __str__(self) -> str:
        return self.title
