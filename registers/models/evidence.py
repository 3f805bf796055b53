"""Evidence documents, stored unchanged in the database, so that one backup covers everything."""

from django.db import models

from core.audit_log import audited
from factories.models import Factory, User
from factories.tenancy import FactoryScopedQuerySet


class EvidenceQuerySet(FactoryScopedQuerySet):
    def without_content(self):
        """For lists: the document bytes are deferred."""
        return self.defer("content")


@audited(exclude=["content"])
class Evidence(models.Model):
    """A bill, certificate, consent or laboratory report; deduplicated per factory by SHA-256."""

    factory_path = "factory"
    factory = models.ForeignKey(Factory, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=150)
    media_type = models.CharField(max_length=80)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField()
    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at"]
        verbose_name = "document"
        constraints = [models.UniqueConstraint(fields=["factory", "sha256"], name="a_document_is_kept_once")]

    def __str__(self) -> str:
        return self.name
