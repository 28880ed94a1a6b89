"""What declared columns are in Arrow. pyarrow is heavy: it is imported where it is used."""
# pyright: basic
# pyarrow has no types.

from typing import Any

from sakimori.lake.table import Type


def arrow_type(type_: Type) -> Any:
    """The Arrow type of a column; times are microseconds, UTC without saying so."""
    import pyarrow as pa  # noqa: PLC0415 - heavy

    return {
        Type.TEXT: pa.string(),
        Type.BOOLEAN: pa.bool_(),
        Type.INTEGER: pa.int64(),
        Type.DOUBLE: pa.float64(),
        Type.TIMESTAMP: pa.timestamp("us"),
    }[type_]


def compute() -> Any:
    """Arrow's functions over columns, most of which are made when it is imported: no type checker knows them."""
    import pyarrow.compute as pc  # noqa: PLC0415 - heavy

    return pc
