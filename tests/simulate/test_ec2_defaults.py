"""Settings of a whole Region are kept, read back, and refused where AWS refuses them."""

from typing import Any

import pytest

from sakimori.simulate.server import SimulatedAccount

TOKYO = "ap-northeast-1"


def test_public_images_are_blocked_in_one_region_and_what_was_public_stays_so(
    account: SimulatedAccount, refusal_of: Any
) -> None:
    ec2 = account.client("ec2", region=TOKYO)
    instance = ec2.run_instances(ImageId="ami-00000000000000000", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    old, new = (ec2.create_image(InstanceId=instance, Name=name)["ImageId"] for name in ("old", "new"))
    everyone = {"Add": [{"Group": "all"}]}
    ec2.modify_image_attribute(ImageId=old, LaunchPermission=everyone)
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "unblocked"
    ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
    elsewhere = account.client("ec2", region="us-east-1")
    assert elsewhere.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "unblocked"
    assert refusal_of(ec2.modify_image_attribute, ImageId=new, LaunchPermission=everyone)[::2] == (
        "OperationNotPermitted",
        400,
    )
    adding = {"Attribute": "launchPermission", "OperationType": "add", "UserGroups": ["all"]}
    assert refusal_of(ec2.modify_image_attribute, ImageId=new, **adding)[0] == "OperationNotPermitted"
    ec2.modify_image_attribute(ImageId=new, LaunchPermission={"Add": [{"UserId": "333333333333"}]})
    public = {image["ImageId"]: image["Public"] for image in ec2.describe_images(Owners=["self"])["Images"]}
    assert public == {old: True, new: False}
    ec2.disable_image_block_public_access()
    ec2.modify_image_attribute(ImageId=new, LaunchPermission=everyone)


@pytest.mark.slow
def test_metadata_defaults_tell_only_what_was_set(account: SimulatedAccount) -> None:
    ec2 = account.client("ec2", region=TOKYO)
    assert ec2.get_instance_metadata_defaults()["AccountLevel"] == {"ManagedBy": "account"}
    ec2.modify_instance_metadata_defaults(HttpTokens="required", HttpPutResponseHopLimit=2)
    ec2.modify_instance_metadata_defaults(HttpTokensEnforced="enabled", HttpPutResponseHopLimit=-1)
    told = ec2.get_instance_metadata_defaults()["AccountLevel"]
    assert told == {"HttpTokens": "required", "HttpTokensEnforced": "enabled", "ManagedBy": "account"}
    ec2.modify_instance_metadata_defaults(HttpTokens="no-preference")
    assert "HttpTokens" not in ec2.get_instance_metadata_defaults()["AccountLevel"]
    elsewhere = account.client("ec2", region="us-east-1")
    assert elsewhere.get_instance_metadata_defaults()["AccountLevel"] == {"ManagedBy": "account"}


def test_the_block_at_internet_gateways_is_off_until_it_is_set(account: SimulatedAccount) -> None:
    ec2 = account.client("ec2", region=TOKYO)
    told = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
    assert (told["State"], told["InternetGatewayBlockMode"]) == ("default-state", "off")
    told = ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-ingress")
    assert told["VpcBlockPublicAccessOptions"]["State"] == "update-in-progress"
    told = ec2.describe_vpc_block_public_access_options()["VpcBlockPublicAccessOptions"]
    assert (told["State"], told["InternetGatewayBlockMode"]) == ("update-complete", "block-ingress")
    assert told["AwsRegion"] == TOKYO
    assert told["LastUpdateTimestamp"]


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("enable_image_block_public_access", {"ImageBlockPublicAccessState": "block-all-sharing"}),
        ("modify_instance_metadata_defaults", {"HttpTokens": "perhaps"}),
        ("modify_instance_metadata_defaults", {"HttpPutResponseHopLimit": 65}),
        ("modify_vpc_block_public_access_options", {"InternetGatewayBlockMode": "on"}),
    ],
)
def test_a_value_that_aws_does_not_know_is_refused(
    account: SimulatedAccount, refusal_of: Any, operation: str, parameters: dict[str, Any]
) -> None:
    ec2 = account.client("ec2", region=TOKYO)
    assert refusal_of(getattr(ec2, operation), **parameters)[::2] == ("InvalidParameterValue", 400)
