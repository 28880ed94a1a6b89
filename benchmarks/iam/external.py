"""What may be reached from outside, over generated policies of resources: how many are decided, and in what time.

    python benchmarks/iam/external.py [--policies 400] [--seed 7] [--seconds 2]

The policies have the forms that accounts have, with names that differ, so that no answer is one that was kept.
"""

import argparse
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sakimori.analysis.iam.external import Around, external_access
from sakimori.analysis.iam.policy import policy_of

OWN = "111122223333"
OTHERS = ("444455556666", "123456789012", "555566667777")
Made = tuple[str, str, list[dict[str, Any]]]


def allow(principal: object, action: object, resource: object, **condition: Any) -> dict[str, Any]:
    """One Allow statement; `condition` by operators, `__` for the colon of a set operator."""
    made = {"Effect": "Allow", "Principal": principal, "Action": action}
    if resource:
        made["Resource"] = resource
    if condition:
        made["Condition"] = {name.replace("__", ":"): keys for name, keys in condition.items()}
    return made


def deny(resource: object, **condition: Any) -> dict[str, Any]:
    """One Deny for everyone."""
    return {**allow("*", "*", resource, **condition), "Effect": "Deny"}


def bucket(rng: random.Random) -> Made:
    arn = f"arn:aws:s3:::bucket-{rng.randrange(10**6)}"
    whole, other = [arn, f"{arn}/*"], rng.choice(OTHERS)
    organization = f"o-{rng.randrange(10**9):010}"
    cidr = f"203.0.113.{rng.randrange(0, 256, 16)}/28"
    plain_http = deny(whole, Bool={"aws:SecureTransport": "false"})
    kinds: dict[str, list[dict[str, Any]]] = {
        "s3 http denied": [plain_http],
        "s3 website": [allow("*", "s3:GetObject", f"{arn}/*")],
        "s3 website, https": [allow("*", "s3:GetObject", f"{arn}/*"), plain_http],
        "s3 organisation": [allow("*", ["s3:GetObject", "s3:ListBucket"], whole, StringEquals={"aws:PrincipalOrgID": organization}), plain_http],
        "s3 organisation's part": [
            allow("*", "s3:GetObject", f"{arn}/*", ForAnyValue__StringLike={"aws:PrincipalOrgPaths": f"{organization}/r-ab12/ou-{rng.randrange(10**4)}/*"})
        ],
        "s3 account": [allow({"AWS": f"arn:aws:iam::{other}:root"}, ["s3:PutObject"], f"{arn}/*", StringEquals={"s3:x-amz-acl": "bucket-owner-full-control"})],
        "s3 role": [allow({"AWS": f"arn:aws:iam::{other}:role/deploy"}, "s3:*", whole), plain_http],
        "s3 network": [allow("*", "s3:GetObject", f"{arn}/*", IpAddress={"aws:SourceIp": [cidr, "2001:db8::/48"]})],
        "s3 all but network": [allow("*", "s3:*", whole), deny(whole, NotIpAddress={"aws:SourceIp": [cidr]})],
        "s3 endpoint": [allow("*", "s3:*", whole), deny(whole, StringNotEquals={"aws:SourceVpce": f"vpce-{rng.randrange(10**8):08}"})],
        "s3 trail": [
            allow({"Service": "cloudtrail.amazonaws.com"}, "s3:GetBucketAcl", arn, StringEquals={"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{OWN}:trail/t"}),
            allow({"Service": "cloudtrail.amazonaws.com"}, "s3:PutObject", f"{arn}/AWSLogs/{OWN}/*",
                  StringEquals={"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{OWN}:trail/t"}),
        ],
        "s3 logs": [allow({"Service": "logging.s3.amazonaws.com"}, "s3:PutObject", f"{arn}/*", ArnLike={"aws:SourceArn": "arn:aws:s3:::source-" + str(rng.randrange(99))}, StringEquals={"aws:SourceAccount": OWN})],
        "s3 distribution": [allow({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject", f"{arn}/*", StringEquals={"AWS:SourceArn": f"arn:aws:cloudfront::{OWN}:distribution/E{rng.randrange(10**6)}"})],
        "s3 old distribution": [allow({"AWS": f"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E{rng.randrange(10**6)}"}, "s3:GetObject", f"{arn}/*")],
        "s3 perimeter": [
            allow("*", "s3:GetObject", f"{arn}/*"),
            deny(whole, StringNotEqualsIfExists={"aws:PrincipalOrgID": organization}, BoolIfExists={"aws:PrincipalIsAWSService": "false"}),
            deny(whole, StringNotEqualsIfExists={"aws:SourceOrgID": organization}, Null={"aws:SourceAccount": "false"}, Bool={"aws:PrincipalIsAWSService": "true"}),
        ],
        "s3 homes": [allow({"AWS": f"arn:aws:iam::{OWN}:root"}, "s3:*", f"{arn}/home/${{aws:username}}/*"), allow("*", "s3:GetObject", f"{arn}/${{aws:PrincipalTag/team}}/*", StringEquals={"aws:PrincipalAccount": OWN})],
    }  # fmt: skip
    kind = rng.choice(sorted(kinds))
    return kind, arn, kinds[kind]


def role(rng: random.Random) -> Made:
    other, number = rng.choice(OTHERS), rng.randrange(10**6)
    provider = f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"
    cluster = f"oidc.eks.us-east-1.amazonaws.com/id/{number:032X}"
    audience = {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}
    web = "sts:AssumeRoleWithWebIdentity"

    def github(subject: str) -> list[dict[str, Any]]:
        return [
            allow(
                {"Federated": provider},
                web,
                None,
                StringLike={"token.actions.githubusercontent.com:sub": subject},
                StringEquals=audience,
            )
        ]

    kinds: dict[str, list[dict[str, Any]]] = {
        "role service": [allow({"Service": rng.choice(["ec2", "lambda", "ecs-tasks"]) + ".amazonaws.com"}, "sts:AssumeRole", None)],
        "role vendor": [allow({"AWS": f"arn:aws:iam::{other}:root"}, "sts:AssumeRole", None, StringEquals={"sts:ExternalId": str(number)})],
        "role account": [allow({"AWS": f"arn:aws:iam::{OWN}:root"}, "sts:AssumeRole", None, Bool={"aws:MultiFactorAuthPresent": "true"})],
        "role everyone of organisation": [allow({"AWS": "*"}, "sts:AssumeRole", None, StringEquals={"aws:PrincipalOrgID": f"o-{number:010}"}, ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/ci-*"})],
        "role github": github(f"repo:team-{number}/app:ref:refs/heads/main"),
        "role github, owner open": github(f"repo:team-{number}*"),
        "role github, no subject": [allow({"Federated": provider}, web, None, StringEquals=audience)],
        "role cluster": [allow({"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{cluster}"}, web, None, StringEquals={f"{cluster}:sub": f"system:serviceaccount:default:app-{number}"})],
        "role saml": [allow({"Federated": f"arn:aws:iam::{OWN}:saml-provider/idp{number}"}, "sts:AssumeRoleWithSAML", None, StringEquals={"SAML:aud": "https://signin.aws.amazon.com/saml"})],
    }  # fmt: skip
    kind = rng.choice(sorted(kinds))
    return kind, f"arn:aws:iam::{OWN}:role/role-{number}", kinds[kind]


def other(rng: random.Random) -> Made:
    number, account = rng.randrange(10**6), rng.choice(OTHERS)
    topic, queue = f"arn:aws:sns:us-east-1:{OWN}:topic-{number}", f"arn:aws:sqs:us-east-1:{OWN}:queue-{number}"
    key, secret = (
        f"arn:aws:kms:us-east-1:{OWN}:key/{number:012}",
        f"arn:aws:secretsmanager:us-east-1:{OWN}:secret:s-{number}",
    )
    function, repository = (
        f"arn:aws:lambda:us-east-1:{OWN}:function:f{number}",
        f"arn:aws:ecr:us-east-1:{OWN}:repository/r{number}",
    )
    kinds: dict[str, tuple[str, list[dict[str, Any]]]] = {
        "sns default": (topic, [allow({"AWS": "*"}, ["SNS:Publish", "SNS:Subscribe"], topic, StringEquals={"AWS:SourceOwner": OWN})]),
        "sns events": (topic, [allow({"Service": "events.amazonaws.com"}, "sns:Publish", topic)]),
        "sqs bucket": (queue, [allow({"Service": "s3.amazonaws.com"}, "sqs:SendMessage", queue, ArnLike={"aws:SourceArn": f"arn:aws:s3:::uploads-{number}"})]),
        "sqs topic": (queue, [allow("*", "sqs:SendMessage", queue, ArnEquals={"aws:SourceArn": topic})]),
        "sqs everyone": (queue, [allow("*", "sqs:*", queue)]),
        "kms default": (key, [allow({"AWS": f"arn:aws:iam::{OWN}:root"}, "kms:*", "*")]),
        "kms service": (key, [allow({"AWS": "*"}, ["kms:Decrypt", "kms:GenerateDataKey*"], "*", StringEquals={"kms:CallerAccount": OWN, "kms:ViaService": "s3.us-east-1.amazonaws.com"})]),
        "kms account": (key, [allow({"AWS": f"arn:aws:iam::{OWN}:root"}, "kms:*", "*"), allow({"AWS": account}, "kms:CreateGrant", "*", Bool={"kms:GrantIsForAWSResource": "true"})]),
        "lambda bucket": (function, [allow({"Service": "s3.amazonaws.com"}, "lambda:InvokeFunction", function, StringEquals={"AWS:SourceAccount": OWN}, ArnLike={"AWS:SourceArn": f"arn:aws:s3:::uploads-{number}"})]),
        "lambda url": (function, [allow("*", "lambda:InvokeFunctionUrl", function, StringEquals={"lambda:FunctionUrlAuthType": "NONE"})]),
        "ecr account": (repository, [allow({"AWS": [f"arn:aws:iam::{account}:root"]}, ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], None)]),
        "secret organisation": (secret, [allow("*", "secretsmanager:GetSecretValue", "*", StringEquals={"aws:PrincipalOrgID": "${aws:ResourceOrgID}"})]),
        "secret owner": (secret, [allow({"AWS": f"arn:aws:iam::{OWN}:role/app-{number}"}, "secretsmanager:GetSecretValue", "*", NumericLessThan={"aws:MultiFactorAuthAge": "3600"})]),
    }  # fmt: skip
    kind = rng.choice(sorted(kinds))
    return kind, *kinds[kind]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policies", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0)
    told = parser.parse_args(arguments)
    rng = random.Random(told.seed)
    makers: list[Callable[[random.Random], Made]] = [bucket, role, other]
    verdicts, unknown, times = Counter[str](), Counter[str](), list[tuple[float, str]]()
    external_access(
        policy_of(
            "warm",
            {"Version": "2012-10-17", "Statement": [allow("*", "s3:*", "*", Bool={"aws:SecureTransport": "true"})]},
        ),
        "arn:aws:s3:::warm",
        OWN,
    )
    started = time.process_time()
    for _ in range(told.policies):
        kind, arn, statements = rng.choice(makers)(rng)
        policy = policy_of(kind, {"Version": "2012-10-17", "Statement": statements})
        before = time.perf_counter()
        found = external_access(policy, arn, OWN, Around(seconds=told.seconds))
        times.append((time.perf_counter() - before, kind))
        verdicts[found.verdict.value] += 1
        if found.verdict == "unknown":
            unknown[f"{kind}: {found.as_json()['why']}"[:110]] += 1
    used = time.process_time() - started
    shown = sorted(each for each, _ in times)
    print(f"policies {told.policies}, seed {told.seed}, solver's limit {told.seconds} s; {used:.1f} CPU-seconds")
    for verdict, count in verdicts.most_common():
        print(f"  {verdict:14} {count:4} {100 * count / told.policies:5.1f} %")
    print(
        f"  per policy: median {1000 * statistics.median(shown):.1f} ms, p99 {1000 * shown[int(len(shown) * 0.99)]:.0f} ms, worst {1000 * shown[-1]:.0f} ms ({max(times)[1]})"
    )
    for each, count in unknown.most_common():
        print(f"  unknown x{count}: {each}")


if __name__ == "__main__":
    main()
