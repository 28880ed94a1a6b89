r"""The short forms of a kind, written out: what an engine looks for, and what Python then looks at.

`token: ghp_[A-Za-z0-9]{36}` is a text that begins like nothing else. `assigned: datadog|dd_api` with
`value: "[0-9a-f]{32}"` is a value behind one of some names: in code, JSON, YAML, an environment or a table.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

LEFT: Final = r"(?:(?<![0-9A-Za-z_])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2}))"
"""Where a token may begin: behind nothing that could belong to it, or behind an escape that ends in a letter."""
RIGHT: Final = r"(?![0-9A-Za-z_])"
ASSIGN: Final = r"""[\w\-.\]\[)]{0,32}\\?["'`]?[ \t]{0,8}(?:=>|:=|==?|:|：|,|\|)[ \t]{0,8}(?:\r?\n[ \t]{0,40})?(?:\\?["'`]|u'|b'|\[")?"""
"""What stands between a name and its value."""
_LEADING: Final = re.compile(r"(?:[A-Za-z0-9_\-:/@ ]|\\[.\-/|$])+")
_OPEN_END: Final = re.compile(r"\{(\d+),\d*\}(?:=\{\d,\d\}|=\*|=\?)?$")
_SHORT: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The fields of a kind that say what it looks like."""

    anchor: str
    literals: tuple[str, ...]
    pattern: str
    exact: bool
    before: int = 96
    after: int = 256


def shape_of(entry: Mapping[str, Any]) -> Shape:
    """The shape that a kind's file gives in one of three forms; KeyError or ValueError if it gives none."""
    given = entry.get("literals", ())
    literals = tuple(str(each) for each in ([given] if isinstance(given, str) else given))
    if "token" in entry:
        return _token(str(entry["token"]), literals, str(entry.get("anchor", "")))
    if "assigned" in entry:
        names, value = str(entry["assigned"]), str(entry["value"])
        # A name of a few letters would be found within other words.
        words = literals or tuple(names.split("|"))
        pattern = rf"(?i:{names}){ASSIGN}(?:Bearer |Basic )?(?P<secret>{value}){RIGHT}"
        return Shape(
            anchor=f"(?:{names})", literals=words, pattern=pattern, exact=False, before=max(map(len, words)) + 64
        )
    anchor = str(entry["anchor"])
    pattern = str(entry.get("pattern") or f"{LEFT}(?P<secret>{anchor}){RIGHT}")
    pattern = pattern.replace("{LEFT}", LEFT).replace("{RIGHT}", RIGHT).replace("{ASSIGN}", ASSIGN)
    return Shape(anchor=anchor, literals=literals, pattern=pattern, exact=bool(entry.get("exact", True)))


def _token(token: str, literals: tuple[str, ...], anchor: str) -> Shape:
    if not literals:
        leading = _LEADING.match(token)
        literal = leading[0] if leading else ""
        if token[len(literal) :].startswith(("{", "?", "*", "+")):
            literal = literal[:-1]
        literals = (re.sub(r"\\(.)", r"\1", literal),)
    if len(min(literals, key=len)) < _SHORT:
        raise ValueError("a literal of less than three characters")
    anchor = anchor or _OPEN_END.sub(r"{\1}", token)
    return Shape(anchor=anchor, literals=literals, pattern=f"{LEFT}(?P<secret>{token}){RIGHT}", exact=True)
