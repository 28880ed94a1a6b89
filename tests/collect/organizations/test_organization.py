from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sakimori.analysis.iam.read_tables import ORGANIZATION_TABLES
from sakimori.aws.refusal import Refusal
from sakimori.collect.memo import CallMemo
from sakimori.model.words import GapKind

OWN = "123456789012"
NOT_IN_USE = "AWSOrganizationsNotInUseException"


def organization(master: str, features: str = "ALL") -> Mapping[str, Any]:
    return {"Organization": {"Id": "o-1", "Arn": "arn:o", "FeatureSet": features, "MasterAccountId": master}}


def root(status: str) -> Mapping[str, Any]:
    return {"Roots": [{"Id": "r-1", "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": status}]}]}


def managed(fake_door: Callable[..., Any], **more: Any) -> Any:
    answers = {
        "organizations__DescribeOrganization": organization(OWN),
        "organizations__ListRoots": root("ENABLED"),
        "iam__ListOrganizationsFeatures": {"EnabledFeatures": ["RootCredentialsManagement"]},
        **more,
    }
    return fake_door(**answers)


def test_the_management_account_sees_what_is_turned_on(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    row = read("aws_organizations_organization", managed(fake_door)).only
    assert row["is_management_account"] is True
    assert row["lets_service_control_policies_work"] is True
    assert (row["manages_root_credentials"], row["allows_root_sessions"]) == (True, False)


@pytest.mark.parametrize("status", ["PENDING_ENABLE", "PENDING_DISABLE"])
def test_a_kind_of_policy_on_its_way_does_not_work_yet(
    fake_door: Callable[..., Any], read: Callable[..., Any], status: str
) -> None:
    row = read("aws_organizations_organization", managed(fake_door, organizations__ListRoots=root(status))).only
    assert row["lets_service_control_policies_work"] is False


def test_a_member_account_asks_nothing_that_it_may_not_but_whether_it_is_a_delegated_administrator(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Refusal]
) -> None:
    answers = {"organizations__ListRoots": refusal(code="AccessDeniedException")}
    member = fake_door(organizations__DescribeOrganization=organization("999999999999"), **answers)
    row = read("aws_organizations_organization", member).only
    assert row["is_management_account"] is False
    hidden = ("lets_service_control_policies_work", "manages_root_credentials", "allows_root_sessions")
    assert {row[name] for name in hidden} == {None}
    assert read("aws_organizations_policy_target", member).rows == {}
    assert {operation for operation, _, _ in member.asked} == {
        "organizations:DescribeOrganization",
        "organizations:ListRoots",
    }


@pytest.mark.parametrize("table", ["aws_organizations_organization", "aws_organizations_policy_target"])
def test_no_organization_is_known_and_a_denial_is_a_gap(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Refusal], table: str
) -> None:
    alone = refusal(code=NOT_IN_USE, kind=GapKind.REFUSED)
    found = read(table, fake_door(organizations__DescribeOrganization=alone))
    assert (found.rows, found.unit.gaps) == ({}, ())
    assert read(table, fake_door(organizations__DescribeOrganization=refusal())).unit.gaps


@pytest.mark.parametrize("code", ["ServiceAccessNotEnabledException", "OrganizationNotInAllFeaturesModeException"])
def test_without_trusted_access_nothing_is_managed_and_a_denial_is_not_known(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Refusal], code: str
) -> None:
    off = managed(fake_door, iam__ListOrganizationsFeatures=refusal(code=code, kind=GapKind.REFUSED))
    assert read("aws_organizations_organization", off).only["manages_root_credentials"] is False
    denied = managed(fake_door, iam__ListOrganizationsFeatures=refusal())
    assert read("aws_organizations_organization", denied).only["manages_root_credentials"] is None


def test_an_answer_without_an_organization_is_a_gap(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    found = read("aws_organizations_organization", fake_door(organizations__DescribeOrganization={}))
    assert [gap.kind for gap in found.unit.gaps] == [GapKind.MALFORMED]


def tree(fake_door: Callable[..., Any], master: str = OWN, **more: Any) -> Any:
    """A root with two units, one in the other, and an account in each place."""
    below = {
        "r-1": [{"Id": "ou-a", "Arn": "arn:a", "Name": "Workloads"}],
        "ou-a": [{"Id": "ou-b", "Arn": "arn:b", "Name": "Prod"}],
    }
    answers = {
        "organizations__DescribeOrganization": organization(master),
        "organizations__ListRoots": {"Roots": [{**root("ENABLED")["Roots"][0], "Arn": "arn:r", "Name": "Root"}]},
        "organizations__ListOrganizationalUnitsForParent": lambda asked: {
            "OrganizationalUnits": below.get(asked["ParentId"], [])
        },
        "organizations__ListAccountsForParent": lambda asked: {
            "Accounts": [{"Id": f"in {asked['ParentId']}", "Arn": f"arn:of:{asked['ParentId']}", "Name": "n"}]
        },
        "organizations__ListPolicies": lambda asked: {
            "Policies": [{"Id": asked["Filter"], "Arn": f"arn:{asked['Filter']}", "Type": asked["Filter"], "Name": "p"}]
        },
        "organizations__DescribePolicy": lambda asked: {"Policy": {"Content": f"of {asked['PolicyId']}"}},
        "organizations__ListTargetsForPolicy": {"Targets": [{"TargetId": "ou-a", "Name": "Workloads", "Type": "ORGANIZATIONAL_UNIT"}]},
        **more,
    }  # fmt: skip
    return fake_door(**answers)


def test_the_tree_is_told_with_the_path_of_each_unit_and_the_place_of_each_account(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    units = read("aws_organizations_unit", tree(fake_door)).rows
    assert {key: (row["parent_id"], row["path"]) for key, row in units.items()} == {
        "r-1": ("", "/"), "ou-a": ("r-1", "/Workloads"), "ou-b": ("ou-a", "/Workloads/Prod"),
    }  # fmt: skip
    assert [row["lets_service_control_policies_work"] for row in units.values()].count(True) == 1
    accounts = read("aws_organizations_account", tree(fake_door)).rows
    assert {row["unit_path"] for row in accounts.values()} == {"/", "/Workloads", "/Workloads/Prod"}


def test_policies_of_both_kinds_are_told_with_what_they_say_and_where_they_are_attached(
    fake_door: Callable[..., Any], read: Callable[..., Any]
) -> None:
    kinds = {"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"}
    policies = read("aws_organizations_policy", tree(fake_door)).rows
    assert {row["kind"]: row["document"] for row in policies.values()} == {each: f"of {each}" for each in kinds}
    targets = read("aws_organizations_policy_target", tree(fake_door)).rows
    assert {row["policy_kind"] for row in targets.values()} == kinds


@pytest.mark.parametrize("table", ORGANIZATION_TABLES)
def test_a_delegated_administrator_is_told_the_same_and_any_other_member_nothing(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Refusal], table: str
) -> None:
    assert read(table, tree(fake_door, master="999999999999")).rows
    denied = refusal(code="AccessDeniedException")
    found = read(table, tree(fake_door, master="999999999999", organizations__ListRoots=denied))
    assert (found.rows, found.unit.gaps) == ({}, ())


def test_all_tables_of_an_organization_ask_once_whether_the_account_may_look_at_it(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Refusal]
) -> None:
    """A member account that may not would have a denied call in its trail for each table."""
    door = tree(fake_door, master="999999999999", organizations__ListRoots=refusal(code="AccessDeniedException"))
    memo = CallMemo(door)
    assert [read(table, door, memo=memo).rows for table in ORGANIZATION_TABLES] == [{}] * len(ORGANIZATION_TABLES)
    assert (door.count("organizations:ListRoots"), door.count("organizations:DescribeOrganization")) == (1, 1)


def test_a_listing_refused_once_is_a_gap_of_each_table_that_needs_it(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Refusal]
) -> None:
    door = tree(fake_door, organizations__ListRoots=refusal())
    memo = CallMemo(door)
    assert all(
        read(table, door, memo=memo).unit.gaps for table in ("aws_organizations_unit", "aws_organizations_account")
    )
    assert door.count("organizations:ListRoots") == 1


@pytest.mark.parametrize("table", ["aws_organizations_unit", "aws_organizations_account"])
def test_a_listing_that_the_management_account_may_not_read_is_a_gap(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Refusal], table: str
) -> None:
    assert read(table, tree(fake_door, organizations__ListOrganizationalUnitsForParent=refusal())).unit.gaps


def test_a_partition_without_a_kind_of_policy_has_none_of_it(
    fake_door: Callable[..., Any], read: Callable[..., Any], refusal: Callable[..., Refusal]
) -> None:
    def listed(asked: Mapping[str, Any]) -> Any:
        if asked["Filter"] == "RESOURCE_CONTROL_POLICY":
            return refusal(code="UnsupportedAPIEndpointException", kind=GapKind.REFUSED)
        return {"Policies": []}

    found = read("aws_organizations_policy", tree(fake_door, organizations__ListPolicies=listed))
    assert (found.rows, found.unit.gaps) == ({}, ())
