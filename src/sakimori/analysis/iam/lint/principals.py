"""Principals: where they may stand, in which form, and services that anyone could send (the confused deputy).

Source: IAM User Guide, "AWS JSON policy elements: Principal", "… NotPrincipal", "The confused deputy problem"; the pages "Cross-service
confused deputy prevention" of the services named below.
"""

import re
from typing import Final

from sakimori.analysis.iam.lint.finding import Checked, Found
from sakimori.analysis.iam.lint.lookalikes import shown, skeleton
from sakimori.analysis.iam.lint.statement import LintKind, LintPolicy, LintStatement, Word, has_wildcard, is_star
from sakimori.analysis.iam.policy_lines import Path

_KINDS: Final = ("AWS", "Service", "Federated", "CanonicalUser")
_UNIQUE: Final = re.compile(r"(?:AIDA|AROA|AGPA|ANPA)[A-Z0-9]{12,}\Z")
_ACCOUNT: Final = re.compile(r"[0-9]{12}\Z")
_ARN: Final = re.compile(
    r"arn:[a-z-]+:(?:iam::[0-9]{12}:(?:root|user/.+|role/.+)|sts::[0-9]{12}:(?:assumed-role/[^/]+/.+|federated-user/.+)"
    r"|iam::cloudfront:user/CloudFront Origin Access Identity .+)\Z"
)
_SERVICE: Final = re.compile(
    r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|aws\.internal|amazon\.com|aws\.dev)\Z"
)
_SOURCES: Final = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths")
# Services whose guides ask for these keys, with what they call, or in the trust of the role that they assume.
_TELL_SOURCE: Final = frozenset(
    ["s3", "sns", "events", "cloudtrail", "config", "delivery.logs", "logs", "ses", "cloudfront", "apigateway", "iot", "budgets", "costalerts", "billingreports", "bedrock", "sagemaker", "scheduler", "pipes", "states", "glue", "codebuild", "ssm", "firehose", "dms", "comprehend", "textract", "transcribe", "fis", "personalize", "rekognition", "frauddetector", "appstream", "ecs-tasks", "imagebuilder", "backup", "cloudformation", "kendra", "forecast", "workmail", "chatbot", "access-analyzer", "macie", "guardduty", "vpc-flow-logs", "inspector2", "databrew", "appflow", "appsync", "connect", "datasync", "polly", "quicksight", "translate", "voiceid", "wisdom", "transfer", "storage-lens"]
)  # fmt: skip
# What these services send is the account's own work: they take no role of another account.
# Source: IAM User Guide, "The confused deputy problem" (roles are passed within an account: iam:PassRole).
_OWN_WORK: Final = frozenset({"ec2", "lambda", "edgelambda", "ecs", "pods.eks", "eks", "spotfleet", "batch"})
_LIMITS: Final = frozenset(
    ["aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths", "aws:userid", "aws:principalisawsservice", "aws:principalservicename", "aws:sourceowner", "kms:calleraccount", "sts:externalid", "s3:dataaccesspointaccount", "lambda:eventsourcetoken", "aws:username", "elasticfilesystem:accessedviamounttarget"]
)  # fmt: skip


def check_principals(policy: LintPolicy) -> Checked:
    """Where they stand, each one's form, and who is let in by them."""
    for statement in policy.statements:
        yield from _place(policy, statement)
        for kind, words in statement.principals.items():
            at = (*statement.at("Principal" if "Principal" in statement.raw else "NotPrincipal"), kind)
            yield from _members(kind, words, at)
        if statement.is_allow:
            yield from _everyone(policy, statement)
            yield from _deputies(policy, statement)


def _place(policy: LintPolicy, statement: LintStatement) -> Checked:
    told = [name for name in ("Principal", "NotPrincipal") if name in statement.raw]
    if policy.kind is LintKind.RCP:
        yield from _rcp(statement)
    if told and not policy.kind.names_principals:
        yield Found("principal-in-identity", statement.at(told[0]), {"kind": policy.kind})
    elif not told and policy.kind.names_principals:
        yield Found("no-principal", statement.path)
    elif statement.is_not_principal and statement.is_allow:
        yield Found("not-principal-allow", statement.at("NotPrincipal"))
    elif told and isinstance(statement.raw[told[0]], str) and not is_star(statement.raw[told[0]]):
        yield Found("bad-principal", statement.at(told[0]), {"principal": statement.raw[told[0]]})
    elif told and not isinstance(statement.raw[told[0]], str | dict):
        yield Found("bad-principal", statement.at(told[0]), {"principal": str(statement.raw[told[0]])[:200]})


def _rcp(statement: LintStatement) -> Checked:
    """Source: AWS Organizations User Guide, "RCP syntax"."""
    refused = {
        "Effect": statement.is_allow,
        "NotPrincipal": "NotPrincipal" in statement.raw,
        "NotAction": "NotAction" in statement.raw,
        "Principal": "Principal" in statement.raw and statement.raw["Principal"] not in ("*", {"AWS": "*"}),
    }
    for name, is_refused in refused.items():
        if is_refused:
            yield Found("rcp-element", statement.at(name), {"what": f"{name}: Allow" if name == "Effect" else name})


def _members(kind: str, words: tuple[Word, ...], at: Path) -> Checked:
    if kind not in _KINDS:
        yield Found("bad-principal-kind", at, {"kind": kind})
        return
    for word in words:
        text = word.text
        if not text or is_star(text):
            continue
        if not text.isascii():
            yield Found("lookalike-characters", word.path, {"given": shown(text), "plain": skeleton(text)})
        elif kind == "AWS":
            yield from _aws(word)
        elif kind == "Service" and not _SERVICE.match(text):
            yield Found("bad-principal", word.path, {"principal": text})


def _aws(word: Word) -> Checked:
    text = word.text
    if len(word.path) and word.path[-1] in ("Principal", "NotPrincipal"):
        return
    if _UNIQUE.match(text):
        yield Found("deleted-principal", word.path, {"principal": text})
    elif has_wildcard(text):
        yield Found("wildcard-in-principal", word.path, {"principal": text})
    elif not (_ACCOUNT.match(text) or _ARN.match(text)):
        yield Found("bad-principal", word.path, {"principal": text})


def _everyone(policy: LintPolicy, statement: LintStatement) -> Checked:
    """`*` with nothing that says who. Of a role's trust it is worse: a session of the role comes with it."""
    if not statement.is_for_everyone or statement.must_have & _LIMITS or policy.kind is LintKind.RCP:
        return
    code = "anyone-may-assume" if policy.kind is LintKind.TRUST else "anyone-may"
    yield Found(code, statement.at("Principal"))


def _deputies(policy: LintPolicy, statement: LintStatement) -> Checked:
    if statement.is_not_principal or policy.kind not in {LintKind.RESOURCE, LintKind.TRUST}:
        return
    if statement.must_have & set(_SOURCES):
        return
    for word in statement.principals.get("Service", ()):
        name = word.text.lower().removesuffix(".cn").removesuffix(".amazonaws.com")
        bare = re.sub(r"\.[a-z]{2}(?:-[a-z]+)+-[0-9]\Z", "", name)
        if bare in _OWN_WORK:
            continue
        code = "confused-deputy" if bare in _TELL_SOURCE else "confused-deputy-unsure"
        yield Found(code, word.path, {"service": word.text})
