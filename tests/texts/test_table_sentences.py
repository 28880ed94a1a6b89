import pytest

from sakimori.texts.table_sentences import japanese_of


def test_the_common_columns_come_first() -> None:
    assert list(japanese_of("aws_s3_bucket").columns)[:4] == ["account_id", "partition", "region", "arn"]


def test_an_unknown_table_has_no_japanese() -> None:
    with pytest.raises(KeyError):
        japanese_of("aws_s3_buckt")
