"""How an operation pages: which answer members name the next page, and which parameters ask for it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jmespath
from botocore.exceptions import DataNotFoundError, PaginationError
from botocore.loaders import Loader
from botocore.model import OperationModel

# Operations that page although botocore has no paginator for them (as of botocore 1.44:
# wafv2:ListWebACLs, s3control:ListAccessPoints, iam:GetServiceLastAccessedDetails, …).
_PLAIN_TOKENS: Final = ("NextToken", "nextToken", "NextMarker", "NextPageToken", "Marker")
# And those that name the two apart: dynamodbstreams:ListStreams.
_TOLD_APART: Final = (("ExclusiveStartStreamArn", "LastEvaluatedStreamArn"),)


MAX_PAGES: Final = 10_000
"""A listing that is longer does not end: with AWS's usual pages these are millions of resources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """`tokens` maps each parameter to the JMESPath of its next value; `more` is the path of «there is more», or ""."""

    tokens: Mapping[str, str]
    more: str = ""

    def next_of(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters that ask for the page after `answer`; empty after the last one."""
        if self.more and not jmespath.search(self.more, answer):
            return {}
        found = {name: jmespath.search(path, answer) for name, path in self.tokens.items()}
        # Some services end a listing with an empty token instead of none.
        following = {name: token for name, token in found.items() if token}
        if self.more and not following:
            raise PaginationError(message="there is more, but no token says how to ask for it")
        return following


def paging_of(loader: Loader, model: OperationModel) -> Paging | None:
    """How the operation pages, from botocore's data or else from the service model; None if it does not."""
    service = model.service_model.service_name
    name = str(model.name)
    try:
        config = loader.load_service_model(service, "paginators-1")["pagination"].get(name)
    except DataNotFoundError:  # UnknownServiceError is one: the service has no paginators
        config = None
    if config:
        tokens = dict(zip(_listed(config["input_token"]), _listed(config["output_token"]), strict=True))
        return Paging(tokens=tokens, more=config.get("more_results", ""))
    asked, answered = _members(model.input_shape), _members(model.output_shape)
    for token, following in (*((each, each) for each in _PLAIN_TOKENS), *_TOLD_APART):
        if token in asked and following in answered:
            return Paging(tokens={token: following}, more="IsTruncated" if "IsTruncated" in answered else "")
    return None


def follow(
    paging: Paging | None, parameters: Mapping[str, object], ask: Callable[[Mapping[str, object]], Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """The pages that `ask` gives, one after the other; PaginationError where a listing leads back to a page it gave."""
    asked: set[str] = set()
    following: dict[str, Any] = {}
    while True:
        answer = ask({**parameters, **following})
        yield answer
        following = paging.next_of(answer) if paging else {}
        if not following:
            return
        mark = repr(sorted(following.items()))
        if mark in asked:
            raise PaginationError(message="the same next token was received twice")
        asked.add(mark)
        if len(asked) >= MAX_PAGES:
            raise PaginationError(message=f"the listing has more than {MAX_PAGES} pages")


def _members(shape: Any) -> Collection[str]:
    """The names in a structure of the service model; botocore's lazy properties have no types."""
    return shape.members if shape else ()


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
