"""What tables of environment variables say of a variable: never its value."""

from sakimori.collect.declaration import BOOLEAN, Source, col
from sakimori.collect.secret_trace import is_plain_value, is_secret_name, looks_like_secret
from sakimori.lake.table import Column

SECRET_TRACES: tuple[tuple[Column, Source], ...] = (
    col("has_secret_name", BOOLEAN, "Its name ends as names of secrets do: password, token, …",
        lambda row, _: is_secret_name(str(row["name"]))),
    col("value_is_plain", BOOLEAN, "Its value is neither empty, nor a switch, nor a reference to another place.",
        "is_plain", sensitive=True),
    col("value_looks_like_secret", BOOLEAN,
        "Its value has the form of an AWS key, a known token, a private key or a URL with a password.",
        "looks_like_secret", sensitive=True),
)  # fmt: skip


def traces(value: str) -> dict[str, bool]:
    """What of a variable's value goes into its row beside `name`: the value ends here."""
    return {"looks_like_secret": looks_like_secret(value), "is_plain": is_plain_value(value)}
