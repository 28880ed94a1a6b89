"""An investigation as one page that loads nothing: the answer, a timeline to zoom into, the tree of credentials, the lists."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from markupsafe import Markup

from sakimori.analysis.incident.investigation import Investigation
from sakimori.analysis.incident.timeline import Entry
from sakimori.outputs.report.investigation_drawings import graph_drawing, timeline_drawing
from sakimori.outputs.report.investigation_text import (
    answer_line,
    banner,
    cost_line,
    coverage_lines,
    first_credentials,
    head_lines,
    lonely_line,
    made_line,
    title_of,
)
from sakimori.texts.language import Language, clean, show_time
from sakimori.texts.sentences import say

_MOST: Final = 1_000
_CELL: Final = 300
_STYLE: Final = Markup("""
body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#1b1f24;background:#fff}
.banner{background:#cf222e;color:#fff;padding:.6rem 1rem;font-weight:600}.note{color:#57606a}
svg.zoom{width:100%;height:auto;border:1px solid #d0d7de;background:#fafbfc;cursor:grab}
svg.graph{max-width:100%;height:auto;border:1px solid #d0d7de;background:#fafbfc}
svg text{font:11px system-ui,sans-serif;fill:#1b1f24}.tick{stroke:#d0d7de}text.tick{stroke:none;fill:#57606a}
.label{fill:#fafbfc}.write rect{fill:#cf222e}.read rect{fill:#0969da}.denied rect{fill:#8c959f}
.edge{fill:none;stroke:#57606a}.c rect{fill:#fff8c5;stroke:#9a6700}.made rect{fill:#ffebe9;stroke:#cf222e}.changed rect{fill:#fff;stroke:#cf222e}
.scroll{overflow-x:auto}table{border-collapse:collapse}td,th{border-bottom:1px solid #d0d7de;padding:.2rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
dt{font-weight:600;margin-top:.5rem}li{overflow-wrap:anywhere}
""")
_SCRIPT: Final = """
for(const svg of document.querySelectorAll('svg.zoom')){
const g=svg.querySelector('.moves'),left=+svg.dataset.left,all=+svg.dataset.width;let k=1,x=0,from=null;
const at=e=>{const b=svg.getBoundingClientRect();return (e.clientX-b.left)*all/b.width-left};
const draw=()=>{const w=all-left;k=Math.max(1,Math.min(k,5e4));x=Math.min(0,Math.max(x,w-w*k));
g.setAttribute('transform','translate('+x+' 0) scale('+k+' 1)');
for(const r of g.querySelectorAll('g rect')){if(!r.dataset.w)r.dataset.w=r.getAttribute('width');r.setAttribute('width',Math.max(+r.dataset.w,3/k))}
for(const t of g.querySelectorAll('text')){t.setAttribute('transform','translate('+t.getAttribute('x')*(1-1/k)+' 0) scale('+1/k+' 1)')}};
svg.addEventListener('wheel',e=>{e.preventDefault();const p=at(e),f=e.deltaY<0?1.25:.8,n=Math.max(1,Math.min(k*f,5e4));x=p-(p-x)*n/k;k=n;draw()},{passive:false});
svg.addEventListener('pointerdown',e=>{from=at(e)-x;svg.setPointerCapture(e.pointerId)});
svg.addEventListener('pointermove',e=>{if(from!==null){x=at(e)-from;draw()}});
svg.addEventListener('pointerup',()=>{from=null});svg.addEventListener('dblclick',()=>{k=1;x=0;draw()});}
"""
_COLUMNS: Final = (
    "time",
    "principal",
    "key",
    "ip",
    "region",
    "calls",
    "error",
    "count",
    "resource",
    "questions",
    "event",
)


def investigation_page(found: Investigation, language: Language) -> str:
    """The page as a whole; only its own script may run, and only its own styles apply."""
    title = title_of(found, language)
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    parts = [
        Markup('<!doctype html>\n<html lang="{}"><head><meta charset="utf-8">').format(language),
        Markup('<meta http-equiv="Content-Security-Policy" content="{}">').format(policy),
        Markup("<title>{}</title><style>{}</style></head><body><h1>{}</h1>").format(title, _STYLE, title),
        *_body(found, language),
        Markup("<script>{}</script></body></html>\n").format(Markup(_SCRIPT)),  # noqa: S704 - our own constant
    ]
    return str(Markup("").join(parts))


def _body(found: Investigation, language: Language) -> Iterator[Markup]:
    if warning := banner(found, language):
        yield Markup('<p class="banner">{}</p>').format(warning)
    yield from (Markup("<p>{}</p>").format(line) for line in head_lines(found, language))
    yield _heading("timeline", language)
    yield timeline_drawing(found, language)
    yield _heading("graph", language)
    yield Markup('<div class="scroll">{}</div>').format(graph_drawing(found, language))
    live = len(found.closure.live(found.now))
    credentials = found.closure.credentials
    yield _heading("credentials", language, count=len(credentials), live=live)
    lines, untold = first_credentials(credentials, _MOST, language)
    yield _list(lines, len(lines) + untold, language)
    for name, made in (("made", found.made), ("maybe", found.maybe)):
        if made or name == "made":
            yield _heading(name, language, count=len(made))
            yield _list([made_line(each, language) for each in made[:_MOST]], len(made), language)
    yield from _others(found, language)
    yield _heading("questions", language)
    yield Markup("<dl>{}</dl>").format(Markup("").join(_questions(found, language)))
    if lonely := lonely_line(found, language):
        yield Markup("<p>{}</p>").format(lonely)
    if found.cost.lines:
        yield _heading("cost", language)
        yield Markup("<p>{}</p>").format(cost_line(found, language))
    yield _heading("coverage", language)
    yield _list(list(coverage_lines(found, language)), 0, language)
    yield _heading("timeline", language)
    yield _table(found.entries, language)


def _others(found: Investigation, language: Language) -> Iterator[Markup]:
    if found.others is None:
        yield Markup("<h2>{}</h2>").format(say("investigate.others_unknown", language))
        return
    yield _heading("others", language, count=found.others_count)
    lines = [
        say(
            "investigate.other_line", language, principal=each.principal or None, account=each.account, count=each.count,
            services=each.services[:12],
        )
        for each in found.others
    ]  # fmt: skip
    yield _list(lines, len(lines), language)


def _questions(found: Investigation, language: Language) -> Iterator[Markup]:
    for each in found.answers:
        asked = each.question.ja if language == "ja" else each.question.en
        yield Markup("<dt>{} {}</dt><dd>{}</dd>").format(each.question.id, asked, answer_line(each, found, language))


def _table(entries: Sequence[Entry], language: Language) -> Markup:
    heads = Markup("").join(
        Markup("<th>{}</th>").format(say(f"investigate.column_{name}", language)) for name in _COLUMNS
    )
    rows = Markup("").join(_row(each, language) for each in entries[:_MOST])
    more = _more(len(entries) - _MOST, language)
    return Markup('<div class="scroll"><table><tr>{}</tr>{}</table></div>{}').format(heads, rows, more)


def _row(entry: Entry, language: Language) -> Markup:
    cells: Iterable[object] = (
        show_time(entry.at, language, seconds=True), entry.principal, entry.key_id, entry.ip, entry.region, " ".join(entry.calls),
        entry.error, entry.count, entry.resource, " ".join(entry.questions), entry.event_id,
    )  # fmt: skip
    return Markup("<tr>{}</tr>").format(
        Markup("").join(Markup("<td>{}</td>").format(clean(str(each), _CELL)) for each in cells)
    )


def _heading(name: str, language: Language, **values: object) -> Markup:
    return Markup("<h2>{}</h2>").format(say(f"investigate.head_{name}", language, **values))


def _list(lines: Sequence[str], count: int, language: Language) -> Markup:
    items = Markup("").join(Markup("<li>{}</li>").format(line) for line in lines)
    return Markup("<ul>{}</ul>{}").format(items, _more(count - len(lines), language))


def _more(count: int, language: Language) -> Markup:
    return (
        Markup('<p class="note">{}</p>').format(say("investigate.and_more", language, count=count))
        if count > 0
        else Markup("")
    )
