"""People at work: they sign in, turn pages of the console, type commands, and change things now and then."""

import random
from collections.abc import Iterator
from typing import Any, Final

import clock
from company import (
    CONTRACTORS,
    PAYER,
    PEOPLE,
    SHOP,
    STAGING,
    Person,
)
from pages import CHANGES, PAGES
from population import written
from record import Caller, Pen, Record, credentials, resource, session

ON_CALL: Final = frozenset({"tanaka.k", "suzuki.m"})


def sign_in(pen: Pen, person: Person, day: int, when: float, *, failed: bool = False) -> Record:
    """A sign-in at the console: an IAM user's with MFA; an Identity Center user's comes through its role."""
    caller = person.console(day, when)
    more: Record = {"kind": "AwsConsoleSignIn", "request": None, "region": "ap-northeast-1"}
    extra: Record = {"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No", "MFAUsed": "Yes"}
    if person.permission_set:
        extra["MFAUsed"] = "No"
        identity = {key: value for key, value in caller.identity.items() if key != "accessKeyId"}
    else:
        kept = ("type", "principalId", "arn", "accountId", "userName")
        identity = {key: caller.identity[key] for key in kept}
    plain = Caller(identity, person.account, caller.ip, caller.agent)
    outcome = {"ConsoleLogin": "Failure" if failed else "Success"}
    record = pen.write(plain, when, "signin:ConsoleLogin", response=outcome, extra=extra, read=False, **more)
    if failed:
        record |= {"errorMessage": "Failed authentication"}
        record["additionalEventData"] = {**extra, "MFAUsed": "No"}
    return record


def _portal(pen: Pen, person: Person, day: int, when: float) -> Iterator[Record]:
    """The way through Identity Center: challenge, verification, sign-in, and the role of the permission set."""
    who = {
        "type": "IdentityCenterUser",
        "accountId": PAYER,
        "onBehalfOf": {
            "userId": f"97670a1b2c-{person.name}",
            "identityStoreArn": f"arn:aws:identitystore::{PAYER}:identitystore/d-95670example",
        },
        "credentialId": pen.uuid(),
    }
    caller = Caller(who, PAYER, person.address(day), person.browser)
    for late, name, extra in (
        (0, "CredentialChallenge", {"CredentialType": "PASSWORD"}),
        (4, "CredentialVerification", {"CredentialType": "PASSWORD"}),
        (9, "CredentialVerification", {"CredentialType": "TOTP"}),
        (10, "UserAuthentication", {"LoginTo": "https://hinode.awsapps.com/start/", "CredentialType": "TOTP"}),
    ):
        outcome = {name: "Success"}
        extra |= {"AuthWorkflowID": pen.uuid(), "UserName": person.name}
        yield pen.write(
            caller,
            when + late,
            f"signin:{name}",
            response=outcome,
            extra=extra,
            details=outcome,
            kind="AwsServiceEvent",
            read=False,
        )
    inside = person.console(day, when + 25)
    role = inside.identity["sessionContext"]["sessionIssuer"]["arn"]
    name = f"{person.name}@hinode.example"
    saml = {
        "type": "SAMLUser",
        "principalId": f"EXAMPLEsaml=:{name}",
        "userName": name,
        "identityProvider": "EXAMPLEsaml=",
    }
    provider = f"arn:aws:iam::{person.account}:saml-provider/AWSSSO_0a1b2c3d4e5f6a7b_DO_NOT_DELETE"
    yield pen.write(
        Caller(saml, person.account, person.address(day), person.browser),
        when + 24,
        "sts:AssumeRoleWithSAML",
        request={"roleArn": role, "principalArn": provider, "roleSessionName": name, "durationSeconds": 28800},
        response=credentials(inside.identity, when, 28800),
        resources=[resource(person.account, "AWS::IAM::Role", role)],
    )
    yield pen.write(
        caller,
        when + 20,
        "sso:Federate",
        details={"role_name": person.permission_set, "account_id": person.account},
        kind="AwsServiceEvent",
        read=False,
    )


def _session(pen: Pen, person: Person, day: int, when: float, calls: int) -> Iterator[Record]:
    """One sitting at the console: pages, and sometimes a change."""
    rng = pen.rng
    if rng.random() < 0.06 and not person.permission_set:
        yield sign_in(pen, person, day, when - 40, failed=True)
    if person.permission_set:
        yield from _portal(pen, person, day, when - 25)
    yield sign_in(pen, person, day, when)
    caller, now, left = person.console(day, when), when + 5, calls
    while left > 0:
        page = rng.choice(("home", *person.duties * 4))
        burst = rng.randrange(4, 16)
        for shape in rng.choices(PAGES[page], [shape.weight for shape in PAGES[page]], k=burst):
            now += rng.random() * 0.8
            yield written(pen, caller, now, shape)
        left -= burst
        now += rng.expovariate(1 / 90)
        if page in CHANGES and rng.random() < (0.12 if person.name in {"tanaka.k", "suzuki.m"} else 0.05):
            now += rng.uniform(10, 60)
            yield written(pen, caller, now, rng.choices(CHANGES[page], [shape.weight for shape in CHANGES[page]])[0])


def _typed(pen: Pen, person: Person, day: int, when: float, calls: int) -> Iterator[Record]:
    """Commands of the AWS CLI, with the person's own key."""
    caller, now = person.key(day), when
    shapes = [shape for duty in person.duties for shape in PAGES[duty] if "ce:" not in shape.api]
    for shape in pen.rng.choices(shapes, [shape.weight for shape in shapes], k=calls):
        now += pen.rng.expovariate(1 / 25)
        yield written(pen, caller, now, shape)


def _elsewhere(pen: Pen, person: Person, day: int, when: float) -> Iterator[Record]:
    """An admin takes a role in another account, from the console (SwitchRole)."""
    target = pen.rng.choice((STAGING, "410300000044"))
    arn, home = f"arn:aws:iam::{target}:role/OrganizationAccountAccessRole", person.console(day, when - 600)
    identity = session(target, "OrganizationAccountAccessRole", person.name, when, mfa=True)
    shared = pen.uuid()
    request: Any = {"roleArn": arn, "roleSessionName": person.name, "durationSeconds": 3600}
    for account, who in (
        (SHOP, home.identity),
        (target, {"type": "AWSAccount", "principalId": home.identity["principalId"], "accountId": SHOP}),
    ):
        caller = Caller(who, account, home.ip, home.agent)
        yield pen.write(
            caller,
            when,
            "sts:AssumeRole",
            request=request,
            response=credentials(identity, when),
            shared=shared,
            resources=[resource(target, "AWS::IAM::Role", arn)],
        )
    caller, now = Caller(identity, target, home.ip, home.agent, console=True), when + 3
    for shape in pen.rng.choices(PAGES["compute"] + PAGES["logs"], k=pen.rng.randrange(10, 40)):
        now += pen.rng.random() * 6
        yield written(pen, caller, now, shape)


def _at_work(pen: Pen, person: Person, day: clock.Day, scale: float) -> Iterator[Record]:
    """A working day."""
    rng = pen.rng
    sittings = rng.choice((1, 2, 2, 3)) if "support" not in person.duties else 1
    for when in day.moments(rng, sittings, clock.OFFICE, person.shift):
        yield from _session(pen, person, day.number, when, int(rng.uniform(30, 130) * scale) + 1)
    if person.cli and not person.permission_set:
        for when in day.moments(rng, rng.choice((0, 1, 2)), clock.OFFICE, person.shift):
            yield from _typed(pen, person, day.number, when, int(rng.uniform(8, 60) * scale) + 1)
    if person.name in ON_CALL and rng.random() < 0.5:
        for when in day.moments(rng, 1, clock.OFFICE):
            yield from _elsewhere(pen, person, day.number, when)


def _on_call(pen: Pen, person: Person, day: clock.Day, scale: float) -> Iterator[Record]:
    """A day off, on which an alarm may ring at any hour."""
    for when in day.moments(pen.rng, pen.rng.random() < 0.4, clock.FLAT):
        yield from _session(pen, person, day.number, when, int(40 * scale) + 1)


def events(day: clock.Day, seed: int, daily: float) -> Iterator[Record]:
    """What people do on a day."""
    for person in PEOPLE.values():
        pen = Pen(random.Random(f"{seed} {person.name} {day.number}"))
        if not person.since <= day.number < person.until or pen.rng.random() < 0.05:
            continue
        if day.working or (person in CONTRACTORS and day.number in clock.HOLIDAYS):
            yield from _at_work(pen, person, day, daily / 35_700)
        elif person.name in ON_CALL:
            yield from _on_call(pen, person, day, daily / 35_700)
