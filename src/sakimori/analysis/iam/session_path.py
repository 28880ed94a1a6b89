"""The path of a session's role: AWS has it in aws:PrincipalArn, the session's own ARN does not tell it.

Source: IAM User Guide, "AWS global condition context keys", aws:PrincipalArn: for a role's session, the ARN of the role.
"""

from functools import lru_cache
from typing import Final

from sakimori.analysis.iam.meeting import may_meet
from sakimori.analysis.iam.principal import Principal
from sakimori.collect.policy_document import Statement

KEY: Final = "aws:principalarn"
_VARIABLE: Final = "${aws:principalarn"
# Two paths that no pattern names, of lengths that a pattern of signs alone cannot both fit.
_PATHS: Final = ("\x01/", "\x01\x01\x01/")


def hangs_on_path(statement: Statement, who: Principal) -> bool:
    """Whether the statement may hold for one path of the session's role and not for another."""
    return _hangs(statement, who.identity_arn)


@lru_cache(maxsize=4096)
def _hangs(statement: Statement, arn: str) -> bool:
    texts = [*statement.resources, *(value for each in statement.conditions for value in each.values)]
    if any(_VARIABLE in each.lower() for each in texts):
        return True
    values = [value for each in statement.conditions if each.key.lower() == KEY for value in each.values]
    return any(_parts(value.lower(), arn.lower()) for value in values)


def _parts(pattern: str, arn: str) -> bool:
    """Whether the pattern takes some of the ARNs that the role may have, and not all of them."""
    head, _, name = arn.rpartition("/")
    if "${" in pattern:
        return True
    every = [arn, *(f"{head}/{path}{name}" for path in _PATHS)]
    return may_meet(pattern, f"{head}/*{name}") and not all(may_meet(pattern, each) for each in every)
