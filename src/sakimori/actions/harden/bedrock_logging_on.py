"""HB32: what models of Bedrock are asked and answer is kept, in the log archive.

A place that is set is kept; where it gets no text, text is added. Bedrock delivers only to a bucket of the same Region: in
others nothing is made while nobody calls models there, and where somebody does, the plan says why it cannot be made.
Source: botocore's model of bedrock; Bedrock User Guide, "Monitor model invocation using CloudWatch Logs and Amazon S3".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sakimori.actions.records.log_archive import CAUTION_READS, READS, archive_cautions, log_archive
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State, Step
from sakimori.actions.terraform import Resource
from sakimori.model.action import Baseline, Call, Change, Quantity
from sakimori.model.words import Scope

_GET: Final = "bedrock:GetModelInvocationLoggingConfiguration"
_PUT: Final = "bedrock:PutModelInvocationLoggingConfiguration"
_DELETE: Final = "bedrock:DeleteModelInvocationLoggingConfiguration"
_METRICS: Final = "cloudwatch:ListMetrics"
_TEXT: Final = "textDataDeliveryEnabled"
_KINDS: Final = (
    _TEXT, "imageDataDeliveryEnabled", "embeddingDataDeliveryEnabled", "videoDataDeliveryEnabled",
    "audioDataDeliveryEnabled",
)  # fmt: skip
_ARGUMENTS: Final = {
    _TEXT: "text_data_delivery_enabled", "imageDataDeliveryEnabled": "image_data_delivery_enabled",
    "embeddingDataDeliveryEnabled": "embedding_data_delivery_enabled",
    "videoDataDeliveryEnabled": "video_data_delivery_enabled",
}  # fmt: skip


def _read(site: Site) -> State:
    archive = log_archive(site)
    told = (site.call(_GET) or {}).get("loggingConfig")
    is_near = archive.region == site.region
    logging = _without_empty(told) if told else None
    is_used = not is_near and logging is None and bool(_invocations(site))
    return {"archive": archive.bucket, "is_near": is_near, "is_used": is_used, "logging": logging}


def _invocations(site: Site) -> Sequence[Any]:
    """Bedrock writes this metric whenever a model is called."""
    return site.all_of(_METRICS, "Metrics", Namespace="AWS/Bedrock", MetricName="Invocations")


def _wanted(_site: Site, state: State) -> State:
    logging = state["logging"]
    if logging and _has_place(logging):
        return {**state, "logging": {**logging, _TEXT: True}}
    if not state["is_near"] and not state["is_used"]:
        return state
    return {**state, "logging": {"s3Config": {"bucketName": state["archive"]}, **dict.fromkeys(_KINDS, True)}}


def _has_place(logging: Mapping[str, Any]) -> bool:
    return bool(
        (logging.get("s3Config") or {}).get("bucketName") or (logging.get("cloudWatchConfig") or {}).get("logGroupName")
    )


def _towards(site: Site, now: State, target: State) -> Sequence[Change]:
    if now["logging"] == target["logging"]:
        return ()
    text = "harden_record.hb32_set" if target["logging"] else "harden_record.hb32_unset"
    undo = (_call(site, now["logging"]),)
    return (Change(name="logging", call=_call(site, target["logging"]), undo=undo, text=text),)


def _call(site: Site, logging: Mapping[str, Any] | None) -> Call:
    if logging is None:
        return Call(operation=_DELETE, region=site.region)
    # Bedrock tries the bucket's policy, which may have been written a moment ago.
    parameters, not_yet = {"loggingConfig": logging}, ("ValidationException",)
    return Call(operation=_PUT, region=site.region, parameters=parameters, not_yet=not_yet)


def _cautions(site: Site, state: State) -> Sequence[Caution]:
    if state["logging"] and _has_place(state["logging"]):
        return (Caution(text="harden_record.hb32_text"),)
    if not state["is_near"]:
        values = {"bucket": state["archive"]}
        return (Caution(text="harden_record.hb32_far", values=values, blocks=True),)
    return (Caution(text="harden_record.hb32_text"), *archive_cautions(site, log_archive(site)))


def _costs(_site: Site, _state: State) -> Sequence[Quantity]:
    return (Quantity("s3.gb_month", None),)


def _terraform(site: Site, target: State) -> Sequence[Resource]:
    logging = target["logging"]
    if not logging or "s3Config" not in logging:
        return ()
    place = {"bucket_name": logging["s3Config"]["bucketName"], "key_prefix": logging["s3Config"].get("keyPrefix")}
    kinds = {argument: logging[kind] for kind, argument in _ARGUMENTS.items() if kind in logging}
    return [
        Resource(
            type="aws_bedrock_model_invocation_logging_configuration", name=f"sakimori_{site.region}", region=site.region,
            blocks=[("logging_config", {**kinds, "blocks": [("s3_config", place)]})],
        )
    ]  # fmt: skip


def _without_empty(told: Mapping[str, Any]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for key, value in told.items():
        kept = _without_empty(value) if isinstance(value, Mapping) else value  # pyright: ignore[reportUnknownArgumentType]
        if kept not in ("", None, {}):
            found[key] = kept
    return found


STEP: Final = Step(
    id="HB32",
    order=320,
    texts="harden_record.hb32",
    scope=Scope.REGION,
    baseline=Baseline.STRICT,
    rules=("aws.bedrock.invocation-logging-enabled",),
    reads=(*READS, *CAUTION_READS, _GET, _METRICS),
    writes=(_PUT, _DELETE),
    read=_read,
    wanted=_wanted,
    towards=_towards,
    cautions=_cautions,
    costs=_costs,
    terraform=_terraform,
)
