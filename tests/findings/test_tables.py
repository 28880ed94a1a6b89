import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from sakimori.findings.inbox_tables import TRIAGE
from sakimori.state.store import Store
from sakimori.state.upgrade import VERSION_TABLE


@pytest.mark.slow
def test_the_migrations_lead_to_the_tables_as_they_are_defined(store: Store) -> None:
    options = {
        "version_table": VERSION_TABLE,
        "compare_type": True,
        "include_name": lambda name, kind, _: kind != "schema" or name is None,
    }
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, TRIAGE.metadata) == []
    judged = {"ground", "run", "finding", "change", "attestation"}
    inbox = {"triage", "remark", "case", "suppression", "message", "digest_line"}
    assert set(TRIAGE.metadata.tables) == judged | inbox | {"detection", "cursor"}
