"""Every time, number, amount and name that a case knows: what a text about it may say."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from sakimori.outputs.case.facts import CaseFacts
from sakimori.outputs.case.reply_tables import kind_name, money
from sakimori.texts.language import JST, Language

_NUMBER: Final = re.compile(r"\d[\d,]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownValues:
    """`minutes` are `2026-11-23 14:02` in the zone of the language, `days` their dates.

    `names` is one text to look for ids in, a line each; `own_names` are those that nobody wrote as sentences.
    """

    minutes: frozenset[str]
    days: frozenset[str]
    counts: Mapping[str, frozenset[int]]
    """By what is counted (`keys`, `regions`, `events`); "" for all other things, of which any number that occurs may be said."""
    amounts: frozenset[str]
    names: str
    own_names: tuple[str, ...]


def known_values(facts: CaseFacts, language: Language) -> KnownValues:
    """What may be said of these facts."""
    zone = JST if language == "ja" else UTC
    local = [each.astimezone(zone) for each in _times(facts) if each is not None]
    names = tuple(_names(facts))
    return KnownValues(
        minutes=frozenset(f"{each:%Y-%m-%d %H:%M}" for each in local),
        days=frozenset(f"{each:%Y-%m-%d}" for each in local),
        counts=_counts_by_kind(facts, frozenset(_numbers_in(facts, language))),
        amounts=frozenset(money(each) for each in _amounts(facts)),
        names="\n".join((*names, *_written(facts, "en"), *_written(facts, "ja"))),
        own_names=names,
    )


def _times(facts: CaseFacts) -> Iterator[datetime | None]:
    yield from (facts.deadline, facts.began, facts.detected, facts.opened, facts.notified, facts.contained)
    yield from (facts.recovered, facts.keys_by)
    yield from (each.value for each in (facts.deactivated, facts.deleted, facts.denied) if each)
    yield from (each.at for each in facts.roles)
    yield facts.session.value.at if facts.session else None
    yield from (each.rotated_at for each in (facts.keys.value if facts.keys else ()))
    if facts.review:
        yield from (facts.review.value.since, facts.review.value.until)
    for item in facts.items:
        yield from (item.at, item.state_at)
    if facts.second_sweep:
        yield facts.second_sweep.value.at
    yield from (each.at for each in (*facts.steps, *facts.moments))


def _counts_by_kind(facts: CaseFacts, written: frozenset[int]) -> dict[str, frozenset[int]]:
    keys = len(facts.keys.value) if facts.keys else None
    of_keys = {1} if keys is None else {1, keys, facts.rotated, keys - facts.rotated}
    review = facts.review.value if facts.review else None
    sweep = facts.second_sweep.value if facts.second_sweep else None
    of_regions = {len({each.region for each in facts.items}), len({each.region for each in facts.costs})}
    of_regions |= {
        each
        for look in (review, sweep)
        if look
        for each in (look.regions, look.regions_enabled, look.regions_enabled - look.regions)
    }
    of_events = {review.events, review.data_reads or 0} if review else set[int]()
    return {
        "keys": written | of_keys, "regions": written | of_regions, "events": written | of_events,
        "": written | frozenset(_counts(facts)),
    }  # fmt: skip


def _counts(facts: CaseFacts) -> Iterator[int]:
    yield from (len(facts.accounts), len(facts.roles), facts.rotated)
    if facts.roles_assumed:
        yield facts.roles_assumed.value
    if facts.keys:
        yield from (len(facts.keys.value), len(facts.keys.value) - facts.rotated)
    if facts.review:
        found = facts.review.value
        yield from (found.regions, found.regions_enabled, found.events, *found.digest_files)
        yield from () if found.data_reads is None else (found.data_reads,)
    if facts.second_sweep:
        sweep = facts.second_sweep.value
        yield from (sweep.regions, sweep.regions_enabled, sweep.left)
    yield from _table_counts(facts)


def _table_counts(facts: CaseFacts) -> Iterator[int]:
    """Of each table: any part of it may be shown, and the rest counted; also how many there are of a kind, a Region, a state."""
    tables = (
        facts.iam_items.value if facts.iam_items else (),
        facts.resources.value if facts.resources else (),
        facts.costs,
    )
    for table in tables:
        yield from range(1, len(table) + 1)
    items = facts.items
    for counted in (
        Counter(each.kind for each in items),
        Counter(each.region for each in items),
        Counter(each.state for each in items),
    ):
        yield from counted.values()
    yield from (len(items), len({each.region for each in items}), len({each.region for each in facts.costs}))


def _numbers_in(facts: CaseFacts, language: Language) -> Iterator[int]:
    """The numbers that stand in what people wrote into the case, and in names."""
    for text in (*_written(facts, language), *(each.id for each in facts.items)):
        for found in _NUMBER.findall(text[:1_000]):
            digits = found.replace(",", "")
            if len(digits) <= 12:  # noqa: PLR2004 - an account's id is the longest number that anybody writes
                yield int(digits)


def _written(facts: CaseFacts, language: Language) -> Iterator[str]:
    yield facts.cause.fix.in_(language)
    yield from (each.value.in_(language) for each in facts.residual)


def _amounts(facts: CaseFacts) -> Iterator[Decimal]:
    yield facts.cost
    shown = [each for each in facts.costs if each.evidence]
    yield sum((each.amount for each in shown), Decimal(0))
    yield from (each.amount for each in facts.costs)
    yield from (each.hourly for each in facts.items if each.hourly is not None)


def _names(facts: CaseFacts) -> Iterator[str]:
    yield from (facts.case, *facts.accounts, facts.aws_case, facts.subject, facts.key_id, facts.user)
    yield facts.session.value.name if facts.session else ""
    yield from (each.arn for each in facts.roles)
    for key in facts.keys.value if facts.keys else ():
        yield from (key.key_id, key.user)
    for item in facts.items:
        yield from (item.kind, kind_name(item.kind), item.id, item.account, item.region, item.change, item.by)
    for cost in facts.costs:
        yield from (cost.account, cost.region, cost.usage, cost.resource)
    for moment in facts.moments:
        yield from (moment.actor, moment.account, moment.region)
