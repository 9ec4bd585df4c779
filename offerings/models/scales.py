"""The kinds of scale that a grade column may have."""

from django.db import models


class Scale(models.TextChoices):
    CONTINUOUS = "continuous", "Any number from 0 to the maximum"
    DISCRETE = "discrete", "One of a set of numbers"
    LABELS = "labels", "One of a set of labels"
