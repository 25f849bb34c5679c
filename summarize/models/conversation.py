"""What passes between a chat model and whoever asks it; the same for a local and a served one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

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
    """What came back: a text, or a fault.

    Attributes:
        prompt_tokens: tokens read, as the model counts them, or estimated where it does not say.
        answer_tokens: tokens written, likewise.
        model: the name under which the model answered; empty where it did not.
    """

    text: str = ""
    fault: Fault | None = None
    prompt_tokens: int = 0
    answer_tokens: int = 0
    model: str = ""


class ChatModel(Protocol):
    """A model that answers conversations.

    Attributes:
        room: tokens a conversation may take, its answer not counted.
        at_once: conversations that are worth asking together.
    """

    room: int
    at_once: int

    def size(self, conversation: Sequence[Message]) -> int:
        """Tokens the conversation takes, counted, or estimated rather too high."""
        ...

    def facts(self) -> dict[str, Any]:
        """What a text hangs on beside the settings."""
        ...

    def ask(self, conversations: Sequence[Sequence[Message]], schema: Mapping[str, Any]) -> list[Reply]:
        """An answer or a fault for each conversation, in their order.

        Args:
            conversations: what to answer, each on its own.
            schema: JSON schema of the answers, for models that can be kept to one.

        Raises:
            ModelError: no conversation was ever answered, and the set-up is to blame.
        """
        ...
