"""The same small company with doors that stand open: a port on a machine, a database's port, a bucket; by one somebody came in.

What is meant to be open stands beside it: the website's bucket, and the web server's port. The notice says so.
"""

import random
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from sakimori.simulate.drill.attacker import KALI, Attacker
from sakimori.simulate.drill.breakin import Breakin
from sakimori.simulate.drill.hand import HOME, Hand
from sakimori.simulate.drill.openings import Opening, is_open
from sakimori.simulate.identities import OWNER, Credentials
from sakimori.simulate.machine import role_credentials
from sakimori.simulate.scenarios.form import Seeding, Truth
from sakimori.simulate.scenarios.leaked.company import DEVELOPER, OUTSIDE, PRODUCTION, Company, document, trust_in
from sakimori.simulate.scenarios.leaked.stage import Stage
from sakimori.simulate.scenarios.leaked.story import OFFICE_ADDRESS

LASTS: Final = timedelta(hours=1, minutes=50)
_ROLE: Final = "app-instance"
_POWER: Final = "arn:aws:iam::aws:policy/PowerUserAccess"
_SSH: Final = 22
_HTTPS: Final = 443
_DATABASE: Final = 5432


@dataclass(slots=True, kw_only=True)
class Furniture:
    """What was added to the company: the machine, its role, what is open by mistake, and what is meant to be."""

    machine: str = ""
    role: str = ""
    group: str = ""
    disk: str = ""
    openings: tuple[Opening, ...] = ()
    meant: tuple[Opening, ...] = ()


def seed(seeding: Seeding) -> Truth:
    """Play it; no rule's truth is known of this company."""
    chance, placed = random.Random(f"{seeding.seed}/exposed-service"), Furniture()  # noqa: S311 - a story, no secret
    stage = Stage.built(seeding, LASTS, partial(_furnish, placed))
    stage.clock.set(stage.began_at - timedelta(days=6))
    _opens_by_mistake(stage, placed)
    decoys = stage.days()
    attack = _attack(stage, placed, chance)
    stage.ends(
        Attacker(attack, stage.clock), decoys, victim=_ROLE, machine=placed.machine, meant=placed.meant, openings=attack.openings
    )  # fmt: skip
    return {}


def _furnish(placed: Furniture, company: Company) -> None:
    owner = company.owner()
    owner.does("iam", "create_role", RoleName=_ROLE, AssumeRolePolicyDocument=trust_in(Service="ec2.amazonaws.com"))
    owner.does("iam", "attach_role_policy", RoleName=_ROLE, PolicyArn=_POWER)
    owner.does("iam", "create_instance_profile", InstanceProfileName=_ROLE)
    owner.does("iam", "add_role_to_instance_profile", InstanceProfileName=_ROLE, RoleName=_ROLE)
    placed.role = f"arn:aws:iam::{company.ids[PRODUCTION]}:role/{_ROLE}"
    web = _group(owner, "web", _HTTPS)
    placed.group = _group(owner, "app", 0)
    made = owner.does(
        "ec2", "run_instances", ImageId="ami-12345678", InstanceType="t3.large", MinCount=1, MaxCount=1,
        SecurityGroupIds=[placed.group], IamInstanceProfile={"Name": _ROLE},
    )  # fmt: skip
    placed.machine = made["Instances"][0]["InstanceId"]
    volume = owner.does("ec2", "describe_volumes")["Volumes"][0]["VolumeId"]
    placed.disk = owner.does("ec2", "create_snapshot", VolumeId=volume, Description="before-migration")["SnapshotId"]
    website = company.buckets["web"]
    _opens_bucket(owner, website)
    placed.meant = (
        Opening(kind="port", id=web, region=HOME, port=_HTTPS), Opening(kind="bucket", id=website, region=HOME),
    )  # fmt: skip


def _opens_by_mistake(stage: Stage, placed: Furniture) -> None:
    """A developer's haste, some days before."""
    company = stage.company
    developer = Hand(
        bench=company.bench, credentials=company.people[PRODUCTION, DEVELOPER], address=OFFICE_ADDRESS, agent="Boto3/1.38.0",
        chance=random.Random(0), pause=stage.clock.wait,  # noqa: S311 - a story, no secret
    )  # fmt: skip
    developer.does("ec2", "authorize_security_group_ingress", GroupId=placed.group, IpPermissions=[_rule(_SSH)])
    database = _group(developer, "database", _DATABASE)
    bucket = company.buckets["data"]
    _opens_bucket(developer, bucket)
    placed.openings = (
        Opening(kind="port", id=placed.group, region=HOME, port=_SSH),
        Opening(kind="port", id=database, region=HOME, port=_DATABASE),
        Opening(kind="bucket", id=bucket, region=HOME),
    )


def _attack(stage: Stage, placed: Furniture, chance: random.Random) -> Breakin:
    company, state = stage.company, stage.seeding.states[PRODUCTION]
    nothing = Credentials(access_key_id="-", secret_access_key="-")  # noqa: S106 - replaced before it signs
    hand = Hand(
        bench=company.bench, credentials=nothing, address=f"203.0.113.{chance.randrange(100, 250)}", agent=KALI, chance=chance,
        pause=stage.clock.wait,
    )  # fmt: skip
    return Breakin(
        leaked=hand, chance=chance, clock=stage.clock, own=company.people[OUTSIDE, OWNER], machine=placed.machine,
        role=placed.role, openings=list(placed.openings), group=placed.group, disk=placed.disk,
        on_machine=partial(role_credentials, state, HOME, placed.machine), looks=partial(is_open, state),
    )  # fmt: skip


def _group(hand: Hand, name: str, port: int) -> str:
    group = str(hand.does("ec2", "create_security_group", GroupName=name, Description=name)["GroupId"])
    if port:
        hand.does("ec2", "authorize_security_group_ingress", GroupId=group, IpPermissions=[_rule(port)])
    return group


def _rule(port: int) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def _opens_bucket(hand: Hand, bucket: str) -> None:
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    hand.does("s3", "delete_public_access_block", Bucket=bucket)
    hand.does("s3", "put_bucket_policy", Bucket=bucket, Policy=document(everybody))
