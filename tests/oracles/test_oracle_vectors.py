from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import parse_qs

import msgspec
import pytest

from conformance.errors import OracleError
from conformance.oracles import check, findings, judge, plan, record, vectors
from conformance.oracles.plan import Plan
from conformance.oracles.vectors import Vector, VectorFile
from conformance.resources import data

VENUES = plan.names()
EACH = pytest.mark.parametrize("venue", VENUES)
SDKS = {
    "binance_usdm": ("binance-python", "binance-js", "binance-rust", "ccxt-python"),
    "bybit": ("pybit", "bybit-api", "ccxt-python"),
}
KINDS = {"binance_usdm": ("hmac", "rsa", "ed25519"), "bybit": ("hmac", "rsa")}
VERBS = {
    "binance_usdm": {"GET", "POST", "PUT", "DELETE", "WS"},
    # v5 knows no PUT and no DELETE (guide, 2026-07-24).
    "bybit": {"GET", "POST", "WS"},
}


def every(files: list[VectorFile]):
    return [(file, vector) for file in files for vector in file.vectors]


@pytest.fixture
def sample(files) -> tuple[VectorFile, Vector]:
    file = next(file for file in files if file.source.name == "binance-python")
    return file, next(vector for vector in file.vectors if vector.id == "post-limit/hmac")


@EACH
def test_signer_and_verifier_hold_against_every_vector(venue):
    report = check.check(venue, home=None)
    assert report.broken == []
    assert report.held.total() == sum(len(f.vectors) for f in vectors.load_all(venue))


@EACH
def test_every_sdk_gives_sixty_vectors_of_every_kind_of_key(venue, files):
    kinds = Counter((file.source.name, file.keys[vector.key].kind) for file, vector in every(files))
    for sdk in SDKS[venue]:
        assert all(kinds[sdk, kind] >= 60 for kind in KINDS[venue]), sdk


@EACH
def test_every_kind_of_key_meets_every_verb_and_the_frames(venue, files):
    for kind in KINDS[venue]:
        met = {
            vector.wire.method
            for file, vector in every(files)
            if vector.wire and file.keys[vector.key].kind == kind
        }
        assert met == VERBS[venue], kind


@EACH
def test_sdks_that_sign_the_same_text_give_the_same_signature(files):
    given = defaultdict(set)
    sources = defaultdict(set)
    for file, vector in every(files):
        if vector.verdict != "doc-wrong":
            secret = file.keys[vector.key].credentials().secret
            given[secret, vector.signed].add(vector.signature)
            sources[secret, vector.signed].add(file.source.name)
    assert [text for text, signatures in given.items() if len(signatures) > 1] == []
    assert sum(len(names) >= 2 for names in sources.values()) > 60


def test_the_pages_vectors_are_there_errata_marked(files):
    published = next(file for file in files if file.source.name == "published")
    errata = {vector.id for vector in published.vectors if vector.verdict == "doc-wrong"}
    assert errata == {"order-in-both/documented", "coin-order/documented"}
    documented = {vector.id: vector.signature for vector in published.vectors}
    # usds-margined-futures/general-info, SIGNED Endpoint Examples, 2026-05-28
    assert documented["order-in-query/documented"].startswith("3c661234138461fcc7a7d8746c6558c9")


@EACH
def test_ids_are_unique(files):
    for file in files:
        ids = [vector.id for vector in file.vectors]
        assert len(ids) == len(set(ids))


@EACH
def test_every_disagreement_is_explained_by_a_known_defect(chosen: Plan, files):
    known = {defect.name: defect for defect in chosen.defects}
    for file, vector in every(files):
        if vector.verdict != "agree":
            assert known[vector.finding].verdict == vector.verdict
            assert file.source.name in known[vector.finding].witnesses


@EACH
def test_every_known_defect_is_seen(chosen: Plan, files):
    seen = {vector.finding for _, vector in every(files)}
    assert {defect.name for defect in chosen.defects} <= seen


@EACH
def test_a_defect_is_expected_exactly_where_it_is_seen(chosen: Plan, files):
    for file, vector in every(files):
        if vector.logical:
            expected = chosen.defect(file.source.name, vector.logical)
            # What a frame leaves alone differs from SDK to SDK, so there "may" is all one can say.
            if expected and not (expected.verdict == "ambiguous" and vector.verdict == "agree"):
                assert vector.finding == expected.name, vector.id
            else:
                assert vector.finding == "", vector.id


@EACH
def test_the_corpus_is_what_was_recorded(chosen: Plan, files):
    corpus = dict(chosen.corpus())
    for file, vector in every(files):
        if vector.logical:
            assert corpus[vector.id.removesuffix(f"/{vector.key}")] == vector.logical, file.source


def test_ccxt_batches_say_something_else_than_was_asked(files):
    file = next(file for file in files if file.source.name == "ccxt-python")
    vector = next(vector for vector in file.vectors if vector.id == "batch-awkward/hmac")
    (heard,) = parse_qs(vector.wire.body)["batchOrders"]
    asked = vector.logical.query["batchOrders"][0]["newClientOrderId"]
    assert asked not in heard


def test_the_schema_is_the_one_the_code_reads():
    stored = json.loads(data("fixtures", "vectors", vectors.SCHEMA).read_text("utf-8"))
    assert stored == vectors.schema()


def test_the_page_of_findings_is_made_from_the_vectors():
    page = Path(__file__).parents[2] / "docs" / "sdk-findings.md"
    told = [(plan.load(venue), vectors.load_all(venue)) for venue in VENUES]
    assert page.read_text("utf-8") == findings.page(told)


def test_a_wrong_signature_is_found(chosen: Plan, sample):
    file, vector = sample
    forged = msgspec.structs.replace(vector, signature="0" * 64)
    assert len(judge.troubles(chosen, file, forged)) == 2
    assert judge.classify(chosen, file, forged) == "ours-wrong"


def test_a_wrong_verdict_is_found(chosen: Plan, sample):
    file, vector = sample
    blamed = msgspec.structs.replace(vector, verdict="sdk-wrong")
    assert len(judge.troubles(chosen, file, blamed)) == 2


class Credulous:
    def sign(self, credentials, payload):
        return "0" * 64

    def verify(self, credentials, wire):
        return True


def test_a_signer_that_is_wrong_and_a_verifier_that_believes_all_are_found(chosen, sample):
    file, vector = sample
    fooled = Plan(
        **{name: getattr(chosen, name) for name in Plan.__slots__} | {"signer": Credulous()}
    )
    troubles = judge.troubles(fooled, file, vector)
    assert any("our signature" in trouble for trouble in troubles)
    assert any("other bytes" in trouble for trouble in troubles)


def test_an_unexplained_disagreement_is_blamed_on_the_sdk(chosen: Plan, sample):
    _, vector = sample
    other = msgspec.structs.replace(vector, signed=vector.signed + "&more=1")
    assert judge.verdict(chosen, "binance-python", other) == "sdk-wrong"


def test_drift_names_what_changed_and_what_is_gone(files):
    file = files[0]
    first, second, *rest = file.vectors
    changed = msgspec.structs.replace(first, signature="other")
    fresh = msgspec.structs.replace(file, vectors=[changed, *rest])
    assert {drift.id for drift in record.drift(file, fresh)} == {first.id, second.id}
    assert record.drift(file, file) == []


def test_a_recording_that_changes_nothing_keeps_its_date(chosen, files, tmp_path, monkeypatch):
    monkeypatch.setattr(vectors, "folder", lambda _: tmp_path)
    file = next(file for file in files if file.source.name == "binance-js")
    later = msgspec.structs.replace(
        file, source=msgspec.structs.replace(file.source, date="2099-01-01")
    )
    path, changes = record.keep(chosen, file)
    assert len(changes) == len(file.vectors)
    assert record.keep(chosen, later) == (path, [])
    assert vectors.load(path) == file
    fewer = msgspec.structs.replace(later, vectors=later.vectors[1:])
    assert [drift.now for drift in record.keep(chosen, fewer)[1]] == ["absent"]
    assert vectors.load(path).source.date == "2099-01-01"


def test_a_file_that_is_not_of_the_schema_is_an_error(tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text('{"venue": "binance_usdm"}', "utf-8")
    with pytest.raises(OracleError, match=r"broken\.json is no file of vectors"):
        vectors.load(broken)


def test_a_venue_without_vectors_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(vectors, "folder", lambda _: tmp_path)
    with pytest.raises(OracleError, match="no vectors for binance_usdm"):
        vectors.load_all("binance_usdm")


def test_a_venue_without_oracles_is_a_wrong_use():
    with pytest.raises(plan.UsageError, match="no oracles for 'nowhere'"):
        plan.load("nowhere")


@EACH
def test_a_stored_file_reads_back_as_it_was_written(files, tmp_path):
    for file in files:
        vectors.save(tmp_path / "copy.json", file)
        assert vectors.load(tmp_path / "copy.json") == file
        stored = vectors.folder(file.venue) / f"{file.source.name}.json"
        assert (tmp_path / "copy.json").read_bytes() == stored.read_bytes()
