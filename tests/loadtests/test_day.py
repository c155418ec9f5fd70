"""A day in virtual time: the reference client survives it, and a forgetful one does not."""

from __future__ import annotations

from conformance.client import ReferenceClient
from conformance.plugin.discovery import all_mutants, load_adapter
from loadtests import day, peers
from loadtests.day import Day


class Blind(ReferenceClient):
    """Hears nothing of fills."""

    def fills(self):
        return ()


def test_the_reference_client_survives_a_short_day():
    lived = day.play(load_adapter(day.REFERENCE), orders=200, cuts=12, hours=5, seed=3)
    assert lived.findings == []
    assert (lived.accepted, lived.fundings) == (200, 1)
    assert lived.ended == 1
    assert lived.renewals >= 5, "a stream key wants to be kept alive every hour"
    assert lived.virtual_s >= 5 * 3600
    assert lived.ratio > 100


def test_one_seed_makes_one_day():
    one, other = (
        day.play(load_adapter(day.REFERENCE), orders=20, cuts=3, hours=1, seed=4) for _ in range(2)
    )
    assert one.virtual_s == other.virtual_s
    assert one.renewals == other.renewals


def test_a_client_without_streams_is_found_wanting():
    class Deaf(ReferenceClient):
        """Trades and hears nothing."""

        async def start(self):
            """Do not connect."""

    lived = day.play(Deaf, orders=0, cuts=0, hours=0.1)
    assert lived.findings == ["no stream was open when the day ended"]


def test_a_client_that_loses_executions_is_found_wanting(capsys):
    lived = day.play(Blind, orders=6, cuts=1, hours=0.5)
    assert lived.findings == ["client and exchange agree on executions: 4 missing, 0 too many"]
    assert day.report(lived) == 1
    assert "found wanting: client and exchange agree on executions" in capsys.readouterr().out


def test_a_client_that_does_not_ask_what_it_missed_is_found_wanting():
    lived = day.play(all_mutants().get("gap-not-reconciled").factory, orders=0, cuts=3, hours=1)
    assert lived.unheard == 3
    assert lived.findings[0] == "client and exchange agree on executions: 3 missing, 0 too many"


def test_the_command_says_what_it_found(capsys):
    assert day.main(["--orders", "4", "--cuts", "1", "--hours", "0.2"]) == 0
    assert "4 of 4 orders accepted, 1 cuts with 1 fills meanwhile" in capsys.readouterr().out


def test_other_clients_live_through_the_same_day_and_are_written_about(tmp_path, capsys):
    short = ["--orders", "8", "--cuts", "2", "--hours", "0.2", "--out", str(tmp_path)]
    assert peers.main(short) == 0
    page = (tmp_path / "peer-findings.md").read_text()
    assert "| reference client " in page
    assert "| ccxt.pro " in page
    assert "orders accepted" in capsys.readouterr().out


def test_findings_have_a_chapter_of_their_own():
    page = peers.page({"sound": Day(), "lost": Day(findings=["it forgets"])})
    assert "| sound | 0.0 | 0 | 0 | 0 | 0 | 0 | 0 | survives |" in page
    assert "## lost\n\n- it forgets" in page
    assert "## sound" not in page
