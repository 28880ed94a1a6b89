"""A rule file to begin from: complete but for its sentences, and showing what every rule of its kind must decide."""

import re
from datetime import date
from pathlib import Path
from string import Template
from typing import Final
from uuid import uuid4

from sakimori.lake.table import Catalogue, Table, Type
from sakimori.model.errors import UsageError

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}\Z")
_FILE: Final = Template("""\
id: $id
severity: medium
title:
  en: … State what is right, as a short sentence
  ja: … あるべき状態を短く書きます
why:
  en: … The harm, in one sentence.
  ja: … 何が起きるのかを一文で書きます。

judges: $table
query: |
  select
    t.account_id,
    t.region,
    t.$key as resource,
    t.$column as compliant
  from $table as t

fail:
  en: "{resource} is not right."
  ja: "{resource} が基準を満たしていません。"
fix:
  en: … The act that mends it, in one sentence.
  ja: … 直し方を一文で書きます。
references: []

examples:
  - name: right
    given:
      $table: [{$key: a, $column: true}]
    expect: {a: pass}
  - name: wrong
    given:
      $table: [{$key: a, $column: false}]
    expect: {a: fail}
  - name: not known
    given:
      $table: [{$key: a}]
    expect: {a: unknown}
""")


def write_new_rule(rule_id: str, judges: str, directory: Path, catalogue: Catalogue) -> Path:
    """A new file named after the rule in `directory`; UsageError if the table has no boolean column or the file exists."""
    if judges not in catalogue:
        raise UsageError("rules.unknown_table", name=judges, near="")
    table = catalogue[judges]
    path = directory / f"{rule_id.rpartition('.')[2].replace('-', '_')}.yaml"
    _write(path, _FILE.substitute(id=rule_id, table=judges, key=table.key, column=_boolean(table)))
    return path


def _boolean(table: Table) -> str:
    for column in table.own_columns:
        if column.type is Type.BOOLEAN:
            return column.name
    raise UsageError("app.no_boolean_column", table=table.name)


_DETECTION: Final = Template("""\
title: … What somebody did, as a short sentence
id: $uuid
name: $name
status: experimental
description: … Why it is dangerous, in one to three sentences.
references: []
author: …
date: $day
# MITRE ATT&CK: tactics as attack.persistence, techniques as attack.t1098.001.
tags: []
logsource: {product: aws, service: cloudtrail}
detection:
    selection:
        eventSource: iam.amazonaws.com
        eventName: CreateUser
    # What an AWS service does of its own accord is no attack. `fact.` fields: see docs/reference/detections.md.
    filter_service:
        fact.by_aws_service: true
    condition: selection and not filter_service
falsepositives: []
# The harm if it is true: critical, high, medium, low, informational.
level: medium
sakimori:
    # How sure the rule is: high, medium, low.
    confidence: medium
    title: {ja: … 誰が何をしたかを短く書きます}
    description: {ja: … なぜ危険なのかを 1～3 文で書きます。}
    falsepositives: {ja: []}
    message:
        en: "… {principal} made the user {requestParameters.userName} from {origin}{outcome}."
        ja: "… {principal} が {origin} からユーザー {requestParameters.userName} を作成しました{outcome}。"
    resources: [requestParameters.userName]
    # Only if something is new for somebody: region, service, action, origin, network, country, asn, user_agent,
    # principal, service_region or access_key; of principal, account or origin.
    # first_seen: {dimension: action, of: principal, days: 90, learning_days: 7}
    # Or only if the events of one principal, origin, account or access_key within a time have all of these measures.
    # shape: {per: principal, within: 1h, at_least: {events: 20, services: 8}}
    examples:
        - {name: a user is made, match: true, event: {eventSource: iam.amazonaws.com, eventName: CreateUser, requestParameters: {userName: mallory}}}
        - {name: a user is read, match: false, event: {eventSource: iam.amazonaws.com, eventName: GetUser, requestParameters: {userName: mallory}}}
""")


def write_new_detection(name: str, directory: Path, today: date) -> Path:
    """A new Sigma file named after the detection in `directory`; UsageError if it has no such name or the file exists."""
    if not _NAME.match(name):
        raise UsageError("detect.bad_name", name=name)
    path = directory / f"{name.replace('-', '_')}.yml"
    _write(path, _DETECTION.substitute(uuid=uuid4(), name=name, day=today.isoformat()))
    return path


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError("app.output_unwritable", path=path, reason=error.strerror or str(error)) from error
