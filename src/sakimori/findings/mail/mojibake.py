"""Japanese letters that were read in the wrong encoding, brought back where that gives plainly better text.

UTF-8 read as Latin-1 or windows-1252 keeps every byte, and comes back whole. Read as Shift_JIS it loses some, read as EUC-JP
most: what cannot come back is reported, never guessed. A library for it (ftfy) knows the first two and neither of the others,
which are the Japanese ones.
"""

import re
from dataclasses import dataclass
from typing import Final

_ROUNDS: Final = 3
"""How often a text may have been mangled one upon the other."""
_LOST: Final = "\ufffd"
_CP1252: Final = {bytes([value]).decode("cp1252", "ignore"): value for value in range(0x80, 0x100)}
_BYTES: Final = {chr(value): value for value in range(0x80, 0x100)} | {
    key: value for key, value in _CP1252.items() if key
}
"""The byte that each letter of Latin-1 and windows-1252 stood for."""
_WESTERN: Final = re.compile("[" + "".join(map(re.escape, sorted(_BYTES))) + "]{2,}")
_PLAUSIBLE: Final = re.compile(
    "[\u00a0-\u00ff\u0152\u0153\u0160\u0161\u017d\u017e\u0178\u2010-\u2027\u2030-\u203b\u20ac\u2122\u2190-\u2193\u2460-\u24ff\u2500-\u25ff"
    "\u2600-\u26ff\u3000-\u30ff\u3200-\u32ff\u4e00-\u9fff\uff01-\uff9f\U0001f300-\U0001faff]+"
)
"""What a mail in Japanese or a western language may hold beside ASCII."""
_WIDE: Final = re.compile("[\u2010-\u2027\u3000-\u30ff\u4e00-\u9fff\uff01-\uff9f\U0001f300-\U0001faff]")
_SIGNS: Final = re.compile("[\u7e3a\u7e67\u7e5d]")
"""縺, 繧, 繝: the bytes E3 81, E3 82 and E3 83, with which UTF-8 begins every kana, read as Shift_JIS."""
_HALF: Final = re.compile("[\uff61-\uff9f]")
_JIS: Final = re.compile(r"(?<!\x1b)\$[B@]((?:[!-~]{2}){1,120}?)\x1b?\([BJ]")
_EUC_SIGNS: Final = re.compile("(?:\ufffd[^\x00-\x7f]?){3,}|[\u9983\u7e5d]\ufffd")
_FEW_SIGNS: Final = 2
_TOLERATED: Final = 0.25
"""The share of letters that may be lost in what is still taken for repaired."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A text, whether it was brought back, and whether letters of it are lost for good."""

    text: str
    is_repaired: bool = False
    is_mangled: bool = False


def repair(text: str) -> Repair:
    """The text as it was written, where that can be told; ordinary text comes back as it is.

    >>> repair("アクセスキー".encode().decode("latin-1")).text
    'アクセスキー'
    >>> repair("Señor Müller wrote „Straße“").is_repaired
    False
    """
    if text.isascii() and "$" not in text:
        return Repair(text)
    now = text
    for _ in range(_ROUNDS):
        better = _once(now)
        if better == now:
            break
        now = better
    return Repair(now, is_repaired=now != text, is_mangled=_is_mangled(now))


def _once(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(_line(line) for line in lines)


def _line(line: str) -> str:
    if line.isascii():
        return _JIS.sub(_from_jis, line) if "$" in line else line
    western = _from_western(line)
    if western != line:
        return western
    if len(_SIGNS.findall(line)) >= _FEW_SIGNS:
        return _from_shift_jis(line)
    return _kanji_alone(line)


def _from_western(line: str) -> str:
    """Each run of western letters that is UTF-8 as what it says; the line as it is where that is too little to be sure."""
    gained: list[str] = []

    def read(match: re.Match[str]) -> str:
        found = _as_utf8(bytes(_BYTES[letter] for letter in match.group()))
        if not found:
            return match.group()
        gained.append(found)
        return found

    changed = _WESTERN.sub(read, line)
    told = "".join(gained)
    return changed if _WIDE.search(told) or len(told) >= 3 else _pairs(line, changed)  # noqa: PLR2004 - three accents are no accident


def _pairs(line: str, changed: str) -> str:
    """One or two accented letters are taken only in their unmistakable form: Ã before a sign that is no letter."""
    return (
        changed
        if re.search("[a-z]\u00c3[\u00a1-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bc\u00bf]|\u00c2\u00a0", line)
        else line
    )


def _as_utf8(raw: bytes) -> str:
    try:
        found = raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    # A text that was mangled twice gives western letters first, and C1 controls among them.
    fits = _PLAUSIBLE.fullmatch(found) or all(letter in _BYTES for letter in found)
    return found if fits else ""


def _from_shift_jis(line: str) -> str:
    raw = b"".join(_shift_jis(letter) for letter in line)
    found = raw.decode("utf-8", "replace")
    found = re.sub(f"{_LOST}+", _LOST, found)
    before, after = _oddness(line), _oddness(found)
    is_better = bool(_WIDE.search(found)) and not _SIGNS.search(found) and after < before
    return found if is_better and found.count(_LOST) <= max(1, len(found) * _TOLERATED) else line


def _kanji_alone(line: str) -> str:
    """A line without kana has no such signs: it is taken where every byte is UTF-8, which the Shift_JIS of a text is not by accident."""
    try:
        found = line.encode("cp932").decode("utf-8")
    except UnicodeError:
        return line
    return found if len(_WIDE.findall(found)) >= _FEW_SIGNS and not _HALF.search(found) else line


def _shift_jis(letter: str) -> bytes:
    try:
        return letter.encode("cp932")
    except UnicodeEncodeError:
        return bytes([_BYTES[letter]]) if letter in _BYTES else b"\xff"


def _oddness(text: str) -> float:
    """Of a hundred letters, those that hardly stand in any text."""
    odd = len(_SIGNS.findall(text)) + text.count(_LOST) / 2 + sum("\uff61" <= letter <= "\uff9f" for letter in text)
    return odd / max(1, len(text))


def _from_jis(match: re.Match[str]) -> str:
    """ISO-2022-JP whose escapes were taken out on the way."""
    try:
        found = b"".join((b"\x1b$B", match.group(1).encode(), b"\x1b(B")).decode("iso2022_jp")
    except UnicodeDecodeError:
        return match.group()
    has_kana = re.search("[\u3040-\u30ff]", found) is not None
    return found if has_kana or (len(found) >= _FEW_SIGNS and _PLAUSIBLE.fullmatch(found)) else match.group()


def _is_mangled(text: str) -> bool:
    return _LOST in text or len(_SIGNS.findall(text)) > _FEW_SIGNS or bool(_EUC_SIGNS.search(text)) or _has_c1(text)


def _has_c1(text: str) -> bool:
    return any("\x80" <= letter <= "\x9f" and letter != "\x85" for letter in text)
