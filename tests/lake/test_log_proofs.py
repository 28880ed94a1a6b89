from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.lake.log_proofs import Proof, missing, proofs, record, union
from sakimori.lake.manifest import Manifest

ONE = Proof(table="t", account="111122223333", region="us-east-1", kind="lookup", first_at=100, last_at=199)
SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12)


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    opened = Manifest(tmp_path / "manifest.db")
    yield opened
    opened.close()


def spans(manifest: Manifest) -> list[tuple[int, int]]:
    return [proof.span for proof in proofs(manifest, "t")]


def test_a_proof_is_read_as_it_was_recorded(manifest: Manifest) -> None:
    record(manifest, replace(ONE, detail="all"))
    assert proofs(manifest, "t") == (replace(ONE, detail="all"),)
    assert proofs(manifest, "t", account="999999999999") == ()
    assert proofs(manifest, "t", region="us-east-1", kind="lookup") != ()
    assert proofs(manifest, "another") == ()


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (200, 300, [(100, 300)]),
        (50, 99, [(50, 199)]),
        (150, 160, [(100, 199)]),
        (50, 300, [(50, 300)]),
        (201, 300, [(100, 199), (201, 300)]),
        (300, 200, [(100, 199)]),
    ],
)
def test_proofs_that_overlap_or_touch_become_one(
    manifest: Manifest, first: int, last: int, expected: list[tuple[int, int]]
) -> None:
    record(manifest, ONE)
    record(manifest, replace(ONE, first_at=first, last_at=last))
    assert spans(manifest) == expected


def test_a_proof_that_closes_a_hole_joins_both_sides(manifest: Manifest) -> None:
    record(manifest, ONE)
    record(manifest, replace(ONE, first_at=300, last_at=400))
    assert record(manifest, replace(ONE, first_at=200, last_at=299)).span == (100, 400)
    assert spans(manifest) == [(100, 400)]


def test_proofs_of_other_accounts_regions_and_kinds_stay_apart(manifest: Manifest) -> None:
    others = [
        replace(ONE, account="444455556666"),
        replace(ONE, region="eu-west-1"),
        replace(ONE, kind="digest"),
        replace(ONE, table="other"),
    ]
    for each in (ONE, *others):
        record(manifest, each)
    assert len(proofs(manifest, "t")) == 4
    assert len(proofs(manifest, "other")) == 1


@pytest.mark.slow
@given(SPANS, st.tuples(st.integers(0, 60), st.integers(0, 60)))
def test_what_is_missing_is_exactly_what_no_proof_covers(
    proven: list[tuple[int, int]], wanted: tuple[int, int]
) -> None:
    covered = {moment for first, last in proven for moment in range(first, last + 1)}
    left = [moment for first, last in missing(proven, wanted) for moment in range(first, last + 1)]
    assert left == [moment for moment in range(wanted[0], wanted[1] + 1) if moment not in covered]


@pytest.mark.slow
@given(SPANS)
def test_the_union_holds_the_same_moments_once(found: list[tuple[int, int]]) -> None:
    moments = [moment for first, last in union(found) for moment in range(first, last + 1)]
    assert moments == sorted({moment for first, last in found for moment in range(first, last + 1)})


def test_many_proofs_in_any_order_are_as_their_union(manifest: Manifest) -> None:
    found = [(number * 37 % 1000, number * 37 % 1000 + 20) for number in range(60)]
    for first, last in found:
        record(manifest, replace(ONE, first_at=first, last_at=last))
    assert tuple(spans(manifest)) == union(found)
