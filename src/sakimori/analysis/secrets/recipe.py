"""Examples of secrets, made when they are read: the repository holds recipes, and no text that a scanner would take for a key.

`{rand:ALPHABET:LENGTH:SEED}` stands for LENGTH characters drawn from an alphabet, the same for the same seed;
`{key:PREFIX:ACCOUNT}` for an AWS key id of an account; `{{…}}` around a part marks it as the secret that a scan must
find; `{cut}` is nothing: it parts a literal that would look like a key in the recipe itself.

>>> written("token={{gh{cut}p_{rand:base62:4:1}}}")[1][0].startswith("ghp_")
True
"""

import base64
import random
import re
import string
from typing import Final

_ALPHABETS: Final = {
    "base62": string.ascii_letters + string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
    "base64url": string.ascii_letters + string.digits + "-_",
    "base32": string.ascii_uppercase + "234567",
    "upper36": string.ascii_uppercase + string.digits,
    "lower36": string.ascii_lowercase + string.digits,
    "lower32": string.ascii_lowercase + "234567",
    "django": string.ascii_lowercase + string.digits + "!@#$%^&*(-_=+)",
    "hex": "0123456789abcdef",
    "digits": string.digits,
    "letters": string.ascii_letters,
    "punctuated": string.ascii_letters + string.digits + "!#%*-_.~",
}
_PART: Final = re.compile(r"\{(rand|key|cut|b64)(?::([^:{}]*))?(?::([^:{}]*))?(?::([^:{}]*))?\}")
_SECRET: Final = re.compile(r"\{\{(.*?)\}\}(?!\})", re.DOTALL)


def written(recipe: str) -> tuple[str, tuple[str, ...]]:
    """The text of a recipe and the secrets in it."""
    marked = _PART.sub(_part, recipe)
    secrets = tuple(match[1] for match in _SECRET.finditer(marked))
    return _SECRET.sub(lambda match: match[1], marked), secrets


def key_id(account: str, prefix: str = "AKIA", seed: int = 0) -> str:
    """A key id that decodes to the account: visibly nobody's, made at run time."""
    drawn = random.Random(f"{account}{seed}")  # noqa: S311 - an example, no secret
    number = (1 << 79) | (int(account) << 39) | drawn.getrandbits(38)
    return prefix + base64.b32encode(number.to_bytes(10, "big")).decode()


def _part(match: re.Match[str]) -> str:
    word, first, second, third = match.groups(default="")
    if word == "cut":
        return ""
    if word == "key":
        return key_id(second or "123456789012", first or "AKIA")
    if word == "b64":
        return base64.b64encode(first.encode()).decode()
    drawn = random.Random(f"{first}{second}{third}")  # noqa: S311 - an example, no secret
    return "".join(drawn.choice(_ALPHABETS[first]) for _ in range(int(second)))
