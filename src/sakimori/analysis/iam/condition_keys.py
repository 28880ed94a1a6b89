"""The condition keys of policies: what values each has, and whether every request has it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Any, Final, Literal, TypeAlias, cast

from sakimori.analysis.iam.action_files import Compiled
from sakimori.texts.bounded_yaml import read_yaml

Presence: TypeAlias = Literal["always", "signed", "sometimes"]
"""In the context of every request; of every request that is not anonymous; only of some."""

_ARRAY: Final = "ArrayOf"


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """`name` as AWS writes it, templates included (`aws:RequestTag/${TagKey}`).

    `types` are String, ARN, Bool, Numeric, Date, IPAddress or ArrayOf one of them; empty where AWS does not say.
    """

    name: str
    types: tuple[str, ...]
    presence: Presence = "sometimes"

    @property
    def type(self) -> str | None:
        """The first of its types; None where AWS does not say."""
        return self.types[0] if self.types else None

    @property
    def value_types(self) -> tuple[str, ...]:
        """The types of one value: what an operator must suit."""
        return tuple(each.removeprefix(_ARRAY) for each in self.types)

    @property
    def is_multivalued(self) -> bool:
        """Whether a request may have several values: only then ForAllValues and ForAnyValue are in place."""
        return any(each.startswith(_ARRAY) for each in self.types)

    @property
    def is_always_present(self) -> bool:
        """Whether the context of every request has it, anonymous ones too."""
        return self.presence == "always"


@dataclass(frozen=True, slots=True)
class KeyIndex:
    """Keys by name in lower case, and templates by the part before the first colon: (start, end, key)."""

    exact: Mapping[str, ConditionKey]
    templates: Mapping[str, tuple[tuple[str, str, ConditionKey], ...]]

    def find(self, name: str) -> ConditionKey | None:
        """The key, the case of letters aside; of templates the one with the longest start."""
        wanted = name.lower()
        known = self.exact.get(wanted)
        if known is not None:
            return known
        for start, end, key in self.templates.get(wanted.partition(":")[0], ()):
            if len(wanted) > len(start) + len(end) and wanted.startswith(start) and wanted.endswith(end):
                return key
        return None


def keys_of(services: Mapping[str, Compiled]) -> KeyIndex:
    """The keys of no one service first, then each service's own, then what services say of others' keys."""
    exact = {key.name.lower(): key for key in _global_keys()}
    for is_own in (True, False):
        for prefix, service in services.items():
            for name, type_ in service["keys"]:
                if (name.partition(":")[0].lower() == prefix) is is_own and (type_ or not is_own):
                    exact.setdefault(name.lower(), ConditionKey(name, _types(type_)))
    for prefix in services:
        for name, _ in services[prefix]["keys"]:
            exact.setdefault(name.lower(), ConditionKey(name, ()))
    return KeyIndex(exact, _templates(exact.values()))


def _types(value: str | list[str]) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (value,) * bool(value)


def _global_keys() -> tuple[ConditionKey, ...]:
    with as_file(files("sakimori") / "rulebook" / "iam" / "global_condition_keys.yaml") as path:
        found = cast("dict[str, dict[str, dict[str, Any]]]", read_yaml(path).data)["keys"]
    return tuple(
        ConditionKey(name, tuple(each["types"]), cast(Presence, each.get("presence", "sometimes")))
        for name, each in found.items()
    )


def _templates(keys: Iterable[ConditionKey]) -> Mapping[str, tuple[tuple[str, str, ConditionKey], ...]]:
    found: dict[str, list[tuple[str, str, ConditionKey]]] = {}
    for key in keys:
        for opening, closing in (("${", "}"), ("<", ">")):
            start, sign, rest = key.name.lower().partition(opening)
            if sign:
                found.setdefault(start.partition(":")[0], []).append((start, rest.partition(closing)[2], key))
                break
    return {part: tuple(sorted(each, key=_by_length)) for part, each in found.items()}


def _by_length(template: tuple[str, str, ConditionKey]) -> tuple[int, str, str]:
    return -len(template[0]), template[0], template[1]
