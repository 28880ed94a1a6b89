"""The attack with a stolen console password: signed in from abroad, made to last by keys, users and other people's passwords.

The console's sessions are not of any key that somebody could make inactive: they end with the rights of their user.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from sakimori.simulate.console import SignIn, SignInRefused
from sakimori.simulate.drill.hand import VIRGINIA, Hand
from sakimori.simulate.drill.loot import ADMINISTRATOR, MINUTE, Loot
from sakimori.simulate.drill.record import Attack, Attempt, Held
from sakimori.simulate.identities import Credentials

SigningIn = Callable[[SignIn], tuple[Credentials, ...]]
_USERS: Final = ("support-desk", "it-helpdesk", "billing-viewer", "audit-reader")
BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
_PROGRAM: Final = "aws-cli/2.17.0 md/awscrt#0.20.11 ua/2.0 os/linux#6.6.15-kali3 md/arch#x86_64 lang/python#3.11.8"
_GUESSES: Final = 3
_COMES_BACK: Final = 2.5 * 3600
_PAGES: Final = (
    ("iam", "get_account_summary"), ("iam", "list_users"), ("iam", "list_roles"), ("s3", "list_buckets"),
    ("ec2", "describe_instances"), ("cloudtrail", "describe_trails"), ("organizations", "describe_organization"),
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Password:
    """A password in the thief's hands; `has_code`: the second factor is the thief's own."""

    text: str = field(repr=False)
    has_code: bool = False


@dataclass(slots=True, kw_only=True)
class Theft(Loot):
    """The attack under way. `victim` and `other` are users; `passwords` by user: at first the stolen one alone."""

    sign_in: SigningIn
    passwords: dict[str, Password]
    other: str

    def run(self) -> Attack:
        """From the first guess to the last session; some three hours of the story."""
        began_at = self.clock()
        self.leaked.pause(6 * MINUTE)
        self._guesses()
        console = self._enters(self.victim)
        for service, method in _PAGES:
            console[0].tries(service, method)
        arn = self.held[0].arn
        self.account = arn.split(":")[4]
        key = self.new_key(console[1], self.victim, arn)
        self._binds_factor(console[0])
        user = self._stays(console[1])
        self._takes_other(console[0])
        program = replace(key, address=f"198.18.7.{self.chance.randrange(20, 250)}", agent=_PROGRAM)
        self.hands[program.credentials.access_key_id] = program
        self.moves(program)
        self.starts_machines(user[0], 2, 3)
        self.takes_disk(user[1])
        self.leaked.pause(max(MINUTE, _COMES_BACK - (self.clock() - began_at).total_seconds()))
        self.moves(program)
        return Attack(
            began_at=began_at,
            planted=tuple(self.planted),
            held=tuple(self.held),
            roles=tuple(dict.fromkeys(self.roles)),
            empty_calls=0,
        )

    def comes_back(self) -> tuple[Attempt, ...]:
        """Signs in with every password that it knows: whether that is of any use shows by what the session may do."""
        attempts: list[Attempt] = []
        for user in tuple(self.passwords):
            error = ""
            try:
                self._enters(user)
            except SignInRefused:
                error = "SignInRefused"
            attempts.append(Attempt(at=self.clock(), call="signin:ConsoleLogin", by=user, target=user, error=error))
        return tuple(attempts)

    # -- steps ---------------------------------------------------------------------------------

    def _guesses(self) -> None:
        for number in range(_GUESSES):
            self.leaked.pause(40)
            try:
                self.sign_in(self._told(self.victim, f"guess-{number}"))
            except SignInRefused:
                continue

    def _enters(self, user: str) -> list[Hand]:
        """A session of the user, with the keys that its services sign with; SignInRefused."""
        known = self.passwords[user]
        self.leaked.pause(30)
        found: list[Hand] = []
        for credentials in self.sign_in(self._told(user, known.text, has_code=known.has_code)):
            hand = self.leaked.other(credentials)
            arn = str(hand.does("sts", "get_caller_identity")["Arn"])
            held = Held(id=credentials.access_key_id, kind="console", account=arn.split(":")[4], arn=arn, issued_by="",
                        credentials=credentials, user=user)  # fmt: skip
            found.append(self.keep(held, hand))
        return found

    def _binds_factor(self, hand: Hand) -> None:
        """A device of the thief's own for the victim: who has no device is kept out of the own user."""
        made = hand.does("iam", "create_virtual_mfa_device", VirtualMFADeviceName=f"{self.victim}-phone")
        serial = made["VirtualMFADevice"]["SerialNumber"]
        self.note("AWS::IAM::VirtualMFADevice", serial, serial, hand, "CreateVirtualMFADevice")
        hand.does("iam", "enable_mfa_device", UserName=self.victim, SerialNumber=serial, AuthenticationCode1="123456",
                  AuthenticationCode2="234567")  # fmt: skip
        self.passwords[self.victim].has_code = True

    def _stays(self, hand: Hand) -> list[Hand]:
        """A user of the thief's own, with a password and all rights."""
        name = f"{self.chance.choice(_USERS)}-{self.chance.randrange(10, 99)}"
        arn = hand.does("iam", "create_user", UserName=name)["User"]["Arn"]
        self.note("AWS::IAM::User", name, arn, hand, "CreateUser")
        hand.does("iam", "attach_user_policy", UserName=name, PolicyArn=ADMINISTRATOR)
        password = new_password(self.chance)
        hand.does("iam", "create_login_profile", UserName=name, Password=password)
        self.note("AWS::IAM::LoginProfile", name, arn, hand, "CreateLoginProfile")
        self.passwords[name] = Password(text=password)
        return self._enters(name)

    def _takes_other(self, hand: Hand) -> None:
        """Another person's password is set anew, and used."""
        password = new_password(self.chance)
        hand.does("iam", "update_login_profile", UserName=self.other, Password=password)
        arn = f"arn:aws:iam::{self.account}:user/{self.other}"
        self.note("AWS::IAM::LoginProfile", self.other, arn, hand, "UpdateLoginProfile", is_created=False)
        self.passwords[self.other] = Password(text=password)
        for each in self._enters(self.other)[:1]:
            each.tries("ec2", "describe_instances", region=VIRGINIA)

    def _told(self, user: str, password: str, *, has_code: bool = False) -> SignIn:
        return SignIn(
            user=user, password=password, address=self.leaked.address, agent=self.leaked.agent, has_code=has_code
        )


def new_password(chance: random.Random) -> str:
    """One that every password policy likes."""
    return f"Rogue-{chance.getrandbits(60):x}!A"
