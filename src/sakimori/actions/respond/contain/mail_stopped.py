"""R62: Amazon SES sends no mail for the account in this Region any more. The resource is the account (its root ARN).

Source: Amazon SES Developer Guide, "Pausing email sending for your Amazon SES account"; botocore's model of ses.
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call, Risk

_GET: Final = "ses:GetAccountSendingEnabled"
_PUT: Final = "ses:UpdateAccountSendingEnabled"


def _read(site: Site, _name: str) -> State | None:
    return {"Enabled": bool((site.call(_GET) or {}).get("Enabled"))}


def _put(site: Site, _name: str, key: str, target: State) -> Call:
    return Call(operation=_PUT, region=site.region, parameters={key: target[key]})


def _cautions(site: Site, _name: str, _state: State) -> Sequence[Caution]:
    return (Caution(text="respond_steps.mail_stops", values={"region": site.region}),)


STEP: Final = setting_step(
    Setting(
        id="mail-stopped", order=3207, texts="respond_steps.mail_stopped", rules=(),
        kind=Kind(service="iam", call=_GET, pattern="root", has_region=False), reads=(_GET,), writes=(_PUT,),
        read=_read, safe={"Enabled": False}, put=_put, cautions=_cautions, risk=Risk.HIGH,
    )
)  # fmt: skip
