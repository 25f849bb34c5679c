"""What lines that are not reporting look like: one pattern a line, matched against a whole line of an article.

A unit of the text (see ``boilerplate``) is at most 400 characters long when it comes here, so ``.*`` is bounded.
``<word>`` stands for the pattern of that name in ``PARTS``.
"""

import re
from functools import cache

PARTS: dict[str, str] = {
    # names and dates
    "name": r"((de|da|di|del|della|der|van|von|den|al|el|bin|ibn|la|le)[ -])*[A-ZÀ-ÞŁŚŠŽČ][\w.'’-]*",
    "person": r"<name>( <name>){1,4}",
    "signed": r"<person>( (in|for|at) (the |The )?<name>([ ,/-]+(and |of |the )?<name>){0,4})?",
    "signers": r"<signed>((,| and| &|, and) <signed>){0,6}",
    "month": (
        r"(Jan(uary)?|Feb(ruary)?|Mar(ch)?|Apr(il)?|May|June?|July?|Aug(ust)?|Sept?(ember)?|Oct(ober)?"
        r"|Nov(ember)?|Dec(ember)?)\.?"
    ),
    "weekday": r"(Mon|Tues?|Wed(nes)?|Thur?s?|Fri|Sat(ur)?|Sun)(day)?\.?",
    "written": r"(<weekday>,? )?(<month> \d{1,2}(st|nd|rd|th)?|\d{1,2}(st|nd|rd|th)? <month>)(,? \d{4})?",
    "date": r"(<written>|\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4})",
    "time": r"\d{1,2}([:.]\d\d){1,2}( ?[ap]\.?m\.?)?( [A-Z]{2,4})?",
    "place": r"[A-ZÀ-Þ][\w.'’-]+([ /-][A-ZÀ-Þ][\w.'’-]+){0,3}",
    "capitals": r"[A-ZÀ-ÞŁŚŠŽČ][A-ZÀ-ÞŁŚŠŽČ.'’-]+([ /-]+[A-ZÀ-ÞŁŚŠŽČ.'’-]+){0,4}",
    "bracketed": r"\([A-Z][\w.&'’ /-]{1,40}\)",
    "dash": r"[ \xa0]?([—–―‒|]|--?)[ \xa0]*",
    # trades
    "role": (
        r"(correspondent|reporter|editor|writer|columnist|contributor|journalist|bureau chief|staff|analyst"
        r"|producer|photographer|newsroom|desk|team|agency|agencies|news service)s?"
    ),
    "agency": (
        r"(Getty( Images)?|AP( Photo)?|AFP|Reuters|EPA(-EFE)?|Shutterstock|Alamy|iStock|PA( Wire)?|TASS|Xinhua"
        r"|Anadolu|ANI|PTI|IANS|UPI|dpa|Bloomberg)"
    ),
    "photo": r"(photo|photograph|image|picture|illustration|screenshot|graphic)s?",
    # pages
    "page": r"(article|story|report|post|page|piece|column|item|interview)",
    "site": (
        r"(facebook|fb|twitter|x|instagram|whatsapp|linkedin|reddit|pinterest|telegram|tumblr|flipboard"
        r"|messenger|tiktok|youtube|snapchat|threads|bluesky|mastodon|viber)"
    ),
    "button": (
        r"(share|tweet|e-?mail|print|save|copy|link|(copy )?(hyper)?link|bookmark|comments?|like|follow|post"
        r"|subscribe|rss|more|close|<site>)"
    ),
    "list": r"(newsletters?|inbox|e-?mails?|alerts?|briefings?|mailing list|updates|free trial|our app)",
    "end": r"[.:…!»>→]*",
}

CASED: dict[str, str] = {
    "byline": r"""
([Bb]y|BY|(Written|Reported|Posted|Words|Story|Report|Text|Analysis) by|WRITTEN BY):? <signers>(,? (?i:<role>))?
([Bb]y|BY):? <signers> ?[|,•·–—-] ?.{2,60}(?<![.!?])
([Bb]y|BY):? <signers>\.
([Bb]y|BY):? ([Tt]he |[Oo]ur )?([\w'’&.-]+ ){0,5}(?i:<role>)
([Bb]y|BY) <name>
<person>, ([Tt]he )?([\w'’&.-]+ ){0,5}(?i:<role>)(,? (in|for|at|of) .{2,40})?(?<!\.)
<person> in <place>((,| and) <person> in <place>)*
[—–] ?<person>(, .{2,60})?(?<![.!?])
(?i:(first |last )?(published|updated|posted|modified)( on| at)?:? ?)(<date>|<time>).{0,40}
<date>([,|· ]+(at )?<time>)?
(?i:(updated|published) .{0,30}\bago|\d+ (min(ute)?s?|hours?) (read|ago)|reading time:? .{1,20})
""",
    "credit": r"""
[(\[]?(.{0,60}[/|,] ?)?<agency>( ?[/|] ?.{1,60})?[\])]?
""",
    "remark": r"""
[\[(<{]*(TK|TKTK|TK TK|TODO|FIXME|XXX+|TBC|TBD|DRAFT|EDIT|EDITED|EMBARGO(ED)?|STET)\b.{0,80}
""",
}
"""What a whole unit may be, matched against it as it stands."""

DATELINE = r"""
<capitals>(, [A-Z][\w. ]{1,20}?)?(,? <date>)?( ?<bracketed>)?<dash>(?=[A-ZÀ-Þ0-9“\"‘'$€£])
<place>(, <place>)?(,? <date>)? ?<bracketed><dash>(?=\S)
<place>(, <place>)?,? <date><dash>(?=[A-ZÀ-Þ0-9“\"‘'$€£])
<bracketed><dash>(?=\S)
"""
"""What a paragraph may begin with before its first sentence."""

STRONG_DATELINE = r"""
<bracketed>
<date>
"""
"""What makes a dateline one beyond doubt, wherever in the article it stands."""

CREDIT_TAIL = r"""
(?i:[(\[](file )?<photo>( credit| courtesy)?s?\b[^()\[\]]{0,100}[)\]])$
(?i:[(\[][^()\[\]]{0,60}\b(file )?<photo>[)\]])$
[(\[]([^()\[\]]{0,60}([/|,]|via) ?)?(?i:<agency>)([/| ][^()\[\]]{0,60})?[)\]]$
(?i:(file )?<photo>( credit| courtesy)?s?:) .{3,60}$
"""
"""What a caption may end with."""

PATTERNS: dict[str, str] = {
    "read more": r"""
(read|view|see|get|find|click|continue)\b.{0,30}\b(full|original|complete|entire|rest of the|whole) <page>\b.{0,40}
(read|view|see|find|learn) more( (here|about|on|from|at|in|of|stories|news|coverage)\b.{0,80})?<end>
(read|view|see|watch|listen( to)?|also|more|related|next|explainer|in pictures|must read|slideshow) ?[:|»>] ?.*
(read (more|also|next)|also read|see also|watch( also| more| now| live)?|further reading|recommended) ?[:|»>–—-] ?.*
(don[’']t miss|in case you missed it|(live )?video|gallery|podcast|live updates|listen)\b ?[:|»>] ?.*
(read (also|on|next)|also read|see also|keep reading|continue reading|more details|full story|click here)<end>
related( (articles?|stories|story|news|content|topics?|coverage|links?|posts?|reading|videos?))?<end>
(recommended( for you| stories| reading)?|trending( now)?|up next|top stories|more stories|what to read next)<end>
more (on|from) (this|the|our) (story|topic|author|web)\b.*
most (read|popular|viewed|commented)( .{1,20})?<end>
you (may|might)( also)? (like|enjoy|be interested in)\b.{0,60}
(editor[’']?s['’]? picks?|(from|on) around the web|(elsewhere|also) on .{2,30})<end>
click (here|on|for|to)\b.{3,120}
continue reading .{0,80}
follow (our |the )?live (updates?|coverage|blog)\b.{0,80}
watch (the )?(full )?(video|interview|clip)( .{0,30}(below|above|here))?<end>
this is a (developing|breaking)( news)? (news )?<page>\b.*
(please )?check back (for|later|soon)\b.{0,80}
.{10,120} read more<end>
(https?://|www\.)\S+
""",
    "credit": r"""
\(?(with )?(additional |further |extra )?(reports?|reporting|writing|research) by .*
\(?with (additional |further )?(reports?|reporting|information|inputs?|files?|contributions?) (by|from) .*
\(?(reported|compiled|edited|written|translated|produced|filmed|narrated) by .*
\(?with (agency|agencies|wires?|wire reports|agency inputs|pti|ap|afp|reuters|ani|ians|inputs)\b.{0,60}
contributing:? .{2,120}
[(\[]?(file |handout |stock |cover |featured )?<photo>( (credit|courtesy|source|by|via))?s?( of)? ?[:|©/] ?.*
[(\[]?(file )?<photo>s? (by|courtesy of|via|courtesy) .{2,120}
file( <photo>)? ?[:–—-].*
[(\[]?(file (photo|picture|image)|stock (photo|image)|representational image|handout <photo>|<photo>)[\])]?\.?
(<photo> (copyright|source|caption)\b|media (caption|playback)\b|toggle caption\b).*
[(\[]?(source|caption|credits?|via|<photo> copyright)s? ?: ?.{2,160}
this <page> (is|was|also|has)?( been)? ?(originally|first|previously|also)? ?(appear(s|ed)|published|ran)\b.*
(originally|first) published (on|in|at|by) .{2,80}
re(published|printed) (from|with|by|under)\b.*
!\[[^\]]*\]\([^)]*\)
""",
    "newsletter": r"""
\(? ?((please )?(sign[ -]?up|subscribe|log ?in|sign ?in|register)|get|receive|join)\b.*\b<list>\b.*
(sign up|subscribe|log in|sign in|register)( (now|today|here|for free))?<end>
(subscribe (to|for)|sign up (for|to)) .*
(already|not)( yet)? (a |have an? )?(subscriber|subscription|account|member|subscribed)\b.*
(create (a |your |an )?(free )?account|become a (member|subscriber|supporter|patron))\b.*
(thanks|thank you) for (subscribing|signing up|registering|reading)\b.*
you (have|[’']ve) (reached|read|used) .*\b(free articles?|limit)\b.*
to (continue|keep) reading\b.*
(support|help|donate|make a|contribute)\b.*\b(our|independent|quality|local|this) (journalism|reporting|newsroom)\b.*
(please )?download (the|our) .*\bapp\b.*
(got|have) (a |any )?((confidential )?(news )?tips?|questions?|thoughts)\b.{0,40}\?.*
(please )?(e-?mail|contact|write to|reach|send letters|send .{2,30}|tips?)\b.{0,60}(\S+@\S+|\[email.protected\]).*
\S+@\S+\.\w+
""",
    "cookies": r"""
(we|this (web)?site|our (web)?site|[\w.]+)( and our partners)? uses? cookies\b.*
(accept|manage|reject|allow|cookie)( all)? (cookies?|settings|policy|preferences|consent|notice)\b.*
by (continuing|using|clicking|browsing|signing up|subscribing|submitting)\b.*\byou (agree|accept|consent)\b.*
(read |see )?(our |the )?(privacy (policy|notice|settings)|cookie policy)\b.{0,80}
(read |see )?(our |the )?terms (of (use|service)|(and|&) conditions)\b.{0,80}
""",
    "share": r"""
<button>([ ,|/•·:()\d+-]+<button>)*[ \d().:+]*
(please )?(share|tweet|print|bookmark|rate|recommend|read or share|e-?mail) (this|it|our|the <page>)\b.{0,120}
(share|tweet) (on|via|to|with|by)\b.{0,120}
(please )?(follow|like|find|join) (us|me|him|her|them|@\w+|[\w.'’-]+( [\w.'’-]+){0,3}) (on|at|via) (our )?<site>\b.*
(on )?<site> ?: ?(@|https?:|www).{0,60}
@\w{2,30}
(\d+|no|leave a|post a|add a|(view|show|load|hide)( all| \d+)?) (comments?|shares?|likes?|replies)( \(\d+\))?<end>
join the (conversation|discussion)<end>
copy (the )?(link|url)( to clipboard)?<end>
(link copied|back to top|skip to (content|main)|print this|toggle \w+)\b.{0,30}
""",
    "copyright": r"""
(©|\(c\) ?\d{4}|copyright( ©)? ?(\d{4}|by\b|\(c\))).*
reproduction .*\b(prohibited|forbidden|permission)\b.*
""",
    "advertisement": r"""
[\[(–—-]* ?(advertisements?|advert|ads?|ad feedback)[\]) –—-]*<end>
[\[(]?sponsored( (content|post|links?))?[\])]?<end>
[\[(]?sponsored by [^,.]{2,40}[\])]?
(advertisements?|sponsored) ?[–—|:-] ?.{0,60}
(promoted|paid|partner) (content|post|partnership|stories|links?)<end>
(story|article|content|text|report) continues( (below|after)\b.{0,60})?<end>
scroll (down )?(to|for) (continue|more|read)\b.{0,40}
""",
    "remark": r"""
i hope,? (it|this|that|all)( is|['’]?s) (ok|okay|fine|good|all ?right|clear|enough)\b.{0,20}
hope (this|that|it)( is|['’]s)? (ok|okay|fine|good|helps|works)\b.{0,20}
(pls|plz)\b.*
(please|kindly) (check|edit|review|confirm|verify|fix|proof(read)?|trim)\b.{0,80}(?<!\.)
(to be (checked|confirmed|added|edited|continued)|needs? (check|checking|edit|editing|review|a source))<end>
\[(edit(ed)?|editor|ed|sic|note|nb|insert|add|check|todo|tk|draft|cut|caption|headline|break|music)\b[^\]]{0,200}\]
[—–\[(* -]*((editor|author|publisher|reporter)s?['’]?s?['’]? note|ed\.? ?note)\b.*
[\[(]?note to (the )?(editors?|readers?|desk)\b.*
(correction|clarification|disclaimer|disclosure)s? ?(\(.{0,30}\))? ?[:–—-].*
(update: ?)?\(?(an earlier|a previous|this) version of (this|the|an earlier)\b.*
(update: ?)?this (<page>|interview) (has been|was) (updated|corrected|amended|edited|revised|condensed)\b.*
\(?-? ?(ends|end of (story|article|text)|the end|30|# ?# ?#|more to (follow|come)|more follows) ?-?\)?<end>
lorem ipsum\b.*
(sent|posted) from my .{2,30}
(thanks|thank you|cheers|(best|kind) regards|regards|best wishes)( (all|again|team|everyone|in advance|a lot))?[,.!]*
""",
    "separator": r"""
[\W_]+
""",
}
"""What a whole unit may be, matched against it in lower case; the first kind that matches is meant."""

PHRASES: dict[str, tuple[str, str]] = {
    "contributed": ("credit", r"contributed (((reporting|research|writing) )?(to|for) this <page>|reporting)\b"),
    "inbox": ("newsletter", r"to your (e-?mail )?inbox\b"),
    "follow": ("newsletter", r"follow (him|her|them|me)( at| on|:| via)? (@|<site>\b)"),
    "can be": ("newsletter", r"can be (reached|contacted|followed) (at|on|via) (\S+@|@|\[email|<site>\b)"),
    "reserved": ("copyright", r"all rights reserved\b"),
    "not be": ("copyright", r"not be ((re)?published|reproduced|copied)\b.*\b(permission|rewritten|consent)\b"),
}
"""What tells the kind of a unit wherever in it it stands, in lower case; by a word that must be there."""


@cache
def compiled(block: str) -> re.Pattern[str]:
    """One pattern of the lines of ``block``, any of which may match; made when first used."""
    pattern = "|".join(f"({line})" for line in block.strip().splitlines())
    while (filled := re.sub(r"<([a-z]+)>", lambda match: PARTS[match[1]], pattern)) != pattern:
        pattern = filled
    return re.compile(pattern, re.DOTALL)
