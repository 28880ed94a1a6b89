import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from tests.analysis.iam.path_account import account_of_records, allow, arn, role, service, user

from sakimori.analysis.iam.paths.finder import find_paths
from sakimori.analysis.iam.paths.found import PathsFound
from sakimori.analysis.iam.paths.goals import Goal, goal_of
from sakimori.outputs.report.iam_graph import cut_lines, graphml, iam_drawing, iam_page, summary
from sakimori.texts.language import Language

LAMBDA = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
HOSTILE = "a<script>alert(1)</script>\"'&"


def found(*names: str, start: str = "", goal: Goal | None = None) -> PathsFound:
    account = account_of_records(
        *(user(name, allow(LAMBDA)) for name in names), role("powerful", service("lambda"), allow("*"))
    )
    return find_paths(account, account.find(start)[0] if start else None, goal or Goal())


def test_graphml_holds_every_edge_with_its_permissions() -> None:
    root = ET.fromstring(graphml(found("alice", "bob")))  # noqa: S314 - our own text
    edges = [(edge.get("source"), edge.get("target")) for edge in root.iter(f"{GRAPHML}edge")]
    assert edges == [(arn("user/alice"), arn("role/powerful")), (arn("user/bob"), arn("role/powerful"))]
    told = {data.get("key"): data.text for data in next(root.iter(f"{GRAPHML}edge"))}
    assert told == {"method": "lambda_create_function_invoke", "actions": " ".join(LAMBDA), "certainty": "proven"}
    assert len(list(root.iter(f"{GRAPHML}node"))) == 3


def test_the_name_of_an_identity_stays_a_name() -> None:
    page = iam_page(found(HOSTILE), "en")
    assert "<script" not in page
    root = ET.fromstring(graphml(found(HOSTILE)))  # noqa: S314 - our own text
    assert next(root.iter(f"{GRAPHML}edge")).get("source") == arn(f"user/{HOSTILE}")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_loads_nothing_from_anywhere(language: Language) -> None:
    page = iam_page(found("alice"), language)
    assert not re.search(r"""(?:src|href)\s*=|url\((?!#)|@import|https?://""", page)


class _Balanced(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open, self.boxes = list[str](), 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's own form
        if tag != "meta":
            self.open.append(tag)
        self.boxes += tag == "rect"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's own form
        self.boxes += tag == "rect"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 200])
def test_each_identity_on_a_path_is_drawn_once_and_no_other(count: int) -> None:
    parser = _Balanced()
    parser.feed(iam_page(found(*(f"user{number:03}" for number in range(count))), "en"))
    assert (parser.open, parser.boxes) == ([], count + 1)


@pytest.mark.slow
def test_no_two_boxes_lie_on_each_other() -> None:
    page = iam_page(found(*(f"user{number:03}" for number in range(200))), "en")
    places = re.findall(r"translate\(([0-9]+ [0-9]+)\)", page)
    assert len(places) == len(set(places)) == 201


def test_the_cut_of_each_path_is_told_in_words() -> None:
    assert (
        "Cut: take iam:PassRole out of the policy inline of user/alice (statement 1). Identities that lose it: 1."
        in iam_page(found("alice"), "en")
    )
    assert "遮断策: user/alice のポリシー inline" in iam_page(found("alice"), "ja")


def test_where_nothing_was_found_the_page_says_what_was_looked_at() -> None:
    account = account_of_records(user("alice"), user("bob"))
    lines = list(summary(find_paths(account, None, Goal()), "en"))
    assert re.fullmatch(
        r"No path to administrator was found\. Identities asked: 2; known methods tried: [0-9]+\.", lines[1]
    )


def test_the_edge_cut_of_one_start_is_told() -> None:
    lines = list(summary(found("alice", start="alice"), "en"))
    assert lines[-1] == "  user/alice → role/powerful (New function, invoked)"


def test_a_resource_is_drawn_as_the_end() -> None:
    page = iam_page(found("alice", start="alice", goal=goal_of("arn:aws:s3:::amzn-s3-demo-bucket")), "en")
    assert '<g class="resource goal"' in page
    assert "Access to the resource" in page


def test_the_drawing_alone_is_svg_with_what_was_found_and_names_stay_names() -> None:
    root = ET.fromstring(iam_drawing(found(HOSTILE), "en", ["<b>read</b> yesterday"]))  # noqa: S314 - our own text
    svg = "{http://www.w3.org/2000/svg}"
    assert root.tag == f"{svg}svg"
    assert len(root.findall(f"{svg}g")) == 2
    assert not list(root.iter(f"{svg}script"))
    told = root.findtext(f"{svg}desc") or ""
    assert "<b>read</b> yesterday" in told
    assert "1 proven" in told


def test_a_drawing_of_no_path_says_that_there_is_none() -> None:
    account = account_of_records(user("alice"))
    root = ET.fromstring(iam_drawing(find_paths(account, None, Goal()), "en"))  # noqa: S314 - our own text
    assert "No path to administrator was found" in (root.findtext("{http://www.w3.org/2000/svg}text") or "")


def test_the_page_tells_what_it_stands_on() -> None:
    assert '<p class="about">Account 1, as of &lt;now&gt;</p>' in iam_page(
        found("alice"), "en", ["Account 1, as of <now>"]
    )


def test_two_long_names_are_two_nodes() -> None:
    path = "/" + "x" * 300 + "/"
    names = [f"{path}{name}".lstrip("/") for name in ("first", "second")]
    root = ET.fromstring(graphml(found(*names)))  # noqa: S314 - our own text
    nodes = [each.get("id") for each in root.iter(f"{GRAPHML}node")]
    assert len(nodes) == len(set(nodes)) == 3


def test_cuts_that_only_together_break_a_path_are_told_so() -> None:
    account = account_of_records(user("root-like", allow("iam:*")))
    lines = list(cut_lines(find_paths(account, None, Goal()).paths[0], "en"))
    assert len(lines) > 2
    assert lines[0] == f"Only all of these cuts ({len(lines) - 1}) together break the path:"
