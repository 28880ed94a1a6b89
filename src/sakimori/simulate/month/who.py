"""Who a line of the data means, and how they come to be able to call."""

from collections.abc import Mapping
from typing import Any, Final

from sakimori.simulate.month.calendar import spelled
from sakimori.simulate.month.company import Person, the_company
from sakimori.simulate.month.identities import Role, of_root, of_user
from sakimori.simulate.month.made_up import hexadecimal, temporary_key
from sakimori.simulate.month.sessions import Opened, Sessions, Wish
from sakimori.simulate.month.teller import Caller, Event

_FAILED: Final = "Failed authentication"
_UNKNOWN: Final = "No username found in supplied account"
_HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"


def called(who: Mapping[str, Any], sessions: Sessions, at: int) -> Opened:
    """The caller, ready to call, and the events of their coming in.

    `who` names a person by `sso`, a `user` of IAM, the `root` user, a `vendor`'s account, or a repository at `github`;
    `in` which account, `from` which network; `console` or not; `mfa`; `fails`: how often the password was wrong.
    """
    for kind, opened in _KINDS.items():
        if kind in who:
            return opened(who, sessions, at)
    raise KeyError(*who)


def portal(person: Person, sessions: Sessions, at: int, caller: Caller, *, fails: int = 0) -> tuple[Event, ...]:
    """A person signs in to the portal of IAM Identity Center, at times with a typing error first."""
    told: list[Event] = []
    for number in range(fails):
        outcome = {"CredentialVerification": "Failure"}
        told.append(sessions.identity_center(person, "CredentialVerification", at - 40 + 9 * number, caller, outcome))
    told.append(
        sessions.identity_center(person, "CredentialVerification", at, caller, {"CredentialVerification": "Success"})
    )
    told.append(
        sessions.identity_center(person, "UserAuthentication", at + 4, caller, {"UserAuthentication": "Success"})
    )
    return tuple(told)


def place_of(who: Mapping[str, Any], account: str, sessions: Sessions) -> Caller:
    """A caller who is nobody yet."""
    company = the_company()
    network = company.networks[who.get("from", "office")]
    address = network.address(who["number"] if "number" in who else sessions.chance.randrange(3))
    agent = company.agents[who.get("agent", "cli-mac")]
    region = who.get("region", company.home)
    console = bool(who.get("console"))
    return Caller(
        identity={}, account=company.accounts[account], address=address, agent=agent, region=region, console=console
    )


def _sso(who: Mapping[str, Any], sessions: Sessions, at: int) -> Opened:
    company = the_company()
    person = company.people[who["sso"]]
    console = bool(who.get("console"))
    agent = person.browser if console else f"cli-{person.browser}"
    place = place_of({"agent": agent, **who}, who["in"], sessions)
    if who.get("from") == "homes":
        place = place.elsewhere(address=person.home_address)
    caller, events = sessions.by_sso(person, company.accounts[who["in"]], at, place)
    if console:
        events = (*events, sessions.console_login(caller, at + 1))
    return caller, events


def _user(who: Mapping[str, Any], sessions: Sessions, at: int) -> Opened:
    company = the_company()
    place = place_of(who, who["in"], sessions)
    account, name = place.account, who["user"]
    if not who.get("console"):
        key = who.get("key") or company.key_of(account.key, name)
        return place.elsewhere(identity=of_user(account, name, key)), ()
    mfa = bool(who.get("mfa"))
    identity = of_user(account, name, temporary_key(sessions.chance), created=spelled(at), mfa=mfa)
    caller = place.elsewhere(identity=identity)
    if who.get("unknown"):
        # CloudTrail does not show a name that is none: it may be a password in the wrong field.
        caller = caller.elsewhere(identity={**identity, "principalId": "", "arn": "", "userName": _HIDDEN})
    failed = tuple(
        sessions.console_login(caller, at - 60 + 13 * number, error=_UNKNOWN if who.get("unknown") else _FAILED)
        for number in range(who.get("fails", 0))
    )
    if who.get("unknown"):
        return caller, failed
    return caller, (*failed, sessions.console_login(caller, at, mfa=mfa))


def _root(who: Mapping[str, Any], sessions: Sessions, at: int) -> Opened:
    place = place_of({"console": True, **who}, who["in"], sessions)
    identity = of_root(place.account, temporary_key(sessions.chance), spelled(at))
    caller = place.elsewhere(identity=identity)
    return caller, (sessions.console_login(caller, at, mfa=True),)


def _vendor(who: Mapping[str, Any], sessions: Sessions, at: int) -> Opened:
    place = place_of(who, who["in"], sessions)
    wish = Wish(role=Role(account=place.account, name=who["role"]), name=who["session"], external_id=who["external_id"])
    return sessions.by_vendor(str(who["vendor"]), wish, at, place)


def _github(who: Mapping[str, Any], sessions: Sessions, at: int) -> Opened:
    chance = sessions.chance
    place = place_of({"from": "runners", "number": chance.randrange(120), **who}, who["in"], sessions)
    wish = Wish(role=Role(account=place.account, name=who["role"]), name=f"deploy-{hexadecimal(chance, 8)}")
    agents = the_company().agents
    caller, events = sessions.by_github(who["github"], wish, at, place.elsewhere(agent=agents["actions"]))
    return caller.elsewhere(agent=agents[who.get("agent", "terraform")]), events


_KINDS: Final = {"sso": _sso, "user": _user, "root": _root, "vendor": _vendor, "github": _github}
