"""What a kind of record is to a file: its columns, its key and its rules.

A kind is declared once and serves import, export and the manual. What its SQL
may speak of, in the order in which a plan joins it:

    s       the row of the file; a column that the file lacks is null
    given   whether the file has a column: given.state
    around  around.now, and around.is_late: grades of closed terms may change
    r       the ids of what the row refers to: r.unit_id
    k       the row of the record that has the same key
    old     the row of the record that this one stands for; all null for a new one
    new     the row as the import would leave it
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import models
from django.utils import timezone

from transfer.cells import Cell, Code, cell_of
from transfer.references import NAMINGS, Naming

LONGEST_NAME = 300  # of what refers to another record: a code, a slash, a title


@dataclass(frozen=True)
class Column:
    """A column of the file, and where its cells end up."""

    name: str
    cell: Cell
    field: models.Field | None = None  # None: it only helps to find
    references: type[models.Model] | None = None

    @property
    def attname(self) -> str:
        """The column of the table that it is stored in."""
        return self.field.attname if self.field else ""

    @property
    def naming(self) -> Naming:
        """How its cells name what it refers to."""
        assert self.references is not None
        return NAMINGS[self.references]

    @property
    def its_table(self) -> str:
        """The table of what it refers to."""
        assert self.references is not None
        return self.references._meta.db_table

    @property
    def its_pk(self) -> str:
        assert self.references is not None
        return pk_of(self.references)

    @property
    def is_required(self) -> bool:
        """Whether a new row cannot do without it."""
        if self.field is None or self.field.primary_key:
            return False
        return not (self.field.blank or self.field.null or self.field.has_default())

    @property
    def collation(self) -> str:
        """The collation of what it is compared with; "" for the usual one."""
        if self.references:
            return "C"
        return getattr(self.field, "db_collation", None) or ""


@dataclass(frozen=True)
class Rule:
    """What must not be: a condition in SQL, and how its sentence goes on after the
    name of the column."""

    column: str
    fault: str
    condition: str
    is_of_others: bool = False  # rests on rows that point here: asked again at the end

    @property
    def sentence(self) -> str:
        return f"{self.column} {self.fault}."


@dataclass(frozen=True)
class RuleOfRecord(Rule):
    """A rule that every other door keeps too; the fault is its own sentence."""

    @property
    def sentence(self) -> str:
        return f"{self.column}: {self.fault}"


@dataclass(frozen=True)
class Once:
    """What the record holds only once, besides the key."""

    attname: str
    says: str  # of another row of the file that has the same
    where: str = "true"  # SQL: of the rows that this holds for


@dataclass(frozen=True)
class Export:
    """How the rows `t` of the table are shown."""

    joins: str = ""
    person: str = ""  # SQL of the profile's id that a row is about
    shown: Mapping[str, str] = field(default_factory=dict)  # SQL by column
    # The same, for who may not know of people under privacy hold.
    blind: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)  # by transfer.filters


@dataclass(frozen=True)
class Kind:
    """One kind of record."""

    name: str
    model: type[models.Model]
    columns: tuple[Column, ...]
    key: tuple[str, ...]  # fields that find a row where the file has no id
    finders: tuple[frozenset[str], ...]  # a file needs all columns of one of these
    key_is_unique: bool = True  # whether the record holds a key only once
    once: tuple[Once, ...] = ()
    rules: tuple[Rule, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)  # SQL by attname
    before: str = ""  # joined before k, from s and r
    match: str = ""  # what a {row} with the same key fulfils, where not equality
    joins: str = ""  # joined after old and before new
    context: str = ""  # joined after new, for the rules
    nothing: str = "false"  # SQL of whether a new row says nothing, and is not made
    derived_id: str = ""  # SQL of a new row's id, where it follows from the row
    fresh_id: str = ""  # SQL of a new row's id, where it is no common one
    notes: Mapping[str, str] = field(default_factory=dict)  # more columns of a plan
    locks: tuple[str, str] | None = None  # the table and attname of what is locked
    holds: str = ""  # a query of {plan} that locks what its rows rest on
    after: tuple[str, ...] = ()  # statements that follow, about {plan} and its rows
    moved: str = ""  # a query of {plan}: rows for which what they name has moved
    reasoned: str = ""  # SQL of `old` and `planned`: what is only done with a reason
    judge: Callable[..., None] | None = None  # finds faults that SQL cannot tell
    rests_on: tuple[type[models.Model], ...] = ()  # small tables that rules read
    person: str = ""  # the column of a plan that says whose record a row is
    export: Export = Export()

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def pk(self) -> str:
        return pk_of(self.model)

    @property
    def has_ids(self) -> bool:
        """Whether its ids are the record's own, and not numbers of the table."""
        return not isinstance(self.model._meta.pk, models.AutoField)

    @property
    def title(self) -> str:
        return self.name.replace("_", " ")

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns that end up in the table, without its primary key."""
        return tuple(
            column
            for column in self.columns
            if column.field is not None and not column.field.primary_key
        )

    @property
    def attnames(self) -> list[str]:
        """The columns of the table that an import writes, its primary key apart."""
        stored = [column.attname for column in self.stored]
        return [*(name for name in self.values if name not in stored), *stored]

    @property
    def rules_of_others(self) -> list[Rule]:
        return [rule for rule in self.rules if rule.is_of_others]

    @property
    def key_attnames(self) -> list[str]:
        return [_field(self.model, name).attname for name in self.key]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def has_field(self, name: str) -> bool:
        """Whether the table keeps, say, a version."""
        return any(each.name == name for each in self.model._meta.get_fields())


def columns_of(model: type[models.Model], names: Iterable[str]) -> tuple[Column, ...]:
    """Return columns that are called, and behave, as those of the model."""
    return tuple(_column(model, name) for name in names)


def finding(name: str, references: type[models.Model] | None = None) -> Column:
    """Return a column that only helps to find what a row is about."""
    return Column(name, Code(LONGEST_NAME), references=references)


def _column(model: type[models.Model], name: str) -> Column:
    its = _field(model, name)
    if its.is_relation:
        return Column(name, Code(LONGEST_NAME), its, its.related_model)
    return Column(name, cell_of(its), its)


def pk_of(model: type[models.Model]) -> str:
    pk = model._meta.pk
    assert pk is not None
    assert pk.column is not None
    return pk.column


def _field(model: type[models.Model], name: str) -> models.Field:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field


def default_of(its: models.Field) -> str:
    """Return the SQL of what a new row has where nothing is said; "" for null."""
    if its.default is timezone.now:
        return "around.now"
    if not its.has_default() or its.primary_key:
        return "''" if its.blank and not its.null else ""
    value = its.get_default()
    if isinstance(value, bool):
        return str(value).lower()
    return (
        "'{}'"
        if value == []
        else f"'{value}'"
        if isinstance(value, str)
        else f"{value}"
    )
