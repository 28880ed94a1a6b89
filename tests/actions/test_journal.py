"""The journal: nothing in it can be changed without being seen, and a torn end was never acknowledged."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sakimori.actions.journal import Entry, account_held, journal_path, journals, open_journal, read_journal
from sakimori.model.errors import ActionError, UsageError

_AT = datetime(2026, 11, 26, 3, 4, 5, tzinfo=UTC)


def _written(home: Path, count: int = 3) -> Path:
    journal, lines = open_journal(home, "111122223333", "run-1")
    assert lines == ()
    for number in range(count):
        journal.write(
            Entry.INTENT, _AT, {"step": "HB16", "region": "global", "resource": "", "number": number, "ja": "変更"}
        )
    journal.close()
    return journal_path(home, "111122223333", "run-1")


def test_what_was_written_is_read_in_its_order_and_is_private(tmp_path: Path) -> None:
    path = _written(tmp_path)
    assert [(line.number, line.body["number"]) for line in read_journal(path)] == [(1, 0), (2, 1), (3, 2)]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("change", ["value", "drop", "swap", "insert", "hash", "no json"])
def test_a_line_that_was_tampered_with_is_named(tmp_path: Path, change: str) -> None:
    path = _written(tmp_path)
    lines = path.read_text().splitlines()
    match change:
        case "value":
            lines[1] = lines[1].replace("HB16", "HB17")
        case "drop":
            del lines[1]
        case "swap":
            lines[1], lines[2] = lines[2], lines[1]
        case "insert":
            lines.insert(1, lines[0])
        case "hash":
            lines[1] = lines[1].replace('"hash":"', '"hash":"0', 1)
        case _:
            lines[1] = "{"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ActionError) as caught:
        read_journal(path)
    assert (caught.value.text, caught.value.values["line"]) == ("chain.broken", 2)
    with pytest.raises(ActionError):
        open_journal(tmp_path, "111122223333", "run-1")


@pytest.mark.parametrize("torn", [1, 20, 200])
def test_a_torn_last_line_counts_for_nothing_and_the_chain_goes_on(tmp_path: Path, torn: int) -> None:
    path = _written(tmp_path)
    path.write_bytes(path.read_bytes()[:-torn])
    assert len(read_journal(path)) == 2
    journal, lines = open_journal(tmp_path, "111122223333", "run-1")
    assert len(lines) == 2
    journal.write(Entry.END, _AT, {})
    journal.close()
    assert [line.kind for line in read_journal(path)] == [Entry.INTENT, Entry.INTENT, Entry.END]


def test_one_at_a_time_writes_to_a_run(tmp_path: Path) -> None:
    journal, _ = open_journal(tmp_path, "111122223333", "run-1")
    with pytest.raises(ActionError, match=r"chain\.in_use"):
        open_journal(tmp_path, "111122223333", "run-1")
    journal.close()


@pytest.mark.parametrize("run", ["../x", "", "a/b", "x" * 100])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, run: str) -> None:
    with pytest.raises(UsageError, match="bad_run"):
        journal_path(tmp_path, "111122223333", run)


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    journal, _ = open_journal(tmp_path, "111122223333", "run-1")
    with pytest.raises(ActionError, match=r"chain\.full"):
        journal.write(Entry.END, _AT, {"long": "x" * 5_000_000})
    journal.write(Entry.END, _AT, {})
    journal.close()
    assert len(read_journal(journal.path)) == 1


@pytest.mark.parametrize("name", ["run-1.jsonl", "lock"])
def test_a_link_in_the_place_of_a_journal_is_not_followed(tmp_path: Path, name: str) -> None:
    directory = tmp_path / "journal" / "111122223333"
    directory.mkdir(parents=True)
    target = tmp_path / "precious"
    target.write_text("keep")
    (directory / name).symlink_to(target)
    with pytest.raises(ActionError, match=r"chain\.unwritable"), account_held(tmp_path, "111122223333", "run-1"):
        open_journal(tmp_path, "111122223333", "run-1")
    assert target.read_text() == "keep"


def test_what_lies_beside_journals_is_none(tmp_path: Path) -> None:
    path = _written(tmp_path)
    (path.parent / "directory.jsonl").mkdir()
    (path.parent / "run\x1b[31m.jsonl").write_text("x")
    (path.parent / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    assert list(journals(tmp_path)) == [path]


def test_a_line_of_a_change_without_its_place_is_none_of_ours(tmp_path: Path) -> None:
    journal, _ = open_journal(tmp_path, "111122223333", "run-1")
    journal.write(Entry.VERIFIED, _AT, {"holds": True})
    journal.close()
    with pytest.raises(ActionError, match=r"chain\.broken"):
        read_journal(journal.path)
