"""Patterns against patterns: whether two can fit one text, and whether all that fits one fits the other.

A star is let cross the parts of an ARN, as AWS does for one at the end of a part ("IAM JSON policy elements: Resource"); so
"cannot fit" is certain and "covers" is asked with stars that stay within the parts.
"""

import re
from functools import lru_cache
from typing import Final

_FORM: Final = re.compile(r"\$\{([^}]*)\}")
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}")
_LONGEST: Final = 2500
"""Characters of a pattern that is compared; a longer one may fit anything (an ARN has at most 2,048)."""
# A bucket's name has no slash: with it an ARN names an object. An id (InstanceId) has no colon.
_PLAIN: Final = frozenset({"bucketname", "account", "region", "partition"})
_ARN_PARTS: Final = 6


class _Form:
    """An ARN form as bits: which literal stands where, and where anything may stand."""

    def __init__(self, form: str) -> None:
        self.literals, self.stars, self.length = dict[str, int](), 0, 0
        self.without = {"/": 0, ":": 0}
        end = 0
        for match in _FORM.finditer(form):
            self._text(form[end : match.start()])
            self.stars |= 1 << self.length
            name = match.group(1).lower()
            self.without["/"] |= (name in _PLAIN) << self.length
            self.without[":"] |= (name in _PLAIN or name.endswith("id")) << self.length
            self.length += 1
            end = match.end()
        self._text(form[end:])
        self.all = (1 << (self.length + 1)) - 1

    def _text(self, text: str) -> None:
        for sign in text:
            if sign == "*":
                self.stars |= 1 << self.length
            else:
                self.literals[sign] = self.literals.get(sign, 0) | 1 << self.length
            self.length += 1

    def closed(self, states: int) -> int:
        while (more := states | ((states & self.stars) << 1)) != states:
            states = more
        return states

    def after(self, states: int, sign: str) -> int:
        stay = states & self.stars
        if sign == "*":
            low = states & -states
            return self.all & ~(low - 1)
        if sign == "?":
            return self.closed(((states & ~self.stars) << 1 | stay) & self.all)
        stay &= ~self.without.get(sign, 0)
        return self.closed((states & self.literals.get(sign, 0)) << 1 | stay)


@lru_cache(maxsize=4096)
def _form(form: str) -> _Form:
    return _Form(form)


@lru_cache(maxsize=65536)
def can_fit(pattern: str, form: str) -> bool:
    """Whether some ARN of a form (`arn:${Partition}:s3:::${BucketName}`) fits a policy's pattern. False is certain."""
    if len(pattern) > _LONGEST:
        return True
    target = _form(form)
    states = target.closed(1)
    for sign in _VARIABLE.sub("*", pattern):
        states = target.after(states, sign)
        if not states:
            return False
    return bool(states >> target.length & 1)


@lru_cache(maxsize=65536)
def covers(wide: str, narrow: str) -> bool:
    """Whether all that fits `narrow` fits `wide`, for certain; the case of letters counts."""
    if wide == narrow or (wide and not wide.strip("*")):
        return True
    if "${" in wide or "${" in narrow:
        return False
    return _covering(wide).fullmatch(narrow) is not None


@lru_cache(maxsize=8192)
def _covering(wide: str) -> re.Pattern[str]:
    """`?` takes one sign that is no star; in the parts of an ARN but the last `*` takes no colon.

    Each star takes the shortest stretch and is not tried again, so that many cost no more than few.
    """
    parts = wide.split(":", _ARN_PARTS - 1) if wide.startswith("arn:") else [wide]
    heads = [_source(part, "[^:]") for part in parts[:-1]]
    return re.compile(":".join([*heads, _source(parts[-1], ".")]), re.DOTALL)


def _source(text: str, sign: str) -> str:
    one = "[^*:]" if sign == "[^:]" else "[^*]"
    stretches = ["".join(one if each == "?" else re.escape(each) for each in piece) for piece in text.split("*")]
    if len(stretches) == 1:
        return stretches[0]
    middle = "".join(f"(?>{sign}*?{each})" for each in stretches[1:-1] if each)
    return f"{stretches[0]}{middle}{sign}*{stretches[-1]}"
