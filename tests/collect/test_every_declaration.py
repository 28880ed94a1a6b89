"""Laws over all collected tables: they call what exists, say what they mean, and use what they read."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, ServiceModel

import sakimori.collect
from sakimori.aws.refusal import NOT_OFFERED
from sakimori.collect.catalogue import collected, declarations
from sakimori.collect.declaration import ACCOUNT_ID, UNSET, Call, Context, Declaration, Reader
from sakimori.model.words import Scope

DECLARATIONS = tuple(declarations().values())
every_table = pytest.mark.parametrize("declaration", DECLARATIONS, ids=lambda each: each.table.name)

# Codes that S3's and S3 Control's models leave out. Source: S3 API reference, "List of error codes"
# and the page of each operation.
_UNDECLARED = {
    "s3:GetPublicAccessBlock": {"NoSuchPublicAccessBlockConfiguration"},
    "s3:GetBucketLocation": {"NoSuchBucket"},
    "s3:GetBucketPolicy": {"NoSuchBucketPolicy"},
    "s3:GetBucketPolicyStatus": {"NoSuchBucketPolicy"},
    "s3:GetBucketOwnershipControls": {"OwnershipControlsNotFoundError"},
    "s3:GetBucketEncryption": {"ServerSideEncryptionConfigurationNotFoundError"},
    "s3:GetBucketLifecycleConfiguration": {"NoSuchLifecycleConfiguration"},
    "s3:GetObjectLockConfiguration": {"ObjectLockConfigurationNotFoundError"},
    "s3control:GetAccessPointPolicy": {"NoSuchAccessPointPolicy"},
}


@cache
def service(name: str) -> ServiceModel:
    return botocore.session.Session().get_service_model(name)


def model_of(operation: str) -> OperationModel:
    name, _, action = operation.partition(":")
    return service(name).operation_model(action)


def calls_of(declaration: Declaration) -> tuple[Call, ...]:
    listing = () if isinstance(declaration.rows, Reader) else declaration.rows
    return (*listing, *declaration.each)


def test_there_are_tables_and_each_has_the_name_of_its_service() -> None:
    assert len(DECLARATIONS) >= 38
    for name in collected():
        assert re.fullmatch(r"aws_[a-z0-9]+(_[a-z0-9]+)*", name)


@every_table
def test_every_operation_and_parameter_is_in_the_services_model(declaration: Declaration) -> None:
    for operation in declaration.operations:
        try:
            model_of(operation)
        except UnknownServiceError as error:
            raise AssertionError(operation) from error
    for made in calls_of(declaration):
        shape = model_of(made.operation).input_shape
        known = set(shape.members) if shape else set()
        given = {*made.parameters, *made.with_, *([made.batch] if made.batch else [])}
        assert given <= known, (made.operation, given - known)
        required = set(shape.required_members) if shape else set()
        assert required <= given, (made.operation, required - given)


@every_table
def test_every_plain_path_of_a_call_is_in_the_answer(declaration: Declaration) -> None:
    for made in calls_of(declaration):
        first = re.match(r"[A-Za-z]+", made.path)
        if first:
            output = model_of(made.operation).output_shape
            assert output is not None
            assert first.group() in output.members, (made.operation, made.path)


@every_table
def test_only_codes_that_the_operation_can_answer_mean_absent(declaration: Declaration) -> None:
    for made in calls_of(declaration):
        shapes = model_of(made.operation).error_shapes
        declared = {shape.metadata.get("error", {}).get("code", shape.name) for shape in shapes}
        # Our own word for a service that a Region does not have means something of a listing alone.
        ours = set() if made in declaration.each else {NOT_OFFERED}
        codes = {entry.partition(":")[0] for entry in made.absent} - ours
        assert codes <= declared | _UNDECLARED.get(made.operation, set()), made.operation


@every_table
def test_every_column_says_what_it_means_in_a_sentence(declaration: Declaration) -> None:
    assert declaration.table.sentence.endswith(".")
    for column in declaration.table.own_columns:
        assert column.sentence.endswith((".", "…")), column.name
        assert len(column.sentence) <= 130, column.name
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)


@every_table
def test_the_key_and_the_parent_are_columns(declaration: Declaration) -> None:
    assert declaration.table.column(declaration.table.key) is not None
    assert declaration.table.own_columns[0].name == declaration.table.key
    if declaration.table.parent:
        assert declaration.table.column(declaration.table.parent) is not None
        assert declaration.parent_key is not None
    assert (declaration.row_region is not None) == (declaration.table.scope is Scope.RESOURCE_REGION)


@every_table
def test_every_detail_is_used_and_every_named_detail_is_read(declaration: Declaration) -> None:
    names = {made.name for made in declaration.each}
    needed = {name for source in declaration.sources.values() for name in source.needs}
    heads = {re.split(r"[.\[]", source.path)[0] for source in declaration.sources.values() if source.path}
    conditions = {made.when.partition(".")[0] for made in declaration.each if made.when}
    assert len(names) == len(declaration.each), "two details share a name"
    assert needed | set(declaration.expand_needs) <= names
    assert names <= needed | heads | conditions | set(declaration.expand_needs)


class Watched(dict[str, Any]):
    """A record that notes which of its members are looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[object] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.seen.add(key)
        return default

    def __getitem__(self, key: str) -> Any:
        self.seen.add(key)
        return ""

    def __contains__(self, key: object) -> bool:
        self.seen.add(key)
        return False


@every_table
def test_a_derivation_that_looks_at_a_detail_says_so(declaration: Declaration, context: Context) -> None:
    names = {made.name for made in declaration.each}
    for column, source in declaration.sources.items():
        if source.derive is not None and names and declaration.expand is None:
            record = Watched()
            source.derive(record, context)
            assert record.seen & names <= set(source.needs), column


def test_the_watching_of_derivations_sees_what_they_look_at(context: Context) -> None:
    record = Watched()
    source = declarations()["aws_cloudtrail_trail"].sources["records_all_management_events"]
    assert source.derive is not None
    source.derive(record, context)
    assert {"Trail", "Selectors"} <= record.seen


@every_table
def test_a_derived_value_has_its_absence_in_the_function_and_not_beside_it(declaration: Declaration) -> None:
    for name, source in declaration.sources.items():
        assert source.derive is None or source.when_absent is UNSET, name


@every_table
def test_what_is_asked_for_can_be_written_into_a_memo(declaration: Declaration) -> None:
    for made in calls_of(declaration):
        for value in made.parameters.values():
            assert isinstance(value, str | int | bool | list), made.operation
            assert value == ACCOUNT_ID or not str(value).startswith("$")


def sources() -> list[Path]:
    return sorted(Path(sakimori.collect.__path__[0]).rglob("*.py"))


@pytest.mark.slow
def test_no_partition_is_written_into_a_declaration() -> None:
    def texts(tree: ast.AST) -> list[Any]:
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        return [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        ]

    assert len(sources()) > 40
    for path in sources():
        found = [text for text in texts(ast.parse(path.read_text(encoding="utf-8"))) if re.search(r"arn:aws[:-]", text)]
        assert not found, path
