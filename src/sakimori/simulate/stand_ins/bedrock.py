"""Bedrock's traces: invocations show as metrics, which only AWS itself writes; no configuration is no configuration."""

from collections.abc import Mapping
from typing import Any, Final

from moto.bedrock.models import bedrock_backends
from moto.cloudwatch.models import cloudwatch_backends

from sakimori.simulate.call import Answer
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.state import AccountState


def logging(desk: Desk) -> Mapping[str, Any] | Answer:
    """Moto's answer; without a configuration AWS leaves the member out."""
    configured = bedrock_backends[desk.state.account_id][desk.call.region].get_model_invocation_logging_configuration()
    return desk.moto() if configured else {}


def note_invocation(state: AccountState, region: str, model: str) -> None:
    """Let someone have called `model` in `region` just now."""
    datum = {
        "MetricName": "Invocations",
        "Value": 1,
        "Timestamp": state.clock().isoformat(),
        "Dimensions": [{"Name": "ModelId", "Value": model}],
    }
    cloudwatch_backends[state.account_id][region].put_metric_data("AWS/Bedrock", [datum])


def log_invocations(state: AccountState, region: str, bucket: str) -> None:
    """Let the calls of `region` be logged to a bucket, as PutModelInvocationLoggingConfiguration does."""
    configuration = {"s3Config": {"bucketName": bucket}, "textDataDeliveryEnabled": True}
    bedrock_backends[state.account_id][region].put_model_invocation_logging_configuration(configuration)


STAND_INS: Final[Mapping[str, StandIn]] = {"bedrock:GetModelInvocationLoggingConfiguration": logging}
