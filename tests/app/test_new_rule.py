"""A new rule file is complete but for its sentences: it says which are still to be written, and runs once they are."""

from pathlib import Path

import pytest

from sakimori.analysis.catalogue import catalogue
from sakimori.app.new_rule import write_new_rule
from sakimori.model.errors import UsageError
from sakimori.rules.check_file import check_file
from sakimori.rules.examples import ExampleRunner


@pytest.mark.slow
def test_only_the_sentences_are_left_to_be_written(tmp_path: Path) -> None:
    path = write_new_rule("my.s3.bucket-versioned", "aws_s3_bucket", tmp_path, catalogue())
    with ExampleRunner(catalogue()) as runner:
        _, faults = check_file(path, catalogue(), runner)
        assert {fault.text for fault in faults} == {"rules.text_unwritten"}
        path.write_text(path.read_text(encoding="utf-8").replace("… ", ""), encoding="utf-8")
        assert check_file(path, catalogue(), runner)[1] == ()


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = write_new_rule("my.s3.bucket-versioned", "aws_s3_bucket", tmp_path, catalogue())
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError):
        write_new_rule("my.s3.bucket-versioned", "aws_s3_bucket", tmp_path, catalogue())
    assert path.read_text(encoding="utf-8") == "mine"
