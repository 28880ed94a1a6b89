"""What could not be read, told once per cause instead of once per table and Region."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sakimori.model.gap import Gap
from sakimori.model.words import GLOBAL, GapKind
from sakimori.outputs.report.words import SERVICE_NAMES, counted
from sakimori.texts.language import Language
from sakimori.texts.sentences import say

_QUOTED = frozenset({GapKind.REFUSED, GapKind.SERVICE_ERROR, GapKind.MALFORMED, GapKind.UNREACHABLE})
"""Kinds of which AWS's own code says more than the kind."""


@dataclass(slots=True)
class GapGroup:
    """All gaps with one cause. `table` is "" where several tables share it."""

    kind: GapKind
    call: str
    code: str
    table: str
    accounts: set[str] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    parents: set[str] = field(default_factory=set)
    is_global: bool = False
    message: str = ""

    def add(self, gap: Gap) -> None:
        """Count one more gap of this cause."""
        self.accounts.add(gap.account)
        if gap.parent:
            self.parents.add(gap.parent)
        if gap.region == GLOBAL:
            self.is_global = True
        else:
            self.regions.add(gap.region)
        if gap.table != self.table:
            self.table = ""
        self.message = self.message or gap.message

    def where(self, language: Language, names: Mapping[str, str]) -> str:
        """How far it reaches: `2 accounts, 17 Regions`, `us-east-1`, `account-wide`, `3 resources`.

        `names` are the accounts of the run; where there are several, a single one is named.
        """
        parts: list[str] = []
        if len(self.accounts) > 1:
            parts.append(counted("report.accounts", len(self.accounts), language))
        elif len(names) > 1:
            parts.extend(names.get(account, account) for account in self.accounts)
        if self.parents:
            parts.append(counted("report.resources", len(self.parents), language))
        elif len(self.regions) == 1:
            parts.extend(self.regions)
        elif self.regions:
            parts.append(counted("report.regions", len(self.regions), language))
        elif len(self.accounts) == 1:
            parts.append(say("report.account_wide", language))
        return ("、" if language == "ja" else ", ").join(parts)

    def sentence(self, language: Language, names: Mapping[str, str]) -> str:
        """The cause with its reach and the refused call, in one line."""
        kind = say(f"report.kind_{self.kind}", language)
        where = self.where(language, names)
        if not self.call:
            identifier = "report.gap_table" if self.table else "report.gap_short"
            return say(identifier, language, where=where, kind=kind, table=self.table)
        prefix = self.call.partition(":")[0]
        identifier = "report.gap_code" if self.kind in _QUOTED and self.code else "report.gap"
        return say(identifier, language, where=where, kind=kind, call=self.call, code=self.code,
                   service=SERVICE_NAMES.get(prefix, prefix))  # fmt: skip


def group_gaps(gaps: Iterable[Gap]) -> list[GapGroup]:
    """Groups by cause, those that reach furthest first; what was left out as asked comes last."""
    groups: dict[tuple[str, ...], GapGroup] = {}
    for gap in gaps:
        code = gap.code if gap.kind in _QUOTED else ""
        key = (gap.kind, gap.call, code)
        group = groups.get(key)
        if group is None:
            group = groups[key] = GapGroup(kind=gap.kind, call=gap.call, code=code, table=gap.table)
        group.add(gap)
    return sorted(groups.values(), key=_order)


def _order(group: GapGroup) -> tuple[bool, int, str, str]:
    reach = len(group.accounts) * max(len(group.regions), 1) + len(group.parents)
    return (group.kind is GapKind.NOT_SELECTED, -reach, group.call, group.code)
