"""Sigma's own objects turned into conditions. Whatever cannot be meant exactly is refused, never left out."""

from collections.abc import Callable
from typing import Any, Final

from sigma import types
from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule  # pyright: ignore[reportMissingTypeStubs] - it is typed itself

from sakimori.analysis.log_forms.form import Field, LogForm
from sakimori.rules.detections.condition import Anywhere, Condition, Not, Test, all_of, either_of
from sakimori.rules.detections.matching import (
    Compared,
    InNetwork,
    Like,
    Matcher,
    Missing,
    OneOf,
    Order,
    PartOfTime,
    Present,
    Regex,
    SameAs,
    Special,
)
from sakimori.rules.detections.regex import refusal_of
from sakimori.texts.nearest import nearest

_ORDERS: Final = {
    types.CompareOperators.LT: Order.LESS,
    types.CompareOperators.LTE: Order.AT_MOST,
    types.CompareOperators.GT: Order.MORE,
    types.CompareOperators.GTE: Order.AT_LEAST,
    types.CompareOperators.NEQ: Order.OTHER,
}


class Refusal(Exception):  # noqa: N818 - it is caught a few lines further up
    """A rule that cannot be run: the id of the sentence, its values, and the field at which it lies ("" for none)."""

    def __init__(self, text: str, *, field: str = "", **values: object) -> None:
        super().__init__(text)
        self.text = text
        self.field = field
        self.values = values


def condition_of(rule: SigmaRule, form: LogForm) -> Condition:
    """The condition of a rule over one log; Refusal where it has a field that the log has not, or means nothing here."""
    try:
        trees = [parsed.parse() for parsed in rule.detection.parsed_condition]
    except SigmaError as error:
        raise Refusal("detect.sigma_refused", reason=_plain(error)) from error
    except RecursionError as error:
        raise Refusal("detect.sigma_refused", reason="nested too deep") from error
    return either_of(_Turn(form).condition(tree) for tree in trees)


class _Turn:
    def __init__(self, form: LogForm) -> None:
        self._form = form

    def condition(self, node: Any) -> Condition:
        match node:
            case ConditionAND():
                return all_of(map(self.condition, node.args))
            case ConditionOR():
                return either_of(map(self.condition, node.args))
            case ConditionNOT():
                return Not(self.condition(node.args[0]))
            case ConditionFieldEqualsValueExpression():
                return self._test(node.field, node.value)
            case ConditionValueExpression():
                return Anywhere(_keyword(node.value))
            case _:
                raise Refusal("detect.sigma_refused", reason=f"{type(node).__name__}")

    def _test(self, name: str, value: Any) -> Condition:
        if isinstance(value, types.SigmaExpansion):
            return either_of(self._test(name, each) for each in value.values)
        return Test(self._field(name), self._matcher(name, value))

    def _field(self, name: str) -> Field:
        field = self._form.resolve(name)
        if field is None:
            near = nearest(name, self._form.names)
            raise Refusal("detect.no_such_field", field=name, name=name, table=self._form.table.name, near=near)
        return field

    def _matcher(self, name: str, value: Any) -> Matcher | Special:
        match value:
            case types.SigmaNull():
                return Missing()
            case types.SigmaExists():
                return Present() if value.exists else Missing()
            case types.SigmaFieldReference():
                return SameAs(self._field(value.field), value.starts_with, value.ends_with)
            case _:
                return _of_value(value, name)


def _of_value(value: Any, name: str) -> Matcher:
    if isinstance(value, types.SigmaString):
        return _text(value, name)
    if isinstance(value, types.SigmaRegularExpression):
        return _regex(value, name)
    for kind, turn in _PLAIN.items():
        if isinstance(value, kind):
            return turn(value)
    raise Refusal("detect.sigma_refused", field=name, reason=type(value).__name__)


# A part of a time is a number, too: it comes first.
_PLAIN: Final[dict[type, Callable[[Any], Matcher]]] = {
    types.SigmaTimestampPart: lambda value: PartOfTime(value.timestamp_part.name.lower(), int(value.number)),
    types.SigmaNumber: lambda value: OneOf(frozenset({str(value.number)})),
    types.SigmaBool: lambda value: OneOf(frozenset({"true" if value.boolean else "false"})),
    types.SigmaCIDRExpression: lambda value: InNetwork(value.network),
    types.SigmaCompareExpression: lambda value: Compared(_ORDERS[value.op], value.number.number),
}


def _keyword(value: Any) -> Matcher:
    """A keyword is found anywhere in a text."""
    if isinstance(value, types.SigmaString) and not value.contains_special():
        return Like((None, str(value).lower(), None))
    return _of_value(value, "")


def _text(value: types.SigmaString, name: str) -> Matcher:
    is_cased = isinstance(value, types.SigmaCasedString)
    pieces: list[str | None] = []
    for piece in value.s:
        if piece is types.SpecialChars.WILDCARD_MULTI:
            if not pieces or pieces[-1] is not None:
                pieces.append(None)
        elif piece is types.SpecialChars.WILDCARD_SINGLE:
            pieces.append("")
        elif isinstance(piece, str):
            pieces.append(piece if is_cased else piece.lower())
        else:
            raise Refusal("detect.placeholder", field=name, name=getattr(piece, "name", str(piece)))
    if all(piece for piece in pieces):
        return OneOf(frozenset({"".join(piece for piece in pieces if piece)}), is_cased)
    return Like(tuple(pieces), is_cased)


def _regex(value: types.SigmaRegularExpression, name: str) -> Regex:
    pattern = str(value.regexp)
    flags = "".join(sorted(types.SigmaRegularExpression.sigma_to_re_flag[flag] for flag in value.flags))
    refusal = refusal_of(f"(?{flags}){pattern}" if flags else pattern)
    if refusal is not None:
        raise Refusal("detect.bad_regex", field=name, pattern=pattern[:80], reason=refusal)
    return Regex(pattern, flags)


def _plain(error: Exception) -> str:
    """An error's words without the place that we tell ourselves."""
    return str(error.args[0] if error.args else type(error).__name__).splitlines()[0][:300]
