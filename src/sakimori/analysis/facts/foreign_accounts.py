"""The fact of which accounts of others a request names, by ARN or as the owner of where data goes."""

import re
from collections.abc import Iterator
from typing import Any, Final

from sakimori.analysis.facts.event_parts import pairs_in, request, text_in
from sakimori.analysis.facts.fact import Event, Fact, FactType, Surroundings
from sakimori.analysis.facts.reach import own_of
from sakimori.model.verdict import Text

_MOST: Final = 50
_LONGEST: Final = 50_000
_ARN: Final = re.compile(r"\barn:aws[a-z-]{0,20}:[a-z0-9-]{1,64}:[a-z0-9-]{0,32}:([0-9]{12}):")
_ACCOUNT: Final = re.compile(r"[0-9]{12}\Z")
_OWNERS: Final = frozenset({"account", "accountid", "registryid", "s3bucketowner", "expectedbucketowner"})
"""Fields in lower case that hold a bare id. Source: S3 API, Destination.Account; ECR API, ReplicationDestination; DynamoDB
API, ExportTableToPointInTime; S3 API, ExpectedBucketOwner."""


def _accounts(asked: Any) -> Iterator[str]:
    for name, value in pairs_in(asked):
        found = text_in(value)
        if name.lower() in _OWNERS and _ACCOUNT.match(found):
            yield found
        elif "arn:aws" in found:
            yield from (match[1] for match in _ARN.finditer(found[:_LONGEST]))


def _foreign_accounts(event: Event, surroundings: Surroundings) -> tuple[str, ...]:
    asked = request(event)
    if not asked:
        return ()
    own = own_of(event, surroundings)
    found: dict[str, None] = {}
    for account in _accounts(asked):
        if not own.holds(account):
            found[account] = None
        if len(found) == _MOST:
            break
    return tuple(found)


FACTS: Final = (
    Fact(
        name="fact.foreign_accounts",
        type=FactType.TEXTS,
        sentence=Text(
            en="The accounts other than yours that the request names, in ARNs or as the owner of a destination.",
            ja="リクエストに（ARN または送信先の所有者として）含まれる、自組織以外のアカウントです。",
        ),
        reads=("requestParameters", "recipientAccountId", "userIdentity.accountId"),
        of=_foreign_accounts,
    ),
)
