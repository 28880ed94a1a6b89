"""A door that tells what it was told to tell: for what the simulated account never says."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.actions.staging import HOME

from sakimori.actions.site import Site
from sakimori.model.account import Account


class ToldDoor:
    """Answers by operation."""

    refusals = ()

    def __init__(self, answers: Mapping[str, Mapping[str, Any]]) -> None:
        self.account = Account(id="606060606060", partition="aws", regions=(HOME,), selected=(HOME,))
        self.answers = dict(answers)

    def call(self, operation: str, _region: str, _parameters: Mapping[str, object]) -> Mapping[str, Any]:
        return self.answers[operation]

    def pages(self, operation: str, region: str, parameters: Mapping[str, object]) -> Iterator[Mapping[str, Any]]:
        yield self.call(operation, region, parameters)


def told_site(resource: str, answers: Mapping[str, Mapping[str, Any]]) -> Site:
    """A site of this resource, where AWS says this."""
    return Site(door=ToldDoor(answers), region=HOME, resource=resource)
