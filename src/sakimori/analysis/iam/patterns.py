"""Patterns of policies: wildcards, the parts of an ARN that they do not cross, and variables of the request.

Source: IAM User Guide, "IAM JSON policy elements: Resource" (a star at the end of a part reaches beyond it),
"IAM JSON policy elements: Condition operators" (ArnLike looks at each part by itself),
"IAM policy elements: Variables and tags" (defaults, and the names for *, ? and $ themselves).
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, TypeVar

from sakimori.analysis.iam.context import Context, Missing
from sakimori.analysis.iam.kept import Kept

_VARIABLE: Final = re.compile(r"\$\{([^{},']{1,200})(?:,\s{0,9}'([^']{0,1024})'\s{0,9})?\}")
_FIRST_SIGN: Final = re.compile(r"[*?]")
_SIGN_OR_TEXT: Final = re.compile(r"([*?])")
ARN_PARTS: Final = 6
_SIGNS: Final = frozenset("*?$")
_FEW: Final = 16
ANY: Final = object()
"""The star of a pattern, as a token."""
_ONE, _ANY_WITHIN, _ONE_WITHIN = object(), object(), object()
_WITHIN: Final[Mapping[object, object]] = {ANY: _ANY_WITHIN, _ONE: _ONE_WITHIN}
_SIGN: Final[Mapping[object, str]] = {ANY: ".", _ONE: ".", _ANY_WITHIN: "[^:]", _ONE_WITHIN: "[^:]"}

Matcher: TypeAlias = Callable[[str], bool | None]
"""Whether a text matches; None where AWS's documents do not say."""
_Piece = TypeVar("_Piece")
Token: TypeAlias = object
"""A run of plain text, or one of the two wildcards."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A place in a pattern that the request fills; `default` None where it has none."""

    key: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """A text as a policy has it: pieces of pattern, plain text that is none (`is_plain`), and variables."""

    pieces: tuple[tuple[str, bool] | Variable, ...]
    variables: tuple[Variable, ...] = field(init=False, compare=False)
    """In their order."""
    _between: "tuple[tuple[Token, ...], ...]" = field(init=False, repr=False, compare=False)
    """What stands before, between and after them."""

    def __post_init__(self) -> None:
        between: list[list[Token]] = [[]]
        for piece in self.pieces:
            if isinstance(piece, Variable):
                between.append([])
            else:
                between[-1].extend([piece[0]] if piece[1] else _signs(piece[0]))
        variables = tuple(piece for piece in self.pieces if isinstance(piece, Variable))
        object.__setattr__(self, "variables", variables)
        object.__setattr__(self, "_between", tuple(map(tuple, between)))

    @property
    def head(self) -> str:
        """The plain text with which all begins that it may stand for."""
        found = list[str]()
        for piece in self.pieces:
            if isinstance(piece, Variable):
                break
            text, is_plain = piece
            begun = text if is_plain else _FIRST_SIGN.split(text, maxsplit=1)[0]
            found.append(begun)
            if begun != text:
                break
        return "".join(found)

    def tokens(self, values: Sequence[Token] = ()) -> tuple[Token, ...]:
        """What it is made of, with these values for its variables; a value's own signs are plain text."""
        found = list(self._between[0])
        for value, after in zip(values, self._between[1:], strict=True):
            found.append(value)
            found.extend(after)
        return tuple(found)


def template_of(text: str, *, has_variables: bool) -> Template:
    """Take a text of a policy apart."""
    return _with_variables(text) if has_variables and "${" in text else Template(((text, False),))


def _taken_apart(text: str) -> Template:
    pieces, end = list[tuple[str, bool] | Variable](), 0
    for match in _VARIABLE.finditer(text):
        pieces.append((text[end : match.start()], False))
        name = match.group(1).strip()
        pieces.append((name, True) if name in _SIGNS else Variable(name.lower(), match.group(2)))
        end = match.end()
    pieces.append((text[end:], False))
    return Template(tuple(pieces))


# Characters of policies; what is made of them is some ten times as large.
_MOST_KEPT: Final = 2_000_000
_with_variables: Final = Kept(_taken_apart, weigh=len, most=_MOST_KEPT)


def filled(template: Template, context: Context) -> tuple[tuple[Token, ...] | None, bool]:
    """What the pattern is for one request, and whether that is certain: a value that is not known may be anything.

    None where the request lacks a variable of it: it then matches nothing.
    """
    values, is_certain = list[str | object](), True
    for variable in template.variables:
        found = context.value(variable.key)
        if found is Missing.ABSENT:
            if variable.default is None:
                return None, True
            values.append(variable.default)
        elif isinstance(found, tuple) and len(found) == 1:
            values.append(found[0])
        else:
            # A key of several values is no text; AWS does not say what stands there.
            values.append(ANY)
            is_certain = False
    return template.tokens(values), is_certain


def filled_matcher(
    templates: Sequence[Template], context: Context, of_tokens: Callable[[Sequence[Token]], Matcher]
) -> Matcher:
    """Whether a text is among what the patterns are for one request."""
    certain, maybe = filled_tokens(templates, context)
    return any_of([*map(of_tokens, certain), *maybe])


def filled_tokens(templates: Sequence[Template], context: Context) -> tuple[list[tuple[Token, ...]], list[Matcher]]:
    """What the patterns are for one request, and what those may match whose variables are not known."""
    certain, maybe = list[tuple[Token, ...]](), list[Matcher]()
    for template in templates:
        tokens, is_certain = filled(template, context)
        if tokens is not None and is_certain:
            certain.append(tokens)
        elif tokens is not None:
            maybe.append(_maybe(Wild(tokens)))
    return certain, maybe


def _maybe(matcher: "Matcher") -> Matcher:
    return lambda text: None if matcher(text) else False


def text_matcher(tokens: Sequence[Token]) -> Matcher:
    """The wildcards stand for anything."""
    return Wild(tokens)


def plain_text(tokens: Sequence[Token]) -> str:
    """The wildcards are characters like others."""
    return "".join(_plain(token) for token in tokens)


def arn_matcher(tokens: Sequence[Token]) -> Matcher:
    """For conditions on ARNs: within each of the first five parts the wildcards stand for that part alone."""
    parts = arn_parts(tokens)
    if len(parts) < ARN_PARTS:
        # Too short for an ARN: AWS does not say what it takes of these; what could never fit is certain.
        maybe = Wild(tokens)
        return lambda text: None if maybe(text) else False
    return Wild([*(_WITHIN.get(each, each) for part in parts[:-1] for each in (*part, ":")), *parts[-1]])


def resource_matcher(tokens: Sequence[Token]) -> Matcher:
    """For resources: a star that ends a part of the ARN reaches beyond it, other wildcards stay within the first five parts."""
    loose, strict = Wild(tokens), list[Wild | None]()

    def matches(text: str) -> bool | None:
        if not loose(text):
            return False
        if not strict:
            strict.append(_within_parts(tokens))
        # With both kinds of stars the pattern may fit in a way that is not tried here.
        return True if strict[0] is None or strict[0](text) else None

    return matches


def _within_parts(tokens: Sequence[Token]) -> "Wild | None":
    """None where no wildcard has a part of the ARN to stay within."""
    if not _has_signs_within(tokens):
        return None
    parts = arn_parts(tokens)
    first = [
        each
        for part in parts[: ARN_PARTS - 1]
        for each in (*(_WITHIN.get(one, one) for one in _but_last_star(part)), *part[len(_but_last_star(part)) :], ":")
    ]
    rest = [each for part in parts[ARN_PARTS - 1 :] for each in part]
    return Wild([*first, *rest] if len(parts) == ARN_PARTS else first[:-1])


def _but_last_star(part: Sequence[Token]) -> Sequence[Token]:
    return part[:-1] if part and part[-1] is ANY else part


def any_of(matchers: Iterable[Matcher]) -> Matcher:
    """Whether one of them matches."""
    every = tuple(matchers)
    if len(every) == 1:
        return every[0]

    def matches(text: str) -> bool | None:
        answer: bool | None = False
        for matcher in every:
            found = matcher(text)
            if found:
                return True
            answer = None if found is None else answer
        return answer

    return matches


def _weight(patterns: tuple[str, ...]) -> int:
    return sum(map(len, patterns)) + 16 * len(patterns)


def _resources_matcher(patterns: tuple[str, ...]) -> Matcher:
    plain = [pattern for pattern in patterns if not _has_signs_within(tuple(_signs(pattern)))]
    kept = frozenset(plain)
    others = [resource_matcher(tuple(_signs(pattern))) for pattern in patterns if pattern not in kept]
    return any_of([*([_among(plain)] if plain else ()), *others])


resources_matcher: Final = Kept(_resources_matcher, weigh=_weight, most=_MOST_KEPT)
"""Whether an ARN is among those that the patterns of a policy without variables name."""


def _has_signs_within(tokens: Sequence[Token]) -> bool:
    return any(each in _WITHIN for part in arn_parts(tokens)[: ARN_PARTS - 1] for each in _but_last_star(part))


def _actions_matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    return _among([pattern.lower() for pattern in patterns if pattern.isascii()])


actions_matcher: Final = Kept(_actions_matcher, weigh=_weight, most=_MOST_KEPT)
"""Whether an action, in lower case, is among those that the patterns of a policy name.

The case of letters has no meaning; a pattern with letters beyond ASCII names none.
"""


def _among(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether a text is what one of the patterns stands for. Most of them need no regular expression, which is slow to make."""
    if any(pattern and not pattern.strip("*") for pattern in patterns):
        return lambda _: True
    exact = frozenset(pattern for pattern in patterns if "*" not in pattern and "?" not in pattern)
    begun = [pattern for pattern in patterns if pattern not in exact]
    prefixes = tuple(pattern[:-1] for pattern in begun if pattern.find("*") == len(pattern) - 1 and "?" not in pattern)
    heads = frozenset(prefixes)
    rest = [pattern for pattern in begun if not (pattern.endswith("*") and pattern[:-1] in heads)]
    if not rest:
        return (lambda text: text in exact or text.startswith(prefixes)) if prefixes else exact.__contains__
    match = re.compile("|".join(f"(?:{_source(tuple(_signs(each)))})" for each in rest), re.DOTALL).fullmatch
    return lambda text: text in exact or text.startswith(prefixes) or match(text) is not None


def begins_with(heads: Sequence[str]) -> Callable[[str], bool]:
    """Whether a text begins with one of these; many of them are looked up by their lengths."""
    if len(heads) <= _FEW:
        few = tuple(heads)
        return lambda text: text.startswith(few)
    by_length = defaultdict[int, set[str]](set)
    for head in heads:
        by_length[len(head)].add(head)
    forms = tuple(by_length.items())
    return lambda text: any(text[:length] in known for length, known in forms)


def _signs(text: str) -> Iterable[Token]:
    for piece in _SIGN_OR_TEXT.split(text):
        if piece == "*":
            yield ANY
        elif piece == "?":
            yield _ONE
        elif piece:
            yield piece


def _plain(token: Token) -> str:
    return "*" if token is ANY else "?" if token is _ONE else str(token)


def arn_parts(tokens: Iterable[_Piece]) -> list[list[_Piece | str]]:
    """The first five parts and all that follows them."""
    parts: list[list[_Piece | str]] = [[]]
    for token in tokens:
        if not isinstance(token, str):
            parts[-1].append(token)
            continue
        first, *others = token.split(":", ARN_PARTS - len(parts))
        parts[-1].extend([first] if first else [])
        parts.extend([text] if text else [] for text in others)
    return parts


def _source(tokens: Sequence[Token]) -> str:
    """A regular expression in which each stretch is taken where it first fits, so that many stars cost no more than few."""
    stretches: list[tuple[str, str]] = [("", "")]
    for token in tokens:
        if token is ANY or token is _ANY_WITHIN:
            stretches.append((_SIGN[token], ""))
        else:
            star, text = stretches[-1]
            stretches[-1] = star, text + (_SIGN.get(token) or re.escape(str(token)))
    first, rest = stretches[0][1], stretches[1:]
    if not rest:
        return first
    middle = "".join(f"(?>{sign}*?{stretch})" for sign, stretch in rest[:-1] if stretch)
    sign, last = rest[-1]
    return f"{first}{middle}{sign}*{last}"


class Wild:
    """Whether a text is what the tokens stand for.

    The plain stretches are looked for first, each where it first fits: with no wildcard but stars that decides, and otherwise most
    texts are none of it. A regular expression, which is slow to make, is made only for what is left.
    """

    __slots__ = ("_begin", "_end", "_has_stars_only", "_is_plain", "_match", "_middle", "_shortest", "_tokens")

    def __init__(self, tokens: Sequence[Token]) -> None:
        stretches, signs = [""], list[Token]()
        for token in tokens:
            if isinstance(token, str):
                stretches[-1] += token
            else:
                signs.append(token)
                stretches.append("")
        self._begin, self._end, self._is_plain = stretches[0], stretches[-1], not signs
        self._middle = [each for each in stretches[1:-1] if each]
        self._has_stars_only = all(each is ANY for each in signs)
        self._shortest = sum(map(len, stretches))
        self._tokens = () if self._has_stars_only else tuple(tokens)
        self._match: Callable[[str], object] | None = None

    def __call__(self, text: str) -> bool:
        """Whether it is."""
        if self._is_plain:
            return text == self._begin
        if not self._fits(text):
            return False
        if self._has_stars_only:
            return True
        if self._match is None:
            self._match = re.compile(_source(self._tokens), re.DOTALL).fullmatch
        return self._match(text) is not None

    def _fits(self, text: str) -> bool:
        if len(text) < self._shortest or not (text.startswith(self._begin) and text.endswith(self._end)):
            return False
        place, last = len(self._begin), len(text) - len(self._end)
        for stretch in self._middle:
            place = text.find(stretch, place, last)
            if place < 0:
                return False
            place += len(stretch)
        return True
