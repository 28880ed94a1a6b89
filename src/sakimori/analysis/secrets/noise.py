"""What looks like a secret and is none, and what makes one less likely: entropy, placeholders, hashes, test files.

Nothing that a kind with a form of its own finds is hidden: it is ranked down, and says why. Only guesses (a word and
the look of a value) are dropped where the value has not the look of a secret.
"""

import math
import re
from collections import Counter
from functools import lru_cache
from typing import Final

from sakimori.model.words import Confidence

_PLACEHOLDERS: Final = (
    ("example",), ("sample",), ("dummy",), ("placeholder",), ("change", "change.?me"), ("replace",), ("redacted",), ("foobar",),
    ("your", "your[_-]"), ("my", "my[_-]?(?:secret|token|key|pass)"), ("xxxxx",), ("***", r"\*{3}"), ("...", r"\.{3}"), ("…",),
    ("<", "<[^>]*>"), ("${", r"\$\{"), ("$(", r"\$\("), ("{{", r"\{\{"), ("{", r"^\{[A-Za-z_][\w.]*\}"), ("%(", r"%\("), ("%s",), ("12345678",), ("abcdefgh",),
    ("deadbeef",), ("qwerty",), ("real", "not.?a.?real"), ("fake",), ("secret", "secret.?key"), ("access", "access.?key.?id"),
    ("api", "api.?key"), ("test", "^test|testing"), ("eyjzdwiioiixmjm0nty3odkw",), ("only", "dev[_-]?only"),
    ("secure", "in[_-]?secure"), ("サンプル",), ("ダミー",),
)  # fmt: skip
"""What stands in each text that a pattern matches, and the pattern, where it is another one."""
_HINTS: Final = tuple(each[0] for each in _PLACEHOLDERS)
_PLACEHOLDER: Final = re.compile("(?i)" + "|".join(each[-1] for each in _PLACEHOLDERS))
_PLAIN_WORD: Final = re.compile(
    r"[a-z]{1,14}|[A-Z]{1,14}|(?:[A-Z]{0,4}[a-z]{2,12}){1,4}|[a-z]{2,10}[_-][a-z]{2,10}|p[a@4]ss(?:w[o0]rd)?\W?[0-9]{0,4}|(?:user|admin|root|test|foo|bar|secret)[0-9]{1,4}"
)
_REPEATED: Final = re.compile(r"(.)\1{5}|(..)\2{4}|(...)\3{3}")
_HASH_LENGTHS: Final = frozenset((32, 40, 56, 64, 96, 128))
_HEX: Final = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_DIGEST: Final = re.compile(r"(?i)^(?:sha-?\d{1,3}|md5)[:=_-]")
_UUID: Final = re.compile(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HASH_NAME: Final = re.compile(
    rb"(?i)sha-?\d|md5|hash|digest|checksum|integrity|commit|etag|fingerprint|revision|blob|tree|object"
)
_NO_SECRET_NAME: Final = re.compile(
    rb"(?i)::|(?:next|page|pagination|continuation|cancellation|csrf|xsrf|sync|start|end|lock|upload|type|public)_?-?(?:page|marker|continuation)?_?-?(?:token|key)\W|"
    rb"token_?type|public_?key|primary_?key|foreign_?key|sort_?key|partition_?key|cache_?key|key_?(?:id|name|type|path|file|arn|word)|"
    rb"(?:secret|token|password|passwd|credential)s?_?-?(?:name|id|arn|path|file|url|uri|type|policy|length|field|label|prefix|source|provider|version)s?\W"
)
_SHORT_HEX: Final = 16
_TEST_PATH: Final = re.compile(
    r"(?i)(?:^|[/\\])(?:tests?|__tests__|specs?|fixtures?|test_?data|examples?|samples?|mocks?|cassettes|snapshots)[/\\]|"
    r"(?:^|[/\\])(?:test_|conftest)[^/\\]*$|[_.](?:test|tests|spec|example|sample|template|dist)\.?[^/\\.]*$"
)
_VENDORED: Final = re.compile(r"(?i)(?:^|[/\\])(?:node_modules|site-packages|vendor|third_party|bower_components)[/\\]")
_LOCK_FILE: Final = re.compile(
    r"(?i)(?:^|[/\\])(?:package-lock\.json|npm-shrinkwrap\.json|go\.sum|RECORD|Gemfile\.lock|[^/\\]*[.-]lock(?:\.(?:json|ya?ml))?|[^/\\]*\.(?:map|svg|css))$"
)
_PATHS: Final = (("test_path", _TEST_PATH), ("vendored", _VENDORED), ("lock_file", _LOCK_FILE))
_KEY_ID: Final = re.compile(r"A[KS]IA[A-Z0-9]{16}")
_OF_EVENT: Final = re.compile(
    rb"""(?s)\\?"userIdentity\\?"\s*:.*\\?"accessKeyId\\?"\s*:\s*\\?"$|"""
    rb"""\\?"principalId\\?"\s*:[^{}]*\\?"accessKeyId\\?"\s*:\s*\\?"$"""
)
"""The key of who called. Source: CloudTrail User Guide, "CloudTrail userIdentity element". In a text within JSON quotes have a backslash."""
_TRAIL: Final = "trail"
OF_SURROUNDINGS: Final = frozenset({_TRAIL})
"""Reasons that do not hang on the secret and its file."""
_NEARLY_SURE: Final = frozenset({"placeholder", "lock_file", "plain_word", _TRAIL})
_WORDS: Final = re.compile(r"[A-Za-z]?[a-z]{3,}|[A-Z]{4,}|[0-9]{6,}")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$]\w*(?:(?:\.|::|->)[A-Za-z_$]\w*)*[()]*")
"""Code. A dollar sign ends a password sooner than a name."""
_PATH: Final = re.compile(r"(?:\.{0,2}/|[A-Za-z]:\\|~/|[a-z+]+://|arn:|/)[^\s]*|[\w.-]+(?:/[\w.-]+){2,}")
_SYNTAX: Final = re.compile(
    r"\[\^?[\w]-|\{\d|\(\?|\{\w+[:}]|\\[dwsbS]|[^\x00-\x7f]|^[a-z][a-z0-9-]{1,40}:[A-Za-z*:/_-]+$|^(?:not|no|non)-|==|&&|\|\||>=|<=|=>|\(\)|"
    r"^(?:sg|subnet|ami|vpc|i|eni|rtb|acl|vol|snap|igw|nat|vpce)-[0-9a-f]{8,17}$"
)
"""A pattern, a template, an action of IAM, code or a sentence of another script: what stands in quotes and is no value."""
_SORT: Final = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"\d"), re.compile(r"[^A-Za-z0-9]"))
_STEPS: Final = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)
_LEAST_RANDOM: Final = 0.45
_SHORT_PASSWORD: Final = 8
_ODD: Final = 3


def _weight(count: int) -> float:
    return count * math.log2(count) if count else 0.0


_WEIGHTS: Final = tuple(map(_weight, range(257)))
"""Of each number of times that a character may stand in a text of a secret's length."""


def entropy_of(text: str) -> float:
    """Shannon's entropy in bits a character.

    >>> entropy_of("aabb")
    1.0
    """
    size = len(text)
    if not size:
        return 0.0
    counts = Counter(text).values()
    weights = sum(map(_WEIGHTS.__getitem__, counts) if size < len(_WEIGHTS) else map(_weight, counts))
    return round(math.log2(size) - weights / size, 2) + 0.0


def reasons_against(secret: str, name: str) -> tuple[str, ...]:
    """What makes the secret less likely a real one, as words of the texts `secrets.because_<word>`."""
    found: list[str] = []
    if _is_placeholder(secret[:400]) or _REPEATED.search(secret[:400]):
        found.append("placeholder")
    elif _PLAIN_WORD.fullmatch(secret):
        found.append("plain_word")
    return (*found, *_reasons_of_path(name))


def reasons_around(secret: str, before: bytes) -> tuple[str, ...]:
    """The same by what stands before it: an event of CloudTrail names whose key made the call, and never the key's secret."""
    return (_TRAIL,) if _KEY_ID.fullmatch(secret) and _OF_EVENT.search(before) else ()


@lru_cache(maxsize=64)
def _reasons_of_path(name: str) -> tuple[str, ...]:
    """The same of the path alone: a file of thousands of secrets has one."""
    return tuple(reason for reason, pattern in _PATHS if pattern.search(name))


def _is_placeholder(secret: str) -> bool:
    """To look for each word is many times faster than to try all patterns at each character, and hardly a secret has one."""
    folded = secret.casefold()
    return any(hint in folded for hint in _HINTS) and _PLACEHOLDER.search(secret) is not None


def lowered(confidence: Confidence, reasons: tuple[str, ...]) -> Confidence:
    """A placeholder, a lock file's line or who called in a log is of low confidence; anything else takes one step."""
    if _NEARLY_SURE.intersection(reasons):
        return Confidence.LOW
    return _STEPS[max(0, _STEPS.index(confidence) - len(reasons))]


def is_plausible(secret: str, before: bytes, *, is_password: bool) -> bool:
    """Whether a value that only its name speaks for looks as a secret does."""
    return _looks_random(secret, before, is_password=is_password) and not _NO_SECRET_NAME.search(before)


def _looks_random(secret: str, before: bytes, *, is_password: bool) -> bool:
    sorts = sum(bool(sort.search(secret)) for sort in _SORT)
    if len(secret) <= _SHORT_HEX and _HEX.fullmatch(secret):
        return False
    if (
        _UUID.fullmatch(secret)
        or _PATH.fullmatch(secret)
        or _SYNTAX.search(secret)
        or _is_placeholder(secret)
        or _REPEATED.search(secret)
    ):
        return False
    digest = _DIGEST.sub("", secret)
    if len(digest) in _HASH_LENGTHS and _HEX.fullmatch(digest) and (digest != secret or _HASH_NAME.search(before)):
        return False
    if is_password and not _IDENTIFIER.fullmatch(secret):
        return len(secret) >= _SHORT_PASSWORD and (sorts >= _ODD or _random_share(secret) >= _LEAST_RANDOM)
    if "." in secret and _IDENTIFIER.fullmatch(secret):
        return False
    return bool(_SORT[2].search(secret)) and sorts > 1 and _random_share(secret) >= _LEAST_RANDOM


def _random_share(secret: str) -> float:
    """The share of characters that belong to no word and no long number.

    >>> _random_share("getAccessTokenFromCache"), _random_share("x9Kp2vQ7")
    (0.0, 1.0)
    """
    return len(_WORDS.sub("", secret)) / len(secret)
