from typing import Any

import pytest
from tests.analysis.facts.events import OWN, SIBLING, STRANGER, call, told

from sakimori.analysis.facts.fact import Surroundings

GROUPS = "http://acs.amazonaws.com/groups/"
ORGANIZATION = "arn:aws:organizations::111122223333:organization/o-ours12345"
UNIT = "arn:aws:organizations::999988887777:ou/o-others999/ou-ab12-cdef"


def snapshot(**change: Any) -> dict[str, Any]:
    return call("ModifySnapshotAttribute", {"snapshotId": "snap-1", "createVolumePermission": change})


def items(*members: Any) -> dict[str, Any]:
    return {"items": list(members)}


def image(**change: Any) -> dict[str, Any]:
    return call("ModifyImageAttribute", {"imageId": "ami-1", "launchPermission": change})


def acl(*grantees: Any) -> dict[str, Any]:
    grants = [{"Grantee": grantee, "Permission": "READ"} for grantee in grantees]
    control = {"Owner": {"ID": "owner"}, "AccessControlList": {"Grant": grants}}
    return call("PutBucketAcl", {"bucketName": "b", "AccessControlPolicy": control, "acl": [""]})


def permission(**request: Any) -> dict[str, Any]:
    return call("AddPermission20150331v2", {"functionName": "f", "action": "lambda:InvokeFunction", **request})


@pytest.mark.parametrize(
    ("event", "outside"),
    [
        (snapshot(add=items({"userId": STRANGER})), (STRANGER,)),
        (snapshot(add=items({"group": "all"})), ("all",)),
        (image(add=items({"userId": STRANGER}, {"userId": OWN})), (STRANGER,)),
        (image(add=items({"organizationalUnitArn": UNIT})), ("organization:o-others999/ou-ab12-cdef",)),
        (
            call("ModifyFpgaImageAttribute", {"ModifyFpgaImageAttributeRequest": {"LoadPermission": {"Add": {"Group": "all"}}}}),
            ("all",),
        ),
        (call("ModifyDBSnapshotAttribute", {"attributeName": "restore", "valuesToAdd": [STRANGER]}), (STRANGER,)),
        (call("ModifyDBClusterSnapshotAttribute", {"valuesToAdd": ["all"]}), ("all",)),
        (call("ModifyDocumentPermission", {"name": "d", "accountIdsToAdd": ["All"]}), ("all",)),
        (permission(principal="*"), ("all",)),
        (permission(principal=STRANGER), (STRANGER,)),
        (permission(principal=f"arn:aws:iam::{STRANGER}:root"), (STRANGER,)),
        (permission(principal="*", principalOrgID="o-others999"), ("organization:o-others999",)),
        (permission(principal="*", sourceAccount=STRANGER), (STRANGER,)),
        (call("AddLayerVersionPermission20181031", {"principal": "*"}), ("all",)),
        (call("AddPermission", {"topicArn": "t", "aWSAccountId": [STRANGER]}), (STRANGER,)),
        (call("AddPermission", {"queueUrl": "q", "aWSAccountIds": [STRANGER]}), (STRANGER,)),
        (call("PutPermission", {"principal": "*"}), ("all",)),
        (call("CreateResourceShare", {"principals": [STRANGER, SIBLING]}), (STRANGER,)),
        (call("AssociateResourceShare", {"principals": [f"arn:aws:iam::{STRANGER}:role/r"]}), (STRANGER,)),
        (call("CreateGrant", {"granteePrincipal": f"arn:aws:iam::{STRANGER}:role/r"}), (STRANGER,)),
        (call("AuthorizeSnapshotAccess", {"accountWithRestoreAccess": STRANGER}), (STRANGER,)),
        (call("ShareDirectory", {"shareTarget": {"id": STRANGER, "type": "ACCOUNT"}}), (STRANGER,)),
        (call("UpdateImagePermissions", {"sharedAccountId": STRANGER}), (STRANGER,)),
        (call("CreateVpcPeeringConnection", {"peerOwnerId": STRANGER}), (STRANGER,)),
        (
            call("ModifyVpcEndpointServicePermissions", {"ModifyVpcEndpointServicePermissionsRequest": {"AddAllowedPrincipals": {"tag": 1, "content": "*"}}}),
            ("all",),
        ),
        (call("PutBucketAcl", {"x-amz-acl": ["public-read"]}), ("all",)),
        (call("PutObjectAcl", {"x-amz-acl": "authenticated-read"}), ("authenticated",)),
        (call("CreateBucket", {"x-amz-grant-read": [f'uri="{GROUPS}global/AllUsers", id="abc"']}), ("all", "canonical:abc")),
        (acl({"xsi:type": "Group", "URI": f"{GROUPS}global/AllUsers"}), ("all",)),
        (acl({"URI": f"{GROUPS}global/AuthenticatedUsers"}, {"ID": "friend"}), ("authenticated", "canonical:friend")),
    ],
)  # fmt: skip
def test_shares_with_others(event: dict[str, Any], outside: tuple[str, ...]) -> None:
    assert told("shared_outside", event) == outside
    assert told("shared_publicly", event) is bool({"all", "authenticated"} & set(outside))


@pytest.mark.parametrize(
    "event",
    [
        snapshot(remove=items({"userId": STRANGER}, {"group": "all"})),
        snapshot(add=items({"userId": SIBLING}, {"userId": OWN})),
        image(add=items({"organizationArn": ORGANIZATION})),
        image(remove=items({"group": "all"})),
        call("ModifyDBSnapshotAttribute", {"valuesToRemove": [STRANGER]}),
        call("ModifyDocumentPermission", {"accountIdsToRemove": [STRANGER]}),
        permission(principal="s3.amazonaws.com", sourceArn="arn:aws:s3:::b"),
        permission(principal="*", principalOrgID="o-ours12345"),
        permission(principal="*", sourceAccount=OWN),
        permission(principal=OWN),
        call("RemovePermission20150331v2", {"principal": "*"}),
        call("CreateResourceShare", {"principals": [ORGANIZATION, SIBLING]}),
        call("DisassociateResourceShare", {"principals": [STRANGER]}),
        call("CreateGrant", {"granteePrincipal": "dynamodb.us-west-2.amazonaws.com"}),
        call("CreateGrant", {"granteePrincipal": "AWS Internal"}),
        call("CreateGrant", {"granteePrincipal": f"arn:aws:iam::{OWN}:role/r"}),
        call("PutBucketAcl", {"x-amz-acl": ["private"]}),
        call("PutObject", {"x-amz-acl": ["bucket-owner-full-control"]}),
        acl({"xsi:type": "CanonicalUser", "ID": "owner"}),
        acl({"xsi:type": "Group", "URI": f"{GROUPS}s3/LogDelivery"}),
        call("GrantPermissions", {"principal": {"dataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}}),
        call("ListBuckets"),
    ],
)
def test_what_stays_with_us_is_quiet(event: dict[str, Any]) -> None:
    assert told("shared_outside", event) == ()
    assert told("shared_publicly", event) is False


def test_shares_with_ones_own_are_in_shared_with() -> None:
    assert told("shared_with", snapshot(add=items({"userId": SIBLING}))) == (SIBLING,)
    assert told("shared_with", image(add=items({"organizationArn": ORGANIZATION}))) == ("organization:o-ours12345",)


def test_an_account_is_outside_until_it_is_known() -> None:
    event = snapshot(add=items({"userId": SIBLING}))
    assert told("shared_outside", event, Surroundings()) == (SIBLING,)
