"""What the receiving server found of a sender: Authentication-Results (RFC 8601), and the older Received-SPF.

Anybody can write such a header into a mail. Only one counts that the server wrote which delivered the mail: it stands before all that
came from outside, and its authserv-id belongs to the organisation that the topmost Received header names as receiver. A sender can
write everything below that header, and nothing above it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sakimori.findings.mail.hosts import organisation
from sakimori.findings.mail.message import Mail

_COMMENT: Final = re.compile(r"\([^()]{0,2000}\)")
_METHOD: Final = re.compile(r"(dkim|spf|dmarc)\s{0,5}=\s{0,5}([a-z]{1,20})\b([^;]{0,1500})", re.IGNORECASE)
_PROPERTY: Final = re.compile(
    r"\b(header\.(?:d|i|from)|smtp\.(?:mailfrom|mail|helo))\s{0,5}=\s{0,5}\"?([^\s;\"]{1,320})", re.IGNORECASE
)
_BY: Final = re.compile(r"\bby\s+([A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){1,10}[A-Za-z]{2,24})\b")
_SPF: Final = re.compile(r"\s*([a-z]{1,20})\b", re.IGNORECASE)
_WITHIN: Final = re.compile(r"\bwith\s+LMTPS?A?\b", re.IGNORECASE)
_INNER: Final = re.compile(r"^\s*by\s+2002:a[0-9a-f:]{4,40}\s")
_STRIPPING: Final = frozenset({"google.com", "outlook.com", "yahoo.com", "yahoo.co.jp", "icloud.com"})
"""Providers that take out what others wrote in their name (RFC 8601 section 5), and whose own results may stand below Received."""
_WITHOUT_ID: Final = "outlook.com"
"""Microsoft's servers write no authserv-id; their names are those of outlook.com."""
_MOST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What one header says: the server, and each method's result with the domain that it is about (in lower case)."""

    server: str = ""
    dkim: tuple[tuple[str, str], ...] = ()
    spf: tuple[tuple[str, str], ...] = ()
    dmarc: tuple[tuple[str, str], ...] = ()

    def says(self, result: str) -> bool:
        """Whether any method has that result."""
        return any(each == result for each, _ in (*self.dkim, *self.spf, *self.dmarc))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What can be trusted (None: nothing), and what else claims to be such a result."""

    trusted: Results | None = None
    others: Sequence[Results] = field(default_factory=tuple)


def trace_of(mail: Mail) -> Trace:
    """The results of a mail as it was delivered."""
    real = _real_hops(mail)
    owners = {organisation(host) for _, host in real}
    last = real[-1][0] if real else -1
    trusted: Results | None = None
    others: list[Results] = []
    for at, (name, value) in enumerate(mail.headers):
        if name != "authentication-results" or len(others) >= _MOST:
            continue
        found = results_of(value)
        owner = organisation(found.server) if found.server else _WITHOUT_ID
        if trusted is None and not others and owner in owners and (at < last or owner in _STRIPPING):
            trusted = found if found.server else _named(found, real[-1][1])
        else:
            others.append(found)
    return Trace(trusted=_with_spf(trusted, mail), others=tuple(others))


def results_of(value: str) -> Results:
    """The results of one header, comments left out.

    >>> results_of("mx.example; dkim=pass header.d=amazon.com; spf=fail smtp.mailfrom=a@b.example").dkim
    (('pass', 'amazon.com'),)
    """
    plain = _COMMENT.sub(" ", value[:10_000])
    first = plain.partition(";")[0].strip()
    server = "" if "=" in first else first.partition(" ")[0].lower()
    found: dict[str, list[tuple[str, str]]] = {"dkim": [], "spf": [], "dmarc": []}
    for method, result, rest in _METHOD.findall(plain):
        about = {name.lower(): said.lower() for name, said in _PROPERTY.findall(rest)}
        found[method.lower()].append((result.lower(), _domain(method.lower(), about)))
    return Results(server=server, dkim=tuple(found["dkim"]), spf=tuple(found["spf"]), dmarc=tuple(found["dmarc"]))


def _domain(method: str, about: dict[str, str]) -> str:
    names = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.mail"), "dmarc": ("header.from",)}[method]
    return next((about[name].rpartition("@")[2].strip(".<>") for name in names if name in about), "")


def _real_hops(mail: Mail) -> tuple[tuple[int, str], ...]:
    """Place and receiver of those Received headers that the receiving side wrote itself.

    The topmost one is; the next one is where this one was a delivery within (LMTP), or names no host (an inner hop of Google's).
    """
    found: list[tuple[int, str]] = []
    for at, (name, value) in enumerate(mail.headers):
        if name != "received":
            continue
        plain = _COMMENT.sub(" ", value[:5_000])
        host = _BY.search(plain)
        if host:
            found.append((at, host.group(1).lower()))
            if not _WITHIN.search(plain):
                break
        elif found or not _INNER.search(plain):
            break
    return tuple(found)


def _named(found: Results, server: str) -> Results:
    return Results(server=server, dkim=found.dkim, spf=found.spf, dmarc=found.dmarc)


def _with_spf(trusted: Results | None, mail: Mail) -> Results | None:
    """A Received-SPF above the results of the same server adds what they lack."""
    if trusted is None or trusted.spf:
        return trusted
    said = _SPF.match(mail.header("received-spf"))
    if not said or mail.headers[0][0] != "received-spf":
        return trusted
    return Results(
        server=trusted.server,
        dkim=trusted.dkim,
        spf=((said.group(1).lower(), mail.return_path.domain),),
        dmarc=trusted.dmarc,
    )
