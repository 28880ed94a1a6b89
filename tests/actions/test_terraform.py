"""Terraform: what an account says stands in the code as text, never as something that is computed."""

import hcl2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.actions.terraform import Expression, Resource, identifier, rendered

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)


def _one(resource: Resource) -> dict[str, object]:
    (found,) = hcl2.loads(rendered([resource]))["resource"]
    ((_, by_name),) = found.items()
    ((_, body),) = by_name.items()
    return body


def test_a_resource_has_its_region_arguments_and_blocks_in_blocks() -> None:
    text = rendered(
        [
            Resource(
                type="aws_thing", name="one", region="eu-west-1",
                arguments={"is_on": True, "days": 3, "names": ["a", "b"], "tags": {"a b": "c"}, "left_out": None,
                           "arn": Expression("aws_other.one.arn")},
                blocks=[("rule", {"id": "x", "blocks": [("inner", {"y": "z"})]}), ("rule", {"id": "w"})],
            )
        ]
    )  # fmt: skip
    assert '  region = "eu-west-1"\n  is_on = true\n  days = 3\n  names = ["a", "b"]\n' in text
    assert "  arn = aws_other.one.arn\n" in text
    assert '  rule {\n    id = "x"\n    inner {\n      y = "z"\n    }\n  }\n  rule {\n    id = "w"\n  }\n' in text
    assert "left_out" not in text
    assert hcl2.loads(text)["resource"]


@pytest.mark.slow
@given(TEXTS, TEXTS)
def test_no_text_becomes_code(value: str, key: str) -> None:
    body = _one(Resource(type="aws_thing", name=key, arguments={"value": value, "map": {key: value}}))
    assert body.keys() - {"__is_block__"} == {"value", "map"}
    said = str(body["value"])
    assert "${" not in said.replace("$${", "")
    assert "%{" not in said.replace("%%{", "")


@pytest.mark.slow
@given(TEXTS)
def test_every_name_is_one_that_terraform_takes(name: str) -> None:
    made = identifier(name)
    assert made.isascii()
    assert made[0].isalpha() or made[0] == "_"
