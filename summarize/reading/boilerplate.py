"""What in an article is not reporting: bylines, headings, photo credits, sign-ups, stray remarks ...

Nothing is deleted: an aside is a stretch of the text that no sentence is taken from. Doubt is settled for the
text: what could be a sentence of the report stays one.

A text is looked at unit by unit. A unit is a line, or, in a text whose paragraphs are broken over several lines,
a block of lines; patterns below are matched against whole units, blanks around them and emphasis aside.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from summarize.documents import Aside

KINDS = (
    *("heading", "byline", "dateline", "credit", "read more", "newsletter", "cookies", "share", "copyright"),
    *("advertisement", "remark", "separator"),
)
"""Every kind of aside."""

LONGEST = 400
"""A unit of more characters than this is reporting, whatever it begins with."""


class Unit(NamedTuple):
    """A line or block of the text, blanks around it excluded."""

    start: int
    end: int
    text: str


def find_asides(text: str, title: str | None = None) -> tuple[Aside, ...]:
    """Find the stretches of ``text`` that are not reporting, in order, not overlapping.

    Args:
        title: the article's headline if known; repetitions of it are set aside.
    """
    units = _units(text)
    kinds = [_fixed_kind(unit.text) for unit in units]
    _mark_title(units, kinds, title)
    _mark_headings(units, kinds)
    _mark_last(units, kinds)
    asides: list[Aside] = []
    opening = True  # no reporting has been seen yet
    for unit, kind in zip(units, kinds, strict=True):
        if kind:
            asides.append(Aside(unit.start, unit.end, kind))
        else:
            asides.extend(_parts(unit, opening))
            opening = False
    return tuple(asides)


def find_title(text: str, asides: tuple[Aside, ...]) -> str | None:
    """The headline a text opens with, if it does."""
    for aside in asides:
        if text[: aside.start].strip():
            return None
        if aside.kind == "heading":
            return _bare(" ".join(text[aside.start : aside.end].split())) or None
        text = text[: aside.start] + " " * (aside.end - aside.start) + text[aside.end :]
    return None


# --- units ---------------------------------------------------------------------------------------------------

_LINE = re.compile(r"[^\r\n\u2028\u2029]+")
_BLOCK_BREAK = re.compile(r"(?:\r\n|[\r\n\u2028\u2029])[ \t]*(?:\r\n|[\r\n\u2028\u2029])")
_FINAL = re.compile(r"[.!?…:;。！？。][\"'”’»)\]*_]*$")


def _units(text: str) -> list[Unit]:
    lines = [_stripped(text, m.start(), m.end()) for m in _LINE.finditer(text)]
    lines = [line for line in lines if line.text]
    if not _is_wrapped(text, lines):
        return lines
    units: list[Unit] = []
    for line in lines:
        joined = units and not _BLOCK_BREAK.search(text, units[-1].end, line.start)
        if joined:
            start = units.pop().start
            units.append(Unit(start, line.end, text[start : line.end]))
        else:
            units.append(line)
    return units


def _stripped(text: str, start: int, end: int) -> Unit:
    piece = text[start:end]
    body = piece.strip()
    start += len(piece) - len(piece.lstrip())
    return Unit(start, start + len(body), body)


def _is_wrapped(text: str, lines: list[Unit]) -> bool:
    """Whether paragraphs are broken over lines of about equal length, as in old mail and plain-text books."""
    inner = [a for a, b in pairwise(lines) if not _BLOCK_BREAK.search(text, a.end, b.start)]
    if len(inner) < 2 or max(len(line.text) for line in lines) > 120:
        return False
    long_ones = sum(len(line.text) >= 45 for line in inner)
    final = sum(bool(_FINAL.search(line.text)) for line in inner)
    return long_ones > 0.6 * len(inner) and final < 0.5 * len(inner)


# --- patterns ------------------------------------------------------------------------------------------------

_NAME = r"(?:(?:de|da|di|del|della|der|van|von|den|al|el|bin|ibn|la|le|O['’]|Mc)[ -]?)*[A-ZÀ-ÞŁŚŠŽČ][\w.'’-]*"
_PERSON = rf"{_NAME}(?: {_NAME}){{1,4}}"
_PEOPLE = rf"{_PERSON}(?:(?:,| and| &|, and| with) {_PERSON}){{0,6}}"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thur?s?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?"
_DATE = rf"(?:(?:{_DAY},? )?(?:{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}(?:,? \d{{4}})?)|\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}})"
_TIME = r"(?:\d{1,2}[:.]\d\d(?:[:.]\d\d)? ?(?:[ap]\.?m\.?)?(?: ?[A-Z]{2,5})?|\d{1,2} ?[ap]\.?m\.?)"
_ROLE = (
    r"(?:correspondent|reporter|editor|writer|columnist|contributor|journalist|bureau chief|staff|analyst|producer"
    r"|photographer|newsroom|desk|team|agency|agencies|news service)"
)
_PLATFORM = (
    r"(?:facebook|fb|twitter|x|instagram|whatsapp|linkedin|reddit|pinterest|telegram|tumblr|flipboard|messenger|tiktok"
    r"|youtube|snapchat|threads|bluesky|mastodon|viber|line|vk)"
)
_BUTTON = (
    rf"(?:share|tweet|e-?mail|print|save|copy|link|copy link|copy hyperlink|bookmark|comments?|like|follow|post|pin(?: it)?"
    rf"|subscribe|rss|more|close|{_PLATFORM})"
)
_PAGE_WORD = r"(?:article|story|report|post|page|piece|column|item)"

_PATTERNS: dict[str, tuple[str, ...]] = {
    "byline": (
        rf"(?:[Bb]y|BY|[Ww]ritten by|WRITTEN BY|[Rr]eported by|[Ss]tory by|[Pp]osted by|[Ww]ords by|[Rr]eport by|[Ff]rom)"
        rf":? {_PEOPLE}(?:,? (?:in|for|at) (?:the )?{_NAME}(?:[ ,/-]+(?:and |the |of )?{_NAME}){{0,6}})?"
        rf"(?:,? (?:the )?(?:[\w'’&.-]+ ){{0,5}}{_ROLE}(?: (?:for|at|of|in) .{{2,40}})?)?"
        rf"(?: ?[|,•·–—-] ?.{{2,60}})?",
        rf"(?:[Bb]y|BY|[Pp]osted by) (?:the )?(?:[\w'’&.-]+ ){{0,5}}(?i:{_ROLE})s?(?: (?:and|in|at) .{{2,40}})?",
        rf"{_PERSON}, (?:the )?(?:[\w'’&.-]+ ){{0,5}}(?i:{_ROLE})s?(?:,? (?:in |for |at )?{_NAME}(?: {_NAME}){{0,4}})?",
        rf"{_PERSON}(?: and {_PERSON})? in {_NAME}(?: {_NAME})?(?:(?:,| and) {_PERSON} in {_NAME}(?: {_NAME})?)*",
        rf"(?i:(?:first |last )?(?:published|updated|posted|modified|created)(?: on| at)?:? ?){_DAY}?,? ?{_DATE}.{{0,40}}",
        rf"(?i:(?:first |last )?(?:published|updated|posted):? ){_TIME}.{{0,40}}",
        rf"{_DATE}(?:[,|· ]+(?:at )?{_TIME})?(?:[,|· ]+(?i:updated|published).{{0,40}})?",
        r"(?i:updated|published) .{0,30}\bago",
        r"(?i:\d+ min(?:ute)?s? (?:read|ago)|(?:reading|read) time:? .{1,20}|\d+ hours? ago)",
    ),
    "read more": (
        rf"(?i:(?:read|view|see|continue reading|click (?:here )?(?:to|for)(?: read| view| see)?)(?: (?:the|our|this|her|his|their|more|on))*"
        rf" (?:full|original|complete|entire|rest|more|whole)\b(?! than)(?: {_PAGE_WORD}| of .{{1,30}}| here| on .{{1,40}}| at .{{1,40}}| about .{{1,60}}| from .{{1,40}}|: .{{1,120}}|[ ,]+){{0,4}}[.!»>→…]*)",
        r"(?i:(?:read more|more|also read|read also|read next|see also|watch(?: also| more| now| live)?|listen(?: to this)?|related|next|don[’']t miss|must read|in case you missed it|further reading|recommended(?: reading)?|explainer|in pictures|in depth|live updates|opinion|analysis|video|gallery|podcast)\b ?[:|>»–—-] ?.{1,160})",
        r"(?i:(?:read more|read also|also read|see also|continue reading|keep reading|read on|read next|click here|more details|full story|read full (?:story|article)|related(?: (?:articles?|stories|story|news|content|topics?|coverage|links?|posts?|reading|videos?))?|recommended(?: for you| stories)?|more (?:on|from) (?:this|the|our) (?:story|topic|web|author)|most (?:read|popular|viewed|commented)(?: .{1,20})?|trending(?: now)?|you (?:may|might)(?: also)? (?:like|enjoy|be interested in)|don[’']t miss|up next|top stories|editor[’']?s['’]? picks?|also on .{2,30}|watch (?:the )?video(?: below| above)?|what(?:[’']s| to) read next|more (?:top )?stories)[.:…»>→!]*)",
        r"(?i:continue reading.{0,80}|click here (?:to|for) .{3,100}|follow (?:our |the )?live (?:updates?|coverage|blog)\b.{0,80}|watch (?:the )?(?:full )?(?:video|interview|clip)\b.{0,30}(?:below|above|here)[.:!]?)",
        r"(?i:this is a (?:developing|breaking(?: news)?) (?:news )?(?:story|report)\b.{0,120}|(?:please )?check back (?:for|later)\b.{0,80})",
        r"(?:https?://|www\.)\S+",
    ),
    "credit": (
        r"(?i:\(?(?:with )?(?:additional |further |extra )?(?:reports?|reporting|writing|research) by .{2,160})",
        r"(?i:\(?with (?:additional |further )?(?:reports?|reporting|information|inputs?|files?|contributions?|agency inputs?) (?:by|from) .{2,160})",
        r"(?i:\(?(?:reported|compiled|edited|written|translated|produced|filmed|narrated) by .{2,120})",
        r"(?i:\(?with (?:agency|agencies|wires?|pti|ap|afp|reuters|ani|ians)\b.{0,60})",
        r"(?i:.{2,200}\bcontributed (?:reporting |research |writing )?(?:to|for) this (?:report|article|story|post|piece|column)\.?)",
        r"(?i:[\[(]?(?:photo(?:graph|s|graphs|graphy)?|image|picture|pic|video|graphic|illustration|screenshot|cover image|featured image|main image)s?(?: (?:credits?|courtesy(?: of)?|source|by|via|caption))? ?(?:[:|©/-]|by|courtesy of|via) ?.{2,160})",
        r"(?i:[\[(]?(?:photo|image|picture|file photo|source|caption|credits?|via|copyright image)(?: credits?| courtesy| source| caption)?s? ?: ?.{2,160})",
        r"(?i:[\[(]?(?:file (?:photo|picture|image|pic)|stock (?:photo|image)|image source, .{2,60}|image caption, .{2,200}|media caption, .{2,200}|representational image|handout)[\])]?\.?)",
        r"[\[(]?(?:.{0,60}[/|] ?)?(?:Getty Images|AP Photo|AFP|Reuters|REUTERS|EPA|Shutterstock|Alamy|iStock|PA(?: Wire)?|TASS|Xinhua|Anadolu|Bloomberg)(?: ?[/|] ?.{1,60})?[\])]?",
        rf"(?i:this {_PAGE_WORD} (?:was )?(?:originally|first|previously) (?:appeared|published|posted|ran)\b.{{0,120}})",
        r"(?i:(?:originally|first) published (?:on|in|at|by) .{2,80})",
        r"!\[[^\]]*\]\([^)]*\)",
    ),
    "newsletter": (
        r"(?i:(?:(?:please )?sign[ -]?up|subscribe|get|receive|join|register|log ?in|sign ?in|enter)\b.{0,120}\b(?:newsletters?|inbox|e-?mail (?:address|alerts?|updates?)|alerts?|daily brief(?:ing)?|mailing list|free trial|free account|push notifications?|our app|whatsapp (?:channel|group)|telegram (?:channel|group))\b.{0,120})",
        r"(?i:(?:sign up|subscribe|log in|sign in|register|subscribe now|subscribe today|already (?:a |have an? )?(?:subscriber|subscription|account|member).{0,60}|not a subscriber.{0,60}|create (?:a |your )?(?:free )?account.{0,60}|become a (?:member|subscriber|supporter).{0,60})[.!?]*)",
        r"(?i:(?:subscribe (?:to|for)|sign up (?:for|to)) .{2,120})",
        r"(?i:.{0,80}\b(?:delivered|sent|straight|right|directly|direct) (?:straight |directly |right )?(?:to|into|in) your (?:e-?mail )?inbox\b.{0,80})",
        r"(?i:(?:thanks|thank you) for (?:subscribing|signing up|registering|reading)\b.{0,80})",
        r"(?i:you (?:have|[’']ve) (?:reached|read|used) .{0,40}\b(?:free articles?|limit)\b.{0,80}|to (?:continue|keep) reading\b.{0,80})",
        r"(?i:(?:support|help (?:us|support)|donate|make a (?:donation|contribution)|contribute)\b.{0,60}\b(?:our|independent|quality|local|this) (?:journalism|reporting|newsroom|work|site)\b.{0,80})",
        r"(?i:(?:please )?download (?:the|our) .{0,40}\bapp\b.{0,80})",
        r"(?i:(?:got|have) (?:a|any) (?:news )?(?:tip|story|confidential tip|question|thoughts?|news tips?)\b.{0,30}\?.{0,160})",
        r"(?i:(?:e-?mail|contact|write to|reach) (?:us|the (?:author|reporter|writer|editor)|him|her|me|our .{2,30}|[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+)?) (?:at|on|by|via):? ?\S*@.{2,80})",
        r"\S+@\S+\.\w+",
    ),
    "cookies": (
        r"(?i:(?:we|this (?:web)?site|our (?:web)?site|our partners|[\w.]+) (?:and our partners )?uses? cookies\b.{0,300})",
        r"(?i:(?:accept|manage|reject|allow|cookie)(?: all)? (?:cookies?|settings|policy|preferences|consent|notice)\b.{0,120})",
        r"(?i:by (?:continuing|using|clicking|browsing|signing up|subscribing|submitting)\b.{0,80}\b(?:you (?:agree|accept|consent|acknowledge))\b.{0,160})",
        r"(?i:(?:read |see )?(?:our |the )?(?:privacy (?:policy|notice|settings)|terms (?:of (?:use|service)|and conditions|& conditions)|terms)(?:[ ,|·/&-]+(?:and )?(?:our |the )?(?:privacy (?:policy|notice)|terms (?:of (?:use|service)|and conditions)|cookie policy|contact us|about us))*\.?)",
    ),
    "share": (
        rf"(?i:{_BUTTON}(?:[ ,|/•·:()\d+-]+{_BUTTON})*[ \d().:+]*)",
        rf"(?i:(?:please )?(?:share|tweet|e-?mail|print|bookmark|save|like|rate|recommend)(?: (?:this|on|via|to|it|the|our|your|with|by|in))+ ?(?:{_PAGE_WORD}|{_PLATFORM}|link|email|friends?|others|news)?\b(?:[:! ].{{0,100}})?)",
        rf"(?i:(?:please )?(?:follow|like|find|join|connect with) (?:us|me|him|her|them|@\w+|[\w.'’-]+(?: [\w.'’-]+){{0,3}}) (?:on|at|via) (?:our )?{_PLATFORM}\b.{{0,120}})",
        rf"(?i:(?:on )?{_PLATFORM} ?: ?(?:@|https?:|www).{{0,60}}|@\w{{2,30}})",
        r"(?i:(?:\d+|no|leave a|post a|add a|view|show|load|join the|view all|hide)(?: \d+)? (?:comments?|conversation|discussion|shares?|likes?|replies)(?: \(\d+\))?[.:]?)",
        r"(?i:copy (?:the )?(?:link|url)(?: to clipboard)?|link copied.{0,20}|back to top|skip to .{3,30}|toggle .{3,30}|print this .{3,20})",
    ),
    "copyright": (
        r"(?i:(?:©|\(c\)|&copy;|copyright\b(?! (?:law|infring|claim|case|suit|office|act|protect|holder|trial|bill|rule|reform|owner)))(?=.{0,60}(?:\d{4}|reserved|©|inc\b|ltd\b)).{2,300})",
        r"©.{2,200}",
        r"(?i:.{0,200}\ball rights reserved\b.{0,200})",
        r"(?i:.{0,120}\b(?:may|must|can) ?not be (?:published|reproduced|republished|copied|redistributed)\b.{0,160}\b(?:permission|redistributed|rewritten|consent)\b.{0,80})",
        r"(?i:reproduction .{0,60}\b(?:prohibited|forbidden|permission)\b.{0,60})",
    ),
    "advertisement": (
        r"(?i:[\[(–—-]* ?(?:advertisements?|advert|ads?|sponsored(?: (?:content|post|by .{2,40}|links?|message))?|promoted(?: (?:content|by .{2,40}|links?|stories))?|paid (?:content|post|partnership)|partner content|ad feedback)(?: ?[–—|:-]+ ?.{0,60})?[\]) –—-]*\.?)",
        r"(?i:(?:story|article|content|text|report) continues (?:below|after)\b.{0,60}|scroll (?:down )?(?:to|for) (?:continue|more|read).{0,40}|(?:this )?ad(?:vertisement)? (?:has not loaded|will close|ends).{0,60})",
    ),
    "remark": (
        r"(?i:i hope,? (?:it|this|that|all)(?: is|['’]?s) (?:ok|okay|fine|good|alright|all right|clear|enough)(?: (?:now|for you|like this))?[.!?:)]*)",
        r"(?i:hope (?:this|that|it) (?:is|helps|works|s).{0,20})",
        r"(?i:(?:pls|plz|please|pl[sz]) (?:check|edit|review|confirm|advise|verify|fix|update|see|cut|proof(?:read)?|note|run|hold|trim)\b.{0,60}(?<![.])|to be (?:checked|confirmed|added|edited|continued)\.?|needs? (?:check|checking|edit|editing|review|a source|fact.?check)(?:ing)?\.?)",
        r"[\[(<{*#]* ?(?:TK|TKTK|TK TK|TODO|FIXME|XXX+|TBC|TBD|DRAFT|EDIT|EDITED|EMBARGO(?:ED)?|HOLD|STET)\b.{0,80}",
        r"\[(?i:edit(?:ed)?|editor|ed|sic|note|nb|insert|add|check|todo|tk|draft|cut|photo|picture|caption|headline|link)\b[^\]]{0,200}\]",
        r"(?i:[\[(*]*(?:editor['’]?s['’]? note|ed\.? ?note|note to (?:the )?(?:editors?|readers?|desk|subs?)|correction|clarification|disclaimer|disclosure|trigger warning|nb)\b ?(?:\(.{0,30}\))? ?[:–—-].{0,400})",
        rf"(?i:(?:an earlier|a previous) version of this {_PAGE_WORD}\b.{{0,300}}|this {_PAGE_WORD} (?:has been|was) (?:updated|corrected|amended|edited|revised)\b.{{0,200}})",
        r"(?i:\(?-? ?(?:ends|ends here|end of (?:story|article|text)|the end|30|# ?# ?#|more to follow|more follows|more to come|to be continued|over and out) ?-?\)?[.…]*)",
        r"(?i:lorem ipsum\b.{0,300}|(?:sent|posted) from my .{2,30}|(?:thanks|thank you|cheers|best regards|kind regards|regards|best wishes|sincerely|yours)(?: (?:all|again|team|everyone|in advance|a lot))?[,.!]*)",
    ),
    "separator": (r"[\W_]+",),
}
"""What a whole unit may be, the first kind that matches; ``(?i:...)`` where case tells nothing."""

_KINDS = [
    (kind, re.compile("|".join(f"(?:{p})" for p in patterns), re.DOTALL))
    for kind, patterns in _PATTERNS.items()
]

_EMPHASIS = re.compile(r"^(?:[*_>]+ ?|#{1,6} +)+|[*_ #]+$")
_MARKED_HEADING = re.compile(r"#{1,6} +\S.{0,250}", re.DOTALL)


def _fixed_kind(text: str) -> str | None:
    """The kind a unit shows by its own words."""
    if len(text) > LONGEST:
        return None
    if _MARKED_HEADING.fullmatch(text):
        return "heading"
    bare = _bare(text)
    if not bare:
        return "separator"
    # A byline has no full stop, but for one that ends an abbreviation or a line of a few words.
    for kind, pattern in _KINDS:
        if pattern.fullmatch(bare):
            return kind
        if kind == "byline" and len(bare) < 60 and bare.endswith(".") and pattern.fullmatch(bare[:-1]):
            return kind
    return None


def _bare(text: str) -> str:
    """The words of a unit without Markdown's marks for headings, quotations and emphasis."""
    return _EMPHASIS.sub("", text)


# --- headings ------------------------------------------------------------------------------------------------

_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "de",
        "for",
        "from",
        "in",
        "into",
        "is",
        "la",
        "le",
        "nor",
        "of",
        "off",
        "on",
        "onto",
        "or",
        "over",
        "per",
        "so",
        "than",
        "the",
        "to",
        "up",
        "via",
        "vs",
        "with",
        "after",
        "against",
        "amid",
        "before",
        "between",
        "during",
        "under",
        "about",
        "around",
        "without",
        "behind",
    ]
)
_OPEN_END = re.compile(r"[.…。!?！？,;:]$|[.!?…]['\"”’»)\]]+$")
_TITLE_END = re.compile(r"(?<!\b[A-Z])[.…。,;:]$|[.!?…,]['\"”’»)\]]+$")
_QUESTION = re.compile(
    r"(?:Who|What|When|Where|Why|How|Which|Will|Can|Could|Is|Are|Does|Do|Did|Has|Should)\b[^.!?“”\"]*\?"
)
_LIST_ITEM = re.compile(r"[-–—•·*‣▪●◦►>+]|\(?\d{1,3}[.):] |[a-z]\) ")
_SPEAKING = re.compile(r"\b(?:said|says|told|added|asked|wrote|tweeted|replied)\b|[“”\"]|: ", re.IGNORECASE)
_QUOTING = re.compile(r"[“”\"]|: ")
_STARTS = re.compile(r"[A-Z0-9À-ÞŁŚŠŽČА-Я“\"‘'¿¡(\[$€£]")


def _mark_title(units: list[Unit], kinds: list[str | None], title: str | None) -> None:
    """Set aside the headline above the text, and repetitions of it, as long as other text is left."""
    known = _key(title) if title else ""
    for index, unit in enumerate(units):
        if (
            known
            and kinds[index] is None
            and len(unit.text) <= LONGEST
            and _key(unit.text) == known
            and len(units) > 1
        ):
            kinds[index] = "heading"
    top = next(
        (i for i, kind in enumerate(kinds) if kind not in ("separator", "advertisement", "share")), None
    )
    if top is None or kinds[top] is not None or not any(kind is None for kind in kinds[top + 1 :]):
        return
    words = _bare(units[top].text).split()
    text = _bare(units[top].text)
    if len(words) > 25 or len(text) > 200 or _TITLE_END.search(text) or not _STARTS.match(text):
        return
    if text.endswith(("?", "!")) and not (_mostly_capitals(words) or len(words) <= 8):
        return
    kinds[top] = "heading"


def _mark_headings(units: list[Unit], kinds: list[str | None]) -> None:
    """Set aside short lines between paragraphs that are no sentences."""
    reporting = [i for i, kind in enumerate(kinds) if kind is None]
    if len(reporting) < 2:
        return
    for index in reporting:
        previous = units[index - 1].text if index else ""
        follows_on = index and kinds[index - 1] is None and not _FINAL.search(previous)
        more = any(kind is None for kind in kinds[index + 1 :])
        if more and not follows_on and _looks_like_heading(units[index].text):
            kinds[index] = "heading"


def _looks_like_heading(text: str) -> bool:
    text = _bare(text)
    words = text.split()
    if not 1 <= len(words) <= 14 or len(text) > 100 or not _STARTS.match(text) or _LIST_ITEM.match(text):
        return False
    if _QUESTION.fullmatch(text):
        return len(words) <= 8
    if _OPEN_END.search(text):
        return (
            text.endswith(":") and len(words) <= 6 and _mostly_capitals(words) and not _SPEAKING.search(text)
        )
    if _QUOTING.search(text):
        return text.isupper()
    return len(words) <= 10 or _mostly_capitals(words)


def _mostly_capitals(words: list[str]) -> bool:
    """Whether the words that a headline would capitalise are capitalised."""
    telling = [w for w in (word.strip("“”\"'‘’(),:;?!") for word in words) if w and w.lower() not in _SMALL]
    capitals = sum(w[0].isupper() or w[0].isdigit() for w in telling)
    return bool(telling) and capitals >= 0.8 * len(telling)


def _mark_last(units: list[Unit], kinds: list[str | None]) -> None:
    """A few words without a full stop at the very end are a stray remark."""
    last = next((i for i in reversed(range(len(units))) if kinds[i] is None), None)
    if last is None or sum(kind is None for kind in kinds) < 2:
        return
    text = _bare(units[last].text)
    follows_on = kinds[last - 1] is None and not _FINAL.search(units[last - 1].text)
    if len(text.split()) < 6 and not _FINAL.search(text) and not follows_on and not _LIST_ITEM.match(text):
        kinds[last] = "remark"


def _key(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


# --- parts of a unit -----------------------------------------------------------------------------------------

_CAPS_PLACE = r"[A-ZÀ-ÞŁŚŠŽČ][A-ZÀ-ÞŁŚŠŽČ.'’-]+(?:[ /-]+(?:DE|DI|[A-ZÀ-ÞŁŚŠŽČ.'’-]+)){0,4}"
_PLACE = r"[A-ZÀ-Þ][\w.'’-]+(?:[ /-][A-ZÀ-Þ][\w.'’-]+){0,3}"
_AGENCY = r"\((?:[A-Z][\w.&'’ /-]{1,40})\)"
_DASH = r"[ \xa0]?(?:[—–―‒]|--?|\|)[ \xa0]*"
_DATELINE = re.compile(
    rf"(?:{_CAPS_PLACE}(?:, [A-Z][\w. ]{{1,20}}?)?(?:,? {_DATE})?(?: ?{_AGENCY})?{_DASH}(?=[A-ZÀ-Þ0-9“\"‘'$€£(])"
    rf"|{_PLACE}(?:, {_PLACE})?(?:,? {_DATE})? ?{_AGENCY}{_DASH}(?=\S)"
    rf"|{_PLACE}(?:, {_PLACE})?,? {_DATE}{_DASH}(?=[A-ZÀ-Þ0-9“\"‘'$€£(])"
    rf"|{_AGENCY}{_DASH}(?=\S))"
)
_STRONG = re.compile(rf"{_AGENCY}|{_DATE}")
_AGENCY_NAME = (
    r"(?:Getty Images|AP(?: Photo)?|AFP|Reuters|REUTERS|EPA(?:-EFE)?|Shutterstock|Alamy|PA(?: Wire)?|TASS|Xinhua|Anadolu"
    r"|ANI|PTI|IANS|UPI|dpa|DPA|Bloomberg)"
)
_CREDIT_TAIL = re.compile(
    rf"[ \xa0]*[(\[](?:(?i:photo|image|picture|credit|file photo)s?\b[^()\[\]]{{0,100}}|(?:[^()\[\]]{{0,60}}[/|,] ?)?{_AGENCY_NAME}(?:[/| ][^()\[\]]{{0,60}})?)[)\]]$"
)


def _parts(unit: Unit, opening: bool) -> Iterator[Aside]:
    """A dateline before, and a credit after, the sentences of a unit."""
    head = unit.text[:140]
    start = unit.start
    if (
        (match := _DATELINE.match(head))
        and (opening or _STRONG.search(match[0]))
        and match.end() < len(unit.text)
    ):
        start += match.end()
        yield Aside(unit.start, start, "dateline")
    tail = unit.text[max(len(unit.text) - 260, start - unit.start) :]
    if match := _CREDIT_TAIL.search(tail):
        cut = unit.end - (len(tail) - match.start())
        caption = unit.text[start - unit.start : cut - unit.start]
        # What stands before a credit without a full stop is a caption; a finished sentence stays.
        if not _FINAL.search(caption) and len(caption) < 200:
            cut = start
        yield Aside(cut, unit.end, "credit")
