"""A large language model behind an OpenAI-compatible server, asked through the official client.

The client sends a request again after a passing fault, at growing and jittered intervals, or when the server says so in
Retry-After. What it does not do is done here: a limit on the length and the time of a whole answer, a limit on the
tokens a process spends, settings that a server does not know left out, and every fault put into one line without the
key.
"""

import json
import os
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches
from ipaddress import ip_address
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai

from summarize.config import ChatSettings
from summarize.errors import ConfigError, ModelError
from summarize.models.conversation import Fault, FaultKind, Message, Reply

MAX_BYTES = 1_000_000
"""Longest answer that is read; the rest of a longer one is left where it is."""

BYTES_A_TOKEN = 3
"""UTF-8 bytes taken for one token before the server has counted. English has four or five, so a prompt is taken for
longer than it is."""

TURN_TOKENS = 16
"""Tokens a message takes beside its text."""

IN_A_ROW = 5
"""Faults of the server one after the other after which it is left alone for a while."""

REST = 60.0
"""Seconds it is left alone."""

OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "response_format": ("response_format", "json_schema", "json schema", "guided", "grammar", "structured output"),
    "max_tokens": ("max_tokens", "max_completion_tokens"),
    "temperature": ("temperature",),
}
"""What a server may refuse to know, and the words by which its refusal is told."""


class _Bounded(httpx2.Client):
    """A client that reads no more than ``MAX_BYTES`` of an answer, and for no longer than ``seconds``.

    A read timeout alone starts anew with every byte, so that a server could drip for ever. An answer is asked for
    uncompressed, and never unpacked, since a small packed one can be endless.
    """

    def __init__(self, seconds: float, **options: Any) -> None:
        super().__init__(**options)
        self._seconds = seconds

    def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        request.headers["Accept-Encoding"] = "identity"
        until = monotonic() + self._seconds
        response = super().send(request, stream=True, **options)
        body = bytearray()
        try:
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > MAX_BYTES:
                    break
                if monotonic() > until:
                    raise httpx2.ReadTimeout(f"no whole answer within {self._seconds:g} s", request=request)
        finally:
            response.close()
        packed = ("content-encoding", "content-length", "transfer-encoding")
        headers = [(name, value) for name, value in response.headers.items() if name.lower() not in packed]
        return httpx2.Response(response.status_code, headers=headers, content=bytes(body), request=request)


class ServedChat:
    """A chat model behind an address.

    Args:
        settings: address, name of the model, limits; ``endpoint`` is set.

    Raises:
        ConfigError: no model is named, or the key would be sent where others can read it.
    """

    def __init__(self, settings: ChatSettings) -> None:
        if settings.endpoint is None or not settings.model:
            raise ConfigError("a served model needs 'chat.endpoint' and 'chat.model' (--endpoint and --model)")
        self.answer_tokens = settings.answer_tokens
        self.room = settings.window - settings.answer_tokens
        self.at_once = settings.concurrency
        self._settings, self._endpoint, self._model = settings, settings.endpoint, settings.model
        self._key = _key(settings, self._endpoint)
        self._client = openai.OpenAI(
            base_url=self._endpoint,
            api_key=self._key or "none",  # a server without keys still gets the header
            max_retries=settings.retries,
            http_client=_Bounded(
                settings.timeout,
                timeout=httpx2.Timeout(settings.timeout, connect=settings.connect_timeout),
                # A connection costs nothing beside an answer, and one that was kept may have gone stale.
                limits=httpx2.Limits(max_keepalive_connections=0),
                # What is in an article goes where the reader said, and nowhere else.
                follow_redirects=False,
            ),
        )
        self._lock = threading.Lock()
        self._options: dict[str, Any] = {"temperature": 0, "max_tokens": self.answer_tokens}
        self._structured = settings.structured
        self._spent, self._answered = 0, False
        self._failed_in_a_row, self._again = 0, 0.0

    def size(self, conversation: Sequence[Message]) -> int:
        """Tokens the conversation takes, estimated from its bytes."""
        return sum(len(m.content.encode("utf-8", "replace")) // BYTES_A_TOKEN + TURN_TOKENS for m in conversation)

    def facts(self) -> dict[str, Any]:
        """Which model was asked for and where; who answered stands with what it took."""
        return {"model": self._model, "endpoint": self._endpoint}

    def ask(self, conversations: Sequence[Sequence[Message]], schema: Mapping[str, Any]) -> list[Reply]:
        """An answer or a fault for each conversation, as many at once as the settings allow.

        Who is still within the spending limit is settled in the order of the conversations, before any of those that
        are asked at once is sent, so that it does not hang on which answer comes first.

        Raises:
            ModelError: the server never answered, and the first fault says why.
        """
        replies: list[Reply] = []
        for start in range(0, len(conversations), self._settings.concurrency):
            replies += self._ask_at_once(conversations[start : start + self._settings.concurrency], schema)
        return replies

    def _ask_at_once(self, conversations: Sequence[Sequence[Message]], schema: Mapping[str, Any]) -> list[Reply]:
        replies: dict[int, Reply] = {}
        reserved = 0
        for i, conversation in enumerate(conversations):
            price = self.size(conversation) + self.answer_tokens
            fault = self._forbidden(reserved + price)
            if fault:
                replies[i] = Reply(fault=fault)
            else:
                reserved += price
        asked = [i for i in range(len(conversations)) if i not in replies]
        with ThreadPoolExecutor(len(asked) or 1) as pool:
            replies |= zip(asked, pool.map(lambda i: self._answer(conversations[i], schema), asked), strict=True)
        for i in asked:
            self._settle(replies[i])
        told = [replies[i] for i in range(len(conversations))]
        if not self._answered:
            for fault in (reply.fault for reply in told if reply.fault and reply.fault.kind != "spending limit"):
                raise ModelError(f"{fault.reason}{self._hint(fault)}")
        return told

    def _forbidden(self, price: int) -> Fault | None:
        """Why the next request, which brings what is reserved to ``price``, is not sent; None when it is."""
        limit = self._settings.max_tokens_total
        if limit is not None and self._spent + price > limit:
            return Fault("spending limit", f"{self._spent} of {limit} tokens are spent, and an answer may take {price}")
        if self._failed_in_a_row >= IN_A_ROW and monotonic() < self._again:
            return Fault("unreachable", f"{self._failed_in_a_row} requests in a row failed; not asked for a while")
        return None

    def _settle(self, reply: Reply) -> None:
        """Count what a request cost, and how the server is."""
        self._spent += reply.prompt_tokens + reply.answer_tokens
        self._answered = self._answered or bool(reply.model)
        if reply.fault and reply.fault.kind in ("unreachable", "timeout", "overloaded", "server error"):
            self._failed_in_a_row += 1
            self._again = monotonic() + REST
        else:
            self._failed_in_a_row = 0

    def _hint(self, fault: Fault) -> str:
        """The models the server has, where it was asked for another one."""
        if fault.kind != "refused":
            return ""
        try:
            known = sorted(m.id for m in self._client.with_options(max_retries=0).models.list().data)
        except (openai.OpenAIError, AttributeError, TypeError, ValueError):
            return ""
        if not known or self._model in known:
            return ""
        near = get_close_matches(self._model, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return self._one_line(f".{hint} It has: {', '.join(known)}", 400)

    def _answer(self, conversation: Sequence[Message], schema: Mapping[str, Any]) -> Reply:
        size = self.size(conversation)
        messages: Any = [
            {"role": m.role, "content": m.content.encode("utf-8", "replace").decode()} for m in conversation
        ]
        while True:
            options = self._options_now(schema)
            try:
                raw = self._client.chat.completions.with_raw_response.create(
                    model=self._model, messages=messages, **options
                )
            except openai.APIStatusError as error:
                if error.status_code in (400, 422) and self._leave_out(error, options):
                    continue
                return self._fault(_status_kind(error.status_code), self._status(error), size)
            except openai.APITimeoutError:
                return self._fault("timeout", f"gave no answer within {self._settings.timeout:g} s", size)
            except openai.APIConnectionError as error:
                return self._fault("unreachable", f"cannot be reached: {error.__cause__ or error}", size)
            except openai.OpenAIError as error:
                return self._fault("unreadable", f"cannot be asked: {error}", size)
            return self._read(raw.http_response.content, size)

    def _options_now(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            options = dict(self._options)
            if self._structured:
                shape = {"name": "summary", "strict": True, "schema": schema}
                options["response_format"] = {"type": "json_schema", "json_schema": shape}
        return options

    def _leave_out(self, error: openai.APIStatusError, options: Mapping[str, Any]) -> bool:
        """Change what this server refuses to know, once each; whether anything was changed."""
        told = f"{error.param or ''} {_message(error)}".lower()
        for name, words in OPTIONAL.items():
            if name in options and any(word in told for word in words):
                with self._lock:
                    self._options.pop(name, None)
                    if name == "response_format":
                        self._structured = False
                    if name == "max_tokens":  # the newer name of the same thing
                        self._options["max_completion_tokens"] = self.answer_tokens
                return True
        return False

    def _read(self, body: bytes, prompt_tokens: int) -> Reply:
        """The text of a completion's first choice, whatever else the server sent."""
        found = _loaded(body)
        try:
            message = found["choices"][0]["message"]
            text = message["content"]
        except (LookupError, TypeError):
            message = text = None
        whole = isinstance(found, dict)
        counted = found.get("usage") if whole else None
        counted = counted if isinstance(counted, dict) else {}
        read = _count(counted.get("prompt_tokens"), prompt_tokens)
        written = _count(counted.get("completion_tokens"), len(body) // BYTES_A_TOKEN)
        name = found.get("model") if whole else None
        name = self._one_line(name, 100) if isinstance(name, str) and name.strip() else self._model
        if isinstance(text, str):
            return Reply(self._without_key(text), None, read, written, name)
        shown = body[:80].decode("utf-8", "replace")
        reason = self._one_line(f"the server at {self._endpoint} sent something that is no answer: {shown}")
        # An empty message is an answer of a sort, as from a model that spent all its tokens on thinking.
        return Reply("", Fault("unreadable", reason), read, written, name if message else "")

    def _fault(self, kind: FaultKind, what: str, prompt_tokens: int) -> Reply:
        fault = Fault(kind, self._one_line(f"the server at {self._endpoint} {what}"))
        # What failed on the way may have been answered, and paid for, all the same.
        if kind in ("timeout", "server error"):
            return Reply("", fault, prompt_tokens, self.answer_tokens)
        return Reply("", fault)

    def _status(self, error: openai.APIStatusError) -> str:
        code = error.status_code
        if code in (401, 403):
            variable = self._settings.key_variable
            if variable is None:
                return f"wants a key, and 'chat.key_variable' names none ({code})"
            return f"refused the key in ${variable} ({code})" if self._key else f"wants a key: set ${variable} ({code})"
        return f"answered {code}: {_message(error)}"

    def _one_line(self, text: str, length: int = 300) -> str:
        """What a server says is shown to a person: no key, no control characters, and not for long."""
        shown = "".join(c if c.isprintable() else " " for c in self._without_key(text))
        return " ".join(shown.split())[:length]

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "[key]") if self._key else text


def _key(settings: ChatSettings, endpoint: str) -> str | None:
    """The key, where one is set.

    Raises:
        ConfigError: it would travel unencrypted to another machine.
    """
    key = os.environ.get(settings.key_variable, "").strip() if settings.key_variable else ""
    address = urlsplit(endpoint)
    if key and address.scheme == "http" and not _is_this_machine(address.hostname or ""):
        raise ConfigError(
            f"the key in ${settings.key_variable} would be sent unencrypted to {address.hostname}: use https, or set "
            "'chat.key_variable' to null to send none"
        )
    if not key.isascii() or not key.isprintable():
        raise ConfigError(f"the key in ${settings.key_variable} holds characters that no key has")
    return key or None


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _status_kind(code: int) -> FaultKind:
    if code in (408, 409, 429):
        return "overloaded"
    return "server error" if code >= 500 else "refused"


def _message(error: openai.APIStatusError) -> str:
    """What the server said, wherever its dialect puts it."""
    body = error.body
    for name in ("error", "message", "detail"):
        if isinstance(body, dict) and name in body:
            body = body[name]
    return body if isinstance(body, str) and body.strip() else str(error)


def _loaded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _count(value: Any, otherwise: int) -> int:
    """A number of tokens as the server gives it, where it can be one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else otherwise
