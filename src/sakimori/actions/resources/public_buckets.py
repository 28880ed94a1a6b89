"""Which buckets of the account are public today, and what would stop being read once the account's block is on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from sakimori.actions.resources.bucket_openness import LONG_DAYS, Openness, is_idle, open_origins, openness
from sakimori.actions.resources.bucket_openness import READS as _OPENNESS_READS
from sakimori.actions.site import Site
from sakimori.actions.step import Caution

_LIST: Final = "s3:ListBuckets"
READS: Final = (_LIST, *_OPENNESS_READS)

_PAGE: Final = 1000
_WORKERS: Final = 8


def public_reading(site: Site, switches: Mapping[str, bool]) -> Sequence[Caution]:
    """What the account's block would close, where `switches` are on already. Raises Refusal where buckets cannot be listed."""
    listed = _listed(site)

    def look(told: Mapping[str, Any]) -> Openness:
        return openness(_there(site, told), str(told["Name"]), switches)

    with ThreadPoolExecutor(_WORKERS) as pool:
        buckets = list(zip(listed, pool.map(look, listed.values()), strict=True))
    websites = [name for name, each in buckets if each.is_website]
    public = [name for name, each in buckets if each.is_public and not each.is_website]
    single = [name for name, each in buckets if each.has_object_acls and not each.is_public and not each.is_website]
    return [
        *_named("harden_watch.hb16_websites", websites, blocks=True),
        *_readers(site, public),
        *_named("harden_watch.hb16_objects", single),
        *_unseen(buckets),
    ]


def public_origins(site: Site, switches: Mapping[str, bool]) -> Sequence[Caution]:
    """Distributions that read one of the account's open buckets as everybody does. Raises Refusal."""
    buckets = _listed(site)
    found = {
        f"{distribution} ({bucket})"
        for distribution, bucket in open_origins(site)
        if bucket in buckets and openness(_there(site, buckets[bucket]), bucket, switches).is_open
    }
    return _named("harden_watch.hb16_distributions", sorted(found), blocks=True)


def _listed(site: Site) -> Mapping[str, Mapping[str, Any]]:
    return {str(each["Name"]): each for each in site.all_of(_LIST, "Buckets", MaxBuckets=_PAGE)}


def _there(site: Site, told: Mapping[str, Any]) -> Site:
    return site.at(told.get("BucketRegion") or site.region)


def _named(text: str, names: Sequence[str], *, blocks: bool = False) -> Sequence[Caution]:
    return [Caution(text=text, values={"names": list(names)}, blocks=blocks)] if names else []


def _readers(site: Site, public: Sequence[str]) -> Iterator[Caution]:
    """Of buckets that are public: who reads them so, as far as logs tell. Only where nobody does for long does nothing stop."""
    unseen: list[str] = []
    idle: list[str] = []
    for name in public:
        seen = site.logs.public_reads(name)
        if seen.count:
            values = {"name": name, "count": seen.count, "days": seen.days}
            yield Caution(text="harden_watch.hb16_read", values=values, blocks=True)
        else:
            (idle if is_idle(seen) else unseen).append(name)
    yield from _named("harden_watch.hb16_public", unseen, blocks=True)
    if idle:
        yield Caution(text="harden_watch.hb16_not_read", values={"names": idle, "days": LONG_DAYS})


def _unseen(buckets: Iterable[tuple[str, Openness]]) -> Iterator[Caution]:
    """What may be public and could not be looked at holds back as well."""
    refused: dict[tuple[str, str], list[str]] = {}
    for name, bucket in buckets:
        for refusal in bucket.refusals:
            refused.setdefault(refusal, []).append(name)
    for (call, code), names in sorted(refused.items()):
        values = {"call": call, "code": code, "names": names}
        yield Caution(text="harden_watch.hb16_unseen", values=values, blocks=True)
