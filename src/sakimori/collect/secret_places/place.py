"""The form of a place in an account where a secret may lie: calls as data, as for a table, and the texts in their answers.

What is in the texts is not judged here, and none is kept: whoever reads a place hands in the look that is taken at each.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sakimori.aws.door import Answer, Door
from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Call, Context, Derive, Reader, Record
from sakimori.model.words import GapKind, Scope

MOST_BYTES: Final = 32 << 20
"""What is read of one resource that may be large (a snapshot, an image, a bucket), unless another bound is asked for."""

Fetch = Callable[[str, int], bytes]
"""The bytes behind an address that AWS gave, at most so many; raises Refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text of a resource. `name` is what a person would look for in it: a file, "template", "environment".

    `labels` name the text's lines where they stand for things with names of their own: variables, parameters.
    """

    name: str
    data: bytes = field(repr=False)
    labels: tuple[str, ...] = ()


class Sampled:
    """Yielded among the texts of a resource: more of it was there, and was left unread on purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What the texts of one resource may be read with, beside the answers that named it. Raises Refusal as the door does."""

    door: Door
    region: str
    most_bytes: int = MOST_BYTES
    fetch: Fetch | None = None

    def call(self, operation: str, **parameters: object) -> Answer:
        """One answer."""
        return self.door.call(operation, self.region, parameters)

    def pages(self, operation: str, **parameters: object) -> Iterator[Answer]:
        """All pages of a listing."""
        return self.door.pages(operation, self.region, parameters)

    def fetched(self, operation: str, url: str, most: int) -> bytes:
        """What lies behind an address that `operation` gave."""
        if self.fetch is None:
            raise Refusal(call=operation, kind=GapKind.UNSUPPORTED, code="NoTransport", message="no way to fetch it")
        return self.fetch(url, most)


Texts = Callable[[Record, Context, Reach], Iterable[Text | Sampled | Refusal]]
"""A Refusal that is yielded is of one part, and the others are read on; one that is raised ends the reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One kind of place.

    `rows`, `each` and `row_region` are as in a table's declaration; `needs` are the details that `texts` looks at.
    `asks` are the operations that `texts` itself may call. `arn` names the resource.
    """

    id: str
    resource_type: str
    scope: Scope = Scope.REGION
    rows: tuple[Call, ...] | Reader
    each: tuple[Call, ...] = ()
    needs: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    arn: Derive
    texts: Texts
    row_region: Derive | None = None

    @property
    def operations(self) -> tuple[str, ...]:
        """Every operation that reading this place may call, in order, each once."""
        listing = self.rows.operations if isinstance(self.rows, Reader) else tuple(each.operation for each in self.rows)
        return tuple(dict.fromkeys((*listing, *(each.operation for each in self.each), *self.asks)))

    @property
    def service(self) -> str:
        """boto3's name of the service that lists it."""
        return self.operations[0].partition(":")[0]


def of_part(refusal: Refusal, name: str) -> Refusal:
    """The same refusal, saying which part of the resource it is of."""
    message = f"{name}: {refusal.message}" if refusal.message else name
    return Refusal(call=refusal.call, kind=refusal.kind, code=refusal.code, message=message)


def lines_of(name: str, pairs: Iterable[tuple[object, object]]) -> Iterator[Text]:
    """Names and values as one text with a line for each, as in a `.env` file: the halves of a pair stand together in it."""
    written: list[str] = []
    labels: list[str] = []
    for key, value in pairs:
        line = f"{key}={value}"
        written.append(line)
        labels.extend([str(key)] * (line.count("\n") + 1))
    if written:
        yield Text(name=name, data="\n".join(written).encode("utf-8", "surrogatepass"), labels=tuple(labels))


def variables(listed: Sequence[Mapping[str, object]] | None) -> Iterator[tuple[object, object]]:
    """A list of `{name, value}` as pairs."""
    for each in listed or ():
        yield each.get("name"), each.get("value") or ""
