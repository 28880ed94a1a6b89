from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sakimori.aws.refusal import Refusal
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


def test_a_member_account_asks_nothing_that_it_may_not(fake_door: Callable[..., Any], read: Callable[..., Any]) -> None:
    member = fake_door(organizations__DescribeOrganization=organization("999999999999"))
    row = read("aws_organizations_organization", member).only
    assert row["is_management_account"] is False
    hidden = ("lets_service_control_policies_work", "manages_root_credentials", "allows_root_sessions")
    assert {row[name] for name in hidden} == {None}
    assert read("aws_organizations_policy_target", member).rows == {}
    assert {operation for operation, _, _ in member.asked} == {"organizations:DescribeOrganization"}


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
