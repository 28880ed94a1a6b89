"""A secret whose policy lets in nobody whom nobody chose.

A replica has the policy of its primary secret, and AWS refuses to change it there. Source: botocore's model of
secretsmanager; AWS Secrets Manager User Guide, "Resource-based policies".
"""

from typing import Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.open_policy import PolicyHolder, open_policy_step
from sakimori.actions.site import Site
from sakimori.model.action import Call

_GET: Final = "secretsmanager:GetResourcePolicy"
_PUT: Final = "secretsmanager:PutResourcePolicy"
_DELETE: Final = "secretsmanager:DeleteResourcePolicy"


def _read(site: Site, _name: str) -> str | None:
    answer = site.call(_GET, ("ResourceNotFoundException",), SecretId=site.resource)
    return None if answer is None else str(answer.get("ResourcePolicy") or "")


def _put(site: Site, _name: str, text: str) -> Call:
    named = {"SecretId": site.resource}
    if not text:
        return Call(operation=_DELETE, region=site.region, parameters=named)
    return Call(operation=_PUT, region=site.region, parameters={**named, "ResourcePolicy": text})


STEP: Final = open_policy_step(
    PolicyHolder(
        id="secret-not-public",
        order=2640,
        texts="fix_data.secret_not_public",
        rules=("aws.secretsmanager.secret-policy-not-public",),
        kind=Kind(service="secretsmanager", call=_GET, prefix="secret:", pattern=r"[A-Za-z0-9/_+=.@-]{1,519}"),
        reads=(_GET,),
        writes=(_PUT, _DELETE),
        read=_read,
        put=_put,
    )
)
