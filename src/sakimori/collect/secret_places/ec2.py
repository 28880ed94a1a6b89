"""User data of instances and launch templates: what runs at the start of a machine, and anyone on it may read."""

import base64
import binascii
from collections.abc import Iterator

from sakimori.aws.refusal import Refusal
from sakimori.collect.declaration import Context, Record, call
from sakimori.collect.ec2.instance import LIST, arn
from sakimori.collect.secret_places.place import Place, Reach, Text
from sakimori.model.words import GapKind


def _decoded(operation: str, value: str | None) -> Iterator[Text]:
    if not value:
        return
    try:
        yield Text(name="user data", data=base64.b64decode("".join(value.split()), validate=True))
    except binascii.Error as error:
        raise Refusal(
            call=operation, kind=GapKind.MALFORMED, code="NoBase64", message="user data of another form"
        ) from error


def _user_data(record: Record, _context: Context, _reach: Reach) -> Iterator[Text]:
    told = record.get("UserData") or {}
    yield from _decoded("ec2:DescribeInstanceAttribute", told.get("Value"))


def _template_arn(record: Record, context: Context) -> str:
    return (
        f"arn:{context.partition}:ec2:{context.region}:{context.account_id}:launch-template/"
        f"{record['LaunchTemplateId']}:{record['VersionNumber']}"
    )


def _template_data(record: Record, _context: Context, _reach: Reach) -> Iterator[Text]:
    yield from _decoded("ec2:DescribeLaunchTemplateVersions", (record.get("LaunchTemplateData") or {}).get("UserData"))


PLACES = (
    Place(
        id="ec2-user-data", resource_type="AWS::EC2::Instance", rows=(LIST,), arn=arn, texts=_user_data, needs=("UserData",),
        each=(call("ec2:DescribeInstanceAttribute", "UserData", Attribute="userData",
                   with_={"InstanceId": "InstanceId"}, when="State.Name != 'terminated'"),),
    ),
    # Old versions too: whoever may launch machines may name any of them.
    Place(
        id="ec2-launch-template", resource_type="AWS::EC2::LaunchTemplate", arn=_template_arn, texts=_template_data,
        rows=(call("ec2:DescribeLaunchTemplates", "LaunchTemplates", MaxResults=200),
              call("ec2:DescribeLaunchTemplateVersions", "LaunchTemplateVersions",
                   with_={"LaunchTemplateId": "LaunchTemplateId"}, MaxResults=200)),
    ),
)  # fmt: skip
