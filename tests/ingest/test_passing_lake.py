"""A lake that goes away again holds what one that stays would hold; only its parts have another form."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.trail import deliver, document, event
from tests.lake.world import HOUSE

from sakimori.ingest.cloudtrail.table import TABLE
from sakimori.ingest.engine import IngestRequest, Tally, ingest
from sakimori.ingest.objects import local_objects
from sakimori.lake.engines import log_arrow
from sakimori.lake.engines.log_agreement import read_pieces
from sakimori.lake.engines.log_arrow import write_arrow
from sakimori.lake.engines.log_columns import joined_groups, part_groups
from sakimori.lake.engines.log_parquet import read_part
from sakimori.lake.log_reader import LogReader
from sakimori.model.errors import LakeError

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FLOW = "2 111122223333 eni-0a1b2c3d 10.0.0.1 10.0.0.2 443 {port} 6 10 840 1790812800 1790812860 ACCEPT OK"


def take(home: Path, source: Path, *, is_passing: bool, workers: int = 1) -> Tally:
    request = IngestRequest(home=home, kind="auto", workers=workers, is_passing=is_passing)
    return ingest(request, local_objects(str(source)), clock=lambda: NOW)


def held(home: Path, table: str, suffix: str) -> list[dict[str, Any]]:
    """All rows, in an order of their own; every part's file ends so."""
    reader = LogReader(home)
    paths = [reader.root / part.path for part in reader.parts(table)]
    reader.close()
    assert paths
    assert {path.suffix for path in paths} == {suffix}
    found = [row for path in paths for row in read_part(path).to_pylist()]
    return sorted(found, key=lambda row: json.dumps(row, default=str, sort_keys=True))


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """Two files that share events over a border of days, a forged event, a torn file, a copy, and a log of flows."""
    folder = tmp_path / "bucket"
    deliver(folder, "a", (event(number) for number in range(1, 40)))
    deliver(folder, "b", (event(number, time=f"2026-10-0{1 + number % 2}T00:00:00Z") for number in range(30, 90)))
    (folder / "forged.json").write_bytes(document([event(1, eventName="DescribeInstances")]))
    (folder / "torn.json").write_bytes(document([event(number) for number in range(200, 220)])[:-300])
    (folder / "copy.json").write_bytes((folder / "forged.json").read_bytes())
    flows = folder / "AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/10/01"
    flows.mkdir(parents=True)
    head = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
    lines = "\n".join([head, *(FLOW.format(port=port) for port in range(2_000, 2_050))])
    (flows / "111122223333_vpcflowlogs_us-east-1_fl-0a1b2c3d_20261001T0000Z_a1b2c3d4.log").write_text(lines)
    return folder


@pytest.mark.slow
def test_it_holds_the_same_and_tells_the_same(bucket: Path, tmp_path: Path) -> None:
    stays = take(tmp_path / "stays", bucket, is_passing=False)
    for workers in (1, 2):
        passing = take(tmp_path / f"passing-{workers}", bucket, is_passing=True, workers=workers)
        assert passing == stays
        for table in (TABLE.name, "aws_vpc_flow_log"):
            assert held(tmp_path / f"passing-{workers}", table, ".arrow") == held(tmp_path / "stays", table, ".parquet")
    assert stays.contested_count == 1
    assert stays.refused
    assert (stays.rows_of["aws_vpc_flow_log"], stays.repeated_objects) == (50, 1)


def test_where_the_disk_has_little_room_its_parts_are_small(
    bucket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(tmp_path / "stays", bucket, is_passing=False)
    monkeypatch.setattr(log_arrow, "_ROOM", 1 << 60)
    take(tmp_path / "passing", bucket, is_passing=True)
    assert held(tmp_path / "passing", TABLE.name, ".parquet") == held(tmp_path / "stays", TABLE.name, ".parquet")


_CELLS = st.lists(
    st.tuples(st.one_of(st.none(), st.sampled_from(["a", "b", ""]), st.text(max_size=3)), st.integers(0, 9)),
    min_size=1, max_size=12,
)  # fmt: skip


@st.composite
def _tables(draw: st.DrawFn) -> list[pa.Table]:
    """Parts of some rows; texts flat, as one dictionary or as dictionaries that differ, or all null."""
    found: list[pa.Table] = []
    for cells in draw(st.lists(_CELLS, min_size=1, max_size=3)):
        texts: Any = pa.array([text for text, _ in cells], type=pa.string())
        form = draw(st.sampled_from(["flat", "dictionary", "pieces", "null"]))
        if form == "dictionary":
            texts = texts.dictionary_encode()
        elif form == "pieces":
            cut = draw(st.integers(0, len(cells)))
            texts = pa.chunked_array([texts[:cut].dictionary_encode(), texts[cut:].dictionary_encode()])
        elif form == "null":
            texts = pa.nulls(len(cells), pa.string())
        found.append(pa.table({"arn": texts, "storeys": pa.array([number for _, number in cells], type=pa.int64())}))
    return found


@pytest.mark.slow
@given(_tables(), st.integers(1, 5))
def test_what_is_read_of_such_parts_is_what_parquet_gives(
    tmp_path_factory: pytest.TempPathFactory, tables: list[pa.Table], rows_a_piece: int
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    for number, rows in enumerate(tables):
        write_arrow(rows, folder / f"{number}.arrow", rows_a_piece)
        pq.write_table(rows, folder / f"{number}.parquet", row_group_size=rows_a_piece, store_schema=False)
        assert (
            read_part(folder / f"{number}.arrow", ["arn"]).column("arn").to_pylist() == rows.column("arn").to_pylist()
        )

    def columns(suffix: str) -> Iterator[tuple[int, int, list[object], list[object], object]]:
        paths = [folder / f"{number}.{suffix}" for number in range(len(tables))]
        for group, ended in joined_groups(paths, HOUSE, ("arn",)):
            yield group.num_rows, ended, group.column("arn").to_pylist(), group.column("storeys").to_pylist(), group.column("locked")  # fmt: skip

    assert list(columns("arrow")) == list(columns("parquet"))


def test_a_part_that_is_gone_or_damaged_is_a_fault_of_the_lake(tmp_path: Path) -> None:
    whole = tmp_path / "whole.arrow"
    write_arrow(pa.table({"arn": ["a"] * 100}), whole, 10)
    (tmp_path / "text.arrow").write_text("no arrow")
    (tmp_path / "empty.arrow").touch()
    (tmp_path / "cut.arrow").write_bytes(whole.read_bytes()[:-200])
    for name in ("gone", "text", "empty", "cut"):
        path = tmp_path / f"{name}.arrow"
        with pytest.raises(LakeError):
            list(part_groups(path, HOUSE))
        with pytest.raises(LakeError):
            read_part(path)
        with pytest.raises(LakeError):
            list(read_pieces(path, HOUSE))
