"""Oracles of Bybit v5: its SDKs, its corpus, and how its bytes are read.

There is no official SDK for Rust, so Python and JavaScript bear witness alone, ccxt beside them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from conformance.contracts.adapter import Credentials
from conformance.model.wire import WireRequest
from conformance.oracles import corpus
from conformance.oracles.asks import Logical, Wire
from conformance.oracles.plan import Claim, Defect, Plan, Retold
from conformance.oracles.vectors import SourceKey
from conformance.oracles.witnesses import Witness
from conformance.venues import keys
from conformance.venues.bybit import signing

CREATE = "/v5/order/create"
OPEN = "/v5/order/realtime"
_KEY = "ThrowAwayKey"
_PREFIX = "x-bapi-"
_FIELDS = ("api-key", "recv-window", "sign", "timestamp")
_HMAC = "ThrowAwaySecret" * 2

_LINEAR = {"category": "linear", "symbol": "BTCUSDT"}
_LIMIT: dict[str, Any] = {
    **_LINEAR,
    "side": "Buy",
    "orderType": "Limit",
    "qty": "0.001",
    "price": "50000.10",
    "timeInForce": "GTC",
}


class RawBytes:
    """Our signer and verifier, put to the test over raw bytes."""

    def sign(self, credentials: Credentials, payload: bytes) -> str:
        """Return the signature as text."""
        return _key(credentials.kind, credentials.secret).sign(payload)

    def verify(self, credentials: Credentials, wire: Wire) -> bool | None:
        """Say whether the signature of a request, or of a login, holds."""
        key = _key(credentials.kind, credentials.secret)
        if wire.method == "WS":
            _name, expires, signature = json.loads(wire.body)["args"]
            return key.verify(signing.login(str(expires)), signature)
        path, _, query = wire.target.partition("?")
        request = WireRequest(wire.method, path, query.encode(), wire.headers, wire.body.encode())
        verdict = signing.cut(request).verdict({credentials.key: key}.get)
        return verdict is signing.Verdict.VALID


@lru_cache(maxsize=16)
def _key(kind: str, secret: str) -> keys.Key:
    return keys.key(kind, secret)


def read(wire: Wire) -> Claim:
    """Read what was to be signed and the signature, by the rules of the guide alone.

    Requests: timestamp, key and window as the header fields have them, then the query string of a
    GET or the body of a POST, nothing between them. Logins: ``GET/realtime`` and the expiry.
    """
    if wire.method == "WS":
        _name, expires, signature = json.loads(wire.body)["args"]
        return Claim(f"GET/realtime{expires}", signature)
    fields = dict(wire.headers)
    known = "".join(fields.get(_PREFIX + n, "") for n in ("timestamp", "api-key", "recv-window"))
    return Claim(known + _payload(wire), fields.get(f"{_PREFIX}sign", ""))


def _payload(wire: Wire) -> str:
    return wire.target.partition("?")[2] if wire.method == "GET" else wire.body


def retell(wire: Wire) -> Retold:
    """Return the parameters of a request as they were before they were written."""
    fields = dict(wire.headers)
    path, _, query = wire.target.partition("?")
    if wire.method == "GET":
        logical = Logical("GET", path, query=dict(parse_qsl(query, keep_blank_values=True)))
    else:
        logical = Logical(wire.method, path, body=json.loads(wire.body or "{}"))
    stamp, window = (fields.get(_PREFIX + name, "") for name in ("timestamp", "recv-window"))
    return Retold(logical, *(int(each) if each.isdecimal() else 0 for each in (stamp, window)))


def meaning(text: str, credentials: Credentials) -> object:
    """Return what a signed text says, whatever the order of its fields and its spaces."""
    stamp, _, rest = text.partition(credentials.key)
    found = re.fullmatch(r"(\d*)(.*)", rest, re.DOTALL)
    assert found is not None
    window, payload = found.groups()
    if payload.startswith("{"):
        return stamp, window, json.loads(payload)
    return stamp, window, sorted(unquote(field) for field in payload.split("&"))


def spoil(wire: Wire) -> Wire:
    """Return the request with one more thing in what is signed."""
    if wire.method == "WS":
        name, expires, signature = json.loads(wire.body)["args"]
        frame = {"op": "auth", "args": [name, int(expires) + 1, signature]}
        return msgspec.structs.replace(wire, body=json.dumps(frame))
    if wire.method == "GET":
        path, mark, query = wire.target.partition("?")
        target = f"{path}?spoilt=1&{query}" if mark else f"{path}?spoilt=1"
        return msgspec.structs.replace(wire, target=target)
    return msgspec.structs.replace(wire, body=f" {wire.body}")


def requests() -> Iterator[tuple[str, Logical]]:
    """Yield the corpus: every kind of request, then every awkward value in a plain order."""
    yield from _verbs()
    yield from _shapes()
    for name, text in corpus.TEXTS.items():
        yield f"text-{name}", _post(CREATE, {**_LIMIT, "orderLinkId": text})
        yield f"text-{name}-get", _get(OPEN, {**_LINEAR, "orderLinkId": text})
    for name, number in corpus.NUMBERS.items():
        yield f"number-{name}", _post(CREATE, {**_LIMIT, "qty": number})
    for name, number in corpus.NUMBERS.items():
        yield f"number-{name}-get", _get(OPEN, {**_LINEAR, "limit": number})
    for name, flag in corpus.FLAGS.items():
        yield f"flag-{name}", _post(CREATE, {**_LIMIT, "reduceOnly": flag})
        yield f"flag-{name}-get", _get(OPEN, {**_LINEAR, "settleCoin": flag})
    yield from _lists()
    yield "ws-login", Logical("WS", "auth")
    yield "ws-login-later", Logical("WS", "auth", {"expire_s": 10, "recvWindow": 10_000})


def _get(path: str, query: Mapping[str, Any]) -> Logical:
    return Logical("GET", path, query=dict(query))


def _post(path: str, body: Mapping[str, Any]) -> Logical:
    return Logical("POST", path, body=dict(body))


def _verbs() -> Iterator[tuple[str, Logical]]:
    named = {**_LINEAR, "orderLinkId": "a-1"}
    yield "post-limit", _post(CREATE, _LIMIT)
    market = {**_LINEAR, "side": "Sell", "orderType": "Market", "qty": "1"}
    yield "post-market", _post(CREATE, market)
    yield "post-amend", _post("/v5/order/amend", {**named, "qty": "0.002", "price": "50001"})
    yield "post-cancel", _post("/v5/order/cancel", named)
    yield "post-cancel-all", _post("/v5/order/cancel-all", _LINEAR)
    leverage = {**_LINEAR, "buyLeverage": "5", "sellLeverage": "5"}
    yield "post-leverage", _post("/v5/position/set-leverage", leverage)
    mode = {"category": "linear", "coin": "USDT", "mode": 3}
    yield "post-mode", _post("/v5/position/switch-mode", mode)
    yield "get-order", _get(OPEN, named)
    yield "get-positions", _get("/v5/position/list", {"category": "linear", "settleCoin": "USDT"})
    yield "get-balance", _get("/v5/account/wallet-balance", {"accountType": "UNIFIED"})
    yield "get-fills", _get("/v5/execution/list", {**_LINEAR, "limit": 100})
    yield "get-account", _get("/v5/account/info", {})


def _shapes() -> Iterator[tuple[str, Logical]]:
    yield "order-backwards", _post(CREATE, dict(reversed(_LIMIT.items())))
    backwards = dict(reversed({**_LINEAR, "limit": 50, "baseCoin": "BTC"}.items()))
    yield "order-backwards-get", _get(OPEN, backwards)
    yield "long-value", _post(CREATE, {**_LIMIT, "orderLinkId": corpus.LONG})
    yield "long-value-get", _get(OPEN, {**_LINEAR, "orderLinkId": corpus.LONG})
    yield "chinese-symbol", _post(CREATE, {**_LIMIT, "symbol": "币安人生USDT"})
    yield "chinese-symbol-get", _get(OPEN, {**_LINEAR, "symbol": "币安人生USDT"})
    yield "cursor-get", _get(OPEN, {**_LINEAR, "cursor": "page_args%3D1001%26symbol%3D6"})
    yield "empty-body", _post("/v5/order/cancel-all", {})


def _lists() -> Iterator[tuple[str, Logical]]:
    def batch(path: str, *orders: Mapping[str, Any]) -> Logical:
        rows = [{n: v for n, v in order.items() if n != "category"} for order in orders]
        return _post(path, {"category": "linear", "request": rows})

    create, cancel = "/v5/order/create-batch", "/v5/order/cancel-batch"
    yield "batch-one", batch(create, _LIMIT)
    yield "batch-five", batch(create, *[_LIMIT] * 5)
    yield "batch-numbers", batch(create, {**_LIMIT, "qty": 1e-7, "price": 50_000})
    yield "batch-huge-number", batch(create, {**_LIMIT, "qty": 1e22})
    yield "batch-flags", batch(create, {**_LIMIT, "reduceOnly": True, "closeOnTrigger": False})
    yield "batch-null", batch(create, {**_LIMIT, "orderLinkId": None})
    yield "batch-awkward", batch(create, {**_LIMIT, "orderLinkId": "a b'~é&=%"})
    yield "batch-nested", batch(create, {**_LIMIT, "attached": {"list": [1, {"a": "b"}]}})
    yield "batch-cancel", batch(cancel, {"symbol": "BTCUSDT", "orderLinkId": "a-1"})
    yield "batch-empty", batch(cancel)


_RAW_SURVIVES = re.compile(
    r"(?:[\w\-.~!$&'()*+,/:;=?@]|%(?![46][1-9A-F]|[57][0-9A]|3\d|2[DE]|5F|7E)[\dA-F]{2})*", re.ASCII
)
"""What an HTTP library leaves alone in a query: no escape of what needs none, no stray percent."""


def _query_texts(logical: Logical) -> list[str]:
    return (
        [v for v in logical.query.values() if isinstance(v, str)] if logical.method == "GET" else []
    )


def _reencoded(logical: Logical) -> bool:
    return any(_RAW_SURVIVES.fullmatch(text) is None for text in _query_texts(logical))


def _apostrophe(logical: Logical) -> bool:
    return any("'" in text for text in _query_texts(logical))


_DEFECTS = (
    Defect(
        name="raw-query-encoded-after-signing",
        title="A query is signed as it was given and encoded by the HTTP library afterwards",
        witnesses=("pybit", "ccxt-python"),
        verdict="sdk-wrong",
        fact="`prepare_payload` of `pybit` and `rawencode` of `ccxt` join names and values without "
        "encoding them; `requests` then encodes what may not stand in a URL (a space, a quote, a "
        "bracket, a lone `%`, everything beyond ASCII). A `#` cuts off the rest of the query: "
        "another question is asked than was signed (`_http_manager.py`, `bybit.py`).",
        minimal=Logical("GET", OPEN, {"category": "linear", "orderLinkId": "a b"}),
        expected=_reencoded,
    ),
    Defect(
        name="apostrophe-encoded-after-signing",
        title="An apostrophe in a query is signed raw and sent encoded",
        witnesses=("bybit-api",),
        verdict="sdk-wrong",
        fact="`serializeParams` leaves an apostrophe alone, as `encodeURIComponent` does; the URL "
        "that `axios` makes of it says `%27` (`requestUtils.js`).",
        minimal=Logical("GET", OPEN, {"category": "linear", "orderLinkId": "it's"}),
        expected=_apostrophe,
    ),
)

_FACTS = (
    (
        "There is no official SDK for Rust",
        (
            "Bybit names SDKs for Python, Go, Java and .NET and a community client for Node.js "
            "(integration guide, read 2026-11-21). The witnesses are therefore `pybit` and "
            "`bybit-api`, and `ccxt` as a second opinion."
        ),
    ),
    (
        "The guide prints texts, but no signature that could be checked",
        (
            "The integration guide masks the key of its examples and shows no secret. The vectors "
            "called `published` come from the tests of another client, NautilusTrader."
        ),
    ),
    (
        "pybit and ccxt do not encode what separates parameters",
        (
            "A `&`, `=` or `+` inside a value of a query is sent as it is: the signature holds, "
            "and the venue reads other parameters than were asked for (vector "
            "`text-ampersand-get/hmac`)."
        ),
    ),
    (
        "pybit sorts queries, and spaces JSON",
        (
            "The same request has other bytes in every client: `pybit` sorts the parameters of a "
            "query and writes `, ` and `: ` into JSON, `bybit-api` and `ccxt` keep the order and "
            "write neither space. All are right: the venue verifies the bytes it receives."
        ),
    ),
)

PLAN = Plan(
    venue="bybit",
    now_ms=1_700_000_000_125,
    keys={
        "hmac": SourceKey("hmac", f"{_KEY}Hmac00", secret=_HMAC),
        "rsa": SourceKey("rsa", f"{_KEY}Rsa000", pem="throw-away-rsa.pem"),
    },
    witnesses=(
        Witness("pybit", "python", "pybit_sdk", "pybit", "5.17.0", rewrites=True),
        Witness("bybit-api", "js", "bybit_api", "bybit-api", "4.7.7", official=False),
        Witness(
            *("ccxt-python", "python", "ccxt_sdk", "ccxt", "4.5.90"), official=False, signs=False
        ),
    ),
    corpus=requests,
    headers=("content-type", *(_PREFIX + name for name in _FIELDS)),
    read=read,
    retell=retell,
    meaning=meaning,
    spoil=spoil,
    signer=RawBytes(),
    defects=_DEFECTS,
    facts=_FACTS,
    table={"number": "qty", "flag": "reduceOnly"},
)
