"""A private ECR repository whose policy lets in nobody whom nobody chose.

Users and roles of the account need no policy of the repository; the statement for its Lambda functions names them and
stays. Source: botocore's model of ecr; Amazon ECR User Guide, "Private repository policies in Amazon ECR".
"""

from typing import Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.open_policy import PolicyHolder, open_policy_step
from sakimori.actions.site import Site
from sakimori.aws.refusal import Refusal
from sakimori.model.action import Call

_GET: Final = "ecr:GetRepositoryPolicy"
_PUT: Final = "ecr:SetRepositoryPolicy"
_DELETE: Final = "ecr:DeleteRepositoryPolicy"
_NO_POLICY: Final = "RepositoryPolicyNotFoundException"


def _read(site: Site, name: str) -> str | None:
    try:
        answer = site.call(_GET, (_NO_POLICY,), repositoryName=name)
    except Refusal as refusal:
        if refusal.code == "RepositoryNotFoundException":
            return None
        raise
    return "" if answer is None else str(answer.get("policyText") or "")


def _put(site: Site, name: str, text: str) -> Call:
    named = {"repositoryName": name}
    if not text:
        return Call(operation=_DELETE, region=site.region, parameters=named, settled=(_NO_POLICY,))
    return Call(operation=_PUT, region=site.region, parameters={**named, "policyText": text})


STEP: Final = open_policy_step(
    PolicyHolder(
        id="repository-not-public",
        order=2630,
        texts="fix_data.repository_not_public",
        rules=("aws.ecr.repository-policy-not-public",),
        kind=Kind(service="ecr", call=_GET, prefix="repository/", pattern=r"[a-z0-9][a-z0-9._/-]{1,255}"),
        reads=(_GET,),
        writes=(_PUT, _DELETE),
        read=_read,
        put=_put,
    )
)
