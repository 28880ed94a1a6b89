"""Logs as rules see them: which names are fields, and what a `logsource` means."""

import pytest

from sakimori.analysis.log_forms.catalogue import forms_of, log_forms
from sakimori.analysis.log_forms.cloudtrail import FORM
from sakimori.analysis.log_forms.form import FieldKind, LogForm
from sakimori.analysis.log_forms.network import VPC_FLOW_FORM


@pytest.mark.parametrize("form", log_forms(), ids=lambda form: form.table.name)
def test_a_form_names_only_columns_that_its_table_has(form: LogForm) -> None:
    columns = {column.name for column in form.table.columns}
    told = {*form.heads.values(), *form.aliases.values(), *form.json, *form.principal, *form.origin, *form.resources}
    assert told | set(form.anchors) <= columns
    assert not form.event_id or form.event_id in columns
    assert form.table.time in columns
    for name in (*form.heads, *form.aliases, *form.unmapped):
        assert form.resolve(name) is not None


@pytest.mark.parametrize("form", log_forms(), ids=lambda form: form.table.name)
def test_every_name_that_is_suggested_is_a_field(form: LogForm) -> None:
    assert [name for name in form.names if form.resolve(name) is None] == []


@pytest.mark.parametrize(
    ("name", "kind", "column", "path"),
    [
        ("eventName", FieldKind.COLUMN, "event_name", ()),
        ("EventName", FieldKind.COLUMN, "event_name", ()),
        ("event_name", FieldKind.COLUMN, "event_name", ()),
        ("requestParameters", FieldKind.JSON, "request_parameters", ()),
        ("requestParameters.a.b", FieldKind.JSON, "request_parameters", ("a", "b")),
        ("requestparameters.a", FieldKind.JSON, "request_parameters", ("a",)),
        ("eventContext.x", FieldKind.JSON, "rest", ("eventContext", "x")),
        ("principal", FieldKind.ROLE, "", ()),
        ("fact.by_aws_service", FieldKind.FACT, "", ()),
    ],
)
def test_a_name_is_a_field(name: str, kind: FieldKind, column: str, path: tuple[str, ...]) -> None:
    field = FORM.resolve(name)
    assert field
    assert (field.kind, field.column, field.path) == (kind, column, path)


@pytest.mark.parametrize("name", ["", ".", "eventNam", "eventName.x", "fact.", "fact.x", "principal_root", "rest", "Principal", "requestParameters2.x"])  # fmt: skip
def test_any_other_name_is_none(name: str) -> None:
    assert FORM.resolve(name) is None


def test_a_flow_log_goes_by_its_columns_and_their_other_names() -> None:
    field = VPC_FLOW_FORM.resolve("dst_port")
    assert field
    assert (field.kind, field.column) == (FieldKind.COLUMN, "dstport")
    assert VPC_FLOW_FORM.resolve("eventName") is None
    assert VPC_FLOW_FORM.resolve("fact.by_aws_service") is None


@pytest.mark.parametrize(
    ("source", "tables"),
    [
        (("aws", "cloudtrail", None), {"aws_cloudtrail_event"}),
        ((None, "cloudtrail", None), {"aws_cloudtrail_event"}),
        (("aws", None, None), set[str]()),
        (("azure", "cloudtrail", None), set[str]()),
        (("aws", "vpcflow", None), {"aws_vpc_flow_log"}),
        ((None, None, None), set[str]()),
        (("windows", None, "dns"), set[str]()),
    ],
)
def test_a_logsource_means_the_logs_that_it_names(
    source: tuple[str | None, str | None, str | None], tables: set[str]
) -> None:
    assert {form.table.name for form in forms_of(*source)} == tables


def test_a_category_means_every_log_of_its_kind() -> None:
    assert len(forms_of(None, None, "webserver")) > 3
    assert len(forms_of("aws", None, "dns")) == 1
