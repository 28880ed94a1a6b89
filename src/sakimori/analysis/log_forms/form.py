"""How a log is seen by detections: the fields that rules may name, and who did what in one of its rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sakimori.lake.table import Table, Type


class FieldKind(StrEnum):
    """Where the values of a field are found."""

    COLUMN = "column"
    """The column itself."""
    JSON = "json"
    """Inside the JSON of a column, along a path."""
    FACT = "fact"
    """Computed from the event (`analysis.facts`)."""
    ROLE = "role"
    """What the row means whatever its log: a word of `ROLES`."""


ROLES = ("principal", "account", "region", "origin", "status")
"""`principal` is who stands behind the session, chains of roles followed; `origin` an address or the name of a service.

`status` is `success` or `failure`, for logs of calls; some public rules ask for it.
"""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a rule, resolved. `path` is where its values lie in the native event (a list on the way: any element).

    A column with a path holds what lies there if it is a text: nothing else is a value of it.
    """

    name: str
    kind: FieldKind
    column: str = ""
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogForm:
    """A log as rules see it.

    `services` and `categories` are what a Sigma `logsource` may call it, `products` whose. `heads` are the native names
    of the fields by which rules call its columns, for logs that have such names; `aliases` other names for a column.
    `json` are the columns whose text is JSON. `principal`, `origin` and `resources` are columns: the first that has a
    value counts (of resources: all). `event_id` is "" for logs whose rows have no identity.
    """

    table: Table
    services: tuple[str, ...]
    categories: tuple[str, ...] = ()
    products: tuple[str, ...] = ("aws",)
    heads: Mapping[str, str] = field(default_factory=dict[str, str])
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    typed: Mapping[str, str] = field(default_factory=dict[str, str])
    """Columns of few values that say what lies at a path in the JSON of another: a text, or nothing."""
    json: frozenset[str] = frozenset()
    event_id: str = ""
    principal: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    """Columns of few values by which rules are told apart before anything else is looked at."""
    unmapped: frozenset[str] = frozenset()
    """Native fields that have no column: they lie in `rest`."""
    facts: Callable[[], frozenset[str]] = frozenset
    """The names of the facts that its events have."""

    def resolve(self, name: str) -> Field | None:
        """The field of that name; None where the log has none. Heads may be spelled in any case, as some public rules do."""
        if name in ROLES:
            return Field(name, FieldKind.ROLE)
        if name.startswith("fact."):
            return Field(name, FieldKind.FACT) if name in self.facts() else None
        if name in self.typed and self._is_text(self.typed[name]):
            return Field(name, FieldKind.COLUMN, self.typed[name], tuple(name.split(".")))
        head, *path = name.split(".")
        native = _in_any_case(head, self.heads) or _in_any_case(head, self.unmapped)
        if native is not None and native in self.unmapped:
            return Field(name, FieldKind.JSON, "rest", (native, *path))
        column = self.heads[native] if native is not None else self._column_of(name if not path else head)
        if column is None or (path and column not in self.json):
            return None
        kind = FieldKind.JSON if column in self.json else FieldKind.COLUMN
        return Field(name, kind, column, tuple(path))

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which a field begins, for suggestions."""
        columns = () if self.heads else tuple(column.name for column in self.table.columns)
        return (*self.heads, *self.unmapped, *self.aliases, *columns, *ROLES, *sorted(self.facts()))

    def _is_text(self, name: str) -> bool:
        return any(column.name == name and column.type is Type.TEXT for column in self.table.columns)

    def _column_of(self, name: str) -> str | None:
        if name in self.aliases:
            return self.aliases[name]
        if self.heads:
            # What is derived of an event (`principal_root`) is no field of it: roles and facts say the same by one name.
            return name if name in self.heads.values() else None
        return name if any(column.name == name for column in self.table.columns) else None


def _in_any_case(name: str, known: "Mapping[str, str] | frozenset[str]") -> str | None:
    if name in known:
        return name
    folded = name.lower()
    return next((each for each in known if each.lower() == folded), None)
