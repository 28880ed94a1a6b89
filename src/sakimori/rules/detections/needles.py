"""What must stand in a text of JSON for a value in it to be as a matcher says."""

import re
from typing import Final

from sakimori.rules.detections.matching import Like, Matcher, OneOf, Regex, Special
from sakimori.rules.detections.regex_needles import needles_in

_MOST: Final = 8
"""Texts for which a search of each is still cheaper than reading the JSON."""
_STRUCTURE: Final = re.compile(r'\A:|[{}\[\],"\\]')
"""What JSON may write with blanks about it, or otherwise within texts. A colon stands after a quotation mark, or in a text."""
_NUMERIC: Final = re.compile(r"[0-9.eE+-]*\Z")
"""Numbers are written in many ways: 1000 is 1e3."""
_SHORT: Final = 3
"""Texts up to this length say too little; and `inf` is how Python calls 1e999."""


def needles_of(matcher: Matcher | Special) -> tuple[str, ...]:
    """Texts of which one stands, in some case, in every plain JSON (ASCII, nothing written as a code) with such a value.

    None of them: nothing can be said.
    """
    match matcher:
        case OneOf(texts) if len(texts) <= _MOST and all(map(_is_written_as_is, texts)):
            return tuple(sorted(texts))
        case Like(pieces):
            known = [piece for piece in pieces if piece and _is_written_as_is(piece)]
            return (max(known, key=len),) if known else ()
        case Regex():
            found = needles_in(matcher.whole, _is_written_as_is)
            return found if len(found) <= _MOST else ()
        case _:
            return ()


def _is_written_as_is(text: str) -> bool:
    return len(text) > _SHORT and _STRUCTURE.search(text) is None and _NUMERIC.match(text) is None
