import pytest
from tests.ingest.trail import document, event

from sakimori.ingest import documents, wrapping
from sakimori.ingest.catalogue import source_named
from sakimori.ingest.documents import documents_of
from sakimori.ingest.place import Place
from sakimori.ingest.source import Reason, Refused


@pytest.mark.parametrize("is_cut_off", [False, True])
def test_one_record_that_is_far_too_long_is_refused_once(monkeypatch: pytest.MonkeyPatch, *, is_cut_off: bool) -> None:
    monkeypatch.setattr(documents, "_LONGEST", 20_000)
    monkeypatch.setattr(wrapping, "PIECE_BYTES", 5_000)
    long = event(2, requestParameters={"text": "x" * 200_000})
    data = document([event(1), long, event(3)])
    data = data[:100_000] if is_cut_off else data
    source = source_named("cloudtrail")
    found = list(documents_of(source, "file", data, Place()))
    [too_large] = [each for each in found if isinstance(each, Refused)]
    assert too_large.reason is Reason.TOO_LARGE
    assert too_large.size > len(data) - 50_000
    rows = source.batch()
    for each in found:
        if not isinstance(each, Refused):
            rows.add(each)
    assert rows.row_count == 1 + (not is_cut_off)


WHOLE = document([event(1), event(2)])
FIRST = WHOLE.index(b',{"eventVersion"')


@pytest.mark.parametrize(
    ("data", "is_cut_off"),
    [
        (WHOLE, False),
        (WHOLE + b"\n" + WHOLE + b"\0\0", False),
        (b"\xef\xbb\xbf" + WHOLE.replace(b"]}", b"\n ]\n}\n"), False),
        (WHOLE + b"\n" + WHOLE[12:FIRST], False),
        (b"[" + WHOLE[12:-1], False),
        (WHOLE[12:FIRST], False),
        (WHOLE[:FIRST], True),
        (WHOLE[: FIRST + 1], True),
        (WHOLE[:-1], True),
        (WHOLE[:12], True),
        (b"[" + WHOLE[12:FIRST] + b",\n", True),
        (WHOLE[:12] + b"\n" + WHOLE[12:FIRST].replace(b",", b",\n") + b"\n", True),
    ],
)
def test_a_document_that_ends_between_two_records_is_told_as_cut_off(data: bytes, *, is_cut_off: bool) -> None:
    found = [
        each for each in documents_of(source_named("cloudtrail"), "file", data, Place()) if isinstance(each, Refused)
    ]
    assert [each.reason for each in found] == ([Reason.TRUNCATED] if is_cut_off else [])
