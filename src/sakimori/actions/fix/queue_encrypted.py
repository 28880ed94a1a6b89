"""An SQS queue whose messages are encrypted at rest with SQS's own key (Security Hub: SQS.1). A queue with a KMS key stays as it is.

Source: botocore's model of sqs; Amazon SQS Developer Guide, "Encryption at rest in Amazon SQS": requests to an encrypted
queue must be signed and come by TLS, anonymous ones are refused.
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.queue_address import ATTRIBUTES, QUEUE, URL, queue_attributes, queue_url
from sakimori.actions.resources.setting import Setting, setting_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.collect.policy_document import NotUnderstoodError, statements_of
from sakimori.collect.policy_reach import is_public
from sakimori.model.action import Call

_PUT: Final = "sqs:SetQueueAttributes"
_KEY: Final = "SqsManagedSseEnabled"
_HAS_KEY: Final = "has_kms_key"


def _read(site: Site, name: str) -> State | None:
    found = queue_attributes(site, name)
    if found is None:
        return None
    return {_KEY: str(found.get(_KEY)).lower() == "true", _HAS_KEY: bool(found.get("KmsMasterKeyId"))}


def _safe(state: State) -> State:
    return state if state[_HAS_KEY] else {**state, _KEY: True}


def _put(site: Site, name: str, key: str, target: State) -> Call:
    attributes = {key: "true" if target[key] else "false"}
    parameters = {"QueueUrl": queue_url(site, name) or "", "Attributes": attributes}
    return Call(operation=_PUT, region=site.region, parameters=parameters)


def _cautions(site: Site, name: str, _state: State) -> Sequence[Caution]:
    policy = (queue_attributes(site, name) or {}).get("Policy")
    try:
        is_open = bool(policy) and any(is_public(each) is not False for each in statements_of(policy))
    except NotUnderstoodError:
        is_open = True
    return (Caution(text="fix_data.queue_encrypted_anonymous", values={"name": name}),) if is_open else ()


STEP: Final = setting_step(
    Setting(
        id="queue-encrypted",
        order=2550,
        texts="fix_data.queue_encrypted",
        rules=("aws.sqs.queue-encrypted",),
        kind=QUEUE,
        reads=(URL, ATTRIBUTES),
        writes=(_PUT,),
        read=_read,
        safe=_safe,
        put=_put,
        cautions=_cautions,
    )
)
