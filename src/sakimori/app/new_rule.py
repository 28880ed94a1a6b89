"""A rule file to begin from: complete but for its sentences, and saying of its table what every rule must decide."""

from pathlib import Path
from string import Template
from typing import Final

from sakimori.lake.table import Catalogue, Table, Type
from sakimori.model.errors import UsageError

_FILE: Final = Template("""\
id: $id
severity: medium
title:
  en: … State what is right, as a short sentence
  ja: … あるべき状態を短く書きます
why:
  en: … The harm, in one sentence.
  ja: … 何が起きるのかを一文で書きます。

judges: $table
query: |
  select
    t.account_id,
    t.region,
    t.$key as resource,
    t.$column as compliant
  from $table as t

fail:
  en: "{resource} is not right."
  ja: "{resource} が基準を満たしていません。"
fix:
  en: … The act that mends it, in one sentence.
  ja: … 直し方を一文で書きます。
references: []

examples:
  - name: right
    given:
      $table: [{$key: a, $column: true}]
    expect: {a: pass}
  - name: wrong
    given:
      $table: [{$key: a, $column: false}]
    expect: {a: fail}
  - name: not known
    given:
      $table: [{$key: a}]
    expect: {a: unknown}
""")


def write_new_rule(rule_id: str, judges: str, directory: Path, catalogue: Catalogue) -> Path:
    """A new file named after the rule in `directory`; UsageError if the table has no boolean column or the file exists."""
    if judges not in catalogue:
        raise UsageError("rules.unknown_table", name=judges, near="")
    table = catalogue[judges]
    path = directory / f"{rule_id.rpartition('.')[2].replace('-', '_')}.yaml"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(_FILE.substitute(id=rule_id, table=judges, key=table.key, column=_boolean(table)))
    except OSError as error:
        raise UsageError("app.output_unwritable", path=path, reason=error.strerror or str(error)) from error
    return path


def _boolean(table: Table) -> str:
    for column in table.own_columns:
        if column.type is Type.BOOLEAN:
            return column.name
    raise UsageError("app.no_boolean_column", table=table.name)
