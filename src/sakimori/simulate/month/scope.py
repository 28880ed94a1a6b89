"""What the {words} of a call's shape stand for: the same word is the same thing as long as the scope lives."""

import random
from collections.abc import Callable, Mapping
from typing import Any, Final

from sakimori.simulate.month.calendar import in_utc, spelled_at_length
from sakimori.simulate.month.company import Account, the_company
from sakimori.simulate.month.made_up import base32, hexadecimal, uuid

_OBJECTS: Final = (
    "orders/2026/10/{}.json", "images/{}.webp", "images/{}-small.webp", "uploads/{}.pdf", "AWSLogs/alb/{}.log.gz", "exports/{}.csv.gz",
)  # fmt: skip


class Scope:
    """Words of one call, or of a whole story."""

    __slots__ = ("_known", "account", "at", "chance", "region", "session")

    def __init__(  # noqa: PLR0913 - all of it decides what a word means
        self,
        chance: random.Random,
        account: Account,
        *,
        region: str,
        at: int,
        session: str = "",
        known: Mapping[str, Any] | None = None,
    ) -> None:
        """`known` are the words that mean something certain."""
        self.chance = chance
        self.account = account
        self.region = region
        self.at = at
        self.session = session
        self._known: dict[str, Any] = {**known} if known else {}

    def __getitem__(self, word: str) -> Any:
        """What the word stands for; KeyError for one that means nothing."""
        if word in _TOLD:
            return _TOLD[word](self)
        found = self._known.get(word)
        if found is None:
            things = self.account.things.get(word)
            # The square makes the first ones the busy ones.
            found = things[int(len(things) * self.chance.random() ** 2)] if things else _MADE_UP[word](self)
            self._known[word] = found
        return found

    def set(self, **known: Any) -> None:
        """Let these words mean something certain from now on."""
        self._known.update(known)


def _object(scope: Scope) -> str:
    return scope.chance.choice(_OBJECTS).format(hexadecimal(scope.chance, 10))


_TOLD: Final[Mapping[str, Callable[[Scope], Any]]] = {
    "account": lambda scope: scope.account.id,
    "region": lambda scope: scope.region,
    "session": lambda scope: scope.session,
    "organization": lambda _: the_company().organization,
    "office": lambda _: the_company().networks["office"].address(1),
    "now": lambda scope: spelled_at_length(scope.at),
    "now_iso": lambda scope: in_utc(scope.at).strftime("%Y-%m-%dT%H:%M:%S"),
    "now_ms": lambda scope: scope.at * 1000,
    "day": lambda scope: in_utc(scope.at).strftime("%Y-%m-%d"),
    "month": lambda scope: in_utc(scope.at).strftime("%Y-%m-01"),
    "stamp": lambda scope: in_utc(scope.at).strftime("%Y/%m/%d"),
}
"""Words that follow the call."""
_MADE_UP: Final[Mapping[str, Callable[[Scope], Any]]] = {
    "uuid": lambda scope: uuid(scope.chance),
    "hex8": lambda scope: hexadecimal(scope.chance, 8),
    "hex16": lambda scope: hexadecimal(scope.chance, 16),
    "hex17": lambda scope: hexadecimal(scope.chance, 17),
    "number": lambda scope: scope.chance.randrange(1, 400),
    "size": lambda scope: int(scope.chance.lognormvariate(9.0, 2.0)),
    "token": lambda scope: f"{base32(scope.chance, 40)}EXAMPLE=",
    "private": lambda scope: f"10.0.{scope.chance.randrange(1, 8)}.{scope.chance.randrange(4, 250)}",
    "object": _object,
    "name": lambda scope: f"{scope.chance.choice(('orders', 'web', 'stock', 'mail'))}-{hexadecimal(scope.chance, 4)}",
    "new_bucket": lambda scope: f"example-{scope.account.key}-{hexadecimal(scope.chance, 6)}",
    "new_instance": lambda scope: f"i-0{hexadecimal(scope.chance, 16)}",
    "new_snapshot": lambda scope: f"snap-0{hexadecimal(scope.chance, 16)}",
    "new_key": lambda scope: f"AKIA{base32(scope.chance, 9)}EXAMPLE",
    "old_key": lambda scope: f"AKIA{base32(scope.chance, 9)}EXAMPLE",
    "user": lambda scope: scope.chance.choice(the_company().users[scope.account.key]),
    "new_user": lambda scope: f"contractor-{hexadecimal(scope.chance, 3)}",
    "user_id": lambda scope: f"AIDA{base32(scope.chance, 10)}EXAMPLE",
    "role_id": lambda scope: f"AROA{base32(scope.chance, 10)}EXAMPLE",
    "policy": lambda _: "ReadOnlyAccess",
    "trust": lambda _: (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
    ),
    "shared_with": lambda _: the_company().accounts["log"].id,
}
"""Words that are made up once."""
