"""What a terminal showed: lines without the codes that move its cursor and colour its letters."""

import re
from typing import Final

_CODES: Final = re.compile(
    r"\x1b\][^\x07\x1b]*+(?:\x07|\x1b\\)"  # commands to the terminal, such as the title of its window
    r"|\x1b[PX^_][^\x1b]*+\x1b\\"  # device control and other strings
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"  # colours, the cursor, bracketed paste
    r"|\x1b[ -/]*+[0-~]?"  # character sets, the keypad, and the beginning of a string that never ends
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_RETURNS: Final = re.compile(r"\r+")


def shown(line: str) -> str:
    r"""The line as a person reads it, without letters that a backspace took back.

    A return to the beginning of the line is a space: what it overwrites stays, as that is a way to hide a command.

    >>> shown("\x1b[01;32m$ \x1b[0mlsx\b \b -l\r")
    '$ ls -l'
    """
    text = _CODES.sub("", line)
    if "\x08" in text or "\x7f" in text:
        text = _without_erased(text)
    return _CONTROLS.sub("", _RETURNS.sub(" ", text.strip("\r\n"))).rstrip(" ")


def _without_erased(text: str) -> str:
    kept: list[str] = []
    for letter in text:
        if letter not in "\x08\x7f":
            kept.append(letter)
        elif kept:
            kept.pop()
    return "".join(kept)
