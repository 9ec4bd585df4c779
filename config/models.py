"""What searches have found, kept so that walking its pages stays the same."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from config.columns import code_field, id_field


class FoundSet(models.Model):
    """The rows that one search of a collection found, for its caller alone.

    Its ids stand in chunks. See config.found_sets, which alone writes both.
    """

    key = id_field(max_length=32)
    collection = models.CharField(max_length=32)
    client_id = code_field()
    viewer = models.CharField(max_length=64)  # a digest of the sub and its scopes
    total = models.PositiveIntegerField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            # The oldest of a client go first; those of any client when they end.
            models.Index(fields=["client_id", "expires_at"], name="found_set_client"),
            models.Index(fields=["expires_at"], name="found_set_age"),
        ]

    def __str__(self) -> str:
        return f"{self.total} {self.collection}"


class FoundSetChunk(models.Model):
    """Some ids of a found set, in their order; `number` counts from 0."""

    pk = models.CompositePrimaryKey("found_set", "number")
    found_set = models.ForeignKey(
        FoundSet, models.CASCADE, db_index=False, related_name="chunks"
    )
    number = models.PositiveIntegerField()
    ids = ArrayField(models.CharField(max_length=128))

    def __str__(self) -> str:
        return f"{self.found_set_id} #{self.number}"
