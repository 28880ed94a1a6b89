"""Bytes of a mail as text: in the encoding that is named, or in the one that fits where that one is wrong or missing."""

import base64
import binascii
import quopri
import re
from typing import Final

_NAMES: Final = {
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "ms_kanji": "cp932", "windows-31j": "cp932",
    "ms932": "cp932", "iso-2022-jp": "iso2022_jp_ext", "iso-2022-jp-ms": "iso2022_jp_ext", "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext", "euc-jp": "euc_jp", "x-euc-jp": "euc_jp", "eucjp": "euc_jp", "utf8": "utf-8",
    "iso-8859-1": "latin-1", "iso8859-1": "latin-1", "unicode-1-1-utf-7": "utf-7",
}  # fmt: skip
_OWN: Final = frozenset(_NAMES.values()) | {"utf-8", "ascii", "us-ascii", "cp1252", "windows-1252", "iso-8859-15", "gb2312", "gb18030", "big5", "euc-kr", "utf-16"}  # fmt: skip
"""Text encodings of mails. Others that Python knows are no encodings of text, or unpack more than they hold."""
_LENIENT: Final = frozenset({"latin-1", "cp1252", "windows-1252", "iso-8859-15"})
"""Those in which any bytes are some text."""
_WORD: Final = re.compile(r"=\?([\w.*-]{1,40})\?([bBqQ])\?([^?\s]{0,8000})\?=")
_BETWEEN: Final = re.compile(r"(\?=)[ \t\r\n]+(=\?[\w.*-]{1,40}\?[bBqQ]\?)")
_KANA: Final = re.compile("[\u3041-\u30ff]")
_HALF_KANA: Final = re.compile("[\uff61-\uff9f]")


def decoded(raw: bytes, named: str = "") -> tuple[str, bool]:
    """The text, and whether the encoding that is named (empty for none) fitted it.

    >>> decoded("アクセスキー".encode("cp932"), "us-ascii")
    ('アクセスキー', False)
    """
    encoding = _known(named)
    if encoding in _LENIENT or not encoding or raw.isascii():
        return _free(raw, encoding)
    try:
        return raw.decode(encoding), True
    except UnicodeDecodeError:
        found = _guessed(raw)
        return (found, False) if found is not None else (raw.decode(encoding, "replace"), False)


def decoded_words(text: str) -> tuple[str, bool]:
    """A header with its encoded words (RFC 2047) as text, and whether all fitted the encoding that they name.

    Words that follow each other in one encoding are put together first: mailers cut within a letter.
    """
    if "=?" not in text:
        return text, True
    joined = _BETWEEN.sub(r"\1\2", text)
    told: list[str] = []
    pending, encoding, end, fits = b"", "", 0, True
    for match in _WORD.finditer(joined):
        between = joined[end : match.start()]
        name = match.group(1).partition("*")[0].lower()
        if pending and (between or name != encoding):
            piece, fitted = decoded(pending, encoding)
            told.append(piece)
            pending, fits = b"", fits and fitted
        told.append(between)
        pending, encoding, end = pending + _unpacked(match), name, match.end()
    if pending:
        piece, fitted = decoded(pending, encoding)
        told.append(piece)
        fits = fits and fitted
    return "".join((*told, joined[end:])), fits


def _free(raw: bytes, encoding: str) -> tuple[str, bool]:
    if raw.isascii() and b"\x1b$" not in raw:
        return raw.decode("ascii"), True
    found = _guessed(raw)
    if found is not None:
        return found, encoding == "iso2022_jp_ext"
    return raw.decode(encoding if encoding in _LENIENT else "latin-1", "replace"), encoding in _LENIENT


def _guessed(raw: bytes) -> str | None:
    """In UTF-8, ISO-2022-JP, Shift_JIS or EUC-JP, where it is plainly one of these; otherwise None."""
    if b"\x1b$" in raw:
        return raw.decode("iso2022_jp_ext", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    found = [
        (text, _strangeness(text))
        for name in ("cp932", "euc_jp")
        if (text := _strict(raw, name)) and _KANA.search(text)
    ]
    return min(found, key=lambda each: each[1])[0] if found else None


def _strict(raw: bytes, name: str) -> str:
    try:
        return raw.decode(name)
    except UnicodeDecodeError:
        return ""


def _strangeness(text: str) -> float:
    """Few kana among many letters, and kana of half width, come from a wrong guess."""
    return (2 * len(_HALF_KANA.findall(text)) - len(_KANA.findall(text))) / max(1, len(text))


def _unpacked(word: re.Match[str]) -> bytes:
    text = word.group(3).encode("ascii", "ignore")
    if word.group(2) in "qQ":
        return quopri.decodestring(text.replace(b"_", b" "), header=False)
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        return b""


def _known(named: str) -> str:
    name = named.strip().strip("\"'").lower()
    name = _NAMES.get(name, name)
    return name if name in _OWN else ""
