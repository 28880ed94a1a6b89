"""IAM of the account as a whole: the root user's credentials, and how many users there are."""

from sakimori.collect.account.root import root_arn
from sakimori.collect.declaration import BOOLEAN, INTEGER, ITSELF, TEXT, Context, Record, call, col, table
from sakimori.model.words import Scope

_ROOT_DEVICE = ":mfa/root-account-mfa-device"


def _is_positive(record: Record, name: str) -> bool | None:
    number = record.get("SummaryMap", {}).get(name)
    return None if number is None else number > 0


def _root_has_virtual_mfa(record: Record, context: Context) -> bool | None:
    """Whether a virtual device is the root user's; not known where there are more devices than were read."""
    answer = record.get("VirtualMFADevices", {})
    root = root_arn(record, context)
    for device in answer.get("VirtualMFADevices", ()):
        if device.get("User", {}).get("Arn") == root or device.get("SerialNumber", "").endswith(_ROOT_DEVICE):
            return True
    return None if answer.get("IsTruncated") else False


TABLE = table(
    "aws_iam_account",
    "IAM of the account as a whole, one row.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::::Account",
    rows=ITSELF,
    each=[
        call("iam:GetAccountSummary", "SummaryMap"),
        call("iam:ListVirtualMFADevices", "@", name="VirtualMFADevices", AssignmentStatus="Assigned", MaxItems=1000),
    ],
    columns=[
        col("arn", TEXT, "The account's root ARN.", root_arn),
        col("root_mfa_is_enabled", BOOLEAN, "The root user signs in with MFA.",
            lambda record, _: _is_positive(record, "AccountMFAEnabled"), needs=["SummaryMap"]),
        col("root_has_virtual_mfa", BOOLEAN, "One of the root user's MFA devices is an app and not hardware.",
            _root_has_virtual_mfa, needs=["VirtualMFADevices"]),
        col("root_access_key_count", INTEGER, "Access keys of the root user; there should be none.",
            "SummaryMap.AccountAccessKeysPresent"),
        col("root_has_password", BOOLEAN, "The root user has a password; false where the organisation took it away.",
            lambda record, _: _is_positive(record, "AccountPasswordPresent"), needs=["SummaryMap"]),
        col("user_count", INTEGER, "IAM users.", "SummaryMap.Users"),
        col("role_count", INTEGER, "IAM roles.", "SummaryMap.Roles"),
        col("group_count", INTEGER, "IAM groups.", "SummaryMap.Groups"),
        col("policy_count", INTEGER, "Customer managed policies.", "SummaryMap.Policies"),
        col("mfa_device_count", INTEGER, "MFA devices in use, the root user's too.", "SummaryMap.MFADevicesInUse"),
    ],
)  # fmt: skip
