"""Ids and numbers that nobody gave: by chance, but by a chance that is the same for the same seed."""

import random
from typing import Final

_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def hexadecimal(chance: random.Random, length: int) -> str:
    """So many hexadecimal digits."""
    return f"{chance.getrandbits(4 * length):0{length}x}"


def base32(chance: random.Random, length: int) -> str:
    """So many characters of those in AWS's ids."""
    return "".join([_BASE32[chance.getrandbits(5)] for _ in range(length)])


def uuid(chance: random.Random) -> str:
    """A UUID of version 4."""
    digits = f"{chance.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[chance.getrandbits(2)]}{digits[17:20]}-{digits[20:]}"


def temporary_key(chance: random.Random) -> str:
    """The id of an access key of a session, visibly none of AWS's."""
    return f"ASIA{base32(chance, 9)}EXAMPLE"


def heavy(chance: random.Random, median: float, spread: float = 0.9) -> int:
    """A count around the median, at least 1, seldom very large (log-normal)."""
    return max(1, round(median * chance.lognormvariate(0.0, spread)))
