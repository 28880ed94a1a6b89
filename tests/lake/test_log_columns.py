"""Parts of a log column by column: what is asked for, and a fault for what is damaged."""

import gc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.lake.world import HOUSE

from sakimori.lake.engines.log_columns import TableGroup, brief_memory, joined, joined_groups, part_groups, some_of
from sakimori.model.errors import LakeError


def part(path: Path, count: int = 10) -> Path:
    rows = pa.table({"arn": [f"house-{number % 2}" for number in range(count)], "storeys": list(range(count))})
    pq.write_table(rows, path, row_group_size=4)
    return path


def test_row_groups_come_in_their_order_with_the_columns_that_are_asked_for(tmp_path: Path) -> None:
    groups = list(part_groups(part(tmp_path / "p.parquet"), HOUSE))
    assert [group.num_rows for group in groups] == [4, 4, 2]


def test_texts_come_as_dictionaries_and_an_absent_column_as_none(tmp_path: Path) -> None:
    for group in part_groups(part(tmp_path / "p.parquet"), HOUSE):
        texts = group.column("arn")
        assert pa.types.is_dictionary(texts.type)
        assert texts.to_pylist()[:2] == ["house-0", "house-1"]
        assert group.column("storeys").type == pa.int64()
        assert group.column("locked") is None


def test_a_part_that_is_gone_or_no_parquet_is_a_fault_of_the_lake(tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("no parquet")
    (tmp_path / "empty.parquet").touch()
    for name in ("gone", "text", "empty"):
        with pytest.raises(LakeError):
            list(part_groups(tmp_path / f"{name}.parquet", HOUSE))


def test_a_damaged_column_is_a_fault_of_the_lake(tmp_path: Path) -> None:
    path = part(tmp_path / "p.parquet", 1000)
    whole = bytearray(path.read_bytes())
    whole[4:400] = b"\xff" * 396
    path.write_bytes(whole)
    with pytest.raises(LakeError):
        [group.column(name) for group in part_groups(path, HOUSE) for name in ("arn", "storeys")]


@pytest.mark.slow
def test_memory_is_taken_as_before_once_the_work_is_done() -> None:
    before = (pa.default_memory_pool().backend_name, gc.get_threshold(), gc.get_freeze_count())
    with brief_memory():
        assert pa.default_memory_pool().backend_name == "system"
        assert gc.get_freeze_count() > 0
    assert (pa.default_memory_pool().backend_name, gc.get_threshold(), gc.get_freeze_count()) == before


def test_of_a_dictionary_only_the_values_that_are_asked_for_come_along() -> None:
    array = pa.array(["a", None, "b", "a"]).dictionary_encode()
    assert some_of(array, [3, 1]).to_pylist() == ["a", None]
    assert some_of(pa.array([1, 2, 3]), [2, 0]).to_pylist() == [3, 1]


def test_rows_in_memory_are_read_alike() -> None:
    group = TableGroup(pa.table({"arn": pa.chunked_array([["a"], ["b"]])}))
    assert group.num_rows == 2
    assert group.column("arn").to_pylist() == ["a", "b"]
    assert group.column("storeys") is None


def test_chunks_with_dictionaries_of_their_own_are_joined() -> None:
    chunks = pa.chunked_array([pa.array(["a", None]).dictionary_encode(), pa.array(["b", "a"]).dictionary_encode()])
    assert joined(chunks).to_pylist() == ["a", None, "b", "a"]
    assert joined(pa.chunked_array([], type=pa.string())).to_pylist() == []


def test_parts_are_read_together_up_to_so_many_rows(tmp_path: Path) -> None:
    paths = [part(tmp_path / f"{number}.parquet", count) for number, count in enumerate((4, 10, 3))]
    found = [(group.num_rows, ended) for group, ended in joined_groups(paths, HOUSE, ["arn"], 8)]
    assert found == [(8, 1), (6, 1), (3, 1)]
    ((whole, ended),) = joined_groups(paths, HOUSE, ["arn"])
    assert (whole.num_rows, ended) == (17, 3)
    assert whole.column("storeys").to_pylist() == [*range(4), *range(10), *range(3)]
    assert whole.column("arn").to_pylist()[:5] == ["house-0", "house-1", "house-0", "house-1", "house-0"]
    assert whole.column("arn").to_pylist()[4] == "house-0"
    assert whole.column("locked") is None


def test_a_column_that_one_of_the_parts_lacks_is_null_there(tmp_path: Path) -> None:
    old = tmp_path / "old.parquet"
    pq.write_table(pa.table({"storeys": [7, 8]}), old)
    ((whole, _),) = joined_groups([old, part(tmp_path / "new.parquet", 2)], HOUSE, ["arn", "storeys"])
    assert whole.column("arn").to_pylist() == [None, None, "house-0", "house-1"]
    assert whole.column("storeys").to_pylist() == [7, 8, 0, 1]
