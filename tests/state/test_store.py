import os
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.stores import ENGINES, new_place

from sakimori.model.errors import LakeError, UsageError
from sakimori.state import postgresql, sqlite, upgrade
from sakimori.state.store import Store, open_store
from sakimori.texts.sentences import say_error

VERSION = "SELECT version_num FROM sakimori_version"
INSERT = "INSERT INTO ground (digest, body) VALUES ('d', 'b')"


def version(store: Store) -> list[str]:
    with store.read() as connection:
        return list(connection.exec_driver_sql(VERSION).scalars())


def count_up(place: str) -> subprocess.CompletedProcess[str]:
    code = """
import sys
from sakimori.state.store import open_store
with open_store(sys.argv[1]) as store:
    for _ in range(100):
        with store.begin() as connection:
            count = int(connection.exec_driver_sql("SELECT body FROM ground").scalar())
            connection.exec_driver_sql(f"UPDATE ground SET body = '{count + 1}'")
"""
    return run_python(code, place)


def write_and_fail(store: Store) -> None:
    with store.begin() as connection:
        connection.exec_driver_sql(INSERT)
        raise KeyError


def write_more_than_fits(store: Store) -> None:
    with store.begin() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.exec_driver_sql("INSERT INTO ground (digest, body) VALUES ('d', ?)", ("b" * 100_000,))


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_a_new_store_has_the_newest_form(place: str) -> None:
    with open_store(place) as store:
        assert version(store) == [upgrade.FORM]


def test_a_store_opened_again_keeps_what_was_written(place: str) -> None:
    with open_store(place) as store, store.begin() as connection:
        connection.exec_driver_sql(INSERT)
    with open_store(place) as store, store.read() as connection:
        assert connection.exec_driver_sql("SELECT body FROM ground").scalar() == "b"


def test_an_exception_drops_the_whole_transaction(place: str) -> None:
    with open_store(place) as store:
        with pytest.raises(KeyError):
            write_and_fail(store)
        with store.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM ground").scalar() == 0


def test_a_reader_does_not_wait_for_a_writer(place: str) -> None:
    with open_store(place) as store, store.begin() as writer:
        writer.exec_driver_sql(INSERT)
        with store.read() as reader:
            assert reader.exec_driver_sql("SELECT count(*) FROM ground").scalar() == 0


def test_a_reader_sees_one_state_from_beginning_to_end(place: str) -> None:
    with open_store(place) as store, store.read() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM ground").scalar() == 0
        with store.begin() as writer:
            writer.exec_driver_sql(INSERT)
        assert reader.exec_driver_sql("SELECT count(*) FROM ground").scalar() == 0


@pytest.mark.slow
def test_of_what_two_processes_write_at_once_nothing_is_lost(place: str) -> None:
    with open_store(place) as store, store.begin() as connection:
        connection.exec_driver_sql("INSERT INTO ground (digest, body) VALUES ('d', '0')")
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(count_up, [place] * 2))
    assert [process.stderr for process in done] == [""] * 2
    with open_store(place) as store, store.read() as connection:
        assert connection.exec_driver_sql("SELECT body FROM ground").scalar() == "200"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_writer_does_not_wait_for_one_of_another_store(engine: str, tmp_path: Path) -> None:
    with (
        new_place(engine, tmp_path / "one") as here, new_place(engine, tmp_path / "other") as there,
        open_store(here) as store, open_store(there) as other, store.begin() as connection,
    ):  # fmt: skip
        connection.exec_driver_sql(INSERT)
        with ThreadPoolExecutor(1) as pool, pytest.raises(KeyError):
            pool.submit(write_and_fail, other).result(timeout=20)


@pytest.mark.slow
def test_many_processes_may_make_the_store_at_once(place: str) -> None:
    code = "import sys; from sakimori.state.store import open_store; open_store(sys.argv[1]).close()"
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: run_python(code, place), range(4)))
    assert [process.stderr for process in done] == [""] * 4
    with open_store(place) as store:
        assert version(store) == [upgrade.FORM]


def test_a_store_of_a_newer_program_is_refused_and_left_alone(place: str) -> None:
    with open_store(place) as store, store.begin() as connection:
        connection.exec_driver_sql("UPDATE sakimori_version SET version_num = '9999'")
    with pytest.raises(UsageError) as caught:
        open_store(place)
    assert caught.value.text == "findings.store_newer"
    assert "pip install --upgrade" in say_error(caught.value, "ja")


def test_the_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deeper" / "state.db"
    with open_store(path) as store, store.begin() as connection:
        connection.exec_driver_sql(INSERT)
        files = sorted(path.parent.iterdir())
        assert len(files) == 3, "the database, its log and the log's index"
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_made_private(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    open_store(path).close()
    path.chmod(0o644)
    open_store(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.slow
def test_a_commit_is_on_the_disk_before_it_is_acknowledged(tmp_path: Path) -> None:
    with open_store(tmp_path / "state.db") as store, store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bookmark (url TEXT)")
    other.close()
    with pytest.raises(UsageError) as caught:
        open_store(path)
    assert caught.value.text == "findings.store_foreign"


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(LakeError) as caught:
        open_store(path)
    assert caught.value.text == "findings.store_damaged"
    assert path.read_bytes() == b"not a database at all" * 100


def test_a_store_that_stays_locked_is_said_to_be(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(place) as other, other.begin():
        monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 0.05)
        monkeypatch.setattr(postgresql, "_LOCK_SECONDS", 0.05)
        with open_store(place) as store, pytest.raises(LakeError) as caught, store.begin():
            pass
    assert caught.value.text == "findings.store_locked"


def test_a_full_disk_is_said_to_be_full_and_changes_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path / "state.db") as store:
        with pytest.raises(LakeError) as caught:
            write_more_than_fits(store)
        assert caught.value.text == "findings.store_full"
        with store.read() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM ground").scalar() == 0


def test_a_directory_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LakeError) as caught:
        open_store(tmp_path / "file" / "state.db")
    assert caught.value.text == "findings.store_failed"
    assert str(tmp_path) in say_error(caught.value, "en")


@pytest.mark.parametrize(
    "address", ["mysql://user:hidden@host/db", "postgresql://user:hidden@host:port/db", "s3://b/k"]
)
def test_a_wrong_address_is_refused_without_repeating_its_password(address: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_store(address)
    assert caught.value.text == "findings.store_address"
    assert "hidden" not in say_error(caught.value, "en")


def test_a_server_out_of_reach_is_explained_without_its_password() -> None:
    with pytest.raises(LakeError) as caught:
        open_store("postgresql://user:hidden@127.0.0.1:1/db")
    shown = say_error(caught.value, "en")
    assert "127.0.0.1" in shown
    assert "hidden" not in shown


def test_a_missing_driver_names_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UsageError) as caught:
        open_store("postgresql://127.0.0.1:1/db")
    assert "'.[postgresql]'" in say_error(caught.value, "ja")


@pytest.mark.slow
def test_alembic_is_not_imported_where_nothing_is_to_be_upgraded(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    open_store(path).close()
    code = (
        "import sys; from sakimori.state.store import open_store;"
        "open_store(sys.argv[1]).close(); print('alembic' in sys.modules)"
    )
    assert run_python(code, path).stdout.strip() == "False"


def test_the_form_is_the_newest_revision() -> None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - only this test needs it

    assert ScriptDirectory(os.fspath(Path(upgrade.__file__).parent / "migrations")).get_heads() == [upgrade.FORM]
