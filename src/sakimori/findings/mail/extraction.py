"""What a mail names: access keys, users, accounts, addresses, links, events, instances, cases. Each of an exact shape, each list bounded."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sakimori.findings.mail.message import Mail

MAX_NAMED: Final = 50
_LOOKED_AT: Final = 200_000
_SPACES: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r"\n\s*")
"""Runs of white space are taken together first: no pattern below then goes over one again and again."""
_KEY: Final = re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")
_URL: Final = re.compile(
    r"\bh(?:tt|xx)ps?(?:://|\[://\]|:\[//\])[^\s<>\"'`、。）」】\u3000-\u30ff\u4e00-\u9fff]{1,2000}", re.IGNORECASE
)
_ARN: Final = re.compile(r"\barn:aws[a-z-]{0,12}:[a-z0-9-]{1,40}:[a-z0-9-]{0,30}:\d{0,12}:[\w+=,.@:/*-]{1,300}")
_USER: Final = (
    re.compile(r"\barn:aws[a-z-]{0,12}:iam::\d{12}:user/(?:[\w+=,.@-]{1,64}/){0,10}([\w+=,.@-]{1,64})"),
    re.compile(
        r"\b(?:IAM\s+)?user(?:\s*name)?s?\s*(?:is|named|called|with\s+name)?\s*[:：=]?\s*[\"'“「（(\[]\s*([\w+=,.@-]{1,64})\s*[\"'”」）)\]]",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?:IAM\s+user(?:\s*name)?|user\s*name|user)\s*[:：=]\s*([\w+=,.@-]{1,64})", re.IGNORECASE),
    re.compile(r"(?:IAM\s*)?ユーザー?(?:名)?\s*[:：「『\"(（]\s*([A-Za-z0-9_+=,.@-]{1,64})"),
)
_ACCOUNT: Final = (
    re.compile(r"\barn:aws[a-z-]{0,12}:[a-z0-9-]{1,40}:[a-z0-9-]{0,30}:(\d{12}):"),
    re.compile(r"(?:account|アカウント|\bAWS ID)[^\d\n]{0,30}(\d{12}|\d{4}-\d{4}-\d{4})(?!\d)", re.IGNORECASE),
    re.compile(r"\[(\d{12})\]"),
)
_V4: Final = re.compile(r"(?<![\d.])(\d{1,3}(?:\[?\.\]?\d{1,3}){3})(?![\d]|\.\d)")
_V6: Final = re.compile(
    r"(?<![0-9A-Fa-f:.])((?:[0-9A-Fa-f]{1,4}:){2,7}(?:[0-9A-Fa-f]{1,4})?|(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6})(?![0-9A-Fa-f:])"
)
_EVENT: Final = re.compile(
    r"\b(?:Get|List|Describe|Create|Delete|Put|Update|Attach|Detach|Run|Start|Stop|Assume|Invoke|Send|Terminate|Request|Modify|Add|Remove|Register"
    r"|Console|Lookup|Enable|Disable|Deactivate|Upload|Set|Copy|Publish|Verify|Import|Reset|Change)[A-Z][A-Za-z0-9]{2,60}\b"
)
_EVENT_TIME: Final = re.compile(r"\b(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2}))")
_INSTANCE: Final = re.compile(r"\bi-(?:[0-9a-f]{17}|[0-9a-f]{8})\b")
_CASE: Final = re.compile(
    r"(?:\bcase|ケース)\s*(?:id|番号|number|#|no\.?)?\s*[:：#]?\s*(\d{8,20})(?!\d)", re.IGNORECASE
)
_REGION: Final = re.compile(
    r"\b(?:us|eu|ap|sa|ca|me|af|il|mx|cn)(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central|northeast|southeast|northwest|southwest)-\d\b"
)
_NO_USER: Final = frozenset(
    {"name", "names", "guide", "with", "that", "and", "or", "is", "the", "your", "id", "arn", "of", "has"}
)
_DEFANGED: Final = ((re.compile(r"\bhxxp", re.IGNORECASE), "http"), (re.compile(r"\[(\.|:|://|@)\]"), r"\1"), (re.compile(r":\[//\]"), "://"), (re.compile(r"\[dot\]|\(dot\)", re.IGNORECASE), "."))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a mail names, each once, in its order. `urls` are those of the text, as they are meant where they were defanged."""

    key_ids: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    event_times: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    arns: tuple[str, ...] = ()


def named_in(mail: Mail) -> Named:
    """What the subject and the body name."""
    text = _SPACES.sub(" ", _LINES.sub("\n", f"{mail.subject}\n{mail.body}"[:_LOOKED_AT]))
    without_urls = _URL.sub(" ", text)
    return Named(
        key_ids=_each(_KEY.findall(text)),
        users=_each(
            each
            for form in _USER
            for each in form.findall(without_urls)
            if each.lower() not in _NO_USER and not each.startswith("-")
        ),
        accounts=_each(each.replace("-", "") for form in _ACCOUNT for each in form.findall(text)),
        urls=_each(_meant(each) for each in _URL.findall(text)),
        addresses=_each(
            found for form in (_V4, _V6) for each in form.findall(without_urls) if (found := _address(each))
        ),
        events=_each(_EVENT.findall(without_urls)),
        event_times=_each(_EVENT_TIME.findall(text)),
        instances=_each(_INSTANCE.findall(text)),
        cases=_each(_CASE.findall(text)),
        regions=_each(_REGION.findall(without_urls)),
        arns=_each(_ARN.findall(text)),
    )


def defanged(url: str) -> str:
    """The address so that nothing makes a link of it.

    >>> defanged("https://aws-amazon.example/signin")
    'hxxps://aws-amazon[.]example/signin'
    """
    scheme, found, rest = url.partition("://")
    host, slash, path = (rest if found else url).partition("/")
    safe = host.replace(".", "[.]") + slash + path
    return f"{scheme.lower().replace('http', 'hxxp')}://{safe}" if found else safe


def _meant(url: str) -> str:
    for form, meant in _DEFANGED:
        url = form.sub(meant, url)
    return url.rstrip(".,;:!?)]}>")


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.replace("[", "").replace("]", "")))
    except ValueError:
        return ""


def _each(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in found if each))[:MAX_NAMED]
