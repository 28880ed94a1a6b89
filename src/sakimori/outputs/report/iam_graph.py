"""Paths through IAM as a graph: GraphML for tools, a drawing as SVG, and one page with the drawing and the list, which loads nothing.

Names come from the account, and anybody who may make a user chooses one: all are escaped, cleaned and bounded.
"""

from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape as xml_escape

from markupsafe import Markup

from sakimori.analysis.iam.paths.cuts import Removal
from sakimori.analysis.iam.paths.finder import ACCESS
from sakimori.analysis.iam.paths.found import Path, PathEdge, PathsFound
from sakimori.analysis.iam.paths.mincut import MOST_CUT
from sakimori.analysis.iam.paths.techniques import techniques
from sakimori.outputs.report.iam_layout import Drawing, drawing_of
from sakimori.texts.language import Language, clean
from sakimori.texts.sentences import say

_NAME: Final = 200
_LONGEST_ARN: Final = 2_048
_LISTED: Final = 500
_DRAWN: Final = 400
_PAGE_STYLE: Final = Markup("""
body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#1b1f24;background:#fff}
svg{max-width:100%;height:auto;border:1px solid #d0d7de;background:#fafbfc}
ol.paths>li{margin:.8rem 0}.cut{color:#116329}.about{color:#57606a}code{background:#f3f4f6;padding:0 .2em}
@media print{svg{border:none}}
""")
_DRAWING_STYLE: Final = Markup("""
text{font:11px system-ui,sans-serif;fill:#1b1f24}
.user rect{fill:#ddf4ff;stroke:#0969da}.role rect{fill:#fff8c5;stroke:#9a6700}.resource rect{fill:#ffebe9;stroke:#cf222e}
.goal rect{stroke-width:3}
.proven{stroke:#cf222e}.possible{stroke:#6e7781;stroke-dasharray:5 4}path.edge{fill:none;stroke-width:1.5}
""")


def graphml(found: PathsFound) -> str:
    """The edges of all paths, each once, as GraphML 1.0.

    Source: "The GraphML File Format", http://graphml.graphdrawing.org/specification.html.
    """
    return "".join(_graphml(found))


def _graphml(found: PathsFound) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for name, place in (("kind", "node"), ("method", "edge"), ("actions", "edge"), ("certainty", "edge")):
        yield f'  <key id="{name}" for="{place}" attr.name="{name}" attr.type="string"/>\n'
    yield '  <graph id="iam_paths" edgedefault="directed">\n'
    edges = _edges(found)
    for arn in sorted({end for edge in edges for end in (edge.source, edge.target)}):
        yield f'    <node id="{_xml(arn)}"><data key="kind">{kind_of(arn)}</data></node>\n'
    for number, edge in enumerate(edges):
        yield f'    <edge id="e{number}" source="{_xml(edge.source)}" target="{_xml(edge.target)}">'
        for key, value in (
            ("method", edge.method),
            ("actions", " ".join(edge.actions)),
            ("certainty", str(edge.certainty)),
        ):
            yield f'<data key="{key}">{_xml(value)}</data>'
        yield "</edge>\n"
    yield "  </graph>\n</graphml>\n"


def iam_page(found: PathsFound, language: Language, about: Sequence[str] = ()) -> str:
    """The page: the counts, the drawing, the list with each path's cut. `about`: sentences on what the answer stands on."""
    title = say("iam_paths.title", language)
    parts = [
        Markup('<!doctype html>\n<html lang="{}"><head><meta charset="utf-8">').format(language),
        Markup(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        ),
        Markup("<title>{}</title><style>{}</style></head><body><h1>{}</h1>").format(
            title, _PAGE_STYLE + _DRAWING_STYLE, title
        ),
        *(Markup('<p class="about">{}</p>').format(line) for line in about),
        *(Markup("<p>{}</p>").format(line) for line in summary(found, language)),
        _svg(drawing_of(_edges(found), _DRAWN), found, language),
        Markup('<ol class="paths">'),
        *(_listed(path, language) for path in found.paths[:_LISTED]),
        Markup("</ol></body></html>\n"),
    ]
    return str(Markup("").join(parts))


def iam_drawing(found: PathsFound, language: Language, about: Sequence[str] = ()) -> str:
    """The drawing alone, as SVG 1.1; without a path one that says so. What was found stands in its description.

    Source: "Scalable Vector Graphics (SVG) 1.1", W3C Recommendation, 5.4 (`desc`) and 6.3 (style sheets inside a document).
    """
    drawing = drawing_of(_edges(found), _DRAWN)
    sentences = [*about, *summary(found, language), say("iam_paths.legend", language)]
    if drawing.left_out:
        sentences.append(say("iam_paths.left_out", language, count=drawing.left_out))
    width, height = (drawing.width, drawing.height) if drawing.places else (900, 40)
    parts = [
        Markup('<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" ')
        .format(width * 3 // 2, height * 3 // 2),
        Markup('viewBox="0 0 {} {}"><title>{}</title><desc>{}</desc><style>{}</style>').format(
            width, height, say("iam_paths.title", language), "\n".join(sentences), _DRAWING_STYLE
        ),
        Markup('<rect width="100%" height="100%" fill="#fff"/>'),
        _inside(drawing, found, language) if drawing.places else Markup('<text x="16" y="24">{}</text>').format(
            next(line for number, line in enumerate(summary(found, language)) if number)
        ),
        Markup("</svg>\n"),
    ]  # fmt: skip
    return str(Markup("").join(parts))


def summary(found: PathsFound, language: Language) -> Iterator[str]:
    """What was found, from where, and what is not known: each a sentence."""
    goal = say("iam_paths.admin", language) if found.goal.is_admin else _shown(found.goal.resource)
    yield say("iam_paths.intro", language, goal=goal)
    proven = sum(str(path.certainty) == "proven" for path in found.paths)
    if found.paths:
        yield say(
            "iam_paths.counts", language, proven=proven, possible=len(found.paths) - proven, starts=found.starts,
            at_goal=len(found.at_goal),
        )  # fmt: skip
    elif found.starts > len(found.at_goal):
        starts = found.starts - len(found.at_goal)
        yield say("iam_paths.none", language, starts=starts, goal=goal, methods=len(techniques()))
    if found.at_goal:
        yield say("iam_paths.at_goal", language, identities=", ".join(map(short, found.at_goal[:50])))
    if found.maybe_at_goal:
        yield say("iam_paths.maybe_at_goal", language, identities=", ".join(map(short, found.maybe_at_goal[:50])))
    if found.cut_short:
        yield say("iam_paths.cut_short", language, count=len(found.cut_short))
    if found.unread:
        yield say("iam_paths.unread", language, count=found.unread)
    if found.edge_cut and not found.edge_cut.is_found:
        yield say("iam_paths.edge_cut_none", language, limit=MOST_CUT)
    elif found.edge_cut:
        yield say("iam_paths.edge_cut", language, count=len(found.edge_cut.edges))
        yield from (
            say(
                "iam_paths.cut_step", language, source=short(each.source), target=short(each.target),
                methods=", ".join(method_title(one, language) for one in each.methods),
            )
            for each in found.edge_cut.edges
        )  # fmt: skip


def cut_lines(path: Path, language: Language) -> Iterator[str]:
    """What to take from whom so that the path is broken."""
    if path.cut is None:
        yield say("iam_paths.cut_none", language)
        return
    if len(path.cut.removals) > 1:
        yield say("iam_paths.cut_together", language, count=len(path.cut.removals))
    yield from (_removal(each, language) for each in path.cut.removals)


def _removal(removal: Removal, language: Language) -> str:
    if ":iam::aws:policy/" in removal.policy_arn:
        values = {"policy": _shown(removal.policy), "holder": short(removal.holder), "action": removal.action}
        return say("iam_paths.cut_of_aws", language, **values)
    sentence = "iam_paths.cut_trust" if removal.is_trust else "iam_paths.cut_identity"
    return say(
        sentence, language, action=removal.action, policy=_shown(removal.policy), holder=short(removal.holder),
        statement=_shown(removal.sid) or removal.statement + 1, affected=removal.affected,
    )  # fmt: skip


def method_title(method: str, language: Language) -> str:
    """A technique's title in the language."""
    if method == ACCESS:
        return say("iam_paths.access", language)
    return next((each.title.in_(language) for each in techniques() if each.id == method), method)


def kind_of(arn: str) -> str:
    """`user`, `role` or `resource`."""
    rest = arn.split(":", 5)[-1] if ":iam::" in arn else ""
    return next((kind for kind in ("user", "role") if rest.startswith(f"{kind}/")), "resource")


def short(arn: str) -> str:
    """The ARN as a person reads it: `user/alice`; a whole one where it is no identity."""
    return _shown(arn.split(":", 5)[-1] if kind_of(arn) != "resource" else arn)


def _edges(found: PathsFound) -> list[PathEdge]:
    """Each edge once, in the order of the paths."""
    seen = dict[tuple[str, str, str], PathEdge]()
    for path in found.paths:
        for edge in path.edges:
            seen.setdefault((edge.source, edge.target, edge.method), edge)
    return list(seen.values())


def _svg(drawing: Drawing, found: PathsFound, language: Language) -> Markup:
    if not drawing.places:
        return Markup("")
    parts = [
        Markup('<svg width="{}" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            drawing.width * 3 // 2, drawing.width, drawing.height, say("iam_paths.title", language)
        ),
        _inside(drawing, found, language),
        Markup("</svg><p>{}</p>").format(say("iam_paths.legend", language)),
    ]
    if drawing.left_out:
        parts.append(Markup("<p>{}</p>").format(say("iam_paths.left_out", language, count=drawing.left_out)))
    return Markup("").join(parts)


def _inside(drawing: Drawing, found: PathsFound, language: Language) -> Markup:
    goals = {path.target for path in found.paths}
    parts = [
        Markup('<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'),
        Markup('<path d="M0 0L8 4L0 8z" fill="#57606a"/></marker></defs>'),
        *(_curve(edge, drawing, language) for edge in drawing.edges),
        *(_box(arn, drawing, is_goal=arn in goals) for arn in drawing.places),
    ]  # fmt: skip
    return Markup("").join(parts)


def _curve(edge: PathEdge, drawing: Drawing, language: Language) -> Markup:
    title = f"{short(edge.source)} → {short(edge.target)}: {method_title(edge.method, language)} ({', '.join(edge.actions)})"
    return Markup('<path class="edge {}" d="{}" marker-end="url(#tip)"><title>{}</title></path>').format(
        str(edge.certainty), drawing.curve(edge.source, edge.target), title
    )


def _box(arn: str, drawing: Drawing, *, is_goal: bool) -> Markup:
    x, y = drawing.places[arn]
    name = short(arn)
    shown = name if len(name) <= drawing.letters else f"{name[: drawing.letters - 1]}…"
    return Markup(
        '<g class="{}{}" transform="translate({} {})"><title>{}</title><rect width="{}" height="{}" rx="4"/>'
        '<text x="6" y="15">{}</text></g>'
    ).format(kind_of(arn), " goal" if is_goal else "", x, y, _shown(arn), drawing.box_width, drawing.box_height, shown)


def _listed(path: Path, language: Language) -> Markup:
    head = say(
        "iam_paths.path", language, source=short(path.source), target=short(path.target),
        certainty=say(f"iam_paths.{path.certainty}", language),
    )  # fmt: skip
    steps = Markup("").join(_step(edge, language) for edge in path.edges)
    cuts = Markup("").join(Markup('<div class="cut">{}</div>').format(line) for line in cut_lines(path, language))
    return Markup("<li><strong>{}</strong><ol>{}</ol>{}</li>").format(head, steps, cuts)


def _step(edge: PathEdge, language: Language) -> Markup:
    actions = Markup(" ").join(Markup("<code>{}</code>").format(action) for action in edge.actions)
    return Markup("<li>{} → {}: {} {}</li>").format(
        short(edge.source), short(edge.target), method_title(edge.method, language), actions
    )


def _shown(text: str) -> str:
    return clean(text, _NAME)


def _xml(text: str) -> str:
    """Whole, for a tool tells two identities apart by it."""
    return xml_escape(clean(text, _LONGEST_ARN), {'"': "&quot;"})
