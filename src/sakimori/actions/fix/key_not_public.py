"""A KMS key whose policy lets in nobody whom nobody chose (Security Hub: KMS.5).

A key that nobody may manage is lost, so the account itself stays in a policy that would be left empty, as in the one
that AWS makes a key with; AWS also refuses a policy that shuts out whoever puts it. Source: botocore's model of kms; KMS
Developer Guide, "Key policies in AWS KMS" and "Default key policy"; API reference, PutKeyPolicy.
"""

from typing import Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.open_policy import OWNER_SID, PolicyHolder, open_policy_step
from sakimori.actions.resources.policy_statements import Policy
from sakimori.actions.site import Site
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
        risk=Risk.HIGH,
        approval=Approval.TWO_PERSON,
    )
)
