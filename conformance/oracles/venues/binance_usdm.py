"""Oracles of Binance USDⓈ-M: its SDKs, its corpus, and how its bytes are read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import msgspec

from conformance.contracts.adapter import Credentials
from conformance.oracles import corpus
from conformance.oracles.asks import Logical, Wire
from conformance.oracles.plan import Claim, Defect, Plan, Retold
from conformance.oracles.vectors import SourceKey
from conformance.oracles.witnesses import Witness
from conformance.venues import keys
from conformance.venues.binance_usdm import signing

ORDER = "/fapi/v1/order"
BATCH = "/fapi/v1/batchOrders"
_KEY = "ThrowAwayKey"

_LIMIT: dict[str, Any] = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.001",
    "price": "50000.10",
}
_CLIENT_ID = {"symbol": "BTCUSDT", "origClientOrderId": "a-1"}


class RawBytes:
    """Our signer and verifier, put to the test over raw bytes."""

    def sign(self, credentials: Credentials, payload: bytes) -> str:
        """Return the signature as text, not percent-encoded."""
        return _key(credentials.kind, credentials.secret).sign(payload)

    def verify(self, credentials: Credentials, wire: Wire) -> bool | None:
        """Say whether the signature of an HTTP request holds; text frames are not judged."""
        if wire.method == "WS":
            return None
        query = wire.target.partition("?")[2].encode()
        payload, signature = signing.cut(query, wire.body.encode())
        key = _key(credentials.kind, credentials.secret)
        return signature is not None and key.verify(payload, signature)


@lru_cache(maxsize=16)
def _key(kind: str, secret: str) -> keys.Key:
    return keys.key(kind, secret)


def read(wire: Wire) -> Claim:
    """Read what was to be signed and the signature, by the rules of general-info alone.

    HTTP: the query string and the body without their trailing ``signature``, joined by nothing.
    Text frames: all parameters but the signature, sorted by name, as ``name=value`` joined by
    ``&``, not percent-encoded (websocket-api-general-info, the page's own sample).
    """
    if wire.method == "WS":
        return _read_frame(wire.body)
    fields = {part: part_of(wire, part).split("&") for part in ("query", "body")}
    for part, pairs in fields.items():
        if pairs[-1].startswith("signature="):
            signature = unquote(pairs[-1].removeprefix("signature="))
            fields[part] = pairs[:-1]
            break
    else:
        signature = ""
    return Claim("".join("&".join(pairs) for pairs in fields.values()), signature)


def retell(wire: Wire) -> Retold:
    """Return the parameters of an HTTP request as they were before they were encoded."""
    pairs = [
        pair
        for part in ("query", "body")
        for pair in parse_qsl(part_of(wire, part), keep_blank_values=True)
        if pair[0] != "signature"
    ]
    query = dict(pairs)
    stamp = query.get("timestamp", "")
    path = wire.target.partition("?")[0]
    return Retold(Logical(wire.method, path, query), int(stamp) if stamp.isdecimal() else 0)


def meaning(text: str, credentials: Credentials) -> object:
    """Return the fields of a signed text, in any order."""
    del credentials
    return sorted(text.split("&"))


def spoil(wire: Wire) -> Wire:
    """Return the request with one parameter more in front of everything that is signed."""
    path, mark, query = wire.target.partition("?")
    target = f"{path}?spoilt=1&{query}" if mark else f"{path}?spoilt=1"
    return msgspec.structs.replace(wire, target=target)


def part_of(wire: Wire, part: str) -> str:
    """Return the raw query string or the raw body."""
    return wire.target.partition("?")[2] if part == "query" else wire.body


def _read_frame(text: str) -> Claim:
    # Numbers are signed as they are written in the frame.
    params = json.loads(text, parse_float=str, parse_int=str)["params"]
    signature = params.pop("signature", "")
    pairs = (f"{name}={_text(params[name])}" for name in sorted(params))
    return Claim("&".join(pairs), signature)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def requests() -> Iterator[tuple[str, Logical]]:
    """Yield the corpus: every kind of request, then every awkward value in a plain order."""
    yield from _verbs()
    yield from _shapes()
    for name, text in corpus.TEXTS.items():
        yield f"text-{name}", Logical("POST", ORDER, {**_LIMIT, "newClientOrderId": text})
    for name, number in corpus.NUMBERS.items():
        yield f"number-{name}", Logical("POST", ORDER, {**_LIMIT, "quantity": number})
    for name, flag in corpus.FLAGS.items():
        yield f"flag-{name}", Logical("POST", ORDER, {**_LIMIT, "reduceOnly": flag})
    yield from _lists()
    yield from _frames()


def _verbs() -> Iterator[tuple[str, Logical]]:
    yield "post-limit", Logical("POST", ORDER, {**_LIMIT})
    yield (
        "post-market",
        Logical(
            "POST", ORDER, {"symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "1"}
        ),
    )
    yield "get-order", Logical("GET", ORDER, {**_CLIENT_ID})
    yield "get-order-by-number", Logical("GET", ORDER, {"symbol": "BTCUSDT", "orderId": 28})
    yield "delete-order", Logical("DELETE", ORDER, {**_CLIENT_ID})
    amended = {**_CLIENT_ID, "side": "BUY", "quantity": "0.002", "price": "50001"}
    yield "put-order", Logical("PUT", ORDER, amended)
    yield "get-account", Logical("GET", "/fapi/v3/account")
    yield "get-balance", Logical("GET", "/fapi/v2/balance")
    yield "get-open-orders", Logical("GET", "/fapi/v1/openOrders", {"symbol": "BTCUSDT"})
    yield "delete-all", Logical("DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"})
    yield (
        "post-leverage",
        Logical("POST", "/fapi/v1/leverage", {"symbol": "BTCUSDT", "leverage": 21}),
    )
    yield "post-mode", Logical("POST", "/fapi/v1/positionSide/dual", {"dualSidePosition": True})


def _shapes() -> Iterator[tuple[str, Logical]]:
    """Order and place of parameters."""
    backwards = dict(reversed(_LIMIT.items()))
    window = {"recvWindow": 5000}
    yield "order-backwards", Logical("POST", ORDER, backwards)
    yield "order-window-first", Logical("POST", ORDER, window | _LIMIT)
    yield "order-window-last", Logical("POST", ORDER, {**_LIMIT, **window})
    yield "only-window", Logical("GET", "/fapi/v3/account", window)
    yield "long-value", Logical("POST", ORDER, {**_LIMIT, "newClientOrderId": corpus.LONG})
    yield "chinese-symbol", Logical("POST", ORDER, {**_LIMIT, "symbol": "币安人生USDT"})
    yield "chinese-symbol-get", Logical("GET", "/fapi/v1/openOrders", {"symbol": "币安人生USDT"})
    yield "text-mixture-get", Logical("GET", ORDER, _named(corpus.TEXTS["mixture"]))
    yield "text-mixture-delete", Logical("DELETE", ORDER, _named(corpus.TEXTS["mixture"]))
    yield "body-only", Logical("POST", ORDER, body={**_LIMIT})
    parts = list(_LIMIT.items())
    yield "query-and-body", Logical("POST", ORDER, dict(parts[:4]), dict(parts[4:]))
    awkward = {**dict(parts[4:]), "newClientOrderId": "a~b"}
    yield "query-and-awkward-body", Logical("POST", ORDER, dict(parts[:4]), awkward)


def _named(text: str) -> dict[str, Any]:
    return {"symbol": "BTCUSDT", "origClientOrderId": text}


def _lists() -> Iterator[tuple[str, Logical]]:
    def cancel(field: str, values: list[Any]) -> Logical:
        return Logical("DELETE", BATCH, {"symbol": "BTCUSDT", field: values})

    def place(method: str, *orders: Mapping[str, Any]) -> Logical:
        return Logical(method, BATCH, {"batchOrders": [dict(order) for order in orders]})

    yield "list-numbers", cancel("orderIdList", [1, 2, 3])
    yield "list-one", cancel("orderIdList", [1])
    yield "list-empty", cancel("orderIdList", [])
    yield "list-texts", cancel("origClientOrderIdList", ["a-1", "b-2"])
    yield "list-percent", cancel("origClientOrderIdList", ["100%"])
    yield "list-hash", cancel("origClientOrderIdList", ["a#b"])
    yield "list-lower-case", cancel("orderidlist", ["1", "2"])
    yield "list-awkward", cancel("origClientOrderIdList", ["a b", "é~'"])
    yield "batch-one", place("POST", _LIMIT)
    yield "batch-five", place("POST", *[_LIMIT] * 5)
    yield "batch-put", place("PUT", {**_CLIENT_ID, "side": "BUY", "quantity": "1", "price": "2"})
    yield "batch-numbers", place("POST", {**_LIMIT, "quantity": 1e-7, "price": 50_000})
    yield "batch-flags", place("POST", {**_LIMIT, "reduceOnly": True, "closePosition": False})
    yield "batch-awkward", place("POST", {**_LIMIT, "newClientOrderId": "a b'~é&=%"})
    yield "batch-nested", place("POST", {**_LIMIT, "attached": {"list": [1, {"a": "b"}]}})


def _frames() -> Iterator[tuple[str, Logical]]:
    yield "ws-logon", Logical("WS", "session.logon")
    yield "ws-logon-window", Logical("WS", "session.logon", {"recvWindow": 5000})
    yield "ws-place", Logical("WS", "order.place", {**_LIMIT})
    yield "ws-place-backwards", Logical("WS", "order.place", dict(reversed(_LIMIT.items())))
    yield "ws-place-flag", Logical("WS", "order.place", {**_LIMIT, "reduceOnly": True})
    yield "ws-place-float", Logical("WS", "order.place", {**_LIMIT, "quantity": 0.001})
    yield "ws-place-huge-float", Logical("WS", "order.place", {**_LIMIT, "quantity": 1e22})
    yield "ws-cancel", Logical("WS", "order.cancel", {**_CLIENT_ID})
    yield "ws-status", Logical("WS", "order.status", {"symbol": "BTCUSDT", "orderId": 28})
    yield "ws-account", Logical("WS", "v2/account.status")
    yield "ws-place-null", Logical("WS", "order.place", {**_LIMIT, "reduceOnly": None})
    for name in ("space", "tilde", "plus", "apostrophe", "chinese"):
        awkward = {**_LIMIT, "newClientOrderId": corpus.TEXTS[name]}
        yield f"ws-text-{name}", Logical("WS", "order.place", awkward)


def _texts(value: object) -> Iterator[str]:
    """Yield every text inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _http(logical: Logical) -> bool:
    return logical.method != "WS"


def _has_any(logical: Logical, characters: str) -> bool:
    texts = _texts({"query": logical.query, "body": logical.body})
    return any(character in text for text in texts for character in characters)


def _frame_needs_encoding(logical: Logical) -> bool:
    plain = re.compile(r"[\w.-]*", re.ASCII)
    values = logical.query.values()
    nested = any(isinstance(value, list | dict) for value in values)
    signed_exponent = any(isinstance(value, float) and "+" in repr(value) for value in values)
    awkward = not all(plain.fullmatch(text) for text in _texts(logical.query))
    return not _http(logical) and (nested or signed_exponent or awkward)


def _frame_null(logical: Logical) -> bool:
    return not _http(logical) and None in logical.query.values()


def _ccxt_leaves_raw(logical: Logical) -> bool:
    cancels = logical.method == "DELETE" and logical.path == BATCH
    texts = _texts(logical.query)
    return cancels and (
        "orderIdList" in logical.query
        or any(quote(text, safe="!$&'()*+,/:;=?@~") != text for text in texts)
    )


def _has_null(logical: Logical) -> bool:
    return _http(logical) and None in (*logical.query.values(), *logical.body.values())


_DEFECTS = (
    Defect(
        name="js-signs-other-bytes",
        title="A space and ~ ' ( ) ! are signed in one spelling and sent in another",
        witnesses=("binance-js",),
        verdict="sdk-wrong",
        fact="`buildQueryString` signs what `encodeURIComponent` makes of a value, while "
        "`setSearchParams` sends what `URLSearchParams` makes of it; the two differ on these six "
        "characters, in the query, in the body and inside JSON lists (`@binance/common` 2.4.9).",
        minimal=Logical("GET", ORDER, {"symbol": "BTCUSDT", "origClientOrderId": "a~b"}),
        expected=lambda logical: _http(logical) and _has_any(logical, " ~'()!"),
    ),
    Defect(
        name="python-sends-body-twice",
        title="Parameters given as a body are sent in the query as well",
        witnesses=("binance-python",),
        verdict="sdk-wrong",
        fact="`send_request` merges the body into the signed query string and then sends the same "
        "fields as the body too; the venue verifies query plus body, which is other bytes "
        "(`binance-common` 4.6.0, `utils.py`).",
        minimal=Logical("POST", ORDER, body={"symbol": "BTCUSDT"}),
        expected=lambda logical: _http(logical) and bool(logical.body),
    ),
    Defect(
        name="rust-sends-null",
        title="A parameter without a value is sent as the text null, unsigned",
        witnesses=("binance-rust",),
        verdict="sdk-wrong",
        fact="`build_query_string` leaves a null out of what is signed, while `send_request` "
        "writes it into the URL as `null` (`binance-sdk` 64.0.0, `src/common/utils.rs`).",
        minimal=Logical("GET", "/fapi/v1/openOrders", {"symbol": None}),
        expected=_has_null,
    ),
    Defect(
        name="ccxt-cancels-raw-lists",
        title="Cancelling a list: what is not percent-encoded is signed raw and sent encoded",
        witnesses=("ccxt-python",),
        verdict="sdk-wrong",
        fact="`sign` joins the client ids of `DELETE batchOrders` without encoding them, and "
        "writes any other list (such as `orderIdList`, which it knows in lower case only) as "
        "`[1, 2]`; the HTTP library then encodes the URL that was signed raw; a lone `%` makes it "
        "encode even the signature a second time, and a `#` cuts the signature off (`ccxt` "
        "4.5.90, `binance.py`).",
        minimal=Logical("DELETE", BATCH, {"symbol": "BTCUSDT", "origClientOrderIdList": ["a b"]}),
        expected=_ccxt_leaves_raw,
    ),
    Defect(
        name="documented-mixed-signature",
        title="The signature of the example with query and body",
        witnesses=("published",),
        verdict="doc-wrong",
        fact="The printed signature belongs to the printed text with a stray space before the "
        "timestamp (`timestamp= 1591702613943`), not to the request that the page shows.",
        minimal=Logical("POST", ORDER),
        expected=lambda _: False,
    ),
    Defect(
        name="documented-coin-signature",
        title="The signature of the COIN-margined example",
        witnesses=("published",),
        verdict="doc-wrong",
        fact="The printed signature does not belong to the printed request, and no text is known "
        "to which it would.",
        minimal=Logical("POST", "/dapi/v1/order"),
        expected=lambda _: False,
    ),
    Defect(
        name="python-frame-null",
        title="A text frame with a parameter without a value",
        witnesses=("binance-python",),
        verdict="sdk-wrong",
        fact="`ws_api_payload` sends the parameter as JSON null and signs the word `None` "
        "(`binance-common` 4.6.0, `utils.py`). The SDK's typed calls leave such parameters out "
        "before; its open `send_signed_message` does not.",
        minimal=Logical("WS", "order.cancel", {"symbol": "BTCUSDT", "orderId": None}),
        expected=_frame_null,
    ),
    Defect(
        name="frame-encoding-unsaid",
        title="Text frames with values that a URL would encode",
        witnesses=("binance-python", "binance-js", "binance-rust"),
        verdict="ambiguous",
        fact="The page's sample does not percent-encode what it signs and says nothing of values "
        "that would need it; every SDK encodes before it signs, Python and Rust as a form (a "
        "space is `+`), JavaScript as a URI component (a space is `%20`).",
        minimal=Logical("WS", "order.cancel", {"symbol": "BTCUSDT", "origClientOrderId": "a b"}),
        expected=_frame_needs_encoding,
    ),
)

_FACTS = (
    (
        "The generic signed call of the Python SDK always fails",
        (
            "`rest_api.send_signed_request(...)` and `send_request(...)` of "
            "`binance-sdk-derivatives-trading-usds-futures` 18.0.1 subscript a plain function and "
            "raise `TypeError: 'function' object is not subscriptable`, whatever they are given. "
            "The vectors therefore come from `binance_common.utils.send_request`, which every "
            "other call of the SDK uses."
        ),
    ),
    (
        "ccxt takes an Ed25519 key with Windows line ends for an RSA key",
        (
            "`sign` of `ccxt` 4.5.90 tells the two apart by the length of the PEM text (over 120 "
            "characters is RSA). An Ed25519 key has 119, or 122 with `\\r\\n`: the request then "
            "fails inside ccxt."
        ),
    ),
    (
        "ccxt sends the JSON of batch orders unencoded in a form",
        (
            "`POST batchOrders` of `ccxt` 4.5.90 carries raw JSON in a form body. The signature "
            "holds, but an `&` or `%` inside a client id makes the form say something else than "
            "was asked (vector `batch-awkward/hmac`)."
        ),
    ),
)

_SDK = "derivatives-trading-usds-futures"
PLAN = Plan(
    venue="binance_usdm",
    now_ms=1_700_000_000_125,
    keys={
        "hmac": SourceKey("hmac", f"{_KEY}Hmac".ljust(64, "0"), secret="ThrowAwaySecret" * 4),
        "rsa": SourceKey("rsa", f"{_KEY}Rsa".ljust(64, "0"), pem="throw-away-rsa.pem"),
        "ed25519": SourceKey("ed25519", f"{_KEY}Ed".ljust(64, "0"), pem="throw-away-ed25519.pem"),
    },
    witnesses=(
        Witness("binance-python", "python", "binance_sdk", f"binance-sdk-{_SDK}", "18.0.1"),
        Witness("binance-js", "js", "binance_sdk", f"@binance/{_SDK}", "38.1.1"),
        Witness("binance-rust", "rust", "binance_sdk", "binance-sdk", "64.0.0", rewrites=True),
        Witness(
            *("ccxt-python", "python", "ccxt_sdk", "ccxt", "4.5.90"), official=False, signs=False
        ),
    ),
    corpus=requests,
    headers=("content-type", "x-mbx-apikey"),
    read=read,
    retell=retell,
    meaning=meaning,
    spoil=spoil,
    signer=RawBytes(),
    defects=_DEFECTS,
    facts=_FACTS,
    table={"number": "quantity", "flag": "reduceOnly"},
)
