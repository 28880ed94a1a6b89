"""An organisation with IAM Identity Center: a management account, production, and an account to which it is delegated."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sakimori.simulate.clients import client_of
from sakimori.simulate.identities import Credentials
from sakimori.simulate.identity_center import IdentityCenter, PermissionSet, make_identity_center
from sakimori.simulate.organization import make_organization
from sakimori.simulate.portal import Visitor, enter
from sakimori.simulate.server import SimulatedAccount
from sakimori.simulate.sessions import iam_of
from sakimori.simulate.stand_ins.iam import know_managed_policy

HOME = "ap-northeast-1"
MANAGEMENT, PRODUCTION, DELEGATE = range(3)
BOB, CAROL = "bob@example.com", "carol@example.com"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


@dataclass(frozen=True)
class Center:
    """What a test works with. Bob and Carol have `Admin` in production; `Read` is Carol's alone."""

    account: SimulatedAccount
    held: IdentityCenter
    admin: PermissionSet
    read: PermissionSet

    def ids(self, number: int) -> str:
        return self.account.states[number].account_id

    def sso(self, number: int = MANAGEMENT, region: str = HOME) -> Any:
        return self.account.client("sso-admin", region=region, account=number)

    def enters(self, name: str, address: str = "198.51.100.7") -> Credentials:
        visitor = Visitor(name=name, address=address, agent="aws-cli/2.15.0")
        return enter(self.held, self.account.states[PRODUCTION], visitor, "Admin")

    def may(self, session: Credentials, region: str = HOME, address: str = "") -> bool:
        """Whether a real client gets through with these, from this address of the story."""
        client = client_of("ec2", region, self.account.endpoint_url, session)
        if address:
            client.meta.events.register(
                "before-sign.ec2", lambda request, **_: request.headers.add_header("X-Simulated-Address", address)
            )
        try:
            client.describe_vpcs()
        except Exception as error:  # noqa: BLE001 - whatever is no denial is raised again
            assert "UnauthorizedOperation" in str(error), error  # noqa: PT017
            return False
        return True

    def role_policy(self) -> str:
        """The inline policy of production's role, "" where there is none."""
        name = self.admin.accounts[self.ids(PRODUCTION)].role
        role = next(each for each in iam_of(self.account.states[PRODUCTION]).roles.values() if each.name == name)
        return str(role.policies.get("AwsSSOInlinePolicy", ""))


@contextmanager
def identity_center(*, policy: str = "", clock: Any = None) -> Iterator[Center]:
    with SimulatedAccount(accounts=3, clock=clock) as account:
        management, production, delegate = account.states
        make_organization(management, [(production, "production"), (delegate, "audit")])
        held = make_identity_center(management, HOME, delegate=delegate.account_id)
        admin, read = (held.add_set(name, management.clock()) for name in ("Admin", "Read"))
        for state in account.states:
            know_managed_policy(state, ADMIN)
        admin.managed, admin.inline_policy = (ADMIN,), policy
        bob, carol = held.add_person(BOB), held.add_person(CAROL)
        for person in (bob, carol):
            held.assign(admin, production, person)
        held.assign(read, production, carol)
        yield Center(account, held, admin, read)
