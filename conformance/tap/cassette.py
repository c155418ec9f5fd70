"""REST on cassettes of vcrpy, for clients in this process whose library vcrpy knows.

What is called like a secret, or is one, never reaches the file, in requests or in answers. Two
requests match when they say the same (``saying``): the port, timestamps and signatures differ
every time. Streams are not vcrpy's business: they are on the tape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from conformance.contracts.adapter import Credentials
from conformance.errors import UsageError
from conformance.evidence.redaction import Redactor, mask
from conformance.model.wire import Headers, WireReply, WireRequest
from conformance.tap import saying
from conformance.tap.saying import Saying

if TYPE_CHECKING:
    from vcr.request import Request

SUFFIX = ".yaml"

Played: TypeAlias = Callable[[WireRequest, WireReply], None]
"""Told of every request that a cassette has answered."""


@contextmanager
def recording(path: Path, credentials: Credentials, port: int) -> Iterator[None]:
    """Record what goes to ``port`` of this machine; a cassette that was there is replaced."""
    path.unlink(missing_ok=True)

    def ours(request: Request) -> Request | None:
        return request if request.port == port else None

    with _inserted(path, credentials, "once", before_record_request=ours):
        yield


@contextmanager
def playing(path: Path, credentials: Credentials, played: Played | None = None) -> Iterator[None]:
    """Answer from the cassette and from nothing else (record mode ``none``)."""
    with _inserted(path, credentials, "none") as deck:
        deck.played = played
        yield


def installed() -> bool:
    """Say whether vcrpy is there (extra ``report``)."""
    return find_spec("vcr") is not None


@contextmanager
def _inserted(path: Path, credentials: Credentials, mode: str, **more: Any) -> Iterator[Any]:  # noqa: ANN401 - vcrpy's
    if not installed():
        raise UsageError("cassettes need vcrpy", hint="pip install 'exchange-conformance[report]'")
    import vcr  # noqa: PLC0415 - an extra
    from vcr.cassette import Cassette, CassetteContextDecorator  # noqa: PLC0415

    class Deck(Cassette):  # type: ignore[misc]
        """A cassette that tells what it has played."""

        played: Played | None = None

        def play_response(self, request: Request) -> Any:  # noqa: ANN401 - vcrpy's
            response = super().play_response(request)
            if self.played is not None:
                self.played(_request(request), _reply(response))
            return response

    redactor = Redactor(credentials)
    recorder = vcr.VCR(
        record_mode=mode,
        match_on=("scheme", "host", "saying"),
        decode_compressed_response=True,
        filter_sensitive_data=_secrets(credentials),
        before_save_interaction=lambda request, response: _redacted(redactor, request, response),
        **more,
    )
    recorder.register_matcher("saying", lambda one, two: _match(redactor, one, two))
    config = recorder.get_merged_config(path=str(path))
    with CassetteContextDecorator.from_args(Deck, **config) as deck:
        yield deck


def _secrets(credentials: Credentials) -> list[tuple[str, str]]:
    known = (("key", credentials.key), ("secret", credentials.secret))
    return [(mask(name), value) for name, value in known if value]


def _redacted(redactor: Redactor, request: Request, response: Any) -> tuple[Request, Any]:  # noqa: ANN401 - vcrpy's
    """Take secrets out of a request and of its answer."""
    headers = [(name, _text(value)) for name, value in request.headers.items()]
    request.uri = redactor.text(request.uri)
    request.body = redactor.text(_body(request)).encode() if request.body else request.body
    request.headers = dict(redactor.headers(tuple(headers)))
    body = response["body"]["string"]
    response["body"]["string"] = redactor.text(body).encode()
    response["headers"] = {
        name: [text for _, text in redactor.headers(tuple((name, _text(v)) for v in values))]
        for name, values in response["headers"].items()
    }
    return request, response


def _match(redactor: Redactor, one: Request, two: Request) -> None:
    mine, theirs = _said(redactor, one), _said(redactor, two)
    assert mine == theirs, saying.differences(mine, theirs)


def _said(redactor: Redactor, request: Request) -> Saying:
    wire = _request(request)
    return saying.request(
        {
            "method": wire.method,
            "path": redactor.text(wire.path),
            "query": redactor.text(wire.query),
            "headers": wire.headers,
            "body": redactor.text(wire.body),
        }
    )


def _request(request: Request) -> WireRequest:
    headers: Headers = tuple((n.lower(), _text(v)) for n, v in request.headers.items())
    query: str = request.parsed_uri.query
    return WireRequest(request.method, request.path, query.encode(), headers, _body(request))


def _reply(response: Any) -> WireReply:  # noqa: ANN401 - vcrpy's
    headers: Headers = tuple(
        (name.lower(), _text(value))
        for name, values in response["headers"].items()
        for value in ([values] if isinstance(values, str) else values)
    )
    return WireReply(response["status"]["code"], response["body"]["string"], headers, "")


def _body(request: Request) -> bytes:
    body = request.body
    if body is None:
        return b""
    return body if isinstance(body, bytes) else b"".join(body)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
