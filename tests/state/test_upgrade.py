"""Stores that an earlier program wrote are brought up to date, on both engines."""

from contextlib import closing
from pathlib import Path
from unittest import mock

import pytest
from alembic import command
from alembic.script import ScriptDirectory

from sakimori.state import upgrade
from sakimori.state.store import open_store

MIGRATIONS = str(Path(upgrade.__file__).parent / "migrations")
EARLIER = [each.revision for each in ScriptDirectory(MIGRATIONS).walk_revisions()][1:]
NOON = "2026-11-01 12:00:00"


def store_of_form(place: str, form: str) -> None:
    whole = command.upgrade
    with (
        mock.patch.object(upgrade, "FORM", form),
        mock.patch("sakimori.state.store.FORM", form),
        mock.patch.object(command, "upgrade", lambda config, _: whole(config, form)),
        closing(open_store(place)) as store,
        store.begin() as connection,
    ):
        connection.exec_driver_sql("INSERT INTO ground (digest, body) VALUES ('d', 'b')")
        connection.exec_driver_sql(f"INSERT INTO run (id, at, ground) VALUES ('r', '{NOON}', 'd')")


@pytest.mark.parametrize("form", EARLIER)
def test_a_store_of_an_earlier_program_keeps_what_it_holds(place: str, form: str) -> None:
    store_of_form(place, form)
    with open_store(place) as store, store.begin() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM sakimori_version").scalars().all() == [upgrade.FORM]
        assert connection.exec_driver_sql("SELECT id FROM run").scalars().all() == ["r"]
        connection.exec_driver_sql(f"INSERT INTO run (id, at, ground) VALUES ('s', '{NOON}', 'd')")
        assert connection.exec_driver_sql("SELECT number FROM run ORDER BY number").scalars().all() == [1, 2]
