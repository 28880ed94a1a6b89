"""Who acted, by what services of AWS tell of an access key: the principal as CloudTrail would name it.

A service tells the name of a user or role, but not its path: where the ARN is not told, that of a principal without a path
is made. Source: GuardDuty User Guide, "Finding details", IAM access key.
"""

from typing import Final

_SESSION: Final = ":sts::"
_ROLE: Final = ":assumed-role/"


def principal_of(*, kind: str, name: str, principal_id: str, account: str, partition: str) -> str:
    """The ARN of the user, role or root user that stands behind a key; what is told where no ARN can be made.

    >>> principal_of(kind="AssumedRole", name="ci", principal_id="AROAEXAMPLE:run", account="111122223333", partition="aws")
    'arn:aws:iam::111122223333:role/ci'
    """
    lead = f"arn:{partition or 'aws'}:iam::{account}"
    told = kind.lower().replace("_", "")
    if told == "root":
        return f"{lead}:root" if account else "root"
    if name.startswith("arn:"):
        return behind(name)
    if not (name and account):
        return name or principal_id
    if told in {"iamuser", "federateduser"}:
        return f"{lead}:user/{name}"
    return f"{lead}:role/{name}" if told in {"assumedrole", "role"} else name


def behind(arn: str) -> str:
    """The role whose session an ARN names, and any other ARN as it is.

    >>> behind("arn:aws:sts::111122223333:assumed-role/ci/run-1")
    'arn:aws:iam::111122223333:role/ci'
    """
    if _SESSION not in arn or _ROLE not in arn:
        return arn
    lead, _, session = arn.partition(_ROLE)
    return f"{lead.replace(_SESSION, ':iam::')}:role/{session.partition('/')[0]}"
