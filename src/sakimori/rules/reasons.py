"""Why a verdict is unknown: the gap of its own resource, or else what its account misses of the tables that the rule reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sakimori.lake.facts import Facts
from sakimori.model.words import GapKind
from sakimori.rules.missing import Missing
from sakimori.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Reasons:
    """The first gap of each table in each account, looked up a million times and so indexed once."""

    gaps: Mapping[tuple[str, str, str], GapKind] = field(default_factory=dict[tuple[str, str, str], GapKind])
    """By table, account and parent ("" for a whole unit)."""
    missing: Mapping[tuple[str, str], GapKind] = field(default_factory=dict[tuple[str, str], GapKind])
    """By table and account, what was never tried among it."""

    @classmethod
    def of(cls, facts: Facts, missing: Iterable[Missing]) -> "Reasons":
        """The reasons that these facts hold; `missing` is all that is missing of the tables in question."""
        gaps: dict[tuple[str, str, str], GapKind] = {}
        for (table, account, _), unit in facts.units.items():
            for gap in unit.gaps:
                gaps.setdefault((table, account, gap.parent), gap.kind)
        first: dict[tuple[str, str], GapKind] = {}
        for each in missing:
            first.setdefault((each.table, each.account), each.kind)
        return cls(gaps, first)

    def reason(self, rule: Rule, account: str, resource: str) -> str:
        """A word of GapKind; "" where everything was read, and a value that the rule needs is not known all the same."""
        for parent in (resource, ""):
            for table in rule.tables:
                if kind := self.gaps.get((table, account, parent)):
                    return str(kind)
        for table in rule.tables:
            if kind := self.missing.get((table, account)):
                return str(kind)
        return ""
