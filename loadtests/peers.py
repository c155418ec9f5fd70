"""Let other people's clients live through the same day, and write down how they fared.

Run by ``make peers``; writes ``docs/peer-findings.md``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from conformance.plugin.discovery import load_adapter
from loadtests import day
from loadtests.day import Day

ROOT = Path(__file__).parents[1]
PEERS: Mapping[str, tuple[str, str]] = {
    "reference client": (day.REFERENCE, "exchange-conformance"),
    "ccxt.pro": ("conformance.peers.ccxt:CcxtAdapter", "ccxt"),
}
"""Name: (module:factory, distribution)."""
HEAD = """# How other clients fare

Written by `make peers`. Each client lives through one trading day on the simulator, in virtual
time and unmodified: orders all day, half of them filled; its streams are ended at random, each time
with an order that is filled before they are back; funding falls due, the venue closes everything
after 24 hours. In the end client and exchange must agree on every order, execution and position
within three minutes. What is found is found about a client as it comes, with nothing round it that
asks again for what happened while its streams were down.

| client | hours | orders | accepted | cuts | fills meanwhile | fundings | key renewals | verdict |
|---|---|---|---|---|---|---|---|---|
"""


def page(days: Mapping[str, Day]) -> str:
    """Return the findings as a page."""
    rows = [
        f"| {name} | {day.virtual_s / 3600:.1f} | {day.orders} | {day.accepted} | {day.cuts} | "
        f"{day.unheard} | {day.fundings} | {day.renewals} | "
        f"{'found wanting' if day.findings else 'survives'} |\n"
        for name, day in days.items()
    ]
    told = [
        f"\n## {name}\n\n" + "".join(f"- {finding}\n" for finding in day.findings)
        for name, day in days.items()
        if day.findings
    ]
    return HEAD + "".join(rows) + "".join(told)


def lived(orders: int, cuts: int, hours: float, seed: int) -> dict[str, Day]:
    """Let every peer live its day."""
    return {
        f"{name} {version(distribution)}": day.play(
            load_adapter(adapter), orders=orders, cuts=cuts, hours=hours, seed=seed
        )
        for name, (adapter, distribution) in PEERS.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Let them live, write the page and return 0: a peer's findings are no fault of ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=5_000)
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="where to write")
    chosen = parser.parse_args(arguments)
    days = lived(chosen.orders, chosen.cuts, chosen.hours, chosen.seed)
    for name, each in days.items():
        print(name)
        day.report(each)
    (chosen.out / "peer-findings.md").write_text(page(days), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
