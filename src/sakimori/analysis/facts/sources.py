"""Facts of the address from which a call came."""

from typing import Final

from sakimori.analysis.facts.address_ranges import address_in, private_ranges
from sakimori.analysis.facts.callers import is_service_name
from sakimori.analysis.facts.event_parts import text_in
from sakimori.analysis.facts.fact import Event, Fact, FactType, Surroundings
from sakimori.model.verdict import Text


def _source(event: Event) -> str:
    return text_in(event.get("sourceIPAddress"))


def _is_private(event: Event, _: Surroundings) -> bool:
    found = address_in(_source(event))
    return found is not None and private_ranges().holds(*found)


def _is_service(event: Event, _: Surroundings) -> bool:
    return is_service_name(event.get("sourceIPAddress"))


def _country(event: Event, surroundings: Surroundings) -> str | None:
    return surroundings.networks.country_of(_source(event))


def _asn(event: Event, surroundings: Surroundings) -> int | None:
    return surroundings.networks.asn_of(_source(event))


def _listed(event: Event, surroundings: Surroundings) -> str:
    return surroundings.networks.list_with(_source(event))


_READS: Final = ("sourceIPAddress",)

FACTS: Final = (
    Fact(
        name="fact.source_is_private",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="The source address is private: the call came through a VPC endpoint.",
            ja="送信元がプライベートアドレスです（VPC エンドポイント経由の呼び出し）。",
        ),
        reads=_READS,
        of=_is_private,
    ),
    Fact(
        name="fact.source_is_service",
        type=FactType.BOOLEAN,
        sentence=Text(
            en="The source is an AWS service instead of an address.",
            ja="送信元がアドレスではなく AWS のサービスです。",
        ),
        reads=_READS,
        of=_is_service,
    ),
    Fact(
        name="fact.source_country",
        type=FactType.TEXT,
        sentence=Text(
            en="The country of the source address by your table, as two letters; unknown without a table.",
            ja="読み込んだ表による送信元アドレスの国（2 文字）です。表がなければ不明です。",
        ),
        reads=_READS,
        of=_country,
    ),
    Fact(
        name="fact.source_asn",
        type=FactType.INTEGER,
        sentence=Text(
            en="The autonomous system of the source address by your table; unknown without a table.",
            ja="読み込んだ表による送信元アドレスの AS 番号です。表がなければ不明です。",
        ),
        reads=_READS,
        of=_asn,
    ),
    Fact(
        name="fact.source_listed",
        type=FactType.TEXT,
        sentence=Text(
            en="The first of your lists that holds the source address; empty if none does.",
            ja="送信元アドレスを含む最初のリストの名前です。どのリストにもなければ空です。",
        ),
        reads=_READS,
        of=_listed,
    ),
)
