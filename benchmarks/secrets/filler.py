"""Ordinary lines of many kinds of files: what surrounds a secret, and what fills a tree."""

import json
from collections.abc import Callable, Mapping
from typing import Final

from making import ALNUM, BASE64, LOWER, Maker

NOUNS: Final = (
    "order", "invoice", "customer", "shipment", "basket", "ledger", "refund", "voucher", "session", "report", "tenant",
    "bucket", "cluster", "queue", "worker", "schedule", "metric", "alarm", "tracker", "profile", "address", "stock",
)  # fmt: skip
VERBS: Final = (
    "load",
    "store",
    "merge",
    "split",
    "render",
    "validate",
    "publish",
    "archive",
    "resolve",
    "expire",
    "count",
)
JAPANESE: Final = (
    "在庫の引き当ては夜間バッチで行います。", "手順は次のとおりです。担当者が不在のときは当番に連絡してください。",
    "本番環境への反映は毎週火曜日に行います。", "パスワードは 12 文字以上とし、使い回しを禁止します。",
    "アラートが上がったら、まずダッシュボードを確認します。", "秘密鍵の保管場所は情報システム部が管理します。",
    "ログの保管期間は 1 年です。", "注文データは S3 に日次で保存されます。", "認証情報は Secrets Manager に登録済みです。",
)  # fmt: skip


def noun(make: Maker) -> str:
    return make.one_of(NOUNS)


def name(make: Maker) -> str:
    return f"{make.one_of(VERBS)}_{noun(make)}"


def camel(make: Maker) -> str:
    return make.one_of(VERBS) + noun(make).title() + make.one_of(("", "s", "ById", "Async", "Batch"))


def path(make: Maker) -> str:
    """A directory as programs have them."""
    return "/".join(
        dict.fromkeys((make.one_of(("src", "services", "apps", "lib", "internal")), noun(make), noun(make)))
    )


def _python(make: Maker) -> str:
    function, thing = name(make), noun(make)
    return make.one_of(
        (
            (f"def {function}({thing}_id: str, *, limit: int = {make.random.randint(1, 900)}) -> list[dict]:\n"
            f'    """Return every {thing} of the day."""\n'
            f'    return [row for row in table.scan("{thing}s") if row["id"] == {thing}_id][:limit]\n\n'),
            (f"class {thing.title()}Repository:\n    def __init__(self, session):\n        self._session = session\n\n"
            f'    def {function}(self, key):\n        return self._session.get("{thing}", key)\n\n'),
            f'logger.info("{function} took %s ms", {make.random.randint(1, 999)})\n',
        )
    )  # fmt: skip


def _braces(make: Maker) -> str:
    function, thing = camel(make), noun(make)
    return (
        f"export async function {function}({thing}Id, options = {{}}) {{\n"
        f"  const {{ limit = {make.random.randint(1, 99)} }} = options;\n"
        f"  const rows = await store.query('{thing}s', {{ {thing}Id, limit }});\n"
        f"  return rows.filter((row) => row.state !== 'closed').map((row) => row.{noun(make)});\n}}\n\n"
    )


def _java(make: Maker) -> str:
    return (
        f"    public List<{noun(make).title()}> {camel(make)}(final String id) {{\n"
        f"        return repository.find(id).stream().filter(each -> each.get{noun(make).title()}() != null)"
        ".collect(Collectors.toList());\n    }\n\n"
    )


def _go(make: Maker) -> str:
    thing = noun(make)
    return (
        f"func (s *Service) {camel(make).title()}(ctx context.Context, id string) (*{thing.title()}, error) {{\n"
        f'\trow, err := s.store.Get(ctx, "{thing}", id)\n\tif err != nil {{\n'
        f'\t\treturn nil, fmt.Errorf("{name(make)}: %w", err)\n\t}}\n\treturn decode{thing.title()}(row)\n}}\n\n'
    )


def _settings(make: Maker) -> str:
    return (
        f"{noun(make)}_{noun(make)}: {make.one_of((str(make.random.randint(1, 9000)), 'true', 'false', noun(make)))}\n"
    )


def _environment(make: Maker) -> str:
    return f"{noun(make).upper()}_{noun(make).upper()}={make.one_of((str(make.random.randint(1, 9000)), 'on', noun(make)))}\n"


def _log(make: Maker) -> str:
    return (
        f"2026-02-{make.random.randint(10, 28)}T{make.random.randint(10, 23)}:{make.random.randint(10, 59)}:07.{make.random.randint(100, 999)}Z "
        f"INFO [{noun(make)}-{make.random.randint(1, 9)}] {name(make)} request_id={make.uuid()} "
        f"trace={make.hex(32)} status=200 bytes={make.random.randint(100, 90_000)}\n"
    )


def _lock(make: Maker) -> str:
    package = f"{noun(make)}-{noun(make)}"
    return (
        f'    "node_modules/{package}": {{\n      "version": "{make.random.randint(0, 9)}.{make.random.randint(0, 20)}.0",\n'
        f'      "resolved": "https://registry.npmjs.org/{package}/-/{package}-1.0.0.tgz",\n'
        f'      "integrity": "sha512-{make.b64(64)}"\n    }},\n'
    )


def _rows(make: Maker) -> str:
    return f"{make.uuid()},{noun(make)},{make.random.randint(1, 10**6)},{make.hex(40)},2026-01-{make.random.randint(10, 30)}\n"


def _terraform(make: Maker) -> str:
    thing = noun(make)
    return (
        f'resource "aws_s3_bucket" "{thing}_{make.of(LOWER, 4)}" {{\n  bucket = "shop-{thing}-${{var.stage}}"\n'
        f'  tags = {{\n    Owner = "{noun(make)}"\n    Cost  = "{make.random.randint(1000, 9999)}"\n  }}\n}}\n\n'
    )


def _prose(make: Maker) -> str:
    words = " ".join(make.one_of((*NOUNS, "the", "of", "when", "is", "not", "a", "each")) for _ in range(14))
    return words.capitalize() + ".\n"


def _japanese(make: Maker) -> str:
    return make.one_of(JAPANESE) + "\n"


def _json_event(make: Maker) -> str:
    told = {"id": make.uuid(), "kind": name(make), "hash": make.hex(64), "count": make.random.randint(1, 999)}
    return json.dumps(told) + "\n"


def _packed(make: Maker) -> str:
    return make.of(BASE64, 76) + "\n"


def _minified(make: Maker) -> str:
    parts = (
        f"function {make.of(LOWER, 2)}({make.of(LOWER, 1)}){{return {make.of(LOWER, 1)}.{camel(make)}("
        f'"{noun(make)}",{make.random.randint(1, 999)})||{{}}}}var {make.of(ALNUM, 3)}'.replace("var 1", "var a")
        for _ in range(30)
    )
    return ";".join(parts) + ";"


FILLERS: Final[Mapping[str, Callable[[Maker], str]]] = {
    "python": _python, "javascript": _braces, "java": _java, "go": _go, "yaml": _settings, "env": _environment,
    "log": _log, "lock": _lock, "csv": _rows, "terraform": _terraform, "prose": _prose, "japanese": _japanese,
    "json": _json_event, "packed": _packed, "minified": _minified,
}  # fmt: skip


def lines(make: Maker, kind: str, count: int) -> str:
    """So many pieces of such a file."""
    filler = FILLERS[kind]
    return "".join(filler(make) for _ in range(count))
