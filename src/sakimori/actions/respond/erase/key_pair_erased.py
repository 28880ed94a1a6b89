"""R52: a key pair of EC2 that a thief made. Instances that were started with it still let its owner in.

The resource ends with the key pair's id or its name. Source: botocore's model of ec2; Amazon EC2 User Guide, "Delete your key
pair".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Call

_DESCRIBE: Final = "ec2:DescribeKeyPairs"
_DELETE: Final = "ec2:DeleteKeyPair"
_ABSENT: Final = ("InvalidKeyPair.NotFound", "InvalidKeyPairId.NotFound")


def _named(name: str) -> Mapping[str, Any]:
    return {"KeyPairIds": [name]} if name.startswith("key-") else {"KeyNames": [name]}


def _read(site: Site, name: str) -> State | None:
    answer = site.call(_DESCRIBE, _ABSENT, **_named(name)) or {}
    found = next(iter(answer.get("KeyPairs") or ()), None)
    return {"name": found["KeyName"]} if found else None


def _calls(site: Site, _name: str, state: State) -> Sequence[Call]:
    return (Call(operation=_DELETE, region=site.region, parameters={"KeyName": state["name"]}, settled=_ABSENT),)


def _cautions(_site: Site, _name: str, state: State) -> Sequence[Caution]:
    return (Caution(text="respond_steps.key_pair_still_opens", values={"name": state["name"]}),)


STEP: Final = ending_step(
    Ending(
        id="key-pair-erased", order=4300, texts="respond_steps.key_pair_erased", verb="erased",
        kind=Kind(service="ec2", call=_DESCRIBE, prefix="key-pair/", pattern=r"[!-~]{1,255}"), reads=(_DESCRIBE,),
        writes=(_DELETE,), read=_read, calls=_calls, cautions=_cautions,
    )
)  # fmt: skip
