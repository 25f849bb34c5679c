"""A server on this machine that speaks as an OpenAI-compatible one does, or fails in the ways such servers fail."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Behaviour = Callable[["Handler"], None]

USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


def completion(text: str | None, **changes: Any) -> dict[str, Any]:
    """A whole answer as the protocol has it."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "tiny",
        "choices": [choice],
        "usage": USAGE,
    } | (changes)


def says(text: str | None, **changes: Any) -> Behaviour:
    return sends(json.dumps(completion(text, **changes)).encode())


def sends(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Behaviour:
    return lambda handler: handler.send(status, body, headers or {})


def fails(status: int, message: str = "no", headers: Mapping[str, str] | None = None) -> Behaviour:
    return sends(json.dumps({"error": {"message": message, "type": "fault"}}).encode(), status, headers)


def refuses(word: str, text: str) -> Behaviour:
    """Refuses requests that hold a parameter, and answers the others."""

    def behave(handler: "Handler") -> None:
        unknown = word in handler.asked
        (fails(400, f"Unsupported parameter: '{word}'") if unknown else says(text))(handler)

    return behave


def sleeps(seconds: float, text: str = "late") -> Behaviour:
    def behave(handler: "Handler") -> None:
        handler.server.stopping.wait(seconds)
        says(text)(handler)

    return behave


def drops(handler: "Handler") -> None:
    """Ends the connection in the middle of an answer."""
    body = json.dumps(completion("half of this never comes")).encode()
    handler.begin(200, {"Content-Length": str(len(body))})
    handler.wfile.write(body[: len(body) // 2])
    handler.close_connection = True


def hangs_up(handler: "Handler") -> None:
    """Ends the connection before anything was said."""
    handler.close_connection = True


def drips(handler: "Handler") -> None:
    """Sends blanks for ever, each well within any read timeout."""
    handler.begin(200, {"Content-Type": "application/json"})
    while not handler.server.stopping.wait(0.02):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            break
    handler.close_connection = True


def floods(handler: "Handler") -> None:
    """Sends an answer that does not end within what anybody reads."""
    handler.begin(200, {"Content-Type": "application/json"})
    handler.wfile.write(b'{"choices": [{"message": {"content": "')
    try:
        for _ in range(400):
            handler.wfile.write(b"word " * 20_000)
            handler.server.flooded += 100_000
    except OSError:
        pass
    handler.close_connection = True


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "FaultServer"
    asked: dict[str, Any]

    def do_POST(self) -> None:
        self.asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.requests.append(self.asked)
            self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
            behave = self.server.script.pop(0) if len(self.server.script) > 1 else self.server.script[0]
        try:
            behave(self)
        except OSError:  # whoever asked has gone
            self.close_connection = True
        finally:
            with self.server.lock:
                self.server.at_once -= 1

    def do_GET(self) -> None:
        self.send(200, json.dumps({"object": "list", "data": [{"id": "tiny", "object": "model"}]}).encode(), {})

    def send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.begin(status, {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers})
        self.wfile.write(body)

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


class FaultServer(ThreadingHTTPServer):
    """Behaves as the script says, request by request; its last line is for all that follow.

    Attributes:
        requests: bodies of what was asked, in their order.
        headers: their headers, by lower-case names.
        most_at_once: requests that were under way together.
        flooded: bytes of an endless answer that were taken.
    """

    daemon_threads = True

    def __init__(self, *script: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script = list(script)
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.at_once = self.most_at_once = self.flooded = 0
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass
