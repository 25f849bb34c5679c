"""What passes between a chat model and whoever asks it; the same for a local and a served one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

FaultKind = Literal[
    "unreachable", "timeout", "overloaded", "server error", "refused", "unreadable", "too long", "spending limit"
]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user"]
    content: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no answer: what kind of fault it is, and one line for a person."""

    kind: FaultKind
    reason: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: a text, or a fault."""

    text: str = ""
    fault: Fault | None = None


@dataclass(frozen=True)
class Usage:
    """What a chat model has cost so far; tokens as the model counts them, or estimated where it does not say.

    Attributes:
        requests: conversations that were put to the model; retries are not counted.
        prompt_tokens: tokens read.
        answer_tokens: tokens written.
        answered_by: names under which the model answered, sorted.
        faults: how many conversations ended in each kind of fault.
    """

    requests: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    answered_by: tuple[str, ...] = ()
    faults: Mapping[str, int] = field(default_factory=dict, hash=False)


class ChatModel(Protocol):
    """A model that answers conversations.

    Attributes:
        reserved: strings that the model's tokenizer takes for more than text.
        window: tokens a conversation and its answer may take together.
        answer_tokens: tokens of them that are kept for the answer.
    """

    reserved: frozenset[str]
    window: int
    answer_tokens: int

    def size(self, conversation: Sequence[Message]) -> int:
        """Tokens the conversation takes; never less than it really does, as far as can be known."""
        ...

    def ask(self, conversations: Sequence[Sequence[Message]]) -> list[Reply]:
        """An answer or a fault for each conversation, in their order.

        Raises:
            ModelError: no conversation was ever answered, and the set-up is to blame.
        """
        ...

    def usage(self) -> Usage:
        """What the model has cost in this process."""
        ...
