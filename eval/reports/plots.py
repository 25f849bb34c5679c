"""Plots as SVG, the same bytes for the same results, in colours that follow the reader's light or dark page."""

import io
from collections.abc import Callable, Sequence
from math import log10
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, filterwarnings

from eval.metrics import figure
from eval.reports.results import Results, mean
from summarize.rendering.characters import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, MUTED, RULE, ACCENT = "#1f1d1a", "#5e5a52", "#d9d4c7", "#8a2a1f"
_COLOURS = {
    "ink": (INK, "#e9e5dc"),
    "muted": (MUTED, "#aaa498"),
    "rule": (RULE, "#3a3731"),
    "accent": (ACCENT, "#f0a08f"),
}
"""Each colour on a light page, which stands for itself in the plots, and on a dark one."""
_FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Helvetica Neue', Arial, sans-serif"
MAX_NAME = 24
"""Characters of a summarizer's name that a plot shows."""


def plots(results: Results) -> list[tuple[str, str]]:
    """Caption and SVG of every plot that this run has figures for; none without matplotlib (extra ``eval``)."""
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        return []
    found = [
        (f"{figure(metric).label}: means with their 95% intervals.", _intervals(results, metric))
        for metric in results.metrics
        if metric.startswith("rouge") or metric in ("semantic", "citations", "gold")
    ]
    main = results.main
    if main and any(t["metric"] == main for t in results.tests):
        caption = (
            f"{figure(main).label}: how far each row's mean lies above (+) or below (−) each column's; "
            "filled where the difference is no luck."
        )
        found.append((caption, _pairs(results, main)))
    if main and any(results.times(n) and results.cell(n, main) for n in results.summarizers):
        found.append((f"{figure(main).label} against seconds a story, on a logarithmic scale.", _cost(results, main)))
    return found


def _intervals(results: Results, metric: str) -> str:
    names = [n for n in reversed(results.order) if metric in results.summarizers[n]]
    scale = figure(metric).scale

    def draw(ax: "Axes") -> None:
        for row, name in enumerate(names):
            entry = results.summarizers[name][metric]
            value = scale * (mean(entry) or 0.0)
            low, high = (scale * bound for bound in entry["ci95"])
            ax.plot([low, high], [row, row], color=MUTED, linewidth=1.5, solid_capstyle="round")
            ax.plot([value], [row], "o", color=ACCENT, markersize=5)
        ax.set_title(figure(metric).label, loc="left", color=INK, fontsize=10)
        ax.set_yticks(range(len(names)), [_name(n) for n in names])
        ax.set_ylim(-0.7, len(names) - 0.3)
        ax.grid(axis="x", color=RULE, linewidth=0.7)

    return _svg(draw, width=2.7 + _widest(names), height=0.26 * len(names) + 0.9)


def _pairs(results: Results, metric: str) -> str:
    names = list(results.order)
    scale = figure(metric).scale
    tests = {(t["a"], t["b"]): t for t in results.tests if t["metric"] == metric}

    def draw(ax: "Axes") -> None:
        for row, a in enumerate(names):
            for column, b in enumerate(names):
                test = tests.get((a, b)) or tests.get((b, a))
                if test is None:
                    continue
                difference = scale * test["difference"] * (1 if (a, b) in tests else -1)
                if test["different"]:
                    colour = ACCENT if difference > 0 else MUTED
                    ax.add_patch(_square(column, row, colour))
                label = f"{difference:+.1f}".replace("-", "−")
                ax.text(column, row, label, ha="center", va="center", fontsize=8, color=INK)
        ax.set_xticks(range(len(names)), [_name(n) for n in names], rotation=45, ha="right")
        ax.set_yticks(range(len(names)), [_name(n) for n in names])
        ax.set_xlim(-0.5, len(names) - 0.5)
        ax.set_ylim(len(names) - 0.5, -0.5)

    edge = 0.8 * _widest(names) + 0.3
    return _svg(draw, width=0.45 * len(names) + edge + 0.4, height=0.32 * len(names) + edge)


def _square(x: float, y: float, colour: str) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, facecolor=colour, alpha=0.28, linewidth=0)


def _cost(results: Results, metric: str) -> str:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    how = figure(metric)
    points = []
    for name in results.order:
        times, value = results.times(name), mean(results.summarizers[name].get(metric, {}))
        if times is not None and value is not None:
            points.append((max(times[0], 1e-4), how.scale * value, name))

    def draw(ax: "Axes") -> None:
        for x, y, _ in points:
            ax.plot([x], [y], "o", color=ACCENT, markersize=5)
        columns, rows = _spread([log10(x) for x, _, _ in points], 185), _spread([y for _, y, _ in points], 175)
        places = _free_places(list(zip(columns, rows, strict=True)), [4.5 * len(_name(n)) for _, _, n in points])
        for (x, y, name), place in zip(points, places, strict=True):
            side = "left" if place[0] > 0 else "right"
            ax.annotate(_name(name), (x, y), place, textcoords="offset points", ha=side, fontsize=8, color=INK)
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.margins(x=0.2, y=0.12)
        ax.set_xlabel("seconds a story", color=MUTED, fontsize=9)
        ax.set_ylabel(how.label, color=MUTED, fontsize=9)
        ax.grid(color=RULE, linewidth=0.7)

    return _svg(draw, width=4.6, height=3.6)


_PLACES = [(side, rise) for rise in (-3, 6, -12, 15, -21) for side in (6, -6)]
"""Where a label may stand, in points from its dot: right and left of it, then higher and lower."""


def _free_places(dots: Sequence[tuple[float, float]], widths: Sequence[float]) -> list[tuple[float, float]]:
    """For each dot, in points, the first place whose label covers no dot and no label placed before."""
    boxes = [(x - 4, y - 4, x + 4, y + 4) for x, y in dots]
    found: list[tuple[float, float]] = []
    for (x, y), width in zip(dots, widths, strict=True):
        candidates = [(x + s if s > 0 else x + s - width, y + r) for s, r in _PLACES]
        free = [
            n
            for n, (left, low) in enumerate(candidates)
            if not any(a < left + width and left < c and b < low + 8 and low < d for a, b, c, d in boxes)
        ]
        best = free[0] if free else 0
        left, low = candidates[best]
        boxes.append((left, low, left + width, low + 8))
        found.append(_PLACES[best])
    return found


def _spread(values: Sequence[float], points: float) -> list[float]:
    """Values on an axis of so many points."""
    span = (max(values) - min(values)) or 1.0
    return [points * (value - min(values)) / span for value in values]


def _widest(names: Sequence[str]) -> float:
    """Room for the longest of the names, in inches."""
    return 0.085 * max(len(_name(name)) for name in names)


def _name(name: str) -> str:
    """A name as matplotlib shows it, not too long; dollars would set formulas."""
    return shorten(one_line(name), MAX_NAME).replace("$", r"\$")


def shorten(text: str, length: int) -> str:
    """The text, its middle left out if it is longer than ``length``."""
    half = length // 2
    return text if len(text) <= length else f"{text[: half - 1]}…{text[-half:]}"


def _svg(draw: Callable[["Axes"], None], width: float, height: float) -> str:
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    # The salt fixes the names of clip paths; text stays text, in the page's font.
    settings = {"svg.hashsalt": "summarize", "svg.fonttype": "none", "font.family": "DejaVu Sans"}
    with rc_context(settings):  # type: ignore[arg-type]
        page = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(page)
        ax = page.subplots()
        draw(ax)
        ax.tick_params(which="both", colors=MUTED, labelsize=9, length=0)
        ax.patch.set_alpha(0)
        for spine in ax.spines.values():
            spine.set_visible(False)
        page.patch.set_alpha(0)
        file = io.StringIO()
        with catch_warnings():
            # Its own font may lack the letters of a name: that font only measures, the reader's shows.
            filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
            page.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return _themed(file.getvalue())


def _themed(svg: str) -> str:
    """The plot's colours as variables that a dark page sets otherwise, and its font that of the page."""
    for name, (light, _) in _COLOURS.items():
        svg = svg.replace(light, f"var(--{name})")
    light, dark = (
        ":root{" + ";".join(f"--{name}:{pair[turn]}" for name, pair in _COLOURS.items()) + "}" for turn in (0, 1)
    )
    style = f"<style>{light}@media (prefers-color-scheme:dark){{{dark}}}text{{font-family:{_FONT} !important}}</style>"
    return svg.replace("<defs>", f"{style}<defs>", 1)
