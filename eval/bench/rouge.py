"""ROUGE of summarizers on stories with references: ``python -m eval.bench.rouge DATA.jsonl -s claims -s lexrank``.

Data: one JSON record a line, ``{"id", "articles": [{"id", "text", "title"?}], "summaries": [...]}``. Scores come from
rouge-score with stemming, several references by their mean; summaries are cut to the word budget. One JSON line a
summarizer, with its signature.
"""

import json
from importlib.metadata import version
from pathlib import Path
from statistics import fmean
from typing import Annotated

import typer
from rouge_score.rouge_scorer import RougeScorer

from summarize import Article, Config, Summarizer

METRICS = ("rouge1", "rouge2", "rougeL")


def main(
    data: Path,
    summarizer: Annotated[list[str], typer.Option("--summarizer", "-s")],
    words: int = 100,
    limit: int = 0,
    threads: int = 0,
) -> None:
    """Print mean recall and F of every summarizer."""
    records = [json.loads(line) for line in data.read_text("utf-8").splitlines()]
    records = records[: limit or None]
    scorer = RougeScorer(METRICS, use_stemmer=True)
    for name in summarizer:
        maker = Summarizer(Config().replace(**{"summarizer": name, "plan.words": words, "threads": threads}))
        rows: list[dict[str, float]] = []
        for record in records:
            articles = [Article(f"{i}", a["text"], a.get("title")) for i, a in enumerate(record["articles"])]
            text = " ".join(maker.summarize(articles).text.split()[:words])
            rows.append(_score(scorer, text, record["summaries"]))
        means = {key: round(100 * fmean(row[key] for row in rows), 2) for key in rows[0]}
        signature = f"rouge-score {version('rouge-score')}, stemmed, first {words} words, references: mean"
        typer.echo(json.dumps({"summarizer": name, "items": len(rows), **means, "signature": signature}))


def _score(scorer: RougeScorer, text: str, references: list[str]) -> dict[str, float]:
    scores = [scorer.score(reference, text) for reference in references]
    return {
        f"{metric}_{part}": fmean(getattr(score[metric], part) for score in scores)
        for metric in METRICS
        for part in ("recall", "fmeasure")
    }


if __name__ == "__main__":
    typer.run(main)
