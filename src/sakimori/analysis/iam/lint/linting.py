"""Mistakes in policies: what AWS refuses, what never works, what works for more than was meant.

`lint_policy` reads one document, `lint_account` all of an account. Nothing that stands in a policy makes them raise: what cannot be
read is told as a finding, and the rest is read.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import unquote

from sakimori.analysis.iam.account import IamAccount, Identity
from sakimori.analysis.iam.action_table import ActionTable, action_table
from sakimori.analysis.iam.lint.actions import check_actions
from sakimori.analysis.iam.lint.conditions import check_conditions
from sakimori.analysis.iam.lint.contradiction import check_contradictions
from sakimori.analysis.iam.lint.finding import Checked, Found, LintFinding, finding_of
from sakimori.analysis.iam.lint.grammar import check_grammar
from sakimori.analysis.iam.lint.json_text import read_json
from sakimori.analysis.iam.lint.principals import check_principals
from sakimori.analysis.iam.lint.reach import check_reach
from sakimori.analysis.iam.lint.resources import check_resources
from sakimori.analysis.iam.lint.statement import LintKind, LintPolicy, LintStatement, statements_in
from sakimori.analysis.iam.lint.trust import check_trust
from sakimori.analysis.iam.lint.values import check_values
from sakimori.analysis.iam.policy import Policy
from sakimori.analysis.iam.policy_lines import Path, lines_of

MAX_CHARACTERS: Final = 200_000
"""Of one policy: ten times the longest that any service takes."""
_MOST_FINDINGS: Final = 1000
_BLANK: Final = re.compile(r"\s+")
_CHECKS: Final[Sequence[Callable[[LintPolicy], Checked]]] = (
    check_grammar, check_actions, check_resources, check_conditions, check_values, check_contradictions, check_principals, check_trust, check_reach,
)  # fmt: skip
_LIMITS: Final[Mapping[LintKind, tuple[str, int]]] = {
    LintKind.IDENTITY: ("managed", 6144),
    LintKind.BOUNDARY: ("managed", 6144),
    LintKind.TRUST: ("trust", 2048),
    LintKind.SESSION: ("session", 2048),
    LintKind.SCP: ("scp", 5120),
    LintKind.RCP: ("rcp", 5120),
    LintKind.RESOURCE: ("bucket", 20_480),
}
"""Characters without blanks. Source: IAM User Guide, "IAM and AWS STS quotas"; AWS Organizations User Guide, "Quotas and service limits";
Amazon S3 User Guide, "Bucket policies and user policies" (20 KB; other services' limits are their own)."""
INLINE_LIMITS: Final = {"user": 2048, "group": 5120, "role": 10_240}
"""Of all inline policies of one entity together. Source: as above."""


@dataclass(frozen=True, slots=True)
class Linted:
    """What was found in one policy. `kind` None where nothing could be read."""

    policy: str
    kind: LintKind | None
    is_kind_guessed: bool
    statements: int
    findings: tuple[LintFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a policy beside its text. `line_of` where its lines are those of a larger file."""

    kind: LintKind | None = None
    owner: str = ""
    size_limit: tuple[str, int] | None = None
    line_of: Callable[[Path], int] | None = None


def lint_policy(name: str, source: object, about: About | None = None, table: ActionTable | None = None) -> Linted:
    """One policy as an object, as JSON or as URL-encoded JSON."""
    about = about or About()
    text = _text(source)
    if text is not None and len(text) > MAX_CHARACTERS:
        found = Found("too-large-to-check", (), {"limit": MAX_CHARACTERS})
        return Linted(
            name,
            about.kind,
            statements=0,
            is_kind_guessed=False,
            findings=(finding_of(name, found, about.line_of or _first),),
        )
    raw, faults, text = _read(source, text)
    line_of = about.line_of or _lines(text if text is not None else source)
    findings = [finding_of(name, fault, lambda path: cast(int, path[0])) for fault in faults]
    if not isinstance(raw, Mapping):
        if not findings:
            findings.append(finding_of(name, Found("not-a-policy", ()), line_of))
        return Linted(name, about.kind, statements=0, is_kind_guessed=False, findings=tuple(findings))
    policy = _policy(name, cast("Mapping[str, Any]", raw), about, table or action_table())
    findings.extend(finding_of(name, each, line_of) for each in _limited(_found(policy)))
    findings.sort(key=lambda each: (each.line, -each.severity.rank, each.code))
    return Linted(name, policy.kind, about.kind is None, len(policy.statements), tuple(findings))


def kind_of(statements: Sequence[LintStatement]) -> LintKind:
    """What a policy most likely is: whoever names principals is a resource's, or a role's where all is about assuming it."""
    if not any("Principal" in each.raw or "NotPrincipal" in each.raw for each in statements):
        return LintKind.IDENTITY
    actions = [word.text.lower() for each in statements for word in each.actions]
    is_trust = bool(actions) and all(each.startswith("sts:") for each in actions)
    return LintKind.TRUST if is_trust else LintKind.RESOURCE


def lint_account(account: IamAccount, table: ActionTable | None = None) -> tuple[Linted, ...]:
    """Every policy of an account once, named by its ARN, or by its owner's ARN and its own name; AWS's own are left out."""
    return tuple(lint_policy(name, source, about, table) for name, source, about in _of_account(account))


def lint_identity(account: IamAccount, identity: Identity, table: ActionTable | None = None) -> tuple[Linted, ...]:
    """The policies that bind one user or role: its own, its groups', its boundary and its trust."""
    wanted = {each.arn for each in identity.policies if each.arn}
    if identity.boundary is not None:
        wanted.add(identity.boundary.arn)
    groups = {account.groups[each].arn for each in identity.groups if each in account.groups}
    told = _of_account(account)
    return tuple(
        lint_policy(name, source, about, table)
        for name, source, about in told
        if name in wanted or name.startswith((f"{identity.arn}/", *(f"{each}/" for each in groups)))
    )


def _of_account(account: IamAccount) -> Iterator[tuple[str, object, About]]:
    boundaries = {each.boundary.arn for each in account.identities.values() if each.boundary is not None}
    for arn, policy in account.managed.items():
        if ":iam::aws:" not in arn:
            kind = LintKind.BOUNDARY if arn in boundaries else LintKind.IDENTITY
            yield arn, policy.source, About(kind=kind, owner=account.account)
    for group in account.groups.values():
        yield from _inline(group.arn, group.policies, "group", account.account)
    for identity in account.identities.values():
        kind = "role" if identity.is_role else "user"
        yield from _inline(identity.arn, identity.own_policies, kind, account.account)
        if identity.trust is not None:
            about = About(kind=LintKind.TRUST, owner=account.account)
            yield f"{identity.arn}/{identity.trust.name}", identity.trust.source, about
    for arn, policy in account.resource_policies.items():
        yield arn, policy.source, About(kind=LintKind.RESOURCE, owner=account.account)
    for kind, levels in ((LintKind.SCP, account.scp), (LintKind.RCP, account.rcp)):
        for policy in {id(each): each for level in levels or () for each in level}.values():
            yield policy.name, policy.source, About(kind=kind, owner=account.account)


def _inline(owner: str, policies: Sequence[Policy], kind: str, account: str) -> Iterator[tuple[str, object, About]]:
    """The limit is of all of them together: each is told what the others leave it."""
    inline = [each for each in policies if not each.arn]
    sizes = [_size(each.source) for each in inline]
    for policy, size in zip(inline, sizes, strict=True):
        left = INLINE_LIMITS[kind] - (sum(sizes) - size)
        yield (
            f"{owner}/{policy.name}",
            policy.source,
            About(kind=LintKind.IDENTITY, owner=account, size_limit=(f"inline_{kind}", max(0, left))),
        )


def _text(source: object) -> str | None:
    if not isinstance(source, str):
        return None
    return source if source.lstrip().startswith(("{", "[", "/", "#")) else unquote(source)


def _read(source: object, text: str | None) -> tuple[object, list[Found], str | None]:
    """The document, the faults of its JSON (their line in place of the path) and the text that its lines are counted in."""
    if text is None:
        return source, [], None
    read = read_json(text)
    faults = [
        Found("malformed-json", (each.line,), {"line": each.line, "column": each.column, "words": each.words})
        for each in read.faults
    ]
    return read.value, faults, read.text


def _policy(name: str, raw: Mapping[str, Any], about: About, table: ActionTable) -> LintPolicy:
    statements, others = statements_in(raw)
    kind = about.kind or kind_of(statements)
    limit = about.size_limit or (None if kind is LintKind.RESOURCE and not _is_bucket(statements) else _LIMITS[kind])
    return LintPolicy(
        name=name, kind=kind, raw=raw, statements=statements, table=table, size=_size(raw), size_limit=limit, owner=about.owner, others=others
    )  # fmt: skip


def _is_bucket(statements: Sequence[LintStatement]) -> bool:
    return any(word.text.lower().startswith("s3:") for each in statements for word in each.actions)


def _size(source: object) -> int:
    """Characters without blanks outside of texts, as the document is written most shortly."""
    if isinstance(source, str):
        return len(_BLANK.sub("", source))
    try:
        return len(json.dumps(source, ensure_ascii=False, separators=(",", ":"), default=str))
    except (ValueError, RecursionError):
        return 0


def _found(policy: LintPolicy) -> Iterator[Found]:
    for check in _CHECKS:
        yield from check(policy)


def _limited(found: Iterator[Found]) -> Iterator[Found]:
    """A hostile policy has mistakes without end; that there are more is said."""
    for place, each in enumerate(found):
        if place == _MOST_FINDINGS:
            yield Found("not-checked", (), {"what": "rest"})
            return
        yield each


def _lines(source: object) -> Callable[[Path], int]:
    """The line of a place, or of the nearest thing around it; counted when first asked for."""
    lines: Mapping[Path, int] | None = None

    def line_of(path: Path) -> int:
        nonlocal lines
        if lines is None:
            lines = lines_of(source)
        while path and path not in lines:
            path = path[:-1]
        return lines.get(path, 1)

    return line_of


def _first(_: Path) -> int:
    return 1
