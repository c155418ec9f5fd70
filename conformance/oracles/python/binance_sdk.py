"""Driver of the official Binance SDK for Python, run by ``guest.py`` in its own environment."""

import asyncio
import importlib
from collections.abc import Callable
from typing import Any, TypeAlias

Foreign: TypeAlias = Any
"""What belongs to the SDK: it has no types here, where it is not installed."""

SDK = "binance-sdk-derivatives-trading-usds-futures"
_PACKAGE = SDK.replace("-", "_")

_clients: dict[tuple[str, ...], Foreign] = {}


def _sdk(name: str) -> Foreign:
    return importlib.import_module(name)


def watch(note: Callable[[str], None]) -> None:
    """Note every text that the SDK signs."""
    plumbing = _sdk("binance_common.utils")
    real = plumbing.get_signature

    def noting(configuration: Foreign, payload: str, signer: Foreign = None) -> str:
        note(payload)
        return str(real(configuration, payload, signer))

    plumbing.get_signature = noting


def send(ask: dict[str, Any]) -> None:
    """Make the request through the function that carries every signed call of the SDK.

    Its public door ``send_signed_request`` raises TypeError in 18.0.1 whatever it is given.
    """
    logical = ask["logical"]
    if logical["method"] == "WS":
        asyncio.run(_send_frame(ask))
        return
    rest = _rest(ask)
    _sdk("binance_common.utils").send_request(
        rest._session,  # noqa: SLF001 - as the SDK's own calls do
        rest.configuration,
        logical["method"],
        logical["path"],
        logical.get("query", {}),
        logical.get("body", {}),
        is_signed=True,
        signer=rest._signer,  # noqa: SLF001
    )


def sign(ask: dict[str, Any]) -> str:
    """Sign the query as the SDK encodes it, the time given as a parameter."""
    rest = _rest(ask)
    plumbing = _sdk("binance_common.utils")
    text = plumbing.encoded_string(plumbing.clean_none_value(ask["logical"].get("query", {})))
    return str(plumbing.get_signature(rest.configuration, text, rest._signer))  # noqa: SLF001


def _secrets(key: dict[str, Any]) -> dict[str, Any]:
    if key["kind"] == "hmac":
        return {"api_key": key["key"], "api_secret": key["secret"]}
    return {
        "api_key": key["key"],
        "private_key": key["secret"],
        "private_key_passphrase": key["passphrase"] or None,
    }


def _rest(ask: dict[str, Any]) -> Foreign:
    """Return the client for this key and address; making one costs milliseconds."""
    key, address = ask["key"], ask.get("rest", "")
    known = (address, key["key"], key["secret"])
    if known not in _clients:
        configuration = _sdk("binance_common.configuration").ConfigurationRestAPI(
            base_path=address, timeout=20_000, retries=0, **_secrets(key)
        )
        client = _sdk(_PACKAGE).DerivativesTradingUsdsFutures(config_rest_api=configuration)
        _clients[known] = client.rest_api
    return _clients[known]


async def _send_frame(ask: dict[str, Any]) -> None:
    logical = ask["logical"]
    configuration = _sdk("binance_common.configuration").ConfigurationWebSocketAPI(
        stream_url=f"{ask['frames']}/ws-fapi/v1", **_secrets(ask["key"])
    )
    client = _sdk(_PACKAGE).DerivativesTradingUsdsFutures(config_ws_api=configuration)
    connection = await client.websocket_api.create_connection()
    try:
        await connection.send_signed_message(
            {"method": logical["path"], "params": {"id": "0" * 32} | logical.get("query", {})},
            connection.signer,
            session_logon=logical["path"] == "session.logon",
        )
    finally:
        await connection.close_connection(close_session=True)
