"""Who stands behind a session: temporary keys followed back, key by key, to the user or role that they were issued to."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from sakimori.analysis.log_forms.reading import values_along
from sakimori.analysis.log_forms.rows import Rows

ISSUING: Final = frozenset({"assumerole", "getsessiontoken", "getfederationtoken", "assumeroot"})
"""Operations of STS whose caller goes on as somebody else. A role that SAML or OIDC opens begins a chain of its own."""
ISSUING_COLUMNS: Final = (
    "event_name", "user_identity_type", "principal_root", "user_identity_arn", "user_identity_access_key_id",
)  # fmt: skip
"""The columns of few values that tell who was given a key; the key itself stands in the response."""
_LONGEST_CHAIN: Final = 20
SINGLE_SIGN_ON: Final = "AWSReservedSSO_"
"""Roles of IAM Identity Center: many people share one, and the name of the session tells them apart.

https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
"""


class Issued(NamedTuple):
    """To whom a temporary key was issued: the principal, and the key that it signed with."""

    principal: str
    key: str


class Roots:
    """Callable as the engine asks: (principal, ARN of the session, access key) → who stands behind it."""

    def __init__(self, issued: Mapping[str, Issued]) -> None:
        self._issued = issued

    def changed(self, before: "Roots") -> frozenset[str]:
        """The keys of which is known now, and was not before, to whom they were issued; or of which it is known better."""
        return frozenset(key for key, issued in self._issued.items() if before._issued.get(key) != issued)  # noqa: SLF001 - another of its kind

    def issuers(self) -> frozenset[str]:
        """The keys with which others were issued."""
        return frozenset(issued.key for issued in self._issued.values())

    def __call__(self, principal: str | None, arn: str | None, key: str | None) -> str | None:
        """The first of the chain; the caller itself where no event tells of one."""
        found = own_name(principal, arn, key)
        for _ in range(_LONGEST_CHAIN):
            issued = self._issued.get(key) if key else None
            if issued is None:
                return found
            found, key = issued.principal, issued.key
        return found


def own_name(principal: str | None, arn: str | None, key: str | None) -> str | None:  # noqa: ARG001 - as Roots is called
    """Who calls, where no chain is known: for a session of single sign-on the person, else whose credentials they are."""
    return arn if arn and principal and SINGLE_SIGN_ON in principal else principal


def issued_in(rows: Rows) -> Iterator[tuple[str, Issued]]:
    """The temporary keys that these events of CloudTrail gave out to users and roles, with whom they gave them to."""
    import numpy as np  # noqa: PLC0415 - heavy

    names = rows.forced("event_name")
    wanted = [code for code, name in enumerate(names.values) if str(name).lower() in ISSUING]
    if not wanted:
        return
    kinds = rows.forced("user_identity_type")
    services = [code for code, kind in enumerate(kinds.values) if kind == "AWSService"]
    principals, arns, keys = (rows.forced(column) for column in ISSUING_COLUMNS[2:])
    for row in map(int, np.flatnonzero(np.isin(names.codes, wanted) & ~np.isin(kinds.codes, services))):
        answer: Any = rows.parsed("response_elements", row)
        key = next(iter(values_along(answer, ("credentials", "accessKeyId"))), None)
        caller = own_name(principals.at(row), arns.at(row), None)
        if isinstance(key, str) and caller:
            yield key[:128], Issued(caller, keys.at(row) or "")
