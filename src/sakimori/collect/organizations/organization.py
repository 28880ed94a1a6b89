"""The organization that the account belongs to."""

from sakimori.collect.declaration import BOOLEAN, TEXT, Context, Reader, Record, call, col, table
from sakimori.collect.organizations.membership import DESCRIBE, organizations
from sakimori.model.words import Scope

# Both mean that nothing is managed centrally: IAM is not let into the organization, or it only pays the bills.
_NO_FEATURES = ("ServiceAccessNotEnabledException", "OrganizationNotInAllFeaturesModeException")


def _has_feature(record: Record, feature: str) -> bool | None:
    """Known from the management account alone; elsewhere the call is not made."""
    if not record["is_managed"]:
        return None
    return feature in (record.get("Features", {}).get("EnabledFeatures") or ())


def _manages_root_credentials(record: Record, _context: Context) -> bool | None:
    return _has_feature(record, "RootCredentialsManagement")


def _allows_root_sessions(record: Record, _context: Context) -> bool | None:
    return _has_feature(record, "RootSessions")


def _lets_scps_work(record: Record, _context: Context) -> bool | None:
    root = record.get("Root")
    if root is None:
        return None
    kinds = {kind["Type"]: kind["Status"] for kind in root["PolicyTypes"]}
    return kinds.get("SERVICE_CONTROL_POLICY") == "ENABLED"


TABLE = table(
    "aws_organizations_organization",
    "The organization that the account belongs to, one row or none.",
    key="arn",
    scope=Scope.ACCOUNT,
    resource_type="AWS::Organizations::Organization",
    rows=Reader(function=organizations, operations=(DESCRIBE,), shares_answers=True),
    each=[
        call("organizations:ListRoots", "Roots[0]", name="Root", when="is_managed"),
        call("iam:ListOrganizationsFeatures", "@", name="Features", when="is_managed", absent=_NO_FEATURES),
    ],
    columns=[
        col("arn", TEXT, "The organization's ARN.", "Arn"),
        col("organization_id", TEXT, "o-…", "Id"),
        col("management_account_id", TEXT, "The account that manages it and pays.", "MasterAccountId"),
        col("is_management_account", BOOLEAN, "This account is the management account.", "is_managed"),
        col("feature_set", TEXT, "ALL or CONSOLIDATED_BILLING.", "FeatureSet"),
        col("has_all_features", BOOLEAN, "Policies and trusted access of services are possible.",
            lambda record, _: record["FeatureSet"] == "ALL"),
        col("lets_service_control_policies_work", BOOLEAN,
            "Service control policies are turned on at its root; NULL as seen from a member account.",
            _lets_scps_work, needs=["Root"]),
        col("manages_root_credentials", BOOLEAN,
            "Root credentials of member accounts are managed centrally; NULL as seen from a member account.",
            _manages_root_credentials, needs=["Features"]),
        col("allows_root_sessions", BOOLEAN,
            "Short privileged root sessions in member accounts are possible; NULL as seen from a member account.",
            _allows_root_sessions, needs=["Features"]),
    ],
)  # fmt: skip
