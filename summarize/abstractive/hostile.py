"""What an article may try on a model that follows orders, and what is done against it before the model sees it.

Three things. Sentences that give orders to a model are withheld, with what follows them in their paragraph, or, where
they forge the marks of a conversation, in their article; so is what is too long to be a sentence. What the model is
shown has no hidden characters and is cut to a length. And it is shown as JSON strings in which every mark is escaped
that a chat template, a list of claims or a fence is made of, so that no text can end its own quotation.

The first of these knows patterns only. An order that is put in other words is shown to the model like any sentence.
"""

import json
import re
import unicodedata
from dataclasses import replace

from summarize.documents import Article, Aside, Story
from summarize.text import sentences

LONGEST = 700
"""Characters of a source sentence that a model is shown."""

MONSTROUS = 4000
"""Characters from which a sentence is none and is set aside like an order; some spend minutes of everybody's time."""

LONGEST_WORD = 60
"""Characters of a word that a model is shown; news has no longer ones, and these may be orders in another code."""

JOINERS = "\u200c\u200d"
"""Hidden characters that the scripts of Iran and India, and emoji, are spelt with."""

_MACHINE = (
    r"(?:a\.?i\.?(?: (?:assistants?|models?|systems?|agents?|tools?|summari[sz]ers?|readers?))?|llms?|"
    r"(?:large )?language models?|chatbots?|chatgpt|gpt-?\d*|summari[sz](?:er|ing (?:system|tool|model|bot))s?)"
)
_VERDICT = r"(?:summary|summaries|answers?|responses?|outputs?|repl(?:y|ies)|digests?)"
_WRITE = r"(?:write|say|add|include|state|insert|mention|put|append|begin|start|end|close|prefix)"

ORDERS = (
    # "Ignore all previous instructions", "disregard everything above"
    r"\b(?:ignore|disregard|forget|override|bypass)(?: (?:all|any|every|everything|of|the|your|these|those|what is|"
    r"\w+ly)){0,4} (?:(?:above|(?:previous|prior|preceding|foregoing|earlier|other|original) (?:\w+ )?(?:instruct\w+|"
    r"prompts?|messages?|text|rules|directions|guidelines|context|tasks?|orders|claims))\b|instructions\b)",
    r"\b(?:instead of|rather than|stop) (?:summari[sz]ing|the summary)\b",
    # "your system prompt", "the hidden instructions", "new instructions:"
    r"\b(?:system|developer|hidden|initial|secret) (?:prompts?|instructions?)\b|\bsystem (?:message|override)\b",
    r"\bnew (?:tasks?|instructions?|rules?|orders?|objectives?)\s*:",
    r"\b(?:reveal|repeat|print|output|show|leak|disclose|recite|translate|quote|copy)(?: \w+){0,4} (?:your|these|the) "
    r"(?:\w+ ){0,3}(?:prompts?|instructions?|guidelines|conversation)\b",
    # "you are now a helpful assistant", "act as", "developer mode"
    rf"\byou are (?:now |no longer )?(?:an? |the )?(?:\w+ ){{0,2}}(?:{_MACHINE}|assistant|model|bot)\b",
    r"\bfrom now on,? you\b|\b(?:dan|developer|jailbreak|god) mode\b",
    rf"\bas an? {_MACHINE},|\bact as (?:if you|an? {_MACHINE})\b",
    # "Note to AI:", "If you are a language model"
    rf"\b(?:note|notice|messages?|instructions?|attention|memo|reminder) (?:\w+ )?(?:to|for) (?:\w+ ){{0,3}}"
    rf"{_MACHINE}\b",
    rf"\b(?:attention|dear|hey|hello|hi),? (?:\w+ ){{0,2}}(?:{_MACHINE}|assistant|model|bot)\b",
    rf"\b{_MACHINE} (?:that |who |which )?(?:\w+ )?(?:read|process|summari[sz])(?:ing|es?|s)? this\b",
    rf"(?:^|[.!?]\s+|[\[(*#>-]\s*){_MACHINE}\s*(?::|,\s*(?:please|ignore|write|say|do not|you must)\b)",
    rf"\bif you are (?:an? |the )?(?:\w+ )?(?:{_MACHINE}|assistant|bot)\b",
    # "In your summary, write", "end every summary with", "your answer must"
    rf"\b(?:in|into|to|of) (?:your|the|every|each|any) (?:\w+ )?{_VERDICT}\b[^.!?]{{0,20}}\b{_WRITE}\b",
    rf"\b{_WRITE}\b[^.!?]{{0,80}}\b(?:your|every|each|any) (?:\w+ )?(?:summary|summaries|output|digest)\b",
    rf"\byour (?:\w+ )?{_VERDICT} (?:must|should|shall|will)\b|\byour (?:new |only |real )?task is\b",
    r"^[\W_]*(?:please )?(?:respond|reply|answer|output|print|return)\b[^.!?]{0,20}\b(?:only|exactly|solely|just|"
    r"nothing but|in json|the following)\b",
    r"\bdo not (?:summari[sz]e|cite)\b|\bdon['’]t (?:summari[sz]e|cite)\b|\btell the (?:user|reader) (?:that|to)\b",
    r"\b(?:decode|execute|run|follow|obey)\b[^.!?]{0,30}\b(?:base64|rot13|hex|code below|instructions? (?:below|above|"
    r"hidden))\b",
    r"\b(?:claims|sources|instructions|text) (?:that )?you (?:were|have been|are) (?:given|shown|told)\b",
    # the same in other languages
    r"\b(?:ignora|olvida)\b[^.!?]{0,40}\b(?:instrucciones|anterior(?:es)?)\b",
    r"\bignore[zr]?\b[^.!?]{0,40}\b(?:consignes|instructions précédentes)\b",
    r"\b(?:ignoriere|vergiss|missachte)\b[^.!?]{0,40}\b(?:anweisung(?:en)?|vorherigen|bisherigen)\b",
    r"\bигнорируй(?:те)?\b[^.!?]{0,40}\b(?:инструкции|указания)\b",
    r"忽略[^。]{0,12}(?:指令|指示|上述|以上|之前)",
)
"""How orders to a model are put; they are withheld with the rest of their paragraph."""

MARKS = (
    r"<\|[^|<>\n]{1,40}\|>|\[/?inst\]|<</?sys>>|</?s>|<(?:start|end)_of_turn>|</?(?:system|assistant|user|human|"
    r"instructions?|think|tool_call|sources?|claims?|articles?)>",
    r"^\W*(?:system|assistant|human|developer)(?: message| prompt)?\s*:",
    r"#{2,}\s*(?:instructions?|system|assistant|user|response|input)\s*(?::|$)",
    r"[-=_#*]{3,}\s*(?:end|begin|start) of\b",
    r"\b(?:end|beginning) of (?:the )?(?:claims|sources|data|input|prompt|context)\b",
    r"[\"'](?:claims?|sentences|sources)[\"']\s*:\s*[\[{\d\"]",
)
"""The marks of conversations, fences, answers and claims; what follows one is withheld to the end of its article."""

_ORDERS = re.compile("|".join(ORDERS), re.IGNORECASE)
_FORGED = re.compile("|".join(MARKS), re.IGNORECASE)
_MARKS = re.compile(r"[<>|`]|\[(?=/?\w+\])|[-=#*_]{3,}")
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_VARIANTS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def withhold(story: Story) -> tuple[Story, int]:
    """The story with every order to a model and every monstrous sentence set aside, and how many sentences that took.

    What is set aside stays in the article's text, and offsets hold; but it is neither shown, nor cited, nor said.
    """
    guarded = [_guarded(a) for a in story.articles]
    withheld = sum(count for _, count in guarded)
    return (replace(story, articles=tuple(a for a, _ in guarded)) if withheld else story), withheld


def _guarded(article: Article) -> tuple[Article, int]:
    orders: list[Aside] = []
    paragraph, forged = None, False
    for sentence in sentences(article):
        if len(sentence.text) > MONSTROUS:
            orders.append(Aside(sentence.start, sentence.end, "monstrous"))
            continue
        shown = _compared(sentence.text)
        forged = forged or _FORGED.search(shown) is not None
        if forged or sentence.paragraph == paragraph or _ORDERS.search(shown):
            paragraph = sentence.paragraph
            orders.append(Aside(sentence.start, sentence.end, "order to a model"))
    asides = tuple(sorted((*article.asides, *orders), key=lambda a: a.start))
    return replace(article, asides=asides), len(orders)


def _compared(text: str) -> str:
    """The text as it looks: without what is hidden, in the plain forms of its letters."""
    return unicodedata.normalize("NFKC", plain(text))


def plain(text: str) -> str:
    """The text on one line, without characters that do not show: format, control, private and unassigned ones."""
    shown = "".join(
        c
        if c in JOINERS or unicodedata.category(c) not in ("Cf", "Cc", "Co", "Cs", "Cn")
        else " "
        if c.isspace()
        else ""
        for c in _VARIANTS.sub("", text)
    )
    return " ".join(shown.split())


def shorten(text: str) -> str:
    """What a model is shown of a text: plain, without monstrous words, and cut at a word."""
    whole = _LONG_WORD.sub("…", plain(text[:MONSTROUS]))
    if len(whole) <= LONGEST:
        return whole if len(text) <= MONSTROUS else whole + " …"
    return whole[:LONGEST].rpartition(" ")[0] + " …"


def quoted(text: str) -> str:
    """The text as a JSON string, with every mark escaped that could be taken for more than text."""
    inner = json.dumps(text, ensure_ascii=False)[1:-1]
    return '"' + _MARKS.sub(_escaped, inner) + '"'


def _escaped(match: re.Match[str]) -> str:
    return "".join(f"\\u{ord(c):04x}" for c in match[0])
