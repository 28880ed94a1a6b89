"""R62: an address or domain that a thief registered with Amazon SES to send mail from. Source: botocore's model of ses."""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import State
from sakimori.model.action import Call

_LIST: Final = "ses:ListIdentities"
_DELETE: Final = "ses:DeleteIdentity"


def _read(site: Site, name: str) -> State | None:
    return {"identity": name} if name in site.all_of(_LIST, "Identities") else None


def _calls(site: Site, name: str, _state: State) -> Sequence[Call]:
    return (Call(operation=_DELETE, region=site.region, parameters={"Identity": name}),)


STEP: Final = ending_step(
    Ending(
        id="mail-identity-erased", order=4310, texts="respond_steps.mail_identity_erased", verb="erased",
        lasting="respond_steps.mail_identity_erased_lasting",
        kind=Kind(service="ses", call=_LIST, prefix="identity/", pattern=r"[!-~]{3,320}"), reads=(_LIST,),
        writes=(_DELETE,), read=_read, calls=_calls,
    )
)  # fmt: skip
