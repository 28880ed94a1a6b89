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
