"""What is kept for a later day: sessions, logs; and a bus of events that stands open."""

import json
from typing import Any, Final

from sakimori.simulate.scenarios.form import Seeding
from sakimori.simulate.scenarios.messy import TOKYO, VIRGINIA

_PARTNER: Final = "333333333333"
_PREFERENCES: Final = "SSM-SessionManagerRunShell"


def seed(seeding: Seeding) -> None:
    """Sessions are kept in Tokyo alone; of three log groups one is short-lived; Virginia's bus lets everyone in."""
    _sessions(seeding)
    logs: Any = seeding.client("logs", TOKYO)
    for name, days in (("/app/yoyaku", 7), ("/audit/db", 400)):
        logs.create_log_group(logGroupName=name)
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    virginia: Any = seeding.client("events", VIRGINIA)
    bus = f"arn:aws:events:{VIRGINIA}:{seeding.state.account_id}:event-bus/default"
    # As a whole policy: of the parameter Principal="*" moto makes another principal than AWS does.
    anyone = {"Sid": "anyone", "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": bus}
    virginia.put_permission(EventBusName="default", Policy=json.dumps({"Version": "2012-10-17", "Statement": [anyone]}))
    virginia.create_event_bus(Name="partner")
    virginia.put_permission(EventBusName="partner", Action="events:PutEvents", Principal=_PARTNER, StatementId="one")
    # An alarm that nobody connected to anything.
    seeding.client("cloudwatch", VIRGINIA).put_metric_alarm(
        AlarmName="請求額",
        MetricName="EstimatedCharges",
        Namespace="AWS/Billing",
        Dimensions=[{"Name": "Currency", "Value": "USD"}],
        Statistic="Maximum",
        Period=21600,
        EvaluationPeriods=1,
        Threshold=300,
        ComparisonOperator="GreaterThanThreshold",
    )


def _sessions(seeding: Seeding) -> None:
    for region, group in ((TOKYO, "/audit/sessions"), (VIRGINIA, "")):
        inputs = {
            "s3BucketName": "",
            "s3KeyPrefix": "",
            "s3EncryptionEnabled": True,
            "cloudWatchLogGroupName": group,
            "cloudWatchEncryptionEnabled": False,
            "idleSessionTimeout": "20",
            "kmsKeyId": "",
            "runAsEnabled": False,
        }
        content = {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": inputs}
        seeding.client("ssm", region).create_document(
            Name=_PREFERENCES, DocumentType="Session", DocumentFormat="JSON", Content=json.dumps(content)
        )
