"""The report as one HTML file that needs nothing else and trusts no text of a summarizer or an article.

Tables stand in the page and are sorted by its script; plots are SVG images inside it. What the script shows of single
items comes as JSON and goes into the page as text, never as markup. The browser is told to run and load nothing but
the page's own style and script.
"""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from string import Template
from typing import TYPE_CHECKING, Any

from eval.metrics import figure
from eval.reports.plots import plots
from eval.reports.results import Cell, Results, key_of
from eval.reports.tables import MOVES, TIMES, Table, counts, moves, reading, tables
from summarize.config import Config
from summarize.documents import label
from summarize.rendering.characters import one_line, visible
from summarize.rendering.document import document, html_line, part

if TYPE_CHECKING:
    from eval.items import Item

MAX_ITEMS = 100
"""Items shown one by one, the worst ones; all of them would make a page of many megabytes."""


def html(results: Results, items: "Sequence[Item]") -> str:
    """The report as HTML.

    Args:
        results: the run.
        items: for references and the names of articles; an item that is not among them is shown without.
    """
    shown = _worst(results)
    body = Template(part(__package__, "page.html")).substitute(
        title=html_line(results.name),
        counts=html_line(counts(results)),
        reading=html_line(reading(results)),
        tables="".join(_table(results, table) for table in tables(results)) + _moves(results) + _times(results),
        plots=_plots(plots(results)),
        items=_items(results, shown),
        failures=_failures(results),
        signature=_signature(results.signature),
        data=_json(_data(results, shown, {i.id: i for i in items})),
    )
    return document(results.name, body, __package__)


def _json(value: Any) -> str:
    """JSON that ends no script element: what HTML could take for markup is written as an escape sequence."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _table(results: Results, table: Table) -> str:
    heads = "".join(_head(metric) for metric in table.metrics)
    rows = "".join(
        f'<tr><th scope="row" data-value="{html_line(name)}">{html_line(name)}</th>'
        + "".join(_cell(results.cell(name, metric)) for metric in table.metrics)
        + "</tr>\n"
        for name in results.order
    )
    return (
        f'<section>\n<h2>{escape(table.title)}</h2>\n<p class="note">{escape(table.note)}</p>\n'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(table.title)}"><table>\n'
        f'<thead><tr><th scope="col">summarizer</th>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n'
        "</section>\n"
    )


def _head(metric: str) -> str:
    how = figure(metric)
    hint = ' <span class="better">lower is better</span>' if how.better == "lower" else ""
    return f'<th scope="col" data-better="{how.better}">{html_line(how.label)}{hint}</th>'


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return '<td data-value="">–</td>'
    best = ' class="best"' if cell.best else ""
    letters = f"<sup>{cell.letters}</sup>" if cell.letters else ""
    interval = f"<small>{cell.interval}</small>" if cell.interval else ""
    return f'<td{best} data-value="{cell.value!r}"><b>{cell.text}</b>{letters}{interval}</td>'


def _moves(results: Results) -> str:
    """How far texts and scores moved; sorted by its columns like the others."""
    head, *rows = moves(results)
    return _numbers("Robustness", MOVES, head, rows, lower=()) if rows else ""


def _times(results: Results) -> str:
    timed = [(name, times) for name in results.order if (times := results.times(name))]
    rows = [[name, f"{seconds:.2f}", f"{peak:.0f}"] for name, (seconds, peak) in timed]
    return _numbers("Time and memory", TIMES, ["summarizer", "seconds", "MB"], rows, lower=(1, 2)) if rows else ""


def _numbers(title: str, note: str, head: Sequence[str], rows: Sequence[Sequence[str]], lower: Sequence[int]) -> str:
    """A table of a name and plain numbers; less is better in the columns ``lower``."""
    heads = "".join(
        f'<th scope="col" data-better="{"lower" if n in lower else "higher"}">{html_line(text)}</th>'
        for n, text in enumerate(head)
    )
    body = "".join(
        f'<tr><th scope="row" data-value="{html_line(name)}">{html_line(name)}</th>'
        + "".join(f'<td data-value="{html_line(_number(text))}">{html_line(text)}</td>' for text in texts)
        + "</tr>\n"
        for name, *texts in rows
    )
    return (
        f'<section>\n<h2>{title}</h2>\n<p class="note">{escape(note)}</p>\n'
        f'<div class="scroll" tabindex="0" role="region" aria-label="{title}"><table>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n</section>\n"
    )


def _number(text: str) -> str:
    """What a cell is sorted by: nothing where there is no number."""
    return "" if text == "–" else text.replace("−", "-").replace("+", "")


def _plots(drawn: Sequence[tuple[str, str]]) -> str:
    if not drawn:
        return '<section><p class="note">Plots need matplotlib: pip install "summarize[eval]".</p></section>\n'
    figures = "".join(
        f'<figure><img alt="{html_line(caption)}" src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}">'
        f"<figcaption>{html_line(caption)}</figcaption></figure>\n"
        for caption, svg in drawn
    )
    return f'<section>\n<h2>Plots</h2>\n<div class="plots">\n{figures}</div>\n</section>\n'


def _worst(results: Results) -> list[str]:
    """The items to show: those with the lowest mean score over summarizers, or the highest where less is better."""
    main = results.main
    if main is None:
        return list(results.items)[:MAX_ITEMS]
    key, sign = key_of(main, results), -1 if figure(main).better == "lower" else 1
    sums: dict[str, list[float]] = {item: [] for item in results.items}
    for line in results.lines:
        if line["item"] in sums and key in line["scores"]:
            sums[line["item"]].append(sign * line["scores"][key])
    return sorted(sums, key=lambda item: sum(sums[item]) / len(sums[item]) if sums[item] else float("-inf"))[:MAX_ITEMS]


def _items(results: Results, shown: Sequence[str]) -> str:
    if not shown:
        return ""
    some = "" if len(shown) == len(results.items) else f" The {len(shown)} worst of {len(results.items)} items."
    return (
        '<section id="items">\n<h2>Item by item</h2>\n'
        f'<p class="note">Two summarizers side by side, with their citations.{some}</p>\n'
        '<noscript><p class="note">This part of the page needs JavaScript.</p></noscript>\n'
        '<div class="choose"></div>\n<div class="list"></div>\n</section>\n'
    )


def _failures(results: Results) -> str:
    if not results.failures:
        return ""
    rows = "".join(f"<li>{html_line(i)}, {html_line(n)}: {html_line(e)}</li>\n" for i, n, e in results.failures)
    return f"<section>\n<h2>Failures</h2>\n<ul>\n{rows}</ul>\n</section>\n"


def _signature(signature: Mapping[str, Any]) -> str:
    text = json.dumps(signature, indent=2, ensure_ascii=False)
    head = "Signature: what these scores hang on"
    return f"<details><summary>{head}</summary>\n<pre>{escape(visible(text))}</pre></details>\n"


def _data(results: Results, shown: Sequence[str], items: "Mapping[str, Item]") -> dict[str, Any]:
    """What the script needs, in the order of the tables; at first the best stands beside the program's own default."""
    metrics = [m for t in tables(results) for m in t.metrics if figure(m).better != "neither"]
    by_item: dict[str, list[Mapping[str, Any]]] = {}
    for line in results.lines:
        by_item.setdefault(line["item"], []).append(line)
    order = list(results.order)
    first = Config().summarizer if Config().summarizer in order else "".join(order[:1])
    main = results.main
    keys = [key_of(m, results) for m in metrics]
    return {
        "summarizers": order,
        "first": first,
        "second": next((name for name in order if name != first), first),
        "main": key_of(main, results) if main in metrics and main else (keys or [""])[0],
        "metrics": [
            {
                "key": key,
                "label": one_line(figure(m).label),
                "better": figure(m).better,
                "scale": figure(m).scale,
                "digits": figure(m).digits,
            }
            for key, m in zip(keys, metrics, strict=True)
        ],
        "items": [_item(id, by_item[id], items.get(id), set(keys)) for id in shown],
    }


def _item(id: str, lines: Sequence[Mapping[str, Any]], item: "Item | None", keys: set[str]) -> dict[str, Any]:
    names = {a.id: one_line(label(a)) for a in item.articles} if item else {}
    return {
        "id": one_line(id),
        "references": [visible(r) for r in item.references] if item else [],
        "summaries": {line["summarizer"]: _summary(line, names, keys) for line in lines},
    }


def _summary(line: Mapping[str, Any], names: Mapping[str, str], keys: set[str]) -> dict[str, Any]:
    sentences = line["sentences"] or ([{"text": line["text"]}] if line["text"] else [])
    return {
        "sentences": [
            [
                visible(s["text"]),
                [
                    [names.get(c["article"], one_line(c["article"])), visible(c["quote"])]
                    for c in s.get("citations", ())
                ],
            ]
            for s in sentences
        ],
        "scores": {key: round(value, 6) for key, value in line["scores"].items() if key in keys},
        "error": one_line(line.get("error") or ""),
    }
