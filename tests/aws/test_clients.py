"""One client of a service speaks to every Region just as a client of that Region does."""

from typing import Any

import pytest
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.session import Session

from sakimori.aws.clients import Clients
from sakimori.aws.data_files import data_loader
from sakimori.aws.open_session import OpenSession
from sakimori.aws.partitions import partitions
from sakimori.aws.settings import Clock, DoorSettings
from sakimori.aws.statistics import Ledger
from sakimori.collect.catalogue import declarations

OPERATIONS = {each.operations[0] for each in declarations().values() if each.operations}
CALLS = sorted({operation.partition(":")[0]: operation for operation in sorted(OPERATIONS)}.values())
PLACES = {"aws": ("us-east-1", "eu-west-1", "ap-northeast-1"), "aws-cn": ("cn-north-1", "cn-northwest-1")}


class Sent(Exception):  # noqa: N818 - it carries what would have gone out
    pass


def _session() -> Session:
    session = Session()
    session.register_component("data_loader", data_loader())
    session.set_credentials("AK" + "IA" + "Z" * 16, "z" * 40)
    return session


def _send(request: Any, **_: Any) -> AWSResponse:
    raise Sent(request.url, request.headers["Authorization"].decode().partition("Signature=")[0])


def _request(client: Any, operation: str) -> tuple[str, str]:
    client.meta.events.register("before-send", _send)
    name = operation.partition(":")[2]
    model = client.meta.service_model.operation_model(name)
    needed = {member: _value(model.input_shape.members[member]) for member in model.input_shape.required_members} if (
        model.input_shape
    ) else {}  # fmt: skip
    with pytest.raises(Sent) as sent:
        getattr(client, xform_name(name))(**needed)
    url, signature = sent.value.args
    return url, signature.partition("/")[2].partition(",")[0].partition("/")[2]


def _value(shape: Any) -> Any:
    return {"string": "123456789012", "integer": 1, "boolean": True, "list": [], "structure": {}}[shape.type_name]


@pytest.mark.slow
@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("partition", PLACES)
def test_address_and_signature_are_those_of_a_client_of_that_region(operation: str, partition: str) -> None:
    service = operation.partition(":")[0]
    settings = DoorSettings()
    clients = Clients(
        OpenSession(create_client=_session().create_client, credentials=lambda: None),
        partition=partitions()[partition], settings=settings, clock=Clock(), ledger=Ledger(),
    )  # fmt: skip
    for region in (*PLACES[partition], PLACES[partition][0]):
        own = _session().create_client(
            service, region_name=region,
            config=Config(s3={"addressing_style": "path", "us_east_1_regional_endpoint": "regional"}),
        )  # fmt: skip
        with clients.within(region):
            ours = _request(clients.of(service, region), operation)
        assert ours == _request(own, operation), region
