"""Bedrock's traces: invocations show as metrics, which only AWS itself writes; no configuration is no configuration."""

from collections.abc import Mapping
from typing import Any, Final

from moto.bedrock.models import bedrock_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.s3.models import s3_backends

from sakimori.simulate.call import Answer, ServiceError
from sakimori.simulate.stand_ins.form import Desk, StandIn
from sakimori.simulate.state import AccountState

_PRINCIPAL: Final = "bedrock.amazonaws.com"


def logging(desk: Desk) -> Mapping[str, Any] | Answer:
    """Moto's answer; without a configuration AWS leaves the member out."""
    configured = bedrock_backends[desk.state.account_id][desk.call.region].get_model_invocation_logging_configuration()
    return desk.moto() if configured else {}


def put_logging(desk: Desk) -> Answer:
    """Moto's answer; a bucket must be the account's, lie in the same Region and let Bedrock write.

    Source: Bedrock User Guide, "Monitor model invocation using CloudWatch Logs and Amazon S3".
    """
    name = str((desk.parameters()["loggingConfig"].get("s3Config") or {}).get("bucketName") or "")
    bucket = s3_backends[desk.state.account_id][desk.state.partition].buckets.get(name)
    if name and (bucket is None or bucket.region_name != desk.call.region or _PRINCIPAL not in str(bucket.policy)):
        raise ServiceError("ValidationException", f"Failed to validate permissions for the S3 bucket: {name}.")
    return desk.moto()


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


STAND_INS: Final[Mapping[str, StandIn]] = {
    "bedrock:GetModelInvocationLoggingConfiguration": logging,
    "bedrock:PutModelInvocationLoggingConfiguration": put_logging,
}
