"""A KMS key whose policy lets in nobody whom nobody chose (Security Hub: KMS.5).

IAM policies let somebody use a key only where its policy lets the account in. So the account comes into the policy, as into
the one that AWS makes a key with, where the policy would be left empty, and where what let everybody manage the key was the
account's own way in too. Source: KMS Developer Guide, "Default key policy" and "Allows access to the AWS account and enables
IAM policies"; API reference, PutKeyPolicy (without a way in for whoever puts it, AWS refuses); botocore's model of kms.
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.open_policy import OWNER_SID, PolicyHolder, open_policy_step
from sakimori.actions.resources.policy_statements import Policy
from sakimori.actions.site import Site
from sakimori.collect.policy_document import Statement
from sakimori.collect.policy_reach import covers
from sakimori.model.action import Approval, Call, Risk

_GET: Final = "kms:GetKeyPolicy"
_PUT: Final = "kms:PutKeyPolicy"
_ONLY_ONE: Final = "default"
"""The one name that a key policy can have."""


def _read(site: Site, name: str) -> str | None:
    answer = site.call(_GET, ("NotFoundException",), KeyId=name, PolicyName=_ONLY_ONE)
    return None if answer is None else str(answer.get("Policy") or "")


def _put(site: Site, name: str, text: str) -> Call:
    return Call(operation=_PUT, region=site.region, parameters={"KeyId": name, "PolicyName": _ONLY_ONE, "Policy": text})


def _least(site: Site) -> Policy:
    root = f"arn:{site.account.partition}:iam::{site.account.id}:root"
    return {"Sid": OWNER_SID, "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}


def _needs_least(site: Site, kept: Sequence[Statement], gone: Sequence[Statement]) -> bool:
    was_in = any(covers(each, _PUT) for each in gone)
    return not kept or (was_in and not any(_lets_account_manage(site, each) for each in kept))


def _lets_account_manage(site: Site, statement: Statement) -> bool:
    account = {str(_least(site)["Principal"]["AWS"]), site.account.id}
    is_of_account = not statement.principals.is_negated and bool(account & {*statement.principals.aws})
    return statement.is_allow and is_of_account and not statement.conditions and covers(statement, _PUT)


STEP: Final = open_policy_step(
    PolicyHolder(
        id="key-not-public",
        order=2650,
        texts="fix_data.key_not_public",
        rules=("aws.kms.key-policy-not-public",),
        kind=Kind(service="kms", call=_GET, prefix="key/", pattern=r"[A-Za-z0-9-]{1,64}"),
        reads=(_GET,),
        writes=(_PUT,),
        read=_read,
        put=_put,
        least=_least,
        needs_least=_needs_least,
        risk=Risk.HIGH,
        approval=Approval.TWO_PERSON,
    )
)
