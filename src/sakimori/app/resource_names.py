"""A resource by what a person types, and what counts as its name in an event.

An ARN, an identifier that AWS makes and a URL name one resource wherever they stand. A name that people choose does so
only in an event of the resource's own service, in a member that can hold such a name: `admin` is a role and a user.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from sakimori.lake.snapshot_rows import FoundRow, SnapshotRows
from sakimori.model.arn import Arn
from sakimori.model.errors import UsageError
from sakimori.model.words import GLOBAL

_UNIQUE: Final = re.compile(
    r"[a-z]{1,12}-[0-9a-f]{8}(?:[0-9a-f]{9})?|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}"
)
"""Identifiers that AWS makes: i-0123456789abcdef0, sg-01234567, a UUID, a multi-Region key."""
_KIND: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[/:](.+)", re.DOTALL)
_LETTERS: Final = re.compile(r"[^a-z0-9]")
_OF_ANY: Final = frozenset({
    "arn", "id", "identifier", "name", "names", "resource", "resourcearn", "resourceid", "resourceidentifier", "resourcename",
    "resources", "resourcesset", "resourceidlist", "resourcearnlist", "values", "value",
})  # fmt: skip
"""Members that hold the name of whatever the operation is about, in small letters without marks."""
_OTHER_SOURCES: Final = {"cloudwatch": "monitoring", "execute-api": "apigateway"}
"""Services whose events come from a source of another name than the one in ARNs."""
_CANDIDATES_SHOWN: Final = 10
_DEEPEST: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What a timeline is about.

    `account`, `region` and `table` are "" where no snapshot holds it. `unique` are texts that name it wherever they
    stand, `chosen` those that name it only within `service` and in a member for things of its `kind` ("": any).
    """

    given: str
    key: str
    account: str = ""
    region: str = ""
    table: str = ""
    service: str = ""
    kind: str = ""
    unique: frozenset[str] = frozenset()
    chosen: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """All of them."""
        return self.unique | self.chosen


def find_resource(rows: SnapshotRows, given: str, accounts: Sequence[str], regions: Sequence[str]) -> Resource:
    """The resource that snapshots hold under this ARN, identifier or name, or else what the text itself tells.

    UsageError where it names several; one that has it as its key goes before those that merely are called so.
    """
    found = [
        row
        for row in rows.named(given)
        if (not accounts or row.account in accounts) and (not regions or row.region in {GLOBAL, *regions})
    ]
    exact = [row for row in found if row.key == given]
    chosen = exact or found
    things = {(row.account, row.key): row for row in reversed(chosen)}
    if len(things) > 1:
        known = sorted({row.key if row.key != given else f"{row.account} {row.key}" for row in things.values()})
        raise UsageError("timeline.ambiguous", name=given, count=len(things), known=known[:_CANDIDATES_SHOWN])
    if not things:
        return _told_by(given)
    return _held(given, [row for row in chosen if (row.account, row.key) in things])


def _held(given: str, rows: Sequence[FoundRow]) -> Resource:
    """The resource of these rows, which are of one key: of one table, or of several with the same key."""
    row = min(rows, key=lambda each: (len(each.table), each.table))
    names = frozenset(name for each in rows for name in each.names)
    told = _told_by(row.key)
    if any("://" not in name for name in names):
        # A name that a snapshot tells is better than what is guessed from the end of an ARN.
        told = replace(told, chosen=frozenset())
    held = replace(
        told,
        given=given,
        account=row.account,
        region=row.region,
        table=row.table,
        service=told.service or row.table.split("_")[1],
    )
    return also_named(held, names)


def also_named(resource: Resource, names: Collection[str]) -> Resource:
    """The resource with names that it had at other times."""
    unique = {name for name in names if "://" in name or _UNIQUE.fullmatch(name)}
    return replace(resource, unique=resource.unique | unique, chosen=resource.chosen | (frozenset(names) - unique))


def _told_by(text: str) -> Resource:
    """What an ARN tells of its resource. Any other text names it wherever it stands: nothing else is known of it."""
    try:
        arn = Arn.parse(text)
    except ValueError:
        return Resource(given=text, key=text, unique=frozenset({text}))
    parted = _KIND.fullmatch(arn.resource)
    kind, name = (parted[1], parted[2]) if parted else ("", arn.resource)
    names = {name, name.rpartition("/")[2]} - {""}
    unique = {each for each in names if _UNIQUE.fullmatch(each)}
    return Resource(
        given=text,
        key=text,
        account=arn.account_id if arn.account_id.isdigit() else "",
        region=arn.region,
        service=arn.service,
        kind=_LETTERS.sub("", kind.lower()),
        unique=frozenset({text, *unique}),
        chosen=frozenset(names - unique),
    )


def namer(resource: Resource) -> Callable[[str, Iterable[object]], bool]:
    """A test whether an event of this source names the resource in any of these values of JSON."""
    sources = {resource.service, _OTHER_SOURCES.get(resource.service, "")} - {""}

    def names(event_source: str, values: Iterable[object]) -> bool:
        is_own = not resource.service or event_source.partition(".")[0] in sources
        for member, text in (found for value in values for found in _texts(value)):
            if text in resource.unique:
                return True
            if is_own and text in resource.chosen and _may_hold(member, resource.kind):
                return True
        return False

    return names


def _may_hold(member: str, kind: str) -> bool:
    plain = _LETTERS.sub("", member.lower())
    return not kind or kind in plain or plain in _OF_ANY


def _texts(value: object, member: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every text in a value of JSON, with the name of the member that holds it; lists hand theirs on."""
    if isinstance(value, str):
        yield member, value
    elif depth > _DEEPEST:
        return
    elif isinstance(value, Mapping):
        for name, inner in cast("Mapping[str, Any]", value).items():
            yield from _texts(inner, name, depth + 1)
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _texts(inner, member, depth + 1)
