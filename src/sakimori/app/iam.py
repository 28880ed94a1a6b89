"""The account that IAM is asked about: read from AWS into a snapshot, taken from one, or from a file that AWS's CLI wrote."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sakimori.analysis.iam.account import IamAccount, Identity, iam_account
from sakimori.analysis.iam.ask import PolicyKind
from sakimori.analysis.iam.policy import Policy, policy_of
from sakimori.app.collecting import CollectRequest, collect_snapshot
from sakimori.aws.door import Door
from sakimori.collect.catalogue import catalogue
from sakimori.collect.engine import Progress
from sakimori.collect.policy_document import NotUnderstoodError
from sakimori.lake.facts import Facts
from sakimori.lake.snapshot import Lake
from sakimori.lake.table_rows import Row, TableRows
from sakimori.model.errors import UsageError

DETAILS: Final = "aws_iam_authorization_detail"
_AWS_POLICIES: Final = "aws_iam_aws_managed_policy"
_ORGANIZATION: Final = "aws_organizations_organization"
CREDENTIALS: Final = "aws_iam_credential"
RESOURCE_POLICIES: Final[Mapping[str, str]] = {
    "aws_s3_bucket_policy_statement": "bucket_arn",
    "aws_kms_key_policy_statement": "key_arn",
    "aws_sqs_queue_policy_statement": "queue_arn",
    "aws_sns_topic_policy_statement": "topic_arn",
    "aws_lambda_policy_statement": "function_arn",
    "aws_ecr_repository_policy_statement": "repository_arn",
    "aws_secretsmanager_secret_policy_statement": "secret_arn",
}
"""Tables of statements of resources' policies, and the column that names the resource."""
TABLES: Final = (DETAILS, _AWS_POLICIES, _ORGANIZATION, CREDENTIALS, *RESOURCE_POLICIES)
_MOST_BYTES: Final = 256 * 1024 * 1024
_MEMBERS: Final = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
_FULL_ACCESS: Final = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@dataclass(frozen=True, slots=True)
class Note:
    """Something that an answer stands on: a sentence `iam.note_<name>` with its values."""

    name: str
    values: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class IamSource:
    """The account, and what was not told of it. `credentials` None: passwords and keys could not be read, or a file has none."""

    account: IamAccount
    as_of: datetime | None = None
    notes: tuple[Note, ...] = ()
    credentials: tuple[Row, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What somebody gives besides: SCPs, policies of resources, or the word that no SCP applies."""

    scp: Sequence[Path] = ()
    resource_policies: Path | None = None
    assume_no_scp: bool = False


def find_identity(account: IamAccount, words: str) -> Identity:
    """The one user or role that is meant; UsageError with the next command where there is none, or more than one."""
    found = account.find(words)
    if len(found) == 1:
        return found[0]
    known = [each.arn for each in found] or [each.name for each in (*account.users, *account.roles)]
    raise UsageError("iam.principal_ambiguous" if found else "iam.no_such_principal", name=words, known=known)


# -- from a file ---------------------------------------------------------------------------


def read_file(path: Path, guards: Guards) -> IamSource:
    """The answer of `aws iam get-account-authorization-details`; UsageError where it is none."""
    told = read_json(path)
    if not isinstance(told, dict) or not any(member in told for member in _MEMBERS):
        raise UsageError("iam.no_details", path=path)
    records = [each for member in _MEMBERS for each in told.get(member) or () if isinstance(each, dict)]
    account = iam_account(records)
    notes = [Note("file_only", {"path": path})]
    if told.get("IsTruncated"):
        notes.append(Note("truncated", {"path": path}))
    return guarded(IamSource(account=account), guards, notes)


def guarded(source: IamSource, guards: Guards, notes: Iterable[Note] = ()) -> IamSource:
    """The same with the guards that somebody gave."""
    account, said = source.account, [*source.notes, *notes]
    if guards.scp:
        levels, is_full_added = _levels(guards.scp)
        account = replace(account, scp=levels, unread_kinds=account.unread_kinds - {PolicyKind.SCP})
        said = [each for each in said if each.name != "scp_unread"]
        if is_full_added:
            said.append(Note("full_access_added"))
    elif guards.assume_no_scp:
        account = replace(account, unread_kinds=account.unread_kinds - {PolicyKind.SCP, PolicyKind.RCP})
        said = [each for each in said if each.name != "scp_unread"]
    if guards.resource_policies is not None:
        told, bad = _resource_policies(guards.resource_policies)
        account = replace(account, resource_policies={**account.resource_policies, **told})
        said.extend(Note("bad_resource_policy", {"resource": each}) for each in bad)
    said.extend(Note("unread_policy", {"policy": each.policy}) for each in account.unread)
    return replace(source, account=account, notes=tuple(said))


def read_json(path: Path) -> Any:
    """A file of JSON, bounded; UsageError with the line where it is none."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError("iam.file_too_large", path=path, megabytes=_MOST_BYTES // 1024 // 1024)
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("iam.file_unreadable", path=path, reason=getattr(error, "strerror", None) or "UTF-8") from None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError("iam.file_no_json", path=path, line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise UsageError("iam.file_no_json", path=path, line=1, column=1) from None


def read_policy(path: Path) -> Policy:
    """One policy of a file; UsageError where it is none."""
    try:
        return policy_of(path.name, json.dumps(read_json(path), indent=4, ensure_ascii=False))
    except NotUnderstoodError as error:
        raise UsageError("iam.file_no_policy", path=path, reason=str(error)) from None


def _levels(files: Sequence[Path]) -> tuple[tuple[tuple[Policy, ...], ...], bool]:
    """Documents of one level, or of a file that holds lists of lists the levels as they are; whether full access was added.

    AWS attaches FullAWSAccess to every level, so that a file with denials alone means that denials are what was added.
    """
    levels, together = list[tuple[Policy, ...]](), list[Policy]()
    for path in files:
        told = read_json(path)
        try:
            if isinstance(told, list) and told and all(isinstance(each, list) for each in told):
                levels.extend(tuple(policy_of(path.name, one) for one in each) for each in told)
            else:
                together.extend(policy_of(path.name, each) for each in (told if isinstance(told, list) else [told]))
        except NotUnderstoodError as error:
            raise UsageError("iam.file_no_policy", path=path, reason=str(error)) from None
    if not together:
        return tuple(levels), False
    is_bare = not any(policy.allows for policy in together)
    full = (policy_of("FullAWSAccess", _FULL_ACCESS),) if is_bare else ()
    return (*levels, (*full, *together)), is_bare


def _resource_policies(path: Path) -> tuple[Mapping[str, Policy], Sequence[str]]:
    """From {ARN: policy} or [{"resource": ARN, "policy": policy}]; and the resources whose policy was not understood."""
    told = read_json(path)
    if isinstance(told, list):
        told = {str(each.get("resource")): each.get("policy") for each in told if isinstance(each, dict)}
    if not isinstance(told, dict):
        raise UsageError("iam.file_no_policy", path=path, reason="no ARNs with policies")
    found, bad = dict[str, Policy](), list[str]()
    for arn, document in told.items():
        try:
            found[str(arn)] = policy_of(str(arn), document)
        except NotUnderstoodError:
            bad.append(str(arn)[:200])
    return found, bad


# -- from AWS, through a snapshot ------------------------------------------------------------


def read_live(
    home: Path,
    door: Door,
    max_age: timedelta | None,
    *,
    clock: Callable[[], datetime],
    progress: Progress | None = None,
) -> IamSource:
    """The account behind a door: read now, or taken from a snapshot that is not older."""
    request = CollectRequest(home=home, tables=TABLES, max_age=max_age)
    identifier = collect_snapshot(request, [door], clock=clock, progress=progress)
    lake = Lake(home)
    try:
        return read_facts(lake.open(identifier), door.account.id)
    finally:
        lake.close()


def read_facts(facts: Facts, account: str) -> IamSource:
    """One account of a snapshot."""
    rows = TableRows(facts)
    try:
        return _FromFacts(facts, account, rows).source()
    finally:
        rows.close()


@dataclass(frozen=True, slots=True)
class _FromFacts:
    facts: Facts
    account: str
    rows: TableRows

    def source(self) -> IamSource:
        if not self._is_whole(DETAILS):
            raise UsageError("iam.not_readable", account=self.account)
        managed = dict(self._aws_managed())
        records = [json.loads(str(row["detail"])) for row in self._of(DETAILS)]
        known = iam_account(records, managed)
        policies, is_whole = self._resource_policies()
        unread = set[PolicyKind]() if is_whole else {PolicyKind.RESOURCE}
        is_managing, is_guarded = self._organization()
        notes = list[Note]()
        if is_guarded:
            unread |= {PolicyKind.SCP, PolicyKind.RCP}
            notes.append(Note("scp_unread"))
        if not is_whole:
            notes.append(Note("resource_policies_unread"))
        return IamSource(
            account=replace(
                known, account=self.account, resource_policies=policies, is_management_account=is_managing,
                unread_kinds=frozenset(unread),
            ),
            as_of=self.facts.as_of,
            notes=tuple(notes),
            credentials=tuple(self._of(CREDENTIALS)) if self._is_whole(CREDENTIALS) else None,
        )  # fmt: skip

    def _of(self, name: str) -> Iterator[Row]:
        return (row for row in self.rows.of(catalogue()[name]) if row["account_id"] == self.account)

    def _is_whole(self, name: str) -> bool:
        units = [
            unit for (table, account, _), unit in self.facts.units.items() if (table, account) == (name, self.account)
        ]
        return bool(units) and all(not unit.gaps for unit in units)

    def _aws_managed(self) -> Iterator[tuple[str, Policy]]:
        for row in self._of(_AWS_POLICIES):
            try:
                yield str(row["arn"]), policy_of(str(row["name"]), str(row["document"]), str(row["arn"]))
            except NotUnderstoodError:
                continue

    def _organization(self) -> tuple[bool | None, bool]:
        """Whether the account manages its organisation, and whether SCPs may reach it that a member cannot read."""
        if not self._is_whole(_ORGANIZATION):
            return None, True
        found = next(iter(self._of(_ORGANIZATION)), None)
        if found is None:
            return False, False
        is_managing = bool(found["is_management_account"])
        return is_managing, not is_managing and found["has_all_features"] is not False

    def _resource_policies(self) -> tuple[Mapping[str, Policy], bool]:
        found, is_whole = dict[str, Policy](), True
        for name, column in RESOURCE_POLICIES.items():
            is_whole = is_whole and self._is_whole(name)
            statements: dict[str, list[Row]] = {}
            for row in self._of(name):
                statements.setdefault(str(row[column]), []).append(row)
            for arn, rows in statements.items():
                ordered = sorted(rows, key=lambda row: int(str(row["statement_index"])))
                document = {
                    "Version": "2012-10-17" if ordered[0]["has_variables"] else "2008-10-17",
                    "Statement": [json.loads(str(row["statement"])) for row in ordered],
                }
                found[arn] = policy_of(arn, document)
        return found, is_whole
