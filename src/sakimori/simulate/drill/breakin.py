"""The attack by an exposed service: in by an open port, the machine's role used from outside, doors opened further."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sakimori.simulate.drill.hand import HOME, Hand
from sakimori.simulate.drill.loot import MINUTE, Loot
from sakimori.simulate.drill.openings import Opening
from sakimori.simulate.drill.record import Attack, Attempt, Held
from sakimori.simulate.identities import Credentials
from sakimori.simulate.machine import MachineCutOff

_COMES_BACK: Final = 1.6 * 3600
_DESKTOP: Final = 3389


@dataclass(slots=True, kw_only=True)
class Breakin(Loot):
    """The attack under way. `on_machine` gives the machine's credentials, `looks` whether an opening lets one in.

    `openings` grows by what the attacker opens; `group` and `disk` are what it opens.
    """

    machine: str
    role: str
    openings: list[Opening]
    group: str
    disk: str
    on_machine: Callable[[], Credentials]
    looks: Callable[[Opening], bool]

    def run(self) -> Attack:
        """From the open port to the last session; some two hours of the story."""
        began_at = self.clock()
        self.leaked.pause(9 * MINUTE)
        hand = self._takes_role()
        for service, method in (("s3", "list_buckets"), ("ec2", "describe_instances"), ("ec2", "describe_security_groups"),
                                ("iam", "list_users"), ("ec2", "describe_snapshots"), ("secretsmanager", "list_secrets")):  # fmt: skip
            hand.tries(service, method)
        for bucket in (name for name in self.known_buckets(hand) if "data" in name):
            hand.tries("s3", "list_objects_v2", Bucket=bucket)
        self._opens_further(hand)
        self.starts_machines(hand, 2, 2)
        self.leaked.pause(max(MINUTE, _COMES_BACK - (self.clock() - began_at).total_seconds()))
        self._takes_role().tries("ec2", "describe_instances")
        return Attack(
            began_at=began_at,
            planted=tuple(self.planted),
            held=tuple(self.held),
            roles=tuple(self.roles),
            empty_calls=0,
        )

    def comes_back(self) -> tuple[Attempt, ...]:
        """By every opening, and from the machine as long as it gets out."""
        attempts = [
            Attempt(
                at=self.clock(), call=each.call, by="", target=each.name, error="" if self.looks(each) else "Closed"
            )
            for each in self.openings
        ]
        error = ""
        try:
            self._takes_role()
        except MachineCutOff:
            error = "MachineCutOff"
        return (*attempts, Attempt(at=self.clock(), call="machine:Use", by="", target=self.machine, error=error))

    # -- steps ---------------------------------------------------------------------------------

    def _takes_role(self) -> Hand:
        credentials = self.on_machine()
        hand = self.leaked.other(credentials)
        arn = str(hand.does("sts", "get_caller_identity")["Arn"])
        self.account = arn.split(":")[4]
        if self.role not in self.roles:
            self.roles.append(self.role)
        held = Held(id=credentials.access_key_id, kind="role_session", account=self.account, arn=arn, issued_by="",
                    credentials=credentials, role=self.role)  # fmt: skip
        return self.keep(held, hand)

    def _opens_further(self, hand: Hand) -> None:
        """A port for the remote desktop, and a disk for everybody."""
        rule = {"IpProtocol": "tcp", "FromPort": _DESKTOP, "ToPort": _DESKTOP, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        made = hand.does("ec2", "authorize_security_group_ingress", GroupId=self.group, IpPermissions=[rule])
        own = str(made["SecurityGroupRules"][0]["SecurityGroupRuleId"])
        arn = f"arn:aws:ec2:{HOME}:{self.account}:security-group-rule/{own}"
        self.note("AWS::EC2::SecurityGroupIngress", own, arn, hand, "AuthorizeSecurityGroupIngress", region=HOME)
        self.openings.append(Opening(kind="port", id=self.group, region=HOME, port=_DESKTOP))
        hand.pause(4 * MINUTE)
        hand.does("ec2", "modify_snapshot_attribute", SnapshotId=self.disk, Attribute="createVolumePermission",
                  OperationType="add", GroupNames=["all"])  # fmt: skip
        arn = f"arn:aws:ec2:{HOME}::snapshot/{self.disk}"
        self.note("AWS::EC2::Snapshot", self.disk, arn, hand, "ModifySnapshotAttribute", is_created=False, region=HOME)
        self.openings.append(Opening(kind="snapshot", id=self.disk, region=HOME))
