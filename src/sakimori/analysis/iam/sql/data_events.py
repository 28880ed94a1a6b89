"""Actions that CloudTrail records only where somebody turned data events on: silence about them says nothing.

Source: CloudTrail User Guide, "Logging data events" (they are not logged by default).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sakimori.analysis.iam.policy import Policy

ACTIONS: Final[Mapping[str, Sequence[str]]] = {
    "s3.amazonaws.com": ("s3:getobject", "s3:putobject", "s3:deleteobject"),
    "lambda.amazonaws.com": ("lambda:invokefunction",),
    "dynamodb.amazonaws.com": ("dynamodb:getitem", "dynamodb:putitem", "dynamodb:query", "dynamodb:deleteitem"),
    "sqs.amazonaws.com": ("sqs:sendmessage", "sqs:receivemessage", "sqs:deletemessage"),
    "sns.amazonaws.com": ("sns:publish",),
    "kinesis.amazonaws.com": ("kinesis:putrecord", "kinesis:getrecords"),
}
"""By event source; of each service those that are asked for most."""


def unseen(policy: Policy, seen: frozenset[str], *, allows_rest: bool) -> Iterator[str]:
    """Event sources of which no data event is there, though the policy bears on such actions."""
    clauses = policy.denies if allows_rest else (*policy.denies, *policy.allows)
    for source, actions in ACTIONS.items():
        # What a list of allowed things leaves out is denied: it bears on every action.
        bears = not allows_rest or any(
            clause.names_action(action) is not clause.statement.is_not_action
            for clause in clauses
            for action in actions
        )
        if bears and source not in seen:
            yield source
