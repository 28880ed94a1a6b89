"""Everything that a user of IAM has and that must go before the user can: keys, password, devices, certificates, policies, groups.

Source: IAM User Guide, "Remove or deactivate an IAM user" (what to delete before DeleteUser); botocore's model of iam.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sakimori.actions.resources.iam_principal import ABSENT, LIST_KEYS
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call

LOGIN: Final = "iam:GetLoginProfile"
DELETE_LOGIN: Final = "iam:DeleteLoginProfile"
_DEACTIVATE: Final = "iam:DeactivateMFADevice"
_DELETE_DEVICE: Final = "iam:DeleteVirtualMFADevice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One kind of thing: the listing, where the answer holds it and its id ("" where the answer lists ids), and what takes one away."""

    name: str
    listing: str
    key: str
    id: str
    removal: str
    parameter: str


PARTS: Final = (
    Part(name="keys", listing=LIST_KEYS, key="AccessKeyMetadata", id="AccessKeyId", removal="iam:DeleteAccessKey", parameter="AccessKeyId"),
    Part(name="devices", listing="iam:ListMFADevices", key="MFADevices", id="SerialNumber", removal=_DEACTIVATE, parameter="SerialNumber"),
    Part(name="ssh", listing="iam:ListSSHPublicKeys", key="SSHPublicKeys", id="SSHPublicKeyId", removal="iam:DeleteSSHPublicKey", parameter="SSHPublicKeyId"),
    Part(name="certificates", listing="iam:ListSigningCertificates", key="Certificates", id="CertificateId", removal="iam:DeleteSigningCertificate", parameter="CertificateId"),
    Part(name="services", listing="iam:ListServiceSpecificCredentials", key="ServiceSpecificCredentials", id="ServiceSpecificCredentialId", removal="iam:DeleteServiceSpecificCredential", parameter="ServiceSpecificCredentialId"),
    Part(name="groups", listing="iam:ListGroupsForUser", key="Groups", id="GroupName", removal="iam:RemoveUserFromGroup", parameter="GroupName"),
    Part(name="attached", listing="iam:ListAttachedUserPolicies", key="AttachedPolicies", id="PolicyArn", removal="iam:DetachUserPolicy", parameter="PolicyArn"),
    Part(name="written", listing="iam:ListUserPolicies", key="PolicyNames", id="", removal="iam:DeleteUserPolicy", parameter="PolicyName"),
)  # fmt: skip
READS: Final = (*(each.listing for each in PARTS), LOGIN)
WRITES: Final = (*(each.removal for each in PARTS), DELETE_LOGIN, _DELETE_DEVICE)


def read_parts(site: Site, user: str) -> State:
    """The ids of what the user has, by part, and whether there is a password."""
    found: dict[str, Any] = {
        part.name: sorted(
            str(each[part.id] if part.id else each) for each in site.all_of(part.listing, part.key, UserName=user)
        )
        for part in PARTS
    }
    return {**found, "password": site.call(LOGIN, (ABSENT,), UserName=user) is not None}


def removals(site: Site, user: str, state: State) -> Sequence[Call]:
    """The calls that take it all away, what lets in first and what denies last."""
    named = {"UserName": user}
    found = [_call(site, DELETE_LOGIN, named)] if state["password"] else []
    for part in PARTS:
        for each in sorted(state[part.name], key=_denies):
            found.append(_call(site, part.removal, {**named, part.parameter: each}))
            if part.removal == _DEACTIVATE and ":mfa/" in each:
                found.append(_call(site, _DELETE_DEVICE, {"SerialNumber": each}))
    return found


def _denies(name: str) -> bool:
    return name.startswith("SakimoriQuarantine") or name.endswith(("/AWSDenyAll", "AWSRevokeOlderSessions"))


def _call(site: Site, operation: str, named: Mapping[str, str]) -> Call:
    return Call(operation=operation, region=site.region, parameters=named, settled=(ABSENT,))
