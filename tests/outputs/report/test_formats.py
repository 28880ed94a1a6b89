import errno
import io
import json
import os
import stat
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from subprocess import run
from typing import TextIO

import pytest

from sakimori.model.assessment import Assessment
from sakimori.model.errors import SakimoriError, UsageError
from sakimori.model.verdict import Text, Verdict
from sakimori.outputs.report.formats import FORMATS, ensure_format, format_of, write_report
from sakimori.texts.language import LANGUAGES
from sakimori.texts.sentences import say_error


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("which", ["sample", "hostile", "framed", "hostile_framed"])
def test_every_format_writes_a_private_file(
    which: str, name: str, language: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    target = tmp_path / f"report{FORMATS[name].suffix}"
    write_report(request.getfixturevalue(which), name, target, language)  # pyright: ignore[reportArgumentType]
    assert len(target.read_bytes()) > 500
    if FORMATS[name].write:
        target.read_text(encoding="utf-8")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("text", ["x" * 100_000, "\ud800", "\udcff\x1b[2J\u202e", "]]>" * 10, "\U0001f600" * 40_000])
def test_every_format_takes_names_of_any_length_and_kind(
    name: str, text: str, sample: Assessment, tmp_path: Path
) -> None:
    first, *others = sample.verdicts
    odd = replace(
        first,
        resource=text,
        resource_type=text,
        region=text,
        message=Text(text, text),
        evidence={"name": text, text: text},
    )
    gap = replace(sample.gaps[0], table=text, region=text, parent=text, call=text, code=text, message=text)
    target = tmp_path / f"report{FORMATS[name].suffix}"
    write_report(replace(sample, verdicts=[odd, *others], gaps=(gap, *sample.gaps)), name, target, "ja")
    assert 500 < target.stat().st_size < 6_000_000


def test_unknown_format_is_wrong_usage_and_names_the_known(sample: Assessment) -> None:
    with pytest.raises(UsageError) as caught:
        write_report(sample, "docx", io.StringIO(), "en")
    assert say_error(caught.value, "en").endswith(f"{', '.join(sorted(FORMATS))}.")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.json", "json"), ("a.HTML", "html"), ("a.ocsf.jsonl", "ocsf"), ("a.jsonl", "ocsf"), ("a.b.csv", "csv"),
        ("a.xlsx", "xlsx"), ("a.txt", "terminal"), ("a.asff.json", "asff"), ("a.sarif", "sarif"), ("a.junit.xml", "junit"),
        ("a.xml", "junit"), ("a.md", "markdown"),
    ],
)  # fmt: skip
def test_the_ending_of_a_file_says_its_format(name: str, form: str) -> None:
    assert format_of(Path(name)) == form


@pytest.mark.parametrize("name", ["report", "report.docx", ".json", "json"])
def test_an_ending_that_no_format_has_is_wrong_usage(name: str) -> None:
    if name == ".json":
        assert format_of(Path(name)) == "json"
        return
    with pytest.raises(UsageError, match=r"report\.unknown_ending"):
        format_of(Path(name))


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [io.StringIO(), _Terminal(io.BytesIO())])
def test_bytes_are_not_printed_to_a_terminal(sample: Assessment, stream: TextIO) -> None:
    with pytest.raises(UsageError) as caught:
        write_report(sample, "xlsx", stream, "en")
    assert "--output report.xlsx" in say_error(caught.value, "en")
    assert "--output report.xlsx" in say_error(caught.value, "ja")


def test_bytes_are_not_written_to_the_device_of_a_terminal(sample: Assessment) -> None:
    leader, follower = os.openpty()
    try:
        with pytest.raises(UsageError, match=r"report_files\.no_text"):
            write_report(sample, "xlsx", Path(os.ttyname(follower)), "en")
    finally:
        os.close(leader)
        os.close(follower)


def test_bytes_go_under_standard_output_that_leads_elsewhere(sample: Assessment) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="cp1252")
    stream.write("before")
    write_report(sample, "xlsx", stream, "ja")
    assert raw.getvalue().startswith(b"beforePK")


def test_a_missing_library_is_told_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(UsageError) as caught:
        ensure_format("xlsx")
    assert "pip install -e '.[xlsx]'" in say_error(caught.value, "en")
    with pytest.raises(UsageError, match=r"extras\.missing"):
        format_of(Path("report.xlsx"))
    assert ensure_format("html").suffix == ".html"


class _BrokenVerdicts(list[Verdict]):
    def __iter__(self) -> Iterator[Verdict]:
        yield from list(super().__iter__())[:3]
        raise OSError(errno.ENOSPC, "No space left on device")


def test_full_disk_leaves_the_old_report_and_no_pieces(
    sample: Assessment, build: Callable[..., Assessment], tmp_path: Path
) -> None:
    target = tmp_path / "report.json"
    target.write_text("the old one")
    with pytest.raises(SakimoriError) as caught:
        write_report(build(_BrokenVerdicts(sample.verdicts)), "json", target, "en")
    assert caught.value.text == "report.disk_full"
    assert target.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_device_is_told_in_both_languages(sample: Assessment) -> None:
    with pytest.raises(SakimoriError) as caught:
        write_report(sample, "json", Path("/dev/full"), "en")
    assert "the disk is full" in say_error(caught.value, "en")
    assert "ディスクに空きがありません" in say_error(caught.value, "ja")


@pytest.mark.parametrize("place", [".", "missing/report.json"])
def test_a_place_that_cannot_be_written_is_wrong_usage(sample: Assessment, tmp_path: Path, place: str) -> None:
    with pytest.raises(UsageError, match=r"report\.unwritable"):
        write_report(sample, "json", tmp_path / place, "en")


def test_a_link_keeps_pointing_and_its_target_is_written(sample: Assessment, tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    link = tmp_path / "link.json"
    link.symlink_to("real.json")
    write_report(sample, "json", link, "en")
    assert link.is_symlink()
    assert json.loads((tmp_path / "real.json").read_text(encoding="utf-8"))["schema"] == "sakimori.assess/1"


def test_a_device_is_written_to_and_never_replaced(sample: Assessment) -> None:
    write_report(sample, "json", Path("/dev/null"), "en")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_standard_output_of_another_encoding_still_gets_utf8(sample: Assessment) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="cp1252", newline="\r\n")
    write_report(sample, "csv", stream, "ja")
    stream.flush()
    assert raw.getvalue().startswith(b"\xef\xbb\xbf\xe7\xb5\x90")
    assert b"\r\r\n" not in raw.getvalue()


class _Nowhere(io.TextIOBase):
    def write(self, text: str, /) -> int:
        return len(text)


def _peak(assessment: Assessment, name: str) -> int:
    tracemalloc.start()
    try:
        write_report(assessment, name, _Nowhere(), "ja")  # pyright: ignore[reportArgumentType]
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["terminal", "json", "csv", "ocsf", "asff", "sarif", "markdown"])
def test_memory_does_not_grow_with_the_verdicts(name: str, many: Callable[[int], Assessment]) -> None:
    """Slow: many verdicts are written, with every allocation counted."""
    _peak(many(4_000), name)  # what is loaded and remembered once
    assert _peak(many(4_000), name) < _peak(many(400), name) + 100_000


@pytest.mark.slow
def test_naming_the_formats_loads_no_template_engine() -> None:
    code = (
        "import sys, sakimori.outputs.report.formats; sys.exit(bool({'jinja2', 'rich', 'openpyxl'} & set(sys.modules)))"
    )
    assert run([sys.executable, "-c", code], check=False).returncode == 0
