"""The stores of other tests are made by `quick_upgrade`: they have the form that the migrations give."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect
from tests.quick_upgrade import quick_upgrade
from tests.stores import ENGINES, new_place

from sakimori.state.store import open_store
from sakimori.state.upgrade import VERSION_TABLE


def form_of(connection: Connection) -> dict[str, str]:
    """What each table looks like, and the version that the store says it has."""
    seen = inspect(connection)
    parts = (seen.get_columns, seen.get_pk_constraint, seen.get_foreign_keys, seen.get_indexes, seen.get_unique_constraints, seen.get_check_constraints)  # fmt: skip
    tables = {name: repr([part(name) for part in parts]) for name in seen.get_table_names()}
    (version,) = connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalars()
    return {**tables, "version": version}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_a_store_made_by_the_remembered_statements_has_the_form_of_the_migrations(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forms: list[dict[str, str]] = []
    for name in ("whole", "first", "remembered"):
        if name == "first":
            monkeypatch.setattr("sakimori.state.store.upgrade", quick_upgrade)
        with new_place(engine, tmp_path / name) as place, open_store(place) as store, store.read() as connection:
            forms.append(form_of(connection))
    assert len(forms[0]) > 10
    assert forms[0] == forms[1] == forms[2]
