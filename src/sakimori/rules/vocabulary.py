"""The SQL that a rule may be written in: portable, three-valued, and able to reach nothing but tables.

Everything is an allow-list over the parsed tree. What is not named here is refused,
whatever it does: table functions, settings, `now()`, lambdas, anything of one engine.
"""

from typing import Final

from sqlglot import exp

MAX_LENGTH: Final = 20_000
MAX_DEPTH: Final = 120

STRUCTURE: Final = frozenset(
    {exp.Select, exp.With, exp.CTE, exp.From, exp.Join, exp.Where, exp.Table, exp.TableAlias, exp.Subquery, exp.Star}
)  # fmt: skip

STRICT: Final = frozenset(
    {
        exp.Alias, exp.Paren, exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Placeholder, exp.Parameter, exp.Var,
        exp.And, exp.Or, exp.Not,
        exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Like, exp.ILike, exp.RegexpLike,
        exp.Neg, exp.Add, exp.Sub, exp.Mul,
        exp.Lower, exp.Upper, exp.Length, exp.Abs, exp.StartsWith, exp.Substring, exp.Trim, exp.DPipe,
        exp.Cast, exp.DataType,
    }
)  # fmt: skip
"""Expressions that keep Kleene's logic: an unknown input can only make the result unknown, never turn it round."""

EVIDENCE: Final = STRICT | {
    exp.Null, exp.Case, exp.If, exp.Coalesce, exp.Is, exp.Concat, exp.Div, exp.GroupConcat, exp.Count, exp.Min, exp.Max,
    exp.Distinct, exp.Order, exp.Ordered, exp.Greatest, exp.Least, exp.SplitPart,
}  # fmt: skip
"""What evidence columns may use besides: they are shown to a person, and no verdict rests on them."""

AGGREGATES: Final = (exp.GroupConcat, exp.Count, exp.Min, exp.Max)

QUANTIFIERS: Final = frozenset({"every", "some"})
MACROS: Final = frozenset({"days_ago", "range_contains_any"})
"""`days_ago(n)`: `$as_of` less n days. `range_contains_any(low, high, $list)`: one of the list lies in [low, high]."""

CAST_TYPES: Final = frozenset(
    {exp.DataType.Type.VARCHAR, exp.DataType.Type.TEXT, exp.DataType.Type.BIGINT, exp.DataType.Type.INT,
     exp.DataType.Type.DOUBLE, exp.DataType.Type.BOOLEAN, exp.DataType.Type.TIMESTAMP}
)  # fmt: skip

CURE: Final = {
    "exists": "quantifier", "in": "in_subquery", "coalesce": "coalesce", "case": "case", "is": "is_null",
    "count": "quantifier", "logicaland": "quantifier", "logicalor": "quantifier", "now": "now", "currenttimestamp": "now",
    "currentdate": "now", "currenttime": "now", "nullsafeeq": "is_null", "nullsafeneq": "is_null", "any": "quantifier",
    "all": "quantifier",
}  # fmt: skip
"""Which sentence names the cure for a refused expression."""
