"""What stands open to the world, and whether it still does: seen from outside, by the account as it is now.

No packets run in a simulated account. A port is open where a security group lets the world in, a bucket where its policy lets
anyone read and no block of public access keeps it from doing so, a snapshot where everybody may make a volume of it.
Sources: VPC User Guide, "Security group rules"; Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage";
Amazon EBS User Guide, "Share an Amazon EBS snapshot".
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from moto.ec2.models import ec2_backends
from moto.s3.models import s3_backends
from moto.s3control.models import s3control_backends

from sakimori.simulate.state import AccountState

_WORLD: Final = frozenset({"0.0.0.0/0", "::/0"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """`kind` is port, bucket or snapshot; `id` a group's, a bucket's name, a snapshot's."""

    kind: str
    id: str
    region: str
    port: int = 0

    @property
    def name(self) -> str:
        """For a person."""
        return f"{self.kind} {self.id}{f' {self.port}' if self.port else ''} {self.region}"

    @property
    def call(self) -> str:
        """What comes in by it."""
        return {"port": "port:Connect", "bucket": "s3:GetObject (anonymous)", "snapshot": "ec2:CreateVolume (foreign)"}[self.kind]  # fmt: skip


def is_open(state: AccountState, opening: Opening) -> bool:
    """Whether the world gets in; what is gone is closed."""
    return _LOOKS[opening.kind](state, opening)


def _port(state: AccountState, opening: Opening) -> bool:
    groups = ec2_backends[state.account_id][opening.region].groups
    group: Any = next((each[opening.id] for each in groups.values() if opening.id in each), None)
    rules = group.ingress_rules if group is not None else ()
    return any(_lets_in(rule, opening.port) for rule in rules)


def _lets_in(rule: Any, port: int) -> bool:
    told: Any = rule.ip_range or {}
    ranges = {str(told.get("CidrIp") or ""), str(told.get("CidrIpv6") or "")}
    first: Any = rule.from_port
    last: Any = rule.to_port
    is_all = str(rule.ip_protocol) == "-1" or None in (first, last)
    return bool(ranges & _WORLD) and (is_all or int(first) <= port <= int(last))


def _bucket(state: AccountState, opening: Opening) -> bool:
    bucket: Any = s3_backends[state.account_id][state.partition].buckets.get(opening.id)
    if bucket is None or not bucket.policy:
        return False
    account: Any = s3control_backends[state.account_id][state.partition].public_access_block
    blocks = [each for each in (bucket.public_access_block, account) if each is not None]
    if any(_is_true(getattr(each, "restrict_public_buckets", False)) for each in blocks):
        return False
    statements = json.loads(bucket.policy).get("Statement", [])
    return any(each.get("Effect") == "Allow" and each.get("Principal") in ("*", {"AWS": "*"}) for each in statements)


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


def _snapshot(state: AccountState, opening: Opening) -> bool:
    snapshot: Any = ec2_backends[state.account_id][opening.region].snapshots.get(opening.id)
    is_blocked = state.snapshot_sharing.get(opening.region) == "block-all-sharing"
    return snapshot is not None and not is_blocked and "all" in snapshot.create_volume_permission_groups


_LOOKS: Final[Mapping[str, Callable[[AccountState, Opening], bool]]] = MappingProxyType(
    {"port": _port, "bucket": _bucket, "snapshot": _snapshot}
)
