"""A small catalogue of houses and doors, and a way to write rule files about them."""

from pathlib import Path

from sakimori.lake.table import Catalogue, Column, Table, Type
from sakimori.model.words import Scope


def _column(name: str, kind: Type) -> Column:
    return Column(name=name, type=kind, sentence="For tests.")


HOUSE = Table(
    name="aws_house", sentence="Houses.", key="arn", scope=Scope.REGION,
    own_columns=(_column("arn", Type.TEXT), _column("name", Type.TEXT), _column("locked", Type.BOOLEAN),
                 _column("built_at", Type.TIMESTAMP), _column("storeys", Type.INTEGER)),
)  # fmt: skip
DOOR = Table(
    name="aws_door", sentence="Doors.", key="id", scope=Scope.REGION, parent="house_arn",
    own_columns=(_column("id", Type.TEXT), _column("house_arn", Type.TEXT), _column("is_open", Type.BOOLEAN),
                 _column("is_front", Type.BOOLEAN), _column("number", Type.INTEGER)),
)  # fmt: skip
TOWN = Table(
    name="aws_town", sentence="The town.", key="arn", scope=Scope.ACCOUNT,
    own_columns=(_column("arn", Type.TEXT), _column("gate_shut", Type.BOOLEAN)),
)  # fmt: skip
WATCH = Table(
    name="aws_watch", sentence="Watchmen.", key="arn", scope=Scope.REGION,
    own_columns=(_column("arn", Type.TEXT), _column("awake", Type.BOOLEAN)),
)  # fmt: skip

CATALOGUE = Catalogue.of(HOUSE, DOOR, TOWN, WATCH)

RULE = """\
id: {id}
severity: high
title: {{en: The house is locked, ja: 家に鍵がかかっている}}
why: {{en: Thieves., ja: 泥棒が入ります。}}
judges: {judges}
{more}query: |
{query}
fail: {{en: "{{resource}} is open.", ja: "{{resource}} が開いています。"}}
fix: {{en: Lock it., ja: 鍵をかけます。}}
examples:
{examples}
"""

EXAMPLES = """\
  - {name: a, given: {aws_house: [{arn: h, locked: true}]}, expect: {h: pass}}
  - {name: b, given: {aws_house: [{arn: h, locked: false}]}, expect: {h: fail}}
  - {name: c, given: {aws_house: [{arn: h}]}, expect: {h: unknown}}
"""


TOWN_EXAMPLES = """\
  - {name: a, given: {aws_town: [{arn: t}]}, expect: {t: pass}}
  - {name: b, given: {aws_town: [{arn: t}]}, expect: {t: fail}}
  - {name: c, given: {aws_town: [{arn: t}]}, expect: {t: unknown}}
"""


def write_rule(
    directory: Path, query: str, *, judges: str = "aws_house", more: str = "", examples: str = "", stem: str = "a_rule"
) -> Path:
    """A rule file around `query`."""
    examples = examples or (TOWN_EXAMPLES if judges == "aws_town" else EXAMPLES)
    path = directory / f"{stem}.yaml"
    body = "\n".join(f"  {line}" for line in query.strip().splitlines())
    identifier = f"my.{stem.replace('_', '-')}"
    path.write_text(
        RULE.format(id=identifier, judges=judges, more=more, query=body, examples=examples), encoding="utf-8"
    )
    return path
