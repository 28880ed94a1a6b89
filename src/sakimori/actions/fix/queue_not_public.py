"""An SQS queue whose policy lets in nobody whom nobody chose (Security Hub: SQS.3).

Programs of the account need no policy of the queue. Source: botocore's model of sqs; Amazon SQS Developer Guide,
"Using custom policies with the Amazon SQS access policy language"; API reference, SetQueueAttributes.
"""

from typing import Final

from sakimori.actions.resources.open_policy import PolicyHolder, open_policy_step
from sakimori.actions.resources.queue_address import ATTRIBUTES, QUEUE, URL, queue_attributes, queue_url
from sakimori.actions.site import Site
from sakimori.model.action import Call

_PUT: Final = "sqs:SetQueueAttributes"


def _read(site: Site, name: str) -> str | None:
    found = queue_attributes(site, name)
    return None if found is None else str(found.get("Policy") or "")


def _put(site: Site, name: str, text: str) -> Call:
    parameters = {"QueueUrl": queue_url(site, name) or "", "Attributes": {"Policy": text}}
    return Call(operation=_PUT, region=site.region, parameters=parameters)


STEP: Final = open_policy_step(
    PolicyHolder(
        id="queue-not-public",
        order=2610,
        texts="fix_data.queue_not_public",
        rules=("aws.sqs.queue-policy-not-public",),
        kind=QUEUE,
        reads=(URL, ATTRIBUTES),
        writes=(_PUT,),
        read=_read,
        put=_put,
    )
)
