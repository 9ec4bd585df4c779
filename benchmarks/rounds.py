"""Variants in turn, several times: medians, spreads and ratios of a question."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sample:
    """What one variant came to in one round. More is better, but for a `cost`."""

    value: float  # requests per second, or what the question's unit says
    server_ms: float | None = None  # CPU of the server for each
    database_ms: float | None = None  # CPU of PostgreSQL for each


@dataclass(frozen=True)
class Goal:
    """How the product is to stand to another variant."""

    variant: str
    least: float | None = None
    most: float | None = None

    def is_missed(self, ratio: "Ratio") -> bool:
        """Whether it is missed by more than what the rounds differ by."""
        if self.least is not None:
            return ratio.median + ratio.spread < self.least
        return ratio.median - ratio.spread > (self.most or 0)

    def __str__(self) -> str:
        bound = f"at least {self.least:g}" if self.least else f"at most {self.most:g}"
        return f"{bound} of {self.variant}"


@dataclass(frozen=True)
class Ratio:
    """The product's value in terms of another's, round by round."""

    median: float
    spread: float  # half of what lies between the least and the most


@dataclass
class Question:
    """One thing that is measured."""

    name: str
    title: str
    unit: str
    variants: dict[str, Callable[[], Sample]]  # the first is the product
    goals: list[Goal] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)  # what is told beside it
    rounds: int | None = None  # where it takes its own number

    @property
    def product(self) -> str:
        return next(iter(self.variants))


@dataclass
class Result:
    """The samples of a question, and what they say."""

    question: Question
    samples: dict[str, list[Sample]]

    def median(self, variant: str) -> float:
        return statistics.median(sample.value for sample in self.samples[variant])

    def spread(self, variant: str) -> float:
        """Half of what lies between the least and the most, of the median."""
        values = [sample.value for sample in self.samples[variant]]
        return (max(values) - min(values)) / 2 / self.median(variant)

    def cpu(self, variant: str, of: str) -> float | None:
        costs = [getattr(sample, of) for sample in self.samples[variant]]
        known = [cost for cost in costs if cost is not None]
        return statistics.median(known) if known else None

    def ratio(self, variant: str) -> Ratio:
        pairs = zip(
            self.samples[self.question.product], self.samples[variant], strict=True
        )
        ratios = [ours.value / theirs.value for ours, theirs in pairs]
        return Ratio(statistics.median(ratios), (max(ratios) - min(ratios)) / 2)

    @property
    def missed(self) -> list[Goal]:
        goals = self.question.goals
        return [goal for goal in goals if goal.is_missed(self.ratio(goal.variant))]


def run(question: Question, rounds: int) -> Result:
    """Ask each variant once per round, so that what disturbs one disturbs all."""
    samples: dict[str, list[Sample]] = {name: [] for name in question.variants}
    for _ in range(question.rounds or rounds):
        for name, measure in question.variants.items():
            samples[name].append(measure())
    return Result(question, samples)
