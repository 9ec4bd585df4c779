"""Effects of a kind that shows doubles, gaps and lost updates."""

from django.db import models

from config.columns import code_field


class Account(models.Model):
    """What is read, added to and written back."""

    key = code_field(primary_key=True)
    total = models.BigIntegerField(default=0)
    count = models.BigIntegerField(default=0)
    last = models.TextField(default="")

    def __str__(self) -> str:
        return self.key


class Effect(models.Model):
    """One line for each time that something was done; nothing keeps it single."""

    task = code_field(db_index=True)
    lane = code_field(max_length=200)
    number = models.BigIntegerField()
    token = models.TextField()
    added = models.BigIntegerField()

    def __str__(self) -> str:
        return self.token
