"""The command ``conformance vectors``: golden signing cases, recorded from SDKs and checked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from conformance.errors import OracleError
from conformance.oracles import check as checking
from conformance.oracles import findings as pages
from conformance.oracles import homes, plan
from conformance.oracles import record as recording
from conformance.oracles import vectors as stored
from conformance.oracles.plan import Plan
from conformance.oracles.witnesses import NotRun, Witness

_HOME = click.option(
    "--oracle-home",
    type=click.Path(file_okay=False, path_type=Path),
    default=homes.default_home,
    show_default="the cache folder",
    help="Where the environments of the SDKs live.",
)
_ONLY = click.option("--only", multiple=True, metavar="ORACLE", help="Only this oracle.")


@click.group("vectors")
def command() -> None:
    """Record golden signing cases from official SDKs, and check our signer against them."""


@command.command(short_help="Prove signer and verifier against every vector.")
@click.argument("venue", required=False)
@click.option("--stored", is_flag=True, help="Do not ask the SDKs again.")
@_HOME
def check(venue: str | None, *, stored: bool, oracle_home: Path) -> None:
    """Prove signer and verifier against every vector; ask the SDKs again and show drift."""
    reports = [
        checking.check(name, home=None if stored else oracle_home) for name in _venues(venue)
    ]
    for report in reports:
        for line in report.lines():
            click.echo(line)
    if not all(report.sound for report in reports):
        raise SystemExit(1)
    _no_silent_pass([reason for report in reports for reason in report.not_run])


@command.command(short_help="Put the corpus to the SDKs, and write what they sign.")
@click.argument("venue")
@_ONLY
@_HOME
def record(venue: str, *, only: Sequence[str], oracle_home: Path) -> None:
    """Put the corpus to the SDKs and write what they send and sign."""
    not_run = []
    chosen = plan.load(venue)
    for witness in _witnesses(chosen, only):
        try:
            homes.build(witness, oracle_home)
            fresh = recording.record(chosen, witness, oracle_home)
        except NotRun as reason:
            click.echo(reason.message)
            not_run.append(reason)
            continue
        path, changes = recording.keep(chosen, fresh.file)
        click.echo(
            f"{witness.title}: {len(fresh.file.vectors)} vectors in {path.name}, "
            f"{len(changes)} changed, {len(fresh.refusals)} refused by the SDK"
        )
    _no_silent_pass(not_run)


@command.command(short_help="Make the environments of the SDKs.")
@click.argument("venue", required=False)
@click.option("--fresh", is_flag=True, help="Throw the environments away first.")
@_ONLY
@_HOME
def build(venue: str | None, *, fresh: bool, only: Sequence[str], oracle_home: Path) -> None:
    """Make the environments of the SDKs, which `check` and `record` would do by themselves."""
    not_run = []
    for name in _venues(venue):
        for witness in _witnesses(plan.load(name), only):
            try:
                click.echo(f"{witness.title}: {homes.build(witness, oracle_home, fresh=fresh)}")
            except NotRun as reason:
                click.echo(reason.message)
                not_run.append(reason)
    _no_silent_pass(not_run)


@command.command()
@click.argument("venue", required=False)
def findings(venue: str | None) -> None:
    """Print the page that says what the SDKs do differently."""
    told = ((plan.load(name), stored.load_all(name)) for name in _venues(venue))
    click.echo(pages.page(told), nl=False)


def _venues(venue: str | None) -> Sequence[str]:
    return (venue,) if venue else plan.names()


def _witnesses(chosen: Plan, only: Sequence[str]) -> Sequence[Witness]:
    found = tuple(w for w in chosen.witnesses if not only or w.name in only)
    unknown = set(only) - {witness.name for witness in found}
    if unknown:
        names = ", ".join(witness.name for witness in chosen.witnesses)
        raise click.BadParameter(f"no oracle {', '.join(sorted(unknown))}; one of {names}")
    return found


def _no_silent_pass(not_run: Sequence[NotRun]) -> None:
    """On a build machine every oracle must be heard; elsewhere what is said is enough."""
    if not_run and os.environ.get("CI", "").lower() == "true":
        raise OracleError(
            f"{len(not_run)} oracles were not heard: "
            + "; ".join(reason.message for reason in not_run),
            hint=not_run[0].hint,
        )
