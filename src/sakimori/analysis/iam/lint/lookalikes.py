"""Letters that look like others: an action or a key with one of them names nothing, though nobody sees why."""

import unicodedata
from typing import Final

# The letters of Cyrillic and Greek that most fonts draw as Latin ones. Source: Unicode Technical Standard #39, confusables.
_LIKE: Final = str.maketrans(
    "асԁеһіјӏорԛѕԝхуАВЕНІЈКМОРЅТХУабοαρνιΑΒΕΗΙΚΜΝΟΡΤΧΥΖ∶：‐‑–—−ꞏ․",
    "acdehijlopqswxyABEHIJKMOPSTXYa6oapviABEHIKMNOPTXYZ::-----..",
)


def skeleton(text: str) -> str:
    """The plain letters that somebody reads in it; a sign that nobody sees is left out."""
    plain = unicodedata.normalize("NFKC", text.translate(_LIKE))
    return "".join(sign for sign in plain if unicodedata.category(sign) not in {"Cf", "Mn", "Cc"})


def shown(text: str) -> str:
    """The text with each sign beyond ASCII told by its number, as U+0430."""
    return "".join(sign if sign.isascii() and sign.isprintable() else f"<U+{ord(sign):04X}>" for sign in text[:200])
