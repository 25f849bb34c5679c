"""A model behind an address: what is sent, what it may cost, and every way in which a server can fail."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fault_server import (
    Behaviour,
    FaultServer,
    completion,
    drips,
    drops,
    fails,
    floods,
    hangs_up,
    refuses,
    says,
    sends,
    sleeps,
)

from summarize.config import ChatSettings
from summarize.errors import ConfigError, ModelError
from summarize.models.conversation import Message, Reply
from summarize.models.served import IN_A_ROW, MAX_BYTES, ServedChat

KEY = "sk-very-secret-0123456789"
SCHEMA = {"type": "object"}
ASKED = (Message("system", "Be brief."), Message("user", "What happened at the dam?"))


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds the client would have slept between its attempts."""
    slept: list[float] = []
    monkeypatch.setattr("openai._base_client.BaseClient._calculate_retry_timeout", _noted(slept))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return slept


def _noted(slept: list[float]) -> Any:
    from openai._base_client import BaseClient

    real = BaseClient._calculate_retry_timeout

    def calculate(self: Any, *arguments: Any, **options: Any) -> float:
        slept.append(real(self, *arguments, **options))
        return 0.0

    return calculate


def served(server: FaultServer, **changes: Any) -> ServedChat:
    settings = {
        "model": "tiny",
        "endpoint": server.address,
        "retries": 0,
        "timeout": 20,
        "answer_tokens": 500,
    } | changes
    return ServedChat(ChatSettings(**settings))


def ask(*script: Behaviour, times: int = 1, **changes: Any) -> list[Reply]:
    """The replies to the same question asked several times, one after the other, of a server that has answered once."""
    with FaultServer(says("first"), *script) as server:
        model = served(server, concurrency=1, **changes)
        return model.ask([ASKED] * (times + 1), SCHEMA)[1:]


# What is sent and what comes back


def test_an_answer_comes_with_what_it_cost_and_who_gave_it():
    with FaultServer(says("The dam broke.", model="tiny-7b")) as server:
        (reply,) = served(server).ask([ASKED], SCHEMA)
    assert reply == Reply("The dam broke.", None, 100, 20, "tiny-7b")
    (sent,) = server.requests
    assert sent["model"] == "tiny"
    assert sent["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What happened at the dam?"},
    ]
    assert (sent["temperature"], sent["max_tokens"]) == (0, 500)
    assert sent["response_format"]["json_schema"] == {"name": "summary", "strict": True, "schema": SCHEMA}


def test_no_schema_is_sent_where_none_is_wanted():
    with FaultServer(says("x")) as server:
        served(server, structured=False).ask([ASKED], SCHEMA)
    assert "response_format" not in server.requests[0]


@pytest.mark.parametrize(
    ("word", "instead"), [("response_format", None), ("temperature", None), ("max_tokens", "max_completion_tokens")]
)
def test_what_a_server_does_not_know_is_left_out_from_then_on(word, instead):
    with FaultServer(refuses(word, "fine")) as server:
        model = served(server)
        assert [r.text for r in model.ask([ASKED], SCHEMA) + model.ask([ASKED], SCHEMA)] == ["fine", "fine"]
    assert [word in sent for sent in server.requests] == [True, False, False]
    assert instead is None or server.requests[-1][instead] == 500


def test_tokens_are_estimated_where_the_server_does_not_count_or_counts_nonsense():
    for usage in (None, {}, {"prompt_tokens": -5, "completion_tokens": True}, {"prompt_tokens": "many"}, 7):
        with FaultServer(says("ja " * 30, usage=usage)) as server:
            (reply,) = served(server).ask([ASKED], SCHEMA)
        assert reply.prompt_tokens == served(server).size(ASKED) > 0
        assert reply.answer_tokens > 20


def test_answers_keep_the_order_of_the_questions_however_long_each_takes():
    with FaultServer(sleeps(0.3, "slow"), says("quick")) as server:
        replies = served(server, concurrency=8).ask([ASKED] * 3, SCHEMA)
    assert sorted(r.text for r in replies) == ["quick", "quick", "slow"]
    questions = [(Message("user", f"question {n}"),) for n in range(6)]

    def echo(handler: Any) -> None:
        handler.server.stopping.wait(0.02 * (7 - len(handler.server.requests)))
        says(handler.asked["messages"][0]["content"])(handler)

    with FaultServer(echo) as server:
        replies = served(server, concurrency=3).ask(questions, SCHEMA)
    assert [r.text for r in replies] == [f"question {n}" for n in range(6)]
    assert server.most_at_once <= 3


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_requests_are_under_way_than_allowed(most):
    with FaultServer(sleeps(0.05)) as server:
        served(server, concurrency=most).ask([ASKED] * 6, SCHEMA)
    assert server.most_at_once == most


def test_lone_surrogates_are_sent_as_question_marks():
    with FaultServer(says("x")) as server:
        served(server).ask([(Message("user", "a\ud800b"),)], SCHEMA)
    assert server.requests[0]["messages"][0]["content"] == "a?b"


# The key


def test_the_key_comes_from_the_environment_and_is_sent_as_a_bearer(monkeypatch):
    monkeypatch.setenv("MY_KEY", f" {KEY}\n")
    with FaultServer(says("x")) as server:
        served(server, key_variable="MY_KEY").ask([ASKED], SCHEMA)
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("variable", ["OPENAI_API_KEY", None])
def test_no_key_is_sent_where_none_is_named_or_set(monkeypatch, variable):
    if variable is None:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with FaultServer(says("x")) as server:
        served(server, key_variable=variable).ask([ASKED], SCHEMA)
    assert KEY not in str(server.headers)


def test_the_key_is_neither_logged_nor_told_nor_believed(monkeypatch, caplog):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    with FaultServer(
        says(f"The key is {KEY}.", model=KEY), fails(500, f"key {KEY} at fault"), sends(KEY.encode())
    ) as server:
        model = served(server, concurrency=1)
        replies = model.ask([ASKED] * 3, SCHEMA)
        assert KEY not in repr(replies) + repr(model)
    assert replies[0].text == "The key is [key]."
    assert KEY not in caplog.text
    with FaultServer(fails(401, f"Incorrect API key provided: {KEY}")) as server, pytest.raises(ModelError) as caught:
        served(server).ask([ASKED], SCHEMA)
    assert str(caught.value) == f"the server at {server.address} refused the key in $OPENAI_API_KEY (401)"


def test_a_key_is_not_sent_unencrypted_to_another_machine(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    far = {"model": "m", "endpoint": "http://models.example:8000/v1"}
    with pytest.raises(ConfigError, match=r"the key in \$OPENAI_API_KEY would be sent unencrypted to models\.example"):
        ServedChat(ChatSettings(**far))
    ServedChat(ChatSettings(**far, key_variable=None))
    ServedChat(ChatSettings(model="m", endpoint="https://models.example/v1"))
    for near in ("http://localhost:1/v1", "http://127.0.0.2/v1", "http://[::1]:8000/v1"):
        ServedChat(ChatSettings(model="m", endpoint=near))


def test_a_key_that_cannot_be_one_is_refused_without_being_shown(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-\tü")
    with pytest.raises(ConfigError, match="holds characters that no key has") as caught:
        ServedChat(ChatSettings(model="m", endpoint="https://models.example/v1"))
    assert "ü" not in str(caught.value)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://me:secret@h/v1",
        "https://h/v1?key=secret",
        "https://h/#secret",
        "ftp://h",
        "h:8000",
        "http://",
        "http://a b/",
    ],
)
def test_an_address_that_is_none_or_holds_a_secret_is_refused_without_being_shown(endpoint):
    from summarize.config import Config

    with pytest.raises(ConfigError) as caught:
        Config.parse({"chat": {"endpoint": endpoint}})
    assert "chat.endpoint" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_text_goes_nowhere_but_where_the_reader_said():
    with FaultServer(says("elsewhere")) as other:
        moved = {"Location": other.address + "/chat/completions"}
        with FaultServer(sends(b"", 307, moved)) as server, pytest.raises(ModelError, match="answered 307"):
            served(server).ask([ASKED], SCHEMA)
    assert other.requests == []


# Faults that pass


def test_a_storm_of_429_is_waited_out_at_growing_and_jittered_intervals(naps):
    with FaultServer(*[fails(429)] * 4, says("at last")) as server:
        (reply,) = served(server, retries=4).ask([ASKED], SCHEMA)
    assert reply.text == "at last"
    assert len(server.requests) == 5
    assert len(naps) == 4
    for nap, most in zip(naps, (0.5, 1, 2, 4), strict=True):
        assert 0.75 * most <= nap <= most
    assert len({nap / most for nap, most in zip(naps, (0.5, 1, 2, 4), strict=True)}) > 1


@pytest.mark.parametrize("status", [429, 503])
def test_what_the_server_says_in_retry_after_is_kept_to(naps, status):
    with FaultServer(fails(status, headers={"Retry-After": "7"}), says("at last")) as server:
        (reply,) = served(server, retries=1).ask([ASKED], SCHEMA)
    assert (reply.text, naps) == ("at last", [7.0])


@pytest.mark.parametrize("fault", [drops, hangs_up, fails(500), fails(502), fails(429)])
def test_a_passing_fault_is_met_by_asking_again(fault):
    with FaultServer(fault, says("at last")) as server:
        (reply,) = served(server, retries=1).ask([ASKED], SCHEMA)
    assert reply.text == "at last"


# Faults that stay


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (fails(429, "slow down"), "overloaded", "answered 429: slow down"),
        (fails(500, "oops"), "server error", "answered 500: oops"),
        (sends(b"<html>bad gateway</html>", 502), "server error", "answered 502"),
        (fails(404, "no such model"), "refused", "answered 404: no such model"),
        (fails(400, "context too long"), "refused", "answered 400: context too long"),
        (sends(json.dumps({"detail": "model asleep"}).encode(), 400), "refused", "answered 400: model asleep"),
        (drops, "unreachable", "cannot be reached"),
        (hangs_up, "unreachable", "cannot be reached"),
        (sleeps(30), "timeout", "gave no answer within 1 s"),
        (drips, "timeout", "gave no answer within 1 s"),
        (floods, "unreadable", "no answer"),
        (sends(b'{"choices": [{"mess'), "unreadable", "no answer"),
        (sends(b"\xff\xfe\x00"), "unreadable", "no answer"),
        (sends(b""), "unreadable", "no answer"),
        (sends(b"[1, 2]"), "unreadable", "no answer"),
        (sends(b"[" * 100_000), "unreadable", "no answer"),
        (sends(json.dumps({"choices": []}).encode()), "unreadable", "no answer"),
        (sends(json.dumps({"choices": [{"message": {"content": ["x"]}}]}).encode()), "unreadable", "no answer"),
        (says(None), "unreadable", "no answer"),
        (sends(b"\x1b[31m\x00evil", 500), "server error", "answered 500"),
    ],
)
def test_every_fault_is_a_reply_with_one_clear_line(fault, kind, words):
    (reply,) = ask(fault, timeout=1 if kind == "timeout" else 20)
    assert reply.text == ""
    assert reply.fault is not None
    assert reply.fault.kind == kind
    assert words in reply.fault.reason
    assert reply.fault.reason.isprintable()
    assert len(reply.fault.reason) <= 300


def test_of_an_endless_answer_no_more_is_read_than_the_limit():
    with FaultServer(says("first"), floods) as server:
        model = served(server, concurrency=1)
        model.ask([ASKED] * 2, SCHEMA)
    assert server.flooded < 10 * MAX_BYTES


def test_an_answer_is_never_unpacked():
    import gzip

    body = gzip.compress(json.dumps(completion("x")).encode())
    (reply,) = ask(sends(body, headers={"Content-Encoding": "gzip"}))
    assert reply.fault is not None
    assert reply.fault.kind == "unreadable"


def test_a_dead_server_is_left_alone_after_a_while_and_asked_again_later(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("summarize.models.served.monotonic", lambda: now[0])
    with FaultServer(says("x"), *[fails(500)] * IN_A_ROW, says("back")) as server:
        model = served(server, concurrency=1)
        replies = model.ask([ASKED] * (IN_A_ROW + 4), SCHEMA)
        assert len(server.requests) == IN_A_ROW + 1
        assert "not asked for a while" in str(replies[-1].fault)
        now[0] += 100
        assert model.ask([ASKED], SCHEMA)[0].text == "back"


# What a server that never answered is told as


@pytest.mark.parametrize("fault", [fails(500), fails(429), drops, sleeps(30), sends(b"<html>hello</html>"), fails(404)])
def test_a_server_that_never_answered_is_one_clear_error(fault):
    with FaultServer(fault) as server, pytest.raises(ModelError) as caught:
        served(server, timeout=1, concurrency=2).ask([ASKED] * 3, SCHEMA)
    assert server.address in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_wrong_model_is_told_with_those_there_are():
    with FaultServer(fails(404, "the model does not exist")) as server, pytest.raises(ModelError) as caught:
        served(server, model="tini").ask([ASKED], SCHEMA)
    assert str(caught.value).endswith("Did you mean 'tiny'? It has: tiny")


def test_nobody_at_the_address_is_one_clear_error():
    with FaultServer(says("x")) as server:
        address = server.address
    with pytest.raises(ModelError, match="cannot be reached"):
        ServedChat(ChatSettings(model="m", endpoint=address, retries=0)).ask([ASKED], SCHEMA)


def test_a_key_that_is_wanted_and_not_there_is_named():
    with (
        FaultServer(fails(401)) as server,
        pytest.raises(ModelError, match=r"wants a key: set \$OPENAI_API_KEY \(401\)"),
    ):
        served(server).ask([ASKED], SCHEMA)


@pytest.mark.parametrize("missing", ["model", "endpoint"])
def test_a_server_needs_an_address_and_a_model(missing):
    settings = {"model": "m", "endpoint": "http://localhost:1/v1"} | {missing: None}
    with pytest.raises(ConfigError, match="--endpoint and --model"):
        ServedChat(ChatSettings(**settings))


# The spending limit


@pytest.fixture
def counting() -> Iterator[FaultServer]:
    with FaultServer(says("x")) as server:
        yield server


def test_no_request_is_sent_that_might_pass_the_spending_limit(counting):
    price = served(counting).size(ASKED) + 500
    model = served(counting, max_tokens_total=price + 120, concurrency=1)
    replies = model.ask([ASKED] * 4, SCHEMA)
    assert [r.fault.kind if r.fault else "" for r in replies] == ["", "", "spending limit", "spending limit"]
    assert len(counting.requests) == 2
    assert sum(r.prompt_tokens + r.answer_tokens for r in replies) == 240


def test_requests_under_way_count_with_all_they_may_take(counting):
    price = served(counting).size(ASKED) + 500
    replies = served(counting, max_tokens_total=2 * price, concurrency=4).ask([ASKED] * 4, SCHEMA)
    assert [bool(r.fault) for r in replies] == [False, False, True, True]


def test_nothing_may_be_spent_and_nothing_is_asked(counting):
    (reply,) = served(counting, max_tokens_total=0).ask([ASKED], SCHEMA)
    assert reply.fault is not None
    assert reply.fault.kind == "spending limit"
    assert counting.requests == []


def test_what_failed_on_the_way_counts_as_if_it_had_been_answered():
    with FaultServer(says("x"), fails(500)) as server:
        model = served(server, concurrency=1)
        _, failed, _ = model.ask([ASKED] * 3, SCHEMA)
    assert failed.prompt_tokens + failed.answer_tokens == model.size(ASKED) + 500
    (refused,) = ask(fails(400))
    assert refused.prompt_tokens + refused.answer_tokens == 0
