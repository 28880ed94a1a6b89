"""The SQL that a person may write: everything that reads tables, and nothing that reads or does anything else.

An allow-list over the parsed tree. What is not named here is refused, whatever it does: statements other than a query,
functions that read files, settings or the environment, and those that make much out of nothing (`repeat`, `range` as a
list): DuckDB counts the memory of sorting and grouping, but not that of a single value.
"""

from typing import Any, ClassVar, Final, cast

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.tokens import TokenType  # pyright: ignore[reportPrivateImportUsage] - where they stand in every version

MAX_LENGTH: Final = 50_000
MAX_DEPTH: Final = 250
MAX_NODES: Final = 40_000


class Spoken(DuckDB):
    """DuckDB's SQL, written again as it was read.

    sqlglot makes a JSON path of every key, so that `->> 'a.b'` would ask for b inside a; and it takes `j -> 'key'` inside
    a call for a lambda, which DuckDB writes `lambda j: …`.
    """

    def to_json_path(self, path: exp.Expr | None) -> exp.Expr | None:
        """The path as it stands."""
        return path

    class Parser(DuckDB.Parser):
        """Without the lambda of an arrow."""

        LAMBDAS: ClassVar[Any] = {
            token: parse for token, parse in cast("Any", DuckDB.Parser).LAMBDAS.items() if token is not TokenType.ARROW
        }


STRUCTURE: Final = frozenset(
    {
        exp.Select, exp.With, exp.CTE, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Qualify, exp.Order, exp.Ordered,
        exp.Limit, exp.LimitOptions, exp.Offset, exp.Distinct, exp.Union, exp.Intersect, exp.Except, exp.Subquery, exp.Table,
        exp.TableAlias, exp.Alias, exp.Star, exp.Column, exp.Columns, exp.Identifier, exp.Values, exp.Tuple, exp.Lateral,
        exp.Unnest, exp.Explode, exp.Rollup, exp.Cube, exp.GroupingSets, exp.Window, exp.WindowSpec, exp.Filter,
        exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup,
    }
)  # fmt: skip

VALUES: Final = frozenset(
    {
        exp.Literal, exp.RawString, exp.ByteString, exp.Boolean, exp.Null, exp.Placeholder, exp.Parameter, exp.Var,
        exp.Interval, exp.DataType, exp.DataTypeParam, exp.ColumnDef, exp.Cast, exp.TryCast, exp.Paren, exp.Array, exp.Struct,
        exp.PropertyEQ, exp.ToMap, exp.Bracket, exp.Slice, exp.Dot, exp.Lambda, exp.Comprehension,
        exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Like, exp.ILike,
        exp.SimilarTo, exp.Glob, exp.Escape, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Exists, exp.Any, exp.All,
        exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Pow, exp.DPipe,
        exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor, exp.BitwiseNot, exp.BitwiseLeftShift, exp.BitwiseRightShift,
        exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least,
    }
)  # fmt: skip

FUNCTIONS: Final = frozenset(
    {
        # text
        exp.Lower, exp.Upper, exp.Length, exp.Substring, exp.Left, exp.Right, exp.Trim, exp.Replace, exp.Translate, exp.SplitPart,
        exp.Split, exp.Concat, exp.ConcatWs, exp.StartsWith, exp.EndsWith, exp.Contains, exp.StrPosition, exp.Reverse,
        exp.MD5, exp.SHA, exp.SHA2, exp.Chr, exp.Ascii, exp.Unicode, exp.Levenshtein, exp.JarowinklerSimilarity, exp.Hex, exp.Unhex,
        exp.ToBase64, exp.FromBase64, exp.Decode, exp.Encode, exp.BitLength,
        exp.RegexpLike, exp.RegexpExtract, exp.RegexpExtractAll, exp.RegexpReplace, exp.RegexpFullMatch, exp.RegexpSplit,
        # numbers
        exp.Abs, exp.Round, exp.Ceil, exp.Floor, exp.Sqrt, exp.Ln, exp.Log, exp.Exp, exp.Sign, exp.Trunc, exp.IsNan, exp.IsInf,
        exp.WidthBucket, exp.Rand,
        # time
        exp.CurrentTimestamp, exp.CurrentDate, exp.TimestampTrunc, exp.DateTrunc, exp.DateBin, exp.TimeToStr, exp.StrToTime,
        exp.Extract, exp.Year, exp.Quarter, exp.Month, exp.Week, exp.WeekOfYear, exp.Day, exp.DayOfYear, exp.DayOfWeek,
        exp.DayOfWeekIso, exp.Dayname, exp.Monthname, exp.Hour, exp.Minute, exp.Second, exp.TimeToUnix, exp.UnixToTime,
        exp.DateFromParts, exp.TimestampFromParts, exp.DateDiff, exp.DateAdd, exp.LastDay, exp.ToDays, exp.AtTimeZone,
        # JSON, lists and maps
        exp.JSONExtract, exp.JSONExtractScalar, exp.JSONKeys, exp.JSONType, exp.JSONObject, exp.JSONKeyValue, exp.JSONArray,
        exp.ParseJSON, exp.FromJson, exp.ArrayAppend, exp.ArrayConcat, exp.ArrayContains, exp.ArrayContainsAll,
        exp.ArrayContainedBy, exp.ArrayDistinct, exp.ArrayFilter, exp.ArrayMax, exp.ArrayMin, exp.ArrayOverlaps, exp.ArraySize,
        exp.ArraySlice, exp.ArraySort, exp.ArrayToString, exp.Flatten, exp.Transform, exp.MapKeys, exp.MapFromEntries,
        exp.StructExtract, exp.Typeof,
        # aggregates and windows
        exp.Count, exp.CountIf, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.ArgMin, exp.ArgMax, exp.First, exp.Last, exp.AnyValue,
        exp.Mode, exp.Median, exp.PercentileCont, exp.PercentileDisc, exp.ApproxQuantile, exp.ApproxDistinct, exp.Stddev,
        exp.StddevPop, exp.StddevSamp, exp.Variance, exp.VariancePop, exp.Skewness, exp.Kurtosis, exp.Corr, exp.CovarPop,
        exp.CovarSamp, exp.RegrSlope, exp.LogicalAnd, exp.LogicalOr, exp.BitwiseAndAgg, exp.BitwiseOrAgg, exp.BitwiseXorAgg,
        exp.GroupConcat, exp.ArrayAgg, exp.Grouping, exp.GroupingId,
        exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile, exp.Lag, exp.Lead, exp.FirstValue,
        exp.LastValue, exp.NthValue,
    }
)  # fmt: skip

NAMED: Final = frozenset(
    {
        # Functions that the parser has no word of its own for.
        "now", "get_current_timestamp", "today", "current_localtimestamp",
        "json_array_length", "json_contains", "json_exists", "json_group_array", "json_group_object", "json_merge_patch",
        "json_pretty", "json_quote", "json_structure", "json_transform", "json_valid", "json_value", "to_json", "row_to_json",
        "array_to_json",
        "array_extract", "cardinality", "element_at", "list_aggregate", "list_any_value", "list_extract", "list_has_all",
        "list_intersect", "list_pack", "list_position", "list_reduce", "list_reverse", "list_select", "list_slice", "list_sum",
        "list_unique", "list_where", "list_zip", "map_entries", "map_extract", "map_values", "row", "array_value",
        "age", "century", "date_part", "date_sub", "epoch_ns", "epoch_us", "isoyear", "microsecond", "millisecond", "timezone",
        "to_hours", "to_microseconds", "to_milliseconds", "to_minutes", "to_months", "to_seconds", "to_weeks", "to_years",
        "try_strptime", "yearweek",
        "bin", "damerau_levenshtein", "format_bytes", "formatreadablesize", "hamming", "hash", "jaccard", "jaro_similarity",
        "md5_number", "mismatches", "nfc_normalize", "octet_length", "ord", "parse_filename", "parse_path", "prefix",
        "regexp_escape", "regexp_split_to_array", "strip_accents", "strlen", "suffix", "url_decode", "url_encode",
        "bit_count", "even", "gcd", "isfinite",
        "arbitrary", "entropy", "favg", "fsum", "geomean", "histogram", "mad", "product", "reservoir_quantile", "sumkahan",
        "weighted_avg",
    }
)  # fmt: skip

TABLE_FUNCTIONS: Final = frozenset({"json_each", "json_tree", "range", "generate_series"})
"""What may stand in FROM besides tables and `unnest`: rows of a value, or a calendar, made as they are read."""

CLOCKS: Final = frozenset({"now", "get_current_timestamp", "current_localtimestamp"})

ALLOWED: Final = STRUCTURE | VALUES | FUNCTIONS


def function_names() -> frozenset[str]:
    """The names by which allowed functions are called."""
    found = {name.lower() for each in FUNCTIONS if issubclass(each, exp.Func) for name in each.sql_names()}
    return frozenset(found | NAMED | TABLE_FUNCTIONS | {"unnest", "coalesce"})
