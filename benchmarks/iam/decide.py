"""Decisions with explanation per CPU second, and whether a peer and AWS's documentation say the same.

    .venv/bin/python benchmarks/iam/decide.py            # our figures and, where node and npm are, the peer's

The peer is `@cloud-copilot/iam-simulate` (AGPL; run, never read into ours), installed from npm into a directory of its own.
"""

import argparse
import gc
import json
import random
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from sakimori.analysis.iam.batch import answer_line, plain_answer

PEER = "@cloud-copilot/iam-simulate@0.1.173"
HERE = Path(__file__).parent
CASES = HERE.parent.parent / "tests" / "analysis" / "iam" / "cases"
ACCOUNT = "111122223333"
ACTIONS = {
    "s3:GetObject": "arn:aws:s3:::bucket-{n}/key", "s3:PutObject": "arn:aws:s3:::bucket-{n}/key", "s3:ListBucket": "arn:aws:s3:::bucket-{n}",
    "ec2:RunInstances": "arn:aws:ec2:us-east-1:111122223333:instance/i-{n}", "sqs:SendMessage": "arn:aws:sqs:us-east-1:111122223333:queue-{n}",
    "iam:PassRole": "arn:aws:iam::111122223333:role/role-{n}", "lambda:InvokeFunction": "arn:aws:lambda:us-east-1:111122223333:function:f-{n}",
    "dynamodb:GetItem": "arn:aws:dynamodb:us-east-1:111122223333:table/t-{n}", "secretsmanager:GetSecretValue": "arn:aws:secretsmanager:us-east-1:111122223333:secret:s-{n}-AbCdEf",
}  # fmt: skip
PATTERNS = ["*", "{service}:*", "{service}:{verb}*", "{action}"]
CONDITIONS: list[dict[str, Any]] = [
    {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "ap-northeast-1"]}},
    {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}},
    {"StringLike": {"aws:PrincipalTag/team": "bl*"}},
    {"StringNotLike": {"aws:PrincipalTag/team": "bl*"}},
    {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.7/32"]}},
    {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"Null": {"aws:PrincipalTag/team": "true"}},
    {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
    {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}},
    {"ForAnyValue:StringEquals": {"aws:TagKeys": ["team", "cost"]}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}},
    {"StringEqualsIgnoreCase": {"aws:PrincipalTag/team": "BLUE"}},
]


def statement(chance: random.Random, *, principal: bool = False) -> dict[str, Any]:
    """A statement as people write them."""
    action, resource = chance.choice(list(ACTIONS.items()))
    service, _, verb = action.partition(":")
    told: dict[str, Any] = {"Effect": "Deny" if chance.random() < 0.25 else "Allow"}
    pattern = chance.choice(PATTERNS).format(service=service, verb=verb[:3], action=action)
    told["Action" if chance.random() < 0.9 else "NotAction"] = [pattern]
    arn = resource.format(n=chance.randrange(3))
    resources = ["*", arn, arn.rpartition("-")[0] + "*", "arn:aws:s3:::bucket-${aws:username}/*"]
    told["Resource"] = chance.sample(resources, chance.randrange(1, 3))
    if principal:
        told["Principal"] = chance.choice(
            [
                "*",
                {"AWS": ACCOUNT},
                {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"},
                {"AWS": f"arn:aws:iam::{ACCOUNT}:role/deploy"},
            ]
        )
    if chance.random() < 0.4:
        told["Condition"] = chance.choice(CONDITIONS)
    return told


def document(chance: random.Random, count: int, **more: bool) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement(chance, **more) for _ in range(count)]}


FULL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def line(chance: random.Random, *, statements: int, plain: bool) -> dict[str, Any]:
    """One request; `plain`: one identity policy and two levels of SCPs."""
    action, resource = chance.choice(list(ACTIONS.items()))
    who = chance.choice(["user/alice", "user/bob", "role/deploy"])
    policies: dict[str, Any] = {
        "identity": [document(chance, statements)],
        "scp": [[FULL], [FULL, document(chance, 2)]],
    }
    if not plain:
        policies = {
            "identity": [document(chance, chance.randrange(1, 4)) for _ in range(chance.randrange(1, 3))],
            **({"resource": document(chance, 2, principal=True)} if action.startswith(("s3:", "sqs:", "secretsmanager:", "lambda:")) and chance.random() < 0.6 else {}),
            **({"boundary": [document(chance, 2)]} if chance.random() < 0.3 else {}),
            **({"scp": [[FULL], [FULL, document(chance, 1)]]} if chance.random() < 0.5 else {}),
        }  # fmt: skip
    context = {
        "aws:RequestedRegion": "us-east-1", "aws:SourceIp": chance.choice(["203.0.113.9", "198.51.100.7", "192.0.2.1"]),
        "aws:CurrentTime": "2026-11-27T00:00:00Z", "aws:SecureTransport": "true", "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:{who}",
    }  # fmt: skip
    if who.startswith("user/"):
        context["aws:username"] = who.partition("/")[2]
    for key, values in {
        "aws:PrincipalTag/team": ["blue", "red"],
        "aws:MultiFactorAuthPresent": ["true", "false"],
        "aws:MultiFactorAuthAge": ["60", "9999"],
    }.items():
        if chance.random() < 0.5:
            context[key] = chance.choice(values)
    return {
        "principal_arn": f"arn:aws:iam::{ACCOUNT}:{who}", "action": action, "resource": resource.format(n=chance.randrange(3)),
        "resource_account": ACCOUNT, "context": context, "policies": policies,
    }  # fmt: skip


def ours(lines: list[bytes], repeat: int) -> tuple[float, list[str]]:
    begun = time.process_time()
    answers = [str(plain_answer(answer_line(each))["decision"]) for each in lines]
    for _ in range(repeat - 1):
        for each in lines:
            plain_answer(answer_line(each))
    return time.process_time() - begun, answers


def theirs(lines: list[bytes], repeat: int, place: Path) -> tuple[float, list[str]]:
    file = place / "lines.jsonl"
    file.write_bytes(b"\n".join(lines))
    command = ["node", str(HERE / "peer.mjs"), str(file), str(repeat)]
    told = json.loads(subprocess.run(command, cwd=place, capture_output=True, check=True).stdout)
    return told["seconds"], told["answers"]


def compare(name: str, lines: list[bytes], mine: list[str], peer: list[str], known: list[str] | None = None) -> None:
    kinds = Counter(
        (a if not b.startswith("error") else "", b.partition(":")[0]) for a, b in zip(mine, peer, strict=True)
    )
    same = sum(count for (a, b), count in kinds.items() if a == b)
    print(
        f"{name}: {len(mine)} requests, the same {same}, the peer refused {sum(count for (_, b), count in kinds.items() if b == 'error')}"
    )
    for (a, b), count in kinds.most_common():
        if b not in {a, "error"}:
            print(f"  ours {a}, the peer {b}: {count}")
    if known is not None:
        asked = [(a, b) for a, b in zip(known, peer, strict=True) if not b.startswith("error")]
        print(
            f"  the peer against the documentation: {sum(a == b for a, b in asked)} of {len(asked)}; ours: {sum(a == b for a, b in zip(known, mine, strict=True))} of {len(known)}"
        )
    shown = 0
    for each, a, b in zip(lines, mine, peer, strict=True):
        if a != b and not b.startswith("error") and shown < 400:
            shown += 1
            DIFFERENCES.append({"ours": a, "peer": b, "request": json.loads(each)})


DIFFERENCES: list[dict[str, Any]] = []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--differences", type=Path, help="write every difference to this file")
    given = parser.parse_args()
    gc.set_threshold(50_000, *gc.get_threshold()[1:])  # as the command line does
    chance = random.Random(8)
    # As in an account: few sets of policies, many requests against each.
    frames = [line(chance, statements=20, plain=True) for _ in range(50)]
    fast = [
        json.dumps({**line(chance, statements=1, plain=True), "policies": chance.choice(frames)["policies"]}).encode()
        for _ in range(given.requests)
    ]
    fresh = [json.dumps(line(chance, statements=20, plain=True)).encode() for _ in range(given.requests)]
    mixed = [json.dumps(line(chance, statements=1, plain=False)).encode() for _ in range(given.requests)]
    cases = [each for file in sorted(CASES.glob("*.yaml")) for each in yaml.safe_load(file.read_text(encoding="utf-8"))]
    documented = [json.dumps(each["request"]).encode() for each in cases]
    place = Path(tempfile.mkdtemp(prefix="iam-peer-"))
    has_peer = shutil.which("npm") is not None
    if has_peer:
        command = ["npm", "install", "--silent", "--prefix", str(place), PEER]
        subprocess.run(command, check=True, capture_output=True)
    for name, lines in (("50 sets of policies", fast), ("each its own policies", fresh)):
        mine, answers = ours(lines, 1)
        print(f"20 statements, 2 levels of SCPs, {name}: ours {len(lines) / mine:,.0f} decisions a CPU second")
        if has_peer:
            seconds, peer = theirs(lines, 1, place)
            print(f"  the peer {len(lines) / seconds:,.0f}; ratio {seconds / mine:.1f}")
            compare(name, lines, answers, peer)
    if has_peer:
        compare("mixed", mixed, ours(mixed, 1)[1], theirs(mixed, 1, place)[1])
        compare(
            "documented",
            documented,
            ours(documented, 1)[1],
            theirs(documented, 1, place)[1],
            [each["decision"] for each in cases],
        )
        for answers in (Counter(ours(mixed, 1)[1]), Counter(ours(documented, 1)[1])):
            print(f"unknown: {answers['unknown']} of {sum(answers.values())}")
    if given.differences:
        given.differences.write_text(json.dumps(DIFFERENCES, indent=1))


if __name__ == "__main__":
    main()
