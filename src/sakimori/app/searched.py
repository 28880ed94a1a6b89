"""What was looked through for an answer, and what could not be: in words, and as machines read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sakimori.lake.coverage import doubts_of, say_coverage, say_doubts
from sakimori.lake.coverage_days import Coverage
from sakimori.lake.validations import Validation
from sakimori.outputs.report.plain_values import utc
from sakimori.texts.language import Language, first_few
from sakimori.texts.sentences import say

_NAMED_HERE: Final = 5
"""Regions or trails that a sentence names."""
_NAMED: Final = 20
"""Holes that the coverage of a JSON document names, for each account and Region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryRead:
    """A collected table as a query reads it: of which snapshot, and how much of it could not be read then."""

    table: str
    snapshot: str
    as_of: datetime
    gap_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What was looked through for an answer, and what could not be.

    `silent_regions` are those that every account has, and of which no event of CloudTrail was ever ingested: nothing tells
    a quiet Region from one that nobody read. Empty where the question names its Regions. `validations` tell how CloudTrail's
    files there compare with its digests, where `sakimori lake verify` compared them.
    """

    logs: tuple[Coverage, ...] = ()
    inventory: tuple[InventoryRead, ...] = ()
    silent_regions: tuple[str, ...] = ()
    validations: tuple[Validation, ...] = ()

    def said(self, language: Language) -> tuple[str, ...]:
        """It, in a paragraph a table."""
        return (
            *(say_coverage(coverage, language) for coverage in self.logs),
            *self._silence(language),
            *self._contradictions(language),
            *(
                say("query.searched_inventory", language, table=read.table, as_of=read.as_of, gaps=read.gap_count)
                for read in self.inventory
            ),
        )

    def doubts(self, language: Language) -> tuple[str, ...]:
        """What an answer that found something should carry too: what may be missing, and what is contested."""
        return say_doubts(doubts_of(self.logs), language)

    def _silence(self, language: Language) -> Iterator[str]:
        if self.silent_regions:
            names = first_few(self.silent_regions, _NAMED_HERE)
            yield say("query.silent_regions", language, count=len(self.silent_regions), names=names)

    def _contradictions(self, language: Language) -> Iterator[str]:
        failed = [f"{each.account} {each.region} {each.trail}" for each in self.validations if each.state == "failed"]
        if failed:
            yield say("query.contradicted", language, names=first_few(failed, _NAMED_HERE))

    def plain(self) -> dict[str, object]:
        """It, as machines read it."""
        return {
            "logs": [_plain(coverage) for coverage in self.logs],
            "inventory": [
                {"table": read.table, "snapshot": read.snapshot, "as_of": utc(read.as_of), "gaps": read.gap_count}
                for read in self.inventory
            ],
            "silent_regions": list(self.silent_regions),
            "validations": [
                {
                    "account": each.account,
                    "region": each.region,
                    "trail": each.trail,
                    "state": each.state,
                    "verified": each.verified_count,
                    "listed": each.listed_count,
                }
                for each in self.validations
            ],
        }


def _plain(coverage: Coverage) -> dict[str, object]:
    span, held = coverage.span, coverage.held
    return {
        "table": coverage.table,
        "complete": coverage.is_complete,
        "from": span.first.isoformat() if span else None,
        "to": span.last.isoformat() if span else None,
        "held_from": held.first.isoformat() if held else None,
        "held_to": held.last.isoformat() if held else None,
        "rows": coverage.row_count,
        "files": coverage.file_count,
        "accounts": list(coverage.accounts),
        "regions": list(coverage.regions),
        "missing_days": coverage.hole_count,
        "missing": [
            {
                "account": place.account,
                "region": place.region,
                "from": hole.first.isoformat(),
                "to": hole.last.isoformat(),
            }
            for place in coverage.places
            for hole in place.holes[:_NAMED]
        ],
        "future_rows": coverage.future_row_count,
        "retired_days": coverage.retired_count,
        "contested": coverage.contested_count,
        "uncompared_rows": coverage.uncompared_count,
        "incomplete_rows": coverage.incomplete_count,
        "refused_pieces": (coverage.refused_count or 0) + coverage.unplaced_count,
        "unseen_accounts": list(coverage.unseen_accounts),
        "unseen_regions": list(coverage.unseen_regions),
        "unfinished": [
            {"kind": each.kind, "root": each.root, "files": each.count, "began_at": utc(each.began_at)}
            for each in coverage.unfinished
        ],
    }
