"""R51: an identity provider (SAML or OpenID Connect) by which a thief comes in without a key of the account.

Sessions that it gave out live on in the roles that trust it. Source: botocore's model of iam.
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.iam_principal import ABSENT
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call
from sakimori.model.words import Scope

_GETS: Final = {"saml-provider": "iam:GetSAMLProvider", "oidc-provider": "iam:GetOpenIDConnectProvider"}
_DELETES: Final = {"saml-provider": "iam:DeleteSAMLProvider", "oidc-provider": "iam:DeleteOpenIDConnectProvider"}
_NAMED: Final = {"saml-provider": "SAMLProviderArn", "oidc-provider": "OpenIDConnectProviderArn"}


def _read(site: Site, name: str) -> State | None:
    kind = name.partition("/")[0]
    found = site.call(_GETS[kind], (ABSENT,), **{_NAMED[kind]: site.resource})
    return {"kind": kind, "url": str(found.get("Url", ""))} if found is not None else None


def _calls(site: Site, _name: str, state: State) -> Sequence[Call]:
    named = {_NAMED[state["kind"]]: site.resource}
    return (Call(operation=_DELETES[state["kind"]], region=site.region, parameters=named, settled=(ABSENT,)),)


def _cautions(_site: Site, name: str, _state: State) -> Sequence[Caution]:
    return (Caution(text="respond_steps.provider_sessions", values={"name": name.partition("/")[2]}),)


STEP: Final = ending_step(
    Ending(
        id="identity-provider-erased", order=4450, texts="respond_steps.identity_provider_erased", verb="erased",
        kind=Kind(service="iam", call=_GETS["saml-provider"], pattern=r"(saml|oidc)-provider/[!-{}~]{1,255}", has_region=False),
        reads=tuple(_GETS.values()), writes=tuple(_DELETES.values()), read=_read, calls=_calls, cautions=_cautions,
        scope=Scope.ACCOUNT, approval=Approval.TWO_PERSON,
    )
)  # fmt: skip
