"""One machine image (AMI) is not shared with everybody. Accounts and organisations that it is shared with stay.

Source: botocore's model of ec2; Amazon EC2 User Guide, "Make your AMI publicly available" and "Block public access to your
AMIs".
"""

from typing import Final

from sakimori.actions.resources.ec2_sharing import Shared, not_shared_step
from sakimori.actions.resources.named_resource import Kind

STEP: Final = not_shared_step(
    Shared(
        id="image-not-shared",
        order=1060,
        texts="fix_network.image",
        rule="aws.ec2.image-private",
        kind=Kind(
            service="ec2", call="ec2:DescribeImageAttribute", prefix="image/", pattern=r"ami-[0-9a-f]{1,32}",
            has_account=False,
        ),
        modify="ec2:ModifyImageAttribute",
        parameter="ImageId",
        attribute="launchPermission",
        listed="LaunchPermissions",
        absent=("InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"),
        change=lambda is_shared: {"LaunchPermission": {"Add" if is_shared else "Remove": [{"Group": "all"}]}},
        block="ec2:GetImageBlockPublicAccessState",
        block_key="ImageBlockPublicAccessState",
    )
)  # fmt: skip
