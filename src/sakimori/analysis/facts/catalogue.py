"""All facts, by name."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from sakimori.analysis.facts import (
    callers,
    compute,
    foreign_accounts,
    openings,
    outcome,
    policies,
    refusals,
    sharing,
    sources,
    targets,
    trust,
    user_agents,
)
from sakimori.analysis.facts.fact import Fact


@cache
def facts() -> Mapping[str, Fact]:
    """Every fact by its name, `fact.…`."""
    families = (
        outcome.FACTS,
        refusals.FACTS,
        callers.FACTS,
        user_agents.FACTS,
        targets.FACTS,
        openings.FACTS,
        policies.FACTS,
        trust.FACTS,
        sharing.FACTS,
        foreign_accounts.FACTS,
        compute.FACTS,
        sources.FACTS,
    )
    return MappingProxyType({fact.name: fact for family in families for fact in family})
