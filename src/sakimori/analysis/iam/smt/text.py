"""Texts of policies as regular languages of the solver: equality, wildcards, the parts of an ARN, variables.

The languages are those of `patterns`; what its matchers leave open is open here too.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from sakimori.analysis.iam.patterns import ARN_PARTS, Template, Variable, arn_parts
from sakimori.analysis.iam.smt.truth import (  # fmt: skip
    NEVER,
    UNSURE,
    Term,
    Truth,
    both,
    either,
    exactly,
    negated,
    z3,
)

_ESCAPED: Final = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
# The solver's alphabet ends here.
_LAST_CHARACTER: Final = 0x2FFFF
_LAST_ASCII: Final = 0x7F
_MOST_PIECES: Final = 200
_MOST_CHARACTERS: Final = 2000


class Wild(Enum):
    """A wildcard; those `_WITHIN` do not cross the colons of an ARN."""

    ANY = "*"
    ONE = "?"
    ANY_WITHIN = "[*]"
    ONE_WITHIN = "[?]"


@dataclass(frozen=True, slots=True)
class Filling:
    """What stands for a variable: there if `present`; `value` None where it is no text that could be modelled."""

    present: Term
    value: Term


Piece: TypeAlias = str | Wild | Filling
_WITHIN: Final = {Wild.ANY: Wild.ANY_WITHIN, Wild.ONE: Wild.ONE_WITHIN}


def literal(text: str) -> Term:
    """The text as a term."""
    return z3().StringVal(
        "".join(each if " " <= each <= "~" and each != "\\" else f"\\u{{{ord(each):x}}}" for each in text)
    )


def as_text(value: Term) -> str:
    """The text that a model gives to a term."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value.as_string())


def pieces_of(template: Template, fill: Callable[[Variable], Filling]) -> list[Piece]:
    """The template with its variables filled; neighbouring texts are one."""
    found = list[Piece]()
    for piece in template.pieces:
        if isinstance(piece, Variable):
            filling = fill(piece)
            if filling.present is True and isinstance(filling.value, str):
                _add(found, filling.value)
            else:
                found.append(filling)
        elif piece[1]:
            _add(found, piece[0])
        else:
            for part in re.split(r"([*?])", piece[0]):
                _add(found, Wild(part) if part in ("*", "?") else part)
    return found


def _add(found: list[Piece], piece: Piece) -> None:
    if isinstance(piece, str) and found and isinstance(found[-1], str):
        found[-1] += piece
    elif piece != "":
        found.append(piece)


def equals(value: Term, pieces: Sequence[Piece]) -> Truth:
    """The wildcards are characters like others."""
    plain = list[Piece]()
    for piece in pieces:
        _add(plain, piece.value if isinstance(piece, Wild) else piece)
    return like(value, plain)


def like(value: Term, pieces: Sequence[Piece]) -> Truth:
    """The wildcards stand for anything."""
    if not _is_modelled(pieces):
        return UNSURE
    fillings = [each for each in pieces if isinstance(each, Filling)]
    if not fillings:
        return exactly(_within(value, pieces))
    present = both(each.present for each in fillings)
    if present is False:
        return NEVER
    exact = None if any(each.value is None for each in fillings) else _filled(value, pieces)
    if exact is None:
        return Truth(both([present, _within(value, loosened(pieces))]), must=False)
    return exactly(both([present, exact]))


def ignoring_case(value: Term, pieces: Sequence[Piece]) -> Truth:
    """Letters beyond ASCII fold in ways that are not modelled: where there are any, it is open."""
    plain = "".join(each.value if isinstance(each, Wild) else each for each in pieces if not isinstance(each, Filling))
    if any(isinstance(each, Filling) for each in pieces) or not plain.isascii() or len(plain) > _MOST_PIECES:
        return UNSURE
    solver = z3()
    parts = [
        solver.Union(_plain(each.lower()), _plain(each.upper())) if each.isalpha() else _plain(each) for each in plain
    ]
    same = solver.InRe(value, _joined(parts))
    ascii_only = solver.InRe(value, solver.Star(solver.Range(literal("\0"), literal(chr(_LAST_ASCII)))))
    return Truth(either([same, negated(ascii_only)]), same)


def arn_like(value: Term, pieces: Sequence[Piece]) -> Truth:
    """For conditions on ARNs: within each of the first five parts the wildcards stand for that part alone."""
    if not _is_modelled(pieces):
        return UNSURE
    parts = arn_parts(pieces)
    if any(isinstance(each, Filling) for each in pieces) or len(parts) < ARN_PARTS:
        is_arn = _within(value, [Wild.ANY, *([":", Wild.ANY] * (ARN_PARTS - 1))])
        return Truth(both([is_arn, like(value, loosened(pieces)).may]), must=False)
    return exactly(_within(value, [*(_bounded(each) for part in parts[:-1] for each in (*part, ":")), *parts[-1]]))


def resource_like(value: Term, pieces: Sequence[Piece]) -> Truth:
    """For resources: a star that ends a part of the ARN reaches beyond it, other wildcards stay within the first five parts."""
    if not _is_modelled(pieces):
        return UNSURE
    parts = arn_parts(pieces)
    inner = [part[:-1] if part and part[-1] is Wild.ANY else part for part in parts[: ARN_PARTS - 1]]
    if not any(each in _WITHIN or isinstance(each, Filling) for part in inner for each in part):
        return like(value, pieces)
    if any(isinstance(each, Filling) for each in pieces):
        return Truth(like(value, loosened(pieces)).may, must=False)
    strict = list[Piece]()
    for place, (part, kept) in enumerate(zip(parts, inner, strict=False)):
        strict += [*(_bounded(each) for each in kept), *part[len(kept) :], *([":"] if place < len(parts) - 1 else [])]
    strict += [each for part in parts[ARN_PARTS - 1 :] for each in part]
    return Truth(_within(value, pieces), both([_within(value, strict), _within(value, pieces)]))


def among(value: Term, patterns: Iterable[str]) -> Term:
    """Whether the text is one of those that the patterns name, * and ? being wildcards."""
    found = list[Term]()
    for pattern in patterns:
        pieces = [Wild(part) if part in ("*", "?") else part for part in re.split(r"([*?])", pattern) if part]
        found.append(_within(value, pieces) if _is_modelled(pieces) else True)
    return either(found)


def loosened(pieces: Iterable[Piece]) -> list[Piece]:
    """With a star for each variable."""
    return [Wild.ANY if isinstance(each, Filling) else each for each in pieces]


def _bounded(piece: Piece) -> Piece:
    return _WITHIN.get(piece, piece) if isinstance(piece, Wild) else piece


def _is_modelled(pieces: Sequence[Piece]) -> bool:
    texts = [each for each in pieces if isinstance(each, str)]
    is_small = len(pieces) <= _MOST_PIECES and sum(map(len, texts)) <= _MOST_CHARACTERS
    return is_small and all(max(map(ord, each), default=0) <= _LAST_CHARACTER for each in texts)


def _within(value: Term, pieces: Sequence[Piece]) -> Term:
    """Whether the value is of the language, which has no variables."""
    if all(each is Wild.ANY for each in pieces) and pieces:
        return True
    if all(isinstance(each, str) for each in pieces):
        return value == literal("".join(each for each in pieces if isinstance(each, str)))
    return z3().InRe(value, _joined([_language(each) for each in pieces]))


def _filled(value: Term, pieces: Sequence[Piece]) -> Term:
    """With variables of text: exact where there is at most one star, else None."""
    wilds = [place for place, each in enumerate(pieces) if isinstance(each, Wild)]
    if not wilds:
        return value == _concatenated(pieces)
    if len(wilds) > 1 or pieces[wilds[0]] is not Wild.ANY:
        return None
    before, after = _concatenated(pieces[: wilds[0]]), _concatenated(pieces[wilds[0] + 1 :])
    solver = z3()
    fits = solver.Length(value) >= solver.Length(before) + solver.Length(after)
    return both([solver.PrefixOf(before, value), solver.SuffixOf(after, value), fits])


def _concatenated(pieces: Sequence[Piece]) -> Term:
    terms = [each.value if isinstance(each, Filling) else each for each in pieces]
    made = [literal(each) if isinstance(each, str) else each for each in terms] or [literal("")]
    return made[0] if len(made) == 1 else z3().Concat(*made)


def _language(piece: Piece) -> Term:
    solver = z3()
    if isinstance(piece, str):
        return _plain(piece)
    anything = solver.AllChar(solver.ReSort(solver.StringSort()))
    if piece is Wild.ANY:
        return solver.Star(anything)
    if piece is Wild.ONE:
        return anything
    within = solver.Intersect(anything, solver.Complement(_plain(":")))
    return solver.Star(within) if piece is Wild.ANY_WITHIN else within


def _plain(text: str) -> Term:
    return z3().Re(literal(text))


def _joined(languages: Sequence[Term]) -> Term:
    return languages[0] if len(languages) == 1 else z3().Concat(*languages) if languages else _plain("")
