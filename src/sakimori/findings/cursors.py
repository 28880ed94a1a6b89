"""Where something that goes on for long stands, by name.

What belongs to it is written on the same connection of `Store.begin`: a kill then leaves all of it or nothing.
"""

from sqlalchemy import Connection, select

from sakimori.findings.tables import CURSOR
from sakimori.state.store import Store, insert_into, reading, writing


def read_cursor(place: Store | Connection, name: str) -> str | None:
    """What was last written under that name, None if nothing was."""
    with reading(place) as connection:
        return connection.execute(select(CURSOR.c.value).where(CURSOR.c.name == name)).scalar()


def write_cursor(place: Store | Connection, name: str, value: str) -> None:
    """Remember `value`, in place of what stood under that name."""
    with writing(place) as connection:
        statement = insert_into(connection, CURSOR).values(name=name, value=value)
        replaced = {"value": statement.excluded.value}
        connection.execute(statement.on_conflict_do_update(index_elements=[CURSOR.c.name], set_=replaced))
