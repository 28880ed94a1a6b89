"""What a bucket policy as a whole says: whom it lets in, what it refuses, and whether services write logs by it."""

import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Final

from sakimori.collect.declaration import Context, Record
from sakimori.collect.kleene import every, some
from sakimori.collect.policy_document import Condition, Statement, statements_of
from sakimori.collect.policy_reach import covers, is_public

# Every S3 action that reads begins so. Source: Service Authorization Reference, "Actions defined by Amazon S3".
_READING: Final = ("get", "list")
_SERVICE: Final = "s3:"
_EVERYTHING: Final = frozenset({"*", "s3:*"})
_WILDCARD: Final = re.compile(r"[*?]")
_OTHER_SERVICE: Final = "(another service)"
_TLS_KEY: Final = "aws:securetransport"

# Who delivers logs into buckets. Sources: the pages on bucket permissions of CloudTrail, AWS Config, VPC flow logs,
# S3 server access logs and Elastic Load Balancing.
_LOG_SERVICES: Final = frozenset(
    {
        "cloudtrail.amazonaws.com",
        "config.amazonaws.com",
        "delivery.logs.amazonaws.com",
        "logdelivery.elasticloadbalancing.amazonaws.com",
        "logging.s3.amazonaws.com",
    }
)


def allows_public_read(record: Record, _context: Context) -> bool | None:
    """Whether the policy lets anyone read or list."""
    return _lets_anyone(record, reads)


def allows_public_write(record: Record, _context: Context) -> bool | None:
    """Whether the policy lets anyone change something."""
    return _lets_anyone(record, writes)


def requires_tls(record: Record, context: Context) -> bool | None:
    """Whether the policy refuses every request without TLS, to the bucket and to its objects."""
    bucket = f"arn:{context.partition}:s3:::{record['Name']}"
    refusals = [(statement, _refuses_plaintext(statement)) for statement in _statements(record)]
    return every(
        some(every((refuses, reach(statement, bucket))) for statement, refuses in refusals)
        for reach in (_reaches_bucket, _reaches_all_objects)
    )


def receives_logs(record: Record, _context: Context) -> bool:
    """Whether the policy lets a service that delivers logs put objects into the bucket."""
    return any(
        statement.is_allow
        and not _LOG_SERVICES.isdisjoint(statement.principals.services)
        and covers(statement, "s3:PutObject")
        for statement in _statements(record)
    )


def reads(statement: Statement) -> bool | None:
    """Whether its actions include one that reads; None where NotAction leaves it open."""
    return _includes(statement, _pattern_reads)


def writes(statement: Statement) -> bool | None:
    """Whether its actions include one that changes something; None where NotAction leaves it open."""
    return _includes(statement, _pattern_writes)


def _statements(record: Record) -> Sequence[Statement]:
    return statements_of(record["Policy"]) if "Policy" in record else ()


def _lets_anyone(record: Record, what: Callable[[Statement], bool | None]) -> bool | None:
    statements = _statements(record)
    found = some(every((is_public(each), what(each))) for each in statements)
    # AWS's own word is the measure: where it calls public what we do not see, we do not know what is public.
    says_public = (record.get("PolicyStatus") or {}).get("IsPublic")
    if found is False and says_public and some(map(is_public, statements)) is not True:
        return None
    return found


def _includes(statement: Statement, fits: Callable[[str], bool]) -> bool | None:
    patterns = [action.lower() for action in statement.actions]
    if not statement.is_not_action:
        return any(map(fits, patterns))
    if not _EVERYTHING.isdisjoint(patterns):
        return False
    return None if any(pattern.startswith((_SERVICE, "*")) for pattern in patterns) else True


def _beginning(pattern: str) -> tuple[str, bool]:
    """The plain beginning of an action's name, and whether a wildcard follows; another service's fits nothing."""
    if pattern.startswith("*"):
        return "", True
    if not pattern.startswith(_SERVICE):
        return _OTHER_SERVICE, False
    name = pattern.removeprefix(_SERVICE)
    plain = _WILDCARD.split(name, maxsplit=1)[0]
    return plain, plain != name


def _pattern_reads(pattern: str) -> bool:
    plain, goes_on = _beginning(pattern)
    return plain.startswith(_READING) or (goes_on and any(verb.startswith(plain) for verb in _READING))


def _pattern_writes(pattern: str) -> bool:
    plain, _ = _beginning(pattern)
    return plain != _OTHER_SERVICE and not plain.startswith(_READING)


def _refuses_plaintext(statement: Statement) -> bool | None:
    """Whether it denies everyone everything without TLS; None where it is written the other way round."""
    if statement.is_allow or not any(condition.key.lower() == _TLS_KEY for condition in statement.conditions):
        return False
    if statement.is_not_action or statement.is_not_resource or statement.principals.is_negated:
        return None
    [first, *others] = statement.conditions
    return (
        not others
        and _is_plaintext(first)
        and statement.principals.is_everyone
        and not _EVERYTHING.isdisjoint(action.lower() for action in statement.actions)
    )


def _is_plaintext(condition: Condition) -> bool:
    return condition.operator.lower() in {"bool", "boolifexists"} and [value.lower() for value in condition.values] == [
        "false"
    ]


def _reaches_bucket(statement: Statement, bucket: str) -> bool | None:
    return None if statement.is_not_resource else any(_matches(pattern, bucket) for pattern in statement.resources)


def _reaches_all_objects(statement: Statement, bucket: str) -> bool | None:
    # A pattern that ends in * and fits the beginning of every key fits every key.
    return (
        None
        if statement.is_not_resource
        else any(pattern.endswith("*") and _matches(pattern, f"{bucket}/") for pattern in statement.resources)
    )


def _matches(pattern: str, arn: str) -> bool:
    return fnmatchcase(arn, pattern.replace("[", "[[]"))
