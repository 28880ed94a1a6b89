"""What the company's machines are made from and what hangs on them: images, templates, disks, first words."""

from collections.abc import Mapping
from typing import Any, Final

from moto.ec2.models import ec2_backends

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import TOKYO, VIRGINIA

_IMAGE: Final = "ami-00000000000000000"
_REQUIRED: Final[Mapping[str, str]] = {"HttpTokens": "required"}
_OPTIONAL: Final[Mapping[str, str]] = {"HttpTokens": "optional", "HttpEndpoint": "enabled"}
# Tokyo requires IMDSv2 where a template is silent, Virginia does not.
_TEMPLATES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "web": (TOKYO, _REQUIRED),
    "batch": (TOKYO, _OPTIONAL),
    "silent": (TOKYO, {}),
    "edge": (VIRGINIA, {}),
}


def seed(seeding: Seeding) -> None:
    """After the machines of `workloads`."""
    _images(seeding)
    _templates(seeding)
    _private_machine(seeding)
    _talkative_machine(seeding)
    _disks(seeding)


def _images(seeding: Seeding) -> None:
    """A public one with markup for a name, one that a partner may use, one for nobody else."""
    ec2 = seeding.client("ec2", TOKYO)
    source = _id(seeding, "instance.web-1")
    sharing: Mapping[str, Mapping[str, str]] = {
        "public": {"Group": "all"},
        "shared": {"UserId": "333333333333"},
        "private": {},
    }
    for name, permission in sharing.items():
        title = "<b>golden</b> 2023" if name == "public" else f"awase-{name}"
        made = ec2.create_image(InstanceId=source, Name=title, Description="本番サーバーの雛形")["ImageId"]
        seeding.names[f"image.{name}"] = f"arn:aws:ec2:{TOKYO}::image/{made}"
        if permission:
            ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [dict(permission)]})


def _templates(seeding: Seeding) -> None:
    for name, (region, metadata) in _TEMPLATES.items():
        data: dict[str, Any] = {"ImageId": _IMAGE, "InstanceType": "t3.micro"}
        if metadata:
            data["MetadataOptions"] = dict(metadata)
        made = seeding.client("ec2", region).create_launch_template(
            LaunchTemplateName=f"awase-{name}", LaunchTemplateData=data
        )["LaunchTemplate"]["LaunchTemplateId"]
        seeding.names[f"template.{name}"] = _arn(seeding, region, f"launch-template/{made}")
    # Mended in a version that nobody made the default.
    batch = seeding.names["template.batch"].rpartition("/")[2]
    seeding.client("ec2", TOKYO).create_launch_template_version(
        LaunchTemplateId=batch, LaunchTemplateData={"ImageId": _IMAGE, "MetadataOptions": dict(_REQUIRED)}
    )


def _private_machine(seeding: Seeding) -> None:
    """In the production subnet, without a public address; fetches its password when it starts."""
    script = (
        "#!/bin/bash\n"
        'DB_PASSWORD="$(aws ssm get-parameter --name /awase/db --with-decryption --query Parameter.Value)"\n'
        "systemctl start awase\n"
    )
    _machine(seeding, "app", "業務アプリ", SubnetId=seeding.names["subnet.production"], UserData=script)


def _talkative_machine(seeding: Seeding) -> None:
    """Tells its secrets to everyone who may look at it."""
    # Made at run time and visibly not real: no file of this program holds anything like a key.
    fake_id, fake_secret = "AKIA" + "FAKE" * 4, "Fake0/" * 6 + "fake"
    script = (
        "#cloud-config\n"
        "runcmd:\n"
        f"  - aws configure set aws_access_key_id {fake_id}\n"
        f"  - aws configure set aws_secret_access_key {fake_secret}\n"
    )
    _machine(seeding, "import", "取引先データ取込", UserData=script)


def _machine(seeding: Seeding, name: str, title: str, **more: Any) -> None:
    made = seeding.client("ec2", TOKYO).run_instances(
        ImageId=_IMAGE,
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": title}]}],
        **more,
    )["Instances"][0]["InstanceId"]
    ec2_backends[seeding.state.account_id][TOKYO].get_instance(made).launch_time = seeding.days_ago(30)
    seeding.names[f"instance.{name}"] = _arn(seeding, TOKYO, f"instance/{made}")


def _disks(seeding: Seeding) -> None:
    """`volume.roots`, which are not encrypted, and one data disk that is."""
    ec2 = seeding.client("ec2", TOKYO)
    made = ec2.create_volume(AvailabilityZone=f"{TOKYO}a", Size=20, Encrypted=True)["VolumeId"]
    ec2.attach_volume(VolumeId=made, InstanceId=_id(seeding, "instance.web-1"), Device="/dev/sdf")
    seeding.names["volume.data"] = _arn(seeding, TOKYO, f"volume/{made}")
    volumes = ec2_backends[seeding.state.account_id][TOKYO].volumes.values()
    roots = [volume.id for volume in volumes if volume.attachment and volume.id != made]
    seeding.names["volume.roots"] = " ".join(_arn(seeding, TOKYO, f"volume/{found}") for found in sorted(roots))


def _id(seeding: Seeding, name: str) -> str:
    return seeding.names[name].rpartition("/")[2]


def _arn(seeding: Seeding, region: str, resource: str) -> str:
    return f"arn:aws:ec2:{region}:{seeding.state.account_id}:{resource}"
