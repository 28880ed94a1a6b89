"""Templates of sentences: bare column names in braces, and nothing else.

`str.format` would let a template reach attributes (`{name.__class__}`); here a brace may
hold only a name. `{{` and `}}` stand for the braces themselves.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

_TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_DOTTED: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*\Z")


@lru_cache(maxsize=4096)
def parse_template(template: str, *, dotted: bool = False) -> tuple[tuple[str, str], ...]:
    """The parts of `template` as ("text", words) and ("name", column); ValueError with the bad piece.

    `dotted` allows names with dots and hyphens (field names of events); they are keys, never attributes.

    >>> parse_template("{name} is open")
    (('name', 'name'), ('text', ' is open'))
    """
    parts: list[tuple[str, str]] = []
    end = 0
    for match in _TOKEN.finditer(template):
        if match.start() > end:
            parts.append(("text", template[end : match.start()]))
        token = match.group()
        end = match.end()
        if token in {"{{", "}}"}:
            parts.append(("text", token[0]))
            continue
        name = match.group(1)
        if name is None or not (_DOTTED if dotted else _NAME).match(name):
            raise ValueError(token)
        parts.append(("name", name))
    if end < len(template):
        parts.append(("text", template[end:]))
    return tuple(parts)


def placeholders(template: str, *, dotted: bool = False) -> frozenset[str]:
    """The names that `template` needs."""
    return frozenset(word for kind, word in parse_template(template, dotted=dotted) if kind == "name")


def fill(template: str, values: Mapping[str, object], show: Callable[[object], str], *, dotted: bool = False) -> str:
    """`template` with each name replaced by `show` of its value; a missing one is shown as None is."""
    return "".join(
        word if kind == "text" else show(values.get(word)) for kind, word in parse_template(template, dotted=dotted)
    )
