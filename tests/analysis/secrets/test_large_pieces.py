"""Large pieces are looked at in parts, in the time and memory of their bytes, and what is found says where it stands."""

import base64
import gzip
import random
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import grows_less_than, is_done_within

from sakimori.analysis.secrets import parts, scanner
from sakimori.analysis.secrets.engines import Hit
from sakimori.analysis.secrets.kinds import load_kinds
from sakimori.analysis.secrets.lines import Lines
from sakimori.analysis.secrets.recipe import key_id
from sakimori.analysis.secrets.scanner import Scanner

KEY = key_id("123456789012")
OTHER = key_id("210987654321")


@cache
def whole() -> Scanner:
    return Scanner(load_kinds())


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> Scanner:
    """One that takes twenty thousand bytes for large."""
    monkeypatch.setattr(parts, "PART", 20_000)
    monkeypatch.setattr(scanner, "PART", 20_000)
    return Scanner(load_kinds(), engine=whole()._engine)


def _text() -> bytes:
    drawn = random.Random(5)  # noqa: S311 - a text
    lines = ["".join(drawn.choices("abcdefg ", k=drawn.randrange(200))) for _ in range(600)]
    for place in range(0, 600, 37):
        lines[place] += f"  あ key = {key_id('123456789012', seed=place)} "
    return "\n".join(lines).encode()


def test_parts_tell_what_the_whole_tells(in_parts: Scanner) -> None:
    text = _text()
    assert sorted(in_parts.scan(text), key=lambda each: each.offset) == whole().scan(text)
    assert len(whole().scan(text)) == 17


def test_a_secret_on_the_border_of_two_parts_is_told_once(in_parts: Scanner) -> None:
    for before in range(19_970, 20_010):
        (found,) = in_parts.scan(b"\n" + b" " * before + KEY.encode() + b" " * 9_000)
        assert (found.line, found.offset, found.column) == (2, before + 1, before + 1)


def test_escapes_of_a_large_text_are_undone(in_parts: Scanner) -> None:
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in KEY)
    found = in_parts.scan(b"x\n" * 15_000 + escaped.encode() + b"\n" + b"y" * 30_000)
    assert [(each.secret, each.line, each.inside) for each in found] == [(KEY, 15_001, "escaped")]
    assert in_parts.take_unread() == []


@pytest.mark.slow
def test_a_run_of_base64_that_is_longer_than_a_part_is_opened_whole(in_parts: Scanner) -> None:
    noise = random.Random(3).randbytes(60_000)  # noqa: S311 - noise
    run = base64.b64encode(gzip.compress(noise + b"\nkey = " + KEY.encode() + b"\n"))
    found = in_parts.scan(b"first\n  " + run + b"\nlast")
    assert [(each.secret, each.line, each.column) for each in found] == [(KEY, 2, 3)]


def test_a_file_of_five_gigabytes_is_never_given_to_an_engine_whole() -> None:
    class Sparse:
        def __len__(self) -> int:
            return 5 << 30

        def __getitem__(self, part: slice) -> bytes:
            start, stop, _ = part.indices(len(self))
            asked.append(stop - start)
            return b"" if stop - start > 512 else bytes(stop - start)

    class Nothing:
        def hits(self, _data: bytes) -> list[Hit]:
            return []

    asked: list[int] = []
    Scanner(load_kinds(), engine=Nothing()).scan(Sparse())
    assert len(asked) > 600
    assert max(asked) < 9 << 20


@given(st.binary(max_size=40), st.integers(0, 6))
def test_lines_are_those_of_counting(data: bytes, times: int) -> None:
    text = data.replace(b"a", b"\n" * 700) * 100 * times
    lines = Lines(text)
    for offset in (len(text), 0, len(text) // 2, len(text) // 3):
        assert lines.before(offset) == text.count(b"\n", 0, offset)
        assert lines.start(offset) == text.rfind(b"\n", 0, offset) + 1


@pytest.mark.slow
@pytest.mark.parametrize("text", ["{key} ", "{key}\n", "password=", 'PGPASSWORD="', "cGFzc3dvcmQ9cGFzc3dvcmQ9 ", "aws_secret_access_key="])  # fmt: skip
def test_twice_the_bytes_of_an_evil_text_take_about_twice_the_time(text: str) -> None:
    unit = text.format(key=KEY).encode()
    small, large = (unit * (size // len(unit)) for size in (100_000, 400_000))
    # a square would be sixteen times as much
    assert grows_less_than(9, lambda: whole().scan(small), lambda: whole().scan(large))
    whole().take_unread()


def test_more_secrets_than_are_looked_at_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "_MOST", 100)
    keys = "\n".join(key_id("123456789012", seed=seed) for seed in range(150)).encode()
    assert len(whole().scan(keys)) == 100
    assert [(each.reason, each.detail) for each in whole().take_unread()] == [("too_many", "100")]


@pytest.mark.slow
def test_a_text_that_is_escaped_in_all_ways_at_once_is_undone_in_bounds() -> None:
    """Each way of undoing leaves the others: without a bound eight levels of four ways are looked at 65,536 times."""
    unit = b"%" + b"25" * 9 + b"41 " + b"\\" * 512 + b"x41 &" + b"#38;" * 9 + b"#65; cGFzc3dvcmQ9cGFzc3dvcmQ9 "
    unit += b"\\u005c" * 4 + b"u0041 "
    assert is_done_within(4, lambda: whole().scan(unit * 40))
    whole().take_unread()
