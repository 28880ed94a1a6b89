"""Letters that were read in the wrong encoding: brought back, reported, or left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.effort import is_done_within

from sakimori.findings.mail.mojibake import repair

NOTICE = "お客様の AWS アカウント 123456789012 で、アクセスキーの漏洩が検出されました。\n24時間以内にご対応ください（重要）。"
_PHRASES = (
    "アクセスキー",
    "漏洩",
    "お客様",
    "ご対応ください",
    "期限",
    "アカウント",
    "。",
    "、",
    "AWS",
    " 24",
    "時間以内",
    "（重要）",
    "ユーザー",
)
japanese = (
    st.lists(st.sampled_from(_PHRASES), min_size=2, max_size=30).map("".join).filter(lambda text: not text.isascii())
)


def as_cp1252(text: str) -> str:
    """As browsers read windows-1252: undefined bytes stay what they are."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


def as_latin(text: str) -> str:
    return text.encode().decode("latin-1")


@pytest.mark.parametrize(
    "mangle", [as_latin, as_cp1252, lambda text: as_latin(as_latin(text)), lambda text: as_cp1252(as_cp1252(text))]
)
def test_a_notice_read_as_a_western_encoding_comes_back_whole(mangle) -> None:  # noqa: ANN001
    found = repair(mangle(NOTICE))
    assert (found.text, found.is_repaired, found.is_mangled) == (NOTICE, True, False)


@pytest.mark.slow
@given(japanese, st.sampled_from([as_latin, as_cp1252]), st.integers(1, 2))
def test_japanese_comes_back_from_western_encodings(text: str, mangle, times: int) -> None:  # noqa: ANN001
    mangled = text
    for _ in range(times):
        mangled = mangle(mangled)
    assert repair(mangled).text == text


@pytest.mark.slow
@given(japanese, st.sampled_from(["cp932", "euc_jp"]))
def test_japanese_read_as_a_japanese_encoding_comes_back_or_is_reported(text: str, encoding: str) -> None:
    mangled = text.encode().decode(encoding, "replace")
    found = repair(mangled)
    assert found.text == text or found.is_mangled or found.is_repaired


def test_a_notice_read_as_shift_jis_comes_back_but_for_the_letters_that_are_lost() -> None:
    found = repair(NOTICE.encode().decode("cp932", "replace"))
    assert (found.is_repaired, found.is_mangled) == (True, True)
    assert "アクセスキーの漏洩" in found.text
    assert "\u7e67" not in found.text


def test_iso_2022_jp_without_its_escapes_comes_back() -> None:
    mangled = "アクセスキーの漏洩".encode("iso2022_jp").decode("ascii").replace("\x1b", "")
    assert repair(f"Re: {mangled}").text == "Re: アクセスキーの漏洩"


@pytest.mark.slow
@given(
    st.text(
        st.characters(categories=["L", "N", "P", "Zs"], max_codepoint=0x3134F, exclude_characters="縺繧繝"), max_size=60
    )
)
def test_a_text_without_signs_of_damage_is_never_altered(text: str) -> None:
    if not any("\x80" <= letter <= "\xff" for letter in text) and "$" not in text:
        assert repair(text).text == text


@pytest.mark.parametrize("text", [
    "Señor Müller schrieb »Spaß« und É»", "Ça coûte 10 € — naïve façade", "縺れた糸", "ﾊﾝｶｸ ｶﾅ の文章です", "costs $B10(B) and $A", "IRMÃ», NÃO",
    "アクセスキーの漏洩のご連絡", "Ελληνικά и русский", "",
])  # fmt: skip
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert repair(text).text == text


@pytest.mark.slow
@given(st.text(max_size=200))
def test_any_text_can_be_looked_at(text: str) -> None:
    once = repair(text)
    assert isinstance(once.text, str)


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["$B", "\u7e3a", "\u00c3\u00a9", "\ufffd", "$B%"])
def test_hostile_text_takes_no_time(piece: str) -> None:
    assert is_done_within(5, lambda: repair(piece * (200_000 // len(piece))))
