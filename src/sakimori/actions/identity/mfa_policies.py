"""Two policies of which a person chooses one and attaches it: without a second factor nothing but enrolling one.

`sakimori-mfa-required` stops long-term access keys too (a request with one never says that MFA was shown, and
BoolIfExists takes that for no); `sakimori-mfa-required-console` stops only sessions that say that it was not (Bool).
Calls that an AWS service makes for somebody are let through. Both let users manage their own devices and password, since
few other policies do. Source: IAM User Guide, "AWS: Allows MFA-authenticated IAM users to manage their own credentials on the Security
credentials page" and "AWS global condition context keys" (aws:MultiFactorAuthPresent, aws:ViaAWSService).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from sakimori.model.account import Account

OPERATORS: Final = {"sakimori-mfa-required": "BoolIfExists", "sakimori-mfa-required-console": "Bool"}
"""By name of the policy: how it asks."""
_LOOK: Final = ("iam:GetAccountPasswordPolicy", "iam:GetAccountSummary", "iam:ListVirtualMFADevices")
_OWN: Final = (
    "iam:ChangePassword", "iam:EnableMFADevice", "iam:GetMFADevice", "iam:GetUser", "iam:ListMFADevices", "iam:ResyncMFADevice",
)  # fmt: skip
_NEW: Final = "iam:CreateVirtualMFADevice"
_TAKE_OFF: Final = "iam:DeactivateMFADevice"
_SHOW: Final = "sts:GetSessionToken"
"""How the second factor is shown at the command line; it needs no permission, and must not be denied."""


def mfa_policy(account: Account, name: str) -> str:
    """The policy of this name as JSON."""
    iam = f"arn:{account.partition}:iam::{account.id}"
    oneself = [f"{iam}:user/${{aws:username}}", f"{iam}:user/*/${{aws:username}}"]
    condition: dict[str, dict[str, str]] = {"Bool": {"aws:ViaAWSService": "false"}}
    condition.setdefault(OPERATORS[name], {})["aws:MultiFactorAuthPresent"] = "false"
    statements = [
        {"Sid": "Look", "Effect": "Allow", "Action": _LOOK, "Resource": "*"},
        {"Sid": "OwnDevices", "Effect": "Allow", "Action": (*_OWN, _TAKE_OFF), "Resource": oneself},
        {"Sid": "NewDevice", "Effect": "Allow", "Action": _NEW, "Resource": f"{iam}:mfa/*"},
        {
            "Sid": "NothingElseWithoutMfa", "Effect": "Deny", "NotAction": (*_LOOK, *_OWN, _NEW, _SHOW), "Resource": "*",
            "Condition": condition,
        },
    ]  # fmt: skip
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def asks_for_mfa(document: Mapping[str, Any]) -> bool:
    """Whether a policy denies what is done without MFA."""
    told = document.get("Statement") or ()
    statements = cast("Sequence[Mapping[str, Any]]", told if isinstance(told, list) else [told])
    return any(
        each.get("Effect") == "Deny" and "aws:multifactorauthpresent" in json.dumps(each.get("Condition") or {}).lower()
        for each in statements
    )
