"""A thief who has credentials issued by the thousand, and what becomes of `respond start` with every approval given beforehand.

    python benchmarks/respond/flood.py                       # 2,000 sessions, 300 users with a key each
    python benchmarks/respond/flood.py --sessions 200 --users 20

Half of the sessions are of the user (GetSessionToken), half of ten roles. LookupEvents is paced as AWS asks for. It says when the
key was inactive, when all that was known was stopped, how many calls that took, and which of the credentials still work at the end.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from sakimori.app.clock import utc_now
from sakimori.app.respond.case_files import open_case
from sakimori.simulate.clients import client_of
from sakimori.simulate.identities import Credentials
from sakimori.simulate.server import SimulatedAccount

_ADMIN: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
_ROLES: Final = 10
_THREADS: Final = 8
_REGION: Final = "us-east-1"


def main() -> None:
    """Flood once, contain once, and say how it ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=2_000)
    parser.add_argument("--users", type=int, default=300)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, SimulatedAccount() as account:
        leaked, issued = _flood(account, asked.sessions, asked.users)
        before = len(account.calls)
        begun = time.perf_counter()
        _respond(account, Path(directory), leaked.access_key_id)
        wall = time.perf_counter() - begun
        calls = list(account.calls)[before:]
        with open_case(Path(directory), "", clock=utc_now) as log:
            case = log.case
        for step in ("R10", "R11", "R14", "R13", "R17"):
            line = case.steps[step]
            print(f"{step} {line.state.value} after {(line.at - case.opened_at).total_seconds():.0f} s ({line.detail})")
        print(f"contained: {case.contained_at is not None}; the whole walk {wall:.0f} s, {len(calls)} calls")
        print(Counter(each.name for each in calls).most_common(5))
        with ThreadPoolExecutor(_THREADS) as pool:
            alive = sum(pool.map(lambda each: _works(account, each), [leaked, *issued]))
        print(f"{alive} of {len(issued) + 1} credentials still work")


def _flood(account: SimulatedAccount, sessions: int, users: int) -> tuple[Credentials, list[Credentials]]:
    iam = account.client("iam")
    iam.create_user(UserName="ci")
    iam.attach_user_policy(UserName="ci", PolicyArn=_ADMIN)
    leaked = _key(iam.create_access_key(UserName="ci")["AccessKey"])
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account.account_id}:root"},
        "Action": "sts:AssumeRole",
    }
    for number in range(_ROLES):
        iam.create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))  # fmt: skip
        iam.attach_role_policy(RoleName=f"role-{number}", PolicyArn=_ADMIN)
    sts = client_of("sts", endpoint_url=account.endpoint_url, credentials=leaked, region=_REGION)
    thief = client_of("iam", endpoint_url=account.endpoint_url, credentials=leaked, region=_REGION)

    def session(number: int) -> Credentials:
        if number % 2:
            return _key(sts.get_session_token()["Credentials"])
        role = f"arn:aws:iam::{account.account_id}:role/role-{number // 2 % _ROLES}"
        return _key(sts.assume_role(RoleArn=role, RoleSessionName=f"s-{number}")["Credentials"])

    def user(number: int) -> Credentials:
        thief.create_user(UserName=f"svc-{number}")
        thief.attach_user_policy(UserName=f"svc-{number}", PolicyArn=_ADMIN)
        return _key(thief.create_access_key(UserName=f"svc-{number}")["AccessKey"])

    with ThreadPoolExecutor(_THREADS) as pool:
        return leaked, [*pool.map(session, range(sessions)), *pool.map(user, range(users))]


def _key(told: dict[str, Any]) -> Credentials:
    return Credentials(
        access_key_id=told["AccessKeyId"], secret_access_key=told["SecretAccessKey"], session_token=told.get("SessionToken", ""),
    )  # fmt: skip


def _respond(account: SimulatedAccount, home: Path, key_id: str) -> None:
    start = ["respond", "start", "--key", key_id, "--approve", "contain", "--yes"]
    env = {**os.environ, **account.environment(), "SAKIMORI_HOME": str(home)}
    subprocess.run(
        [sys.executable, "-m", "sakimori", *start], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=False
    )  # fmt: skip


def _works(account: SimulatedAccount, credentials: Credentials) -> bool:
    try:
        client_of("s3", endpoint_url=account.endpoint_url, credentials=credentials, region=_REGION).list_buckets()
    except ClientError:
        return False
    return True


if __name__ == "__main__":
    main()
