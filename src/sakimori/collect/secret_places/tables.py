"""The tables of a search for secrets: what was looked at, and what was found there. No secret is in them."""

from typing import Final

from sakimori.lake.table import Column, Table, Type
from sakimori.model.words import Scope

_PLACE: Final = Column(
    name="place", type=Type.TEXT, sentence="The kind of place: ec2-user-data, lambda-environment, …."
)
_RESOURCE: Final = Column(name="resource_arn", type=Type.TEXT, sentence="The resource that holds it.")

SEARCHED: Final = Table(
    name="aws_searched_text",
    sentence="What `sakimori secrets scan --account` looked at: one row for each resource and kind of place.",
    key="id",
    producer="secrets",
    scope=Scope.REGION,
    own_columns=(
        Column(name="id", type=Type.TEXT, sentence="The resource's ARN, a space and the kind of place."),
        _RESOURCE,
        Column(name="resource_type", type=Type.TEXT, sentence="Its CloudFormation type."),
        _PLACE,
        Column(name="byte_count", type=Type.INTEGER, sentence="How much was looked at; NULL where it could not be read."),
        Column(name="is_whole", type=Type.BOOLEAN, sentence="All of it was looked at, and not a part within a bound."),
        Column(name="secret_count", type=Type.INTEGER, sensitive=True,
               sentence="Different secrets in it, without those that were allowed or are probably none; NULL where it could not be read."),
        Column(name="doubtful_count", type=Type.INTEGER, sensitive=True, sentence="Different texts in it that are probably no secrets."),
        Column(name="kinds", type=Type.TEXT, sensitive=True, sentence="The kinds of those secrets, separated by commas."),
        Column(name="worst_severity", type=Type.TEXT, sensitive=True, sentence="The worst of their severities; '' where there is none."),
    ),
)  # fmt: skip

HOLDER: Final = Table(
    name="aws_searched_resource",
    sentence="Each resource that `sakimori secrets scan --account` looked at, with what all its places hold together.",
    key="resource_arn",
    producer="secrets",
    scope=Scope.REGION,
    own_columns=(
        _RESOURCE,
        Column(name="resource_type", type=Type.TEXT, sentence="Its CloudFormation type."),
        Column(name="places", type=Type.TEXT, sentence="The kinds of places that it has, separated by commas."),
        Column(name="aws_credential_count", type=Type.INTEGER, sensitive=True,
               sentence="Different credentials of AWS in it; NULL where none was found and not all of it was looked at."),
        Column(name="other_secret_count", type=Type.INTEGER, sensitive=True,
               sentence="Different other secrets in it; NULL where none was found and not all of it was looked at."),
        Column(name="parts", type=Type.TEXT, sensitive=True, sentence="Where in it they stand: variables, parameters, files."),
        Column(name="access_key_ids", type=Type.TEXT, sentence="The ids of the AWS keys among them, separated by commas."),
    ),
)  # fmt: skip

EXPOSED: Final = Table(
    name="aws_exposed_secret",
    sentence="Secrets that `sakimori secrets scan --account` found in an account's resources, without the secrets.",
    key="id",
    producer="secrets",
    parent="searched_id",
    scope=Scope.REGION,
    own_columns=(
        Column(name="id", type=Type.TEXT, sentence="What it was found in, the kind and the beginning of its hash."),
        Column(name="searched_id", type=Type.TEXT, sentence="The row of aws_searched_text."),
        _RESOURCE,
        _PLACE,
        Column(name="part", type=Type.TEXT, sentence="Where in it: a variable, a parameter, a file."),
        Column(name="line", type=Type.INTEGER, sentence="The line, from 1."),
        Column(name="kind", type=Type.TEXT, sentence="What kind of secret it is."),
        Column(name="severity", type=Type.TEXT, sentence="How bad it is that it lies there."),
        Column(name="confidence", type=Type.TEXT, sentence="How sure it is that it is one: high, medium or low."),
        Column(name="masked", type=Type.TEXT, sensitive=True, sentence="A few of its characters, to know it by."),
        Column(name="sha256", type=Type.TEXT, sensitive=True, sentence="Its hash: the same secret elsewhere has the same."),
        Column(name="access_key_id", type=Type.TEXT, sentence="The id of the AWS key that it is, or belongs to; '' where it is none."),
        Column(name="key_account_id", type=Type.TEXT, sentence="The AWS account of the key, where its id says it; '' otherwise."),
        Column(name="allowed_because", type=Type.TEXT, sentence="The reason of an inline allowance; '' where there is none."),
    ),
)  # fmt: skip

SEARCH_TABLES: Final = (SEARCHED, HOLDER, EXPOSED)
"""What a search makes, as one snapshot."""
