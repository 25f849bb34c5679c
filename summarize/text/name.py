"""Names: capitalised runs, normalised so that two mentions of one person or place meet.

A run of capitalised words is cut at titles ("Russian President Vladimir Putin" gives "Russian" and
"President Vladimir Putin", whose tokens are ``vladimir putin``), after countries written as initials
("U.S. Senate") and at words that news text hardly ever capitalises, as headlines do. A capital at the start
of a sentence, in a headline or in a line of capitals says little: there a word counts as a name only if it is
not a common word, or if the text capitalises it elsewhere too. Weekdays, months and bare titles are no names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from summarize.text.span import fold
from summarize.text.span import plain as spaced
from summarize.text.word import STOP_WORDS


@dataclass(frozen=True, slots=True)
class Name:
    """A name: ``whole[start:end] == text``.

    ``tokens`` are its words lower-cased, accents folded, hyphens parted, without titles, possessives, dots,
    particles joined by a hyphen (al-) and the words "of" and "the".
    """

    start: int
    end: int
    text: str
    tokens: tuple[str, ...]


def _word_lists() -> tuple[frozenset[str], frozenset[str]]:
    lines = Path(__file__).with_name("common_words.txt").read_text("utf-8").split("\n\n")
    rare, often = (
        frozenset(w for line in block.splitlines() if not line.startswith("#") for w in line.split()) for block in lines
    )
    return rare, often


_COUNTS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundreds thousands
"""
_RARELY, _OFTEN = _word_lists()
_PLAIN = STOP_WORDS | _RARELY | frozenset(_COUNTS.split())  # a capital on these is the sentence's, never a name's
_COMMON = _PLAIN | _OFTEN
_LEADING = frozenset({"new", "north", "south", "east", "west", "san", "los", "las", "el", "st", "fort", "port", "lake"})
_COMMON_ENDING = re.compile(r"\w{3,}(?:ly|ing|tions?|ments?|ness|ities|ively|ized|ised)")
_NAME_IN_SPITE = frozenset(
    {"beijing", "nanjing", "wyoming", "sterling", "harding", "browning", "keating", "flushing", "boeing"}
)
_CAPITAL_ACRONYMS = frozenset({"US", "U.S.", "WHO", "ICE", "AIDS", "AI"})
_LAND_INITIALS = frozenset({"us", "usa", "uk", "un", "eu", "uae", "gop", "nato"})

_CALENDAR = """
monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays
saturdays sundays january february march april may june july august september october november december
jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thur thurs fri sat sun am pm gmt est
edt et pt pst pdt cet bst utc
"""
_DAYS = frozenset(_CALENDAR.split())
_DAY_NAMES = frozenset({"may", "april", "june", "august", "jan", "sun"})  # also names of persons

_OFFICES = """
mr mrs ms miss dr sir dame prof professor sen sens rep reps gov govs gen lt col sgt capt maj adm rev hon
cmdr supt det insp cpl pvt amb atty senator senators representative representatives congressman
congresswoman governor mayor president presidents premier chancellor secretary minister ministers
ambassador spokesman spokeswoman spokesperson speaker chairman chairwoman director commissioner sheriff
officer sergeant colonel captain lieutenant admiral detective inspector superintendent councillor
commander archbishop cardinal leader analyst correspondent editor economist chief deputy vice attorney
solicitor ayatollah imam ceo
cfo mp mps adviser advisor advisers advisors envoy counsel negotiator
"""
_TITLES = frozenset(_OFFICES.split())  # titles wherever they stand in a run
_RANKS = """
king queen prince princess pope judge justice lord lady general bishop duke baron major sheikh emperor
emir sultan president-elect
"""
_RUN_TITLES = frozenset(_RANKS.split())  # surnames and institutions too: titles only in front of a name
_BEFORE_TITLE = """
press foreign defense defence prime vice deputy attorney state interior finance justice home energy health
trade majority minority whip assistant chief acting former first secretary supreme police general
commander major lieutenant staff sergeant senior national security executive
"""
_TITLE_PARTS = frozenset(_BEFORE_TITLE.split())
_HEADS = """
bank department ministry university house court church board institute bureau office council sea gulf bay
strait isle isles city state states republic kingdom union federation chamber college academy association
cape port lake mount bay district centre center joint
"""
_OF_HEADS = frozenset(_HEADS.split())
_NOT_PERSON = """
department assembly motors electric mills dynamics staff day county party court club committee office
ministry services action accountability election
"""
_AFTER_NO_TITLE = frozenset(_NOT_PERSON.split())

# Beyond Latin-1 capitals and small letters alternate: whole blocks here, and _cut drops the small ones, since
# a class of single letters would take as long to compile as all other patterns together.
_UPPER = "A-ZÀ-ÖØ-ÞĀ-ɏͰ-֏"
_LETTER = r"[\w\u0300-\u036f]"
_KOREAN = "un|il|in|hye|moon|eun|hyun|hwan|ho|jin|soo|woo|young|sik|min|ping|jae|kyun|hee|bok|chul|yong|ha|wen"
_WORD = (
    r"(?:(?:Mr|Mrs|Ms|Dr|St|Sens?|Reps?|Govs?|Gen|Lt|Col|Sgt|Capt|Maj|Adm|Rev|Hon|Prof|Jr|Sr|Mt|Ft|Cmdr|Amb)\."
    rf"|(?:[{_UPPER}]\.)+(?:-[{_UPPER}]{_LETTER}*)?"  # U.S. W. J.D. U.S.-Russia
    rf"|[{_UPPER}]{_LETTER}*(?:[-&](?:[a-z]{{1,4}}-)?(?:[{_UPPER}\d]|(?:{_KOREAN})\b){_LETTER}*|'(?!s\b|S\b){_LETTER}+)*)"
)
_PARTICLE = r"(?:del?|della|di|da|dos|das|du|des|van|von|der|den|ter|la|le|bin|ibn|bint|abu|y|zu|ben|ul|al|el)"
_PREFIX = r"(?:[ae]l|a[sdrn]|ash|ul)-"
_WORDS = re.compile(_WORD)
_RUN = re.compile(rf"(?<![\w@]){_WORD}(?:(?: (?:of (?:the )?|& |(?:{_PARTICLE} ){{1,3}}|{_PREFIX})?|&){_WORD})*")
_PREFIXED = re.compile(r"(?:Pro|Anti|Non|Ex|Pre|Post|Mid|Neo|Trans|All|Half|Former|Then)-(?=\w)")
_LONG_WORDS = re.compile(rf"[^\W\d_]{_LETTER}{{3,}}")
_HEADLINE_NAMES = """
white house new supreme court state states united national party department security council street
university committee senate city international central bank district black sea world air force
"""
_IN_HEADLINES = frozenset(_HEADLINE_NAMES.split())


def names(text: str) -> list[Name]:
    """Every name of a text, in order of offset, none overlapping."""
    plain = spaced(text)
    found: list[tuple[Name, bool]] = []  # each with whether only its place at a sentence start capitalises it
    elsewhere: set[tuple[str, ...]] = set()
    line_end, headline = 0, False
    for run in _RUN.finditer(plain):
        start = run.start()
        if start >= line_end:
            line_start = plain.rfind("\n", 0, start) + 1
            line_end = plain.find("\n", start) + 1 or len(plain) + 1
            headline = _is_headline(plain, line_start, line_end - 1)
        opens = headline or _opens_sentence(plain, start)
        for first, last, tokens in _cut(plain, run, headline):
            doubtful = (
                len(tokens) == 1
                and (headline or (opens and first == start))
                and _is_common(tokens[0])
                and plain[first:last] not in _CAPITAL_ACRONYMS
            )
            if len(tokens) == 1 and not doubtful and not (opens and first == start):
                elsewhere.add(tokens)
            found.append((Name(first, last, text[first:last], tokens), doubtful))
    return [name for name, doubtful in found if not doubtful or name.tokens in elsewhere]


def _is_headline(plain: str, start: int, end: int) -> bool:
    """Whether a line capitalises its common words too (or everything)."""
    if end - start > 200:
        return False
    words = _LONG_WORDS.findall(plain, start, end)
    capitals = [w for w in words[1:] if w[0].isupper()]
    return len(capitals) * 4 >= len(words) * 3 - 3 and any(w.lower() in _PLAIN for w in capitals)


def _opens_sentence(plain: str, start: int) -> bool:
    """Whether nothing, a line break or a mark other than a comma stands before."""
    while start and plain[start - 1] in " \t\"'([":
        start -= 1
    return not start or not (plain[start - 1].isalnum() or plain[start - 1] in ",%&$)]")


@lru_cache(maxsize=1 << 16)
def _is_common(token: str) -> bool:
    if token in _NAME_IN_SPITE:
        return False
    return token in _COMMON or _COMMON_ENDING.fullmatch(token) is not None


def _cut(plain: str, run: re.Match[str], headline: bool) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The names within a run of capitalised words: start, end and tokens of each."""
    words = []
    for m in _WORDS.finditer(plain, *run.span()):
        skipped = _PREFIXED.match(m[0])  # pro-Russian
        words.append(
            (m.start() + len(skipped[0] if skipped else ""), m.end(), _bare(m[0][skipped.end() if skipped else 0 :]))
        )
    begin = -1  # where the current name begins, its titles included
    kept: list[tuple[int, int, str]] = []
    titled = False  # whether a title stands just before
    for i, word in enumerate(words):
        start, end, low = word
        following = words[i + 1][2] if i + 1 < len(words) else ""
        of = i > 0 and " of " in plain[words[i - 1][1] : start]
        if of and titled and low in _TITLE_PARTS:  # Secretary of State, Chief of Staff
            continue
        if of and not (kept and kept[-1][2] in _OF_HEADS):
            yield from _name(begin, kept)
            begin, kept, titled = -1, [], False
        raw = plain[start:end]
        if _is_title(low, following, kept, raw):
            while kept and kept[-1][2] in _TITLE_PARTS:
                kept.pop()
            yield from _name(begin, kept)
            begin, kept, titled = (begin if titled and begin >= 0 else start), [], True
            continue
        if _parts_names(low, raw, following, kept, headline):
            yield from _name(begin, kept)
            begin, kept, titled = -1, [], False
            continue
        kept.append(word)
        begin = start if begin < 0 else begin
        titled = False
        if low in _LAND_INITIALS and len(kept) == 1 and raw.rstrip(".").isupper():
            yield from _name(begin, kept)
            begin, kept = -1, []
    yield from _name(begin, kept)


def _is_title(low: str, following: str, kept: list[tuple[int, int, str]], raw: str) -> bool:
    if low in _TITLES:
        return True
    if low not in _RUN_TITLES or len(kept) > 1:
        return False
    alone = not following or following in _DAYS
    return not kept if alone else following not in _AFTER_NO_TITLE


def _parts_names(low: str, raw: str, following: str, kept: list[tuple[int, int, str]], headline: bool) -> bool:
    """Whether a capitalised word is part of no name and so ends the one before it."""
    if not raw[0].isupper():
        return True
    if low in _DAYS:  # Theresa May, April Ryan
        return not (low in _DAY_NAMES and (kept or (following and following not in _DAYS)))
    if raw in _CAPITAL_ACRONYMS or (len(raw) == 2 and raw[1] == "."):
        return False
    if kept and kept[-1][2] in _LEADING:  # New Haven, Fort Worth
        return False
    return (
        low in _PLAIN
        or low.partition("'")[0] in STOP_WORDS
        or (headline and low in _OFTEN and low not in _IN_HEADLINES)
    )


def _name(begin: int, kept: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    tokens = tuple(t for _, _, low in kept for t in low.split("-") if t)
    if tokens:
        yield begin, kept[-1][1], tokens


@lru_cache(maxsize=1 << 16)
def _bare(word: str) -> str:
    return fold(word).replace(".", "")


def same_name(a: Name, b: Name) -> bool:
    """Whether two names may mean the same.

    The words of one must all be among the other's ("Putin", "Vladimir Putin"), where a word also meets

    - its demonym and the initials of its country ("Russian" and "Russia", "American", "US", "United States"),
    - another spelling: i, y, ie, iy and yy are one ("Kyiv", "Kiev"; "Zelensky", "Zelenskyy"), so are single
      and double letters, k, q, kh and ck, g and gh; and in words of six letters or more one vowel may differ
      or be missing ("Teheran", "Tehran").
    """
    few, many = sorted((_canonical(a.tokens), _canonical(b.tokens)), key=len)
    return bool(few) and all(any(_same_word(x, y) for y in many) for x in few)


def _same_word(x: str, y: str) -> bool:
    if x == y:
        return True
    if min(len(x), len(y)) < 6 or abs(len(x) - len(y)) > 1 or x[0] != y[0]:
        return False
    if len(x) == len(y):
        differing = [pair for pair in zip(x, y, strict=True) if pair[0] != pair[1]]
        return len(differing) == 1 and set(differing[0]) <= _VOWELS
    short, long = sorted((x, y), key=len)
    return any(c in _VOWELS and long[:i] + long[i + 1 :] == short for i, c in enumerate(long))


@lru_cache(maxsize=1 << 15)
def _canonical(tokens: tuple[str, ...]) -> frozenset[str]:
    joined = " ".join(tokens)
    for phrase, short in _PHRASES.items():
        joined = joined.replace(phrase, short)
    return frozenset(_spelling(_COUNTRY.get(t) or _COUNTRY.get(t.removesuffix("s")) or t) for t in joined.split())


def _spelling(word: str) -> str:
    for pattern, put in _SPELLINGS:
        word = pattern.sub(put, word)
    return word


_VOWELS = frozenset("aeiou")
_SPELLINGS = (
    (re.compile("m[ou]h?am+[ea]d"), "mohamed"),
    (re.compile("kh|ck|q"), "k"),
    (re.compile("gh"), "g"),
    (re.compile("[iey]*[iy][iey]*"), "i"),
    (re.compile(r"([a-z])\1"), r"\1"),
)
_PHRASES = {
    "united states of america": "us",
    "united states": "us",
    "united kingdom": "uk",
    "united nations": "un",
    "european union": "eu",
    "north korean": "north korea",
    "south korean": "south korea",
    "saudi arabian": "saudi",
    "saudi arabia": "saudi",
}
_PEOPLES = """
usa:us america:us american:us britain:uk british:uk briton:uk great-britain:uk afghan:afghanistan
albanian:albania algerian:algeria angolan:angola argentine:argentina argentinian:argentina
armenian:armenia australian:australia austrian:austria azerbaijani:azerbaijan bangladeshi:bangladesh
belarusian:belarus belgian:belgium bolivian:bolivia bosnian:bosnia brazilian:brazil bulgarian:bulgaria
cambodian:cambodia cameroonian:cameroon canadian:canada chilean:chile chinese:china colombian:colombia
congolese:congo croatian:croatia croat:croatia cuban:cuba cypriot:cyprus czech:czechia danish:denmark
dane:denmark dutch:netherlands ecuadorian:ecuador egyptian:egypt english:england estonian:estonia
ethiopian:ethiopia eritrean:eritrea finnish:finland finn:finland french:france georgian:georgia
german:germany ghanaian:ghana greek:greece guatemalan:guatemala haitian:haiti honduran:honduras
hungarian:hungary icelandic:iceland indian:india indonesian:indonesia iranian:iran iraqi:iraq
irish:ireland israeli:israel italian:italy jamaican:jamaica japanese:japan jordanian:jordan
kazakh:kazakhstan kenyan:kenya kosovan:kosovo korean:korea kuwaiti:kuwait latvian:latvia lebanese:lebanon
libyan:libya lithuanian:lithuania malaysian:malaysia malian:mali maltese:malta mexican:mexico
moldovan:moldova mongolian:mongolia moroccan:morocco nepalese:nepal nepali:nepal nicaraguan:nicaragua
nigerian:nigeria norwegian:norway omani:oman pakistani:pakistan palestinian:palestine panamanian:panama
paraguayan:paraguay peruvian:peru philippine:philippines filipino:philippines polish:poland pole:poland
portuguese:portugal qatari:qatar romanian:romania russian:russia rwandan:rwanda scottish:scotland
scot:scotland senegalese:senegal serbian:serbia serb:serbia singaporean:singapore slovak:slovakia
slovakian:slovakia slovene:slovenia slovenian:slovenia somali:somalia spanish:spain spaniard:spain
sudanese:sudan swedish:sweden swede:sweden swiss:switzerland syrian:syria taiwanese:taiwan
tajik:tajikistan tanzanian:tanzania thai:thailand tunisian:tunisia turkish:turkey turk:turkey
turkiye:turkey ugandan:uganda ukrainian:ukraine uruguayan:uruguay uzbek:uzbekistan venezuelan:venezuela
vietnamese:vietnam welsh:wales yemeni:yemen zambian:zambia zimbabwean:zimbabwe european:europe
african:africa asian:asia texan:texas californian:california soviet:ussr
"""
_COUNTRY = dict(pair.split(":") for pair in _PEOPLES.split())
