"""The one statement that judges every row of a file: what it names, which row of the
record it stands for, what that would become, and what is wrong with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from transfer.kind import Column, Kind, default_of
from transfer.names import NEW_ID
from transfer.staging import Tables

PLAN = """
CREATE UNLOGGED TABLE {plan} AS
SELECT _row, _seen, {fresh_id} AS {pk}, {names}, _errors,
    CASE WHEN _errors IS NOT NULL THEN 'error' WHEN _is_same THEN 'same'
        WHEN _seen IS NULL THEN 'new' ELSE 'changed' END AS _action
FROM (
    SELECT s._row, old.xmin AS _seen, new.{pk}, {values},
        CASE WHEN old.xmin IS NULL THEN {nothing}
            ELSE ({olds}) IS NOT DISTINCT FROM ({news}) END AS _is_same,
        CASE WHEN s._errors IS NOT NULL OR {is_wrong}
            THEN concat_ws(E'\n', s._errors, {faults}) END AS _errors
    FROM {rows} AS s
    CROSS JOIN (SELECT %(now)s::timestamptz AS now, %(is_late)s AS is_late) AS around
    CROSS JOIN (SELECT {given}) AS given
    {references}
    CROSS JOIN LATERAL (SELECT {resolved}) AS r
    {before}
    {found}
    {joins}
    CROSS JOIN LATERAL (SELECT {id} AS {pk}, {computed}) AS new
    {context}
) AS judged
"""


class Judgement:
    """The statement that makes the plan of a kind from the columns that are given."""

    def __init__(self, kind: Kind, given: set[str]) -> None:
        self.kind = kind
        self.given = given
        self.by_attname = {column.attname: column for column in kind.stored}
        self.has_id = kind.has_ids and kind.pk in given

    def sql(self, tables: Tables) -> str:
        kind = self.kind
        faults = [*self.faults()]
        news = [f'new."{name}"' for name in kind.attnames]
        notes = [f"{sql} AS {name}" for name, sql in kind.notes.items()]
        return PLAN.format(
            plan=tables.plan,
            rows=tables.rows,
            pk=kind.pk,
            fresh_id=self.fresh_id(),
            id=self.id(),
            names=", ".join([*(f'"{name}"' for name in kind.attnames), *kind.notes]),
            values=", ".join([*news, *notes]),
            olds=", ".join(f'old."{name}"' for name in kind.attnames),
            news=", ".join(news),
            is_wrong=" OR ".join(f"({fault.condition})" for fault in faults),
            faults=", ".join(fault.sql for fault in faults),
            given=", ".join(
                f'{str(name in self.given).lower()} AS "{name}"' for name in kind.names
            ),
            references="".join(self.references()),
            resolved=", ".join(self.resolved()) or "1",
            before=kind.before,
            found=self.found(),
            joins=kind.joins,
            nothing=kind.nothing,
            computed=", ".join(
                f'{self.value(name)} AS "{name}"' for name in kind.attnames
            ),
            context=kind.context,
        )

    # --- What the row refers to -----------------------------------------------

    def references(self) -> Iterator[str]:
        for column in self._referring():
            naming = column.naming
            yield (
                f"\n    LEFT JOIN {column.its_table} AS {column.name}_by_id"
                f' ON {column.name}_by_id.{column.its_pk} = s."{column.name}"'
            )
            if naming.names:
                yield (
                    f"\n    LEFT JOIN ({naming.names}) AS {column.name}_by_name"
                    f' ON {column.name}_by_name.name = s."{column.name}"'
                )

    def resolved(self) -> Iterator[str]:
        for column in self.kind.columns:
            if column.references:
                yield f"{self._reference(column)} AS {column.name}_id"

    def _reference(self, column: Column) -> str:
        if column.name not in self.given:
            return "NULL::varchar"
        pk = column.its_pk
        if column.naming.names:
            return f"coalesce({column.name}_by_id.{pk}, {column.name}_by_name.id)"
        return f"{column.name}_by_id.{pk}"

    def _referring(self) -> Iterator[Column]:
        for column in self.kind.columns:
            if column.references and column.name in self.given:
                yield column

    # --- Which row of the record it stands for --------------------------------

    def found(self) -> str:
        kind, match = self.kind, self.match()
        if not self.has_id:
            return f"LEFT JOIN {kind.table} AS old ON {match.format(row='old')}"
        by_key = (
            f"LEFT JOIN {kind.table} AS k ON {match.format(row='k')}"
            if match and kind.key != (kind.pk,)
            else f"CROSS JOIN (SELECT NULL::varchar AS {kind.pk}) AS k"
        )
        return (
            f"{by_key}\n    LEFT JOIN {kind.table} AS old"
            f" ON old.{kind.pk} = coalesce(s.{kind.pk}, k.{kind.pk})"
        )

    def match(self) -> str:
        if self.kind.match:
            return self.kind.match
        if not set(self.kind.key) <= self.given:
            return ""
        columns = map(self.kind.column, self.kind.key)
        return " AND ".join(
            f'{{row}}."{column.attname}" = {self._said(column)}' for column in columns
        )

    def id(self) -> str:
        """The id that the row has, or has to have."""
        if not self.kind.has_ids:
            return f"old.{self.kind.pk}"
        derived = self.kind.derived_id or "NULL"
        return f"coalesce(old.{self.kind.pk}, s.{self.kind.pk}, {derived})"

    def fresh_id(self) -> str:
        # Outside of the joins: the planner moves nothing that is random.
        if not self.kind.has_ids or self.kind.derived_id:
            return self.kind.pk
        fresh = self.kind.fresh_id or NEW_ID.format(row="_row")
        return f"coalesce({self.kind.pk}, {fresh})"

    # --- What the row would become --------------------------------------------

    def value(self, attname: str) -> str:
        if attname in self.kind.values:
            return self.kind.values[attname]
        column = self.by_attname[attname]
        its = column.field
        assert its is not None
        default = default_of(its)
        was = f'old."{attname}"'
        kept = f"coalesce({was}, {default})" if default else was
        if column.name not in self.given:
            return kept
        said = self._said(column)
        if not its.null:
            is_text = default == "''"
            return f"coalesce({said}, '')" if is_text else f"coalesce({said}, {kept})"
        if column.cell.sql == "text" and not column.references:
            # An empty text and none are the same empty cell.
            return f"coalesce({said}, CASE WHEN {was} = '' THEN '' END)"
        return said

    def _said(self, column: Column) -> str:
        return f"r.{column.name}_id" if column.references else f's."{column.name}"'

    # --- What is wrong with it ------------------------------------------------

    def faults(self) -> Iterator["Fault"]:
        for column in self._referring():
            yield from self._faults_of_reference(column)
        for column in self.kind.stored:
            if column.is_required:
                yield Fault(
                    f's._errors IS NULL AND s."{column.name}" IS NULL'
                    f" AND coalesce(new.\"{column.attname}\"::text, '') = ''",
                    f"{column.name} is needed.",
                )
        if self.has_id and self.kind.key != (self.kind.pk,):
            pk, key = self.kind.pk, " and ".join(self.kind.key)
            yield Fault(f"s.{pk} <> k.{pk}", f"Another row has this {key}: ", f"k.{pk}")
        for rule in self.kind.rules:
            yield Fault(rule.condition, rule.sentence)

    def _faults_of_reference(self, column: Column) -> Iterator["Fault"]:
        said, name = f's."{column.name}"', column.name
        yield Fault(
            f"{said} IS NOT NULL AND r.{name}_id IS NULL",
            f"{name} names none that there is: ",
            said,
        )
        if column.naming.names:
            yield Fault(
                f"{name}_by_id.{column.its_pk} <> {name}_by_name.id",
                f"{name} is the id of one and the code of another: ",
                said,
            )


@dataclass(frozen=True)
class Fault:
    """What may be wrong with a row, as SQL."""

    condition: str
    sentence: str
    shown: str = ""  # SQL of a value that ends the sentence

    @property
    def sql(self) -> str:
        text = "'" + self.sentence.replace("'", "''") + "'"
        said = f"{text} || {self.shown} || '.'" if self.shown else text
        return f"CASE WHEN {self.condition} THEN {said} END"
