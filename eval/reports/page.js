(() => {
  "use strict";

  // Tables: a click on a heading sorts by it, the better end first; another click turns it round.
  for (const table of document.querySelectorAll("table")) {
    const body = table.tBodies[0];
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(head.firstChild);
      head.prepend(button);
      button.addEventListener("click", () => {
        const first = head.dataset.better === "lower" || column === 0 ? "ascending" : "descending";
        const other = first === "ascending" ? "descending" : "ascending";
        const order = head.getAttribute("aria-sort") === first ? other : first;
        for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", order);
        const turn = order === "ascending" ? 1 : -1;
        const value = (row) => row.cells[column].dataset.value;
        const rows = [...body.rows].sort((a, b) => {
          const [x, y] = [value(a), value(b)];
          if (x === "" || y === "") return (x === "") - (y === ""); // what is missing goes last, whichever way
          return turn * (column === 0 ? x.localeCompare(y) : Number(x) - Number(y));
        });
        body.append(...rows);
      });
    });
  }

  // Items: two summarizers side by side, the worst of the first one on top.
  const section = document.getElementById("items");
  if (!section) return;
  const data = JSON.parse(document.getElementById("data").textContent);
  const list = section.querySelector(".list");
  const chosen = {};

  function element(name, className, ...children) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  function choice(key, label, options, start) {
    const select = element("select", "");
    select.name = key;
    for (const [value, text] of options) select.append(new Option(text, value, value === start, value === start));
    chosen[key] = start;
    select.addEventListener("change", () => {
      chosen[key] = select.value;
      show();
    });
    return element("label", "", label, select);
  }

  const shown = (metric, value) => (value === undefined ? "–" : (metric.scale * value).toFixed(metric.digits));
  const scores = (item, name) => (item.summaries[name] || {}).scores || {};

  function show() {
    const metric = data.metrics.find((m) => m.key === chosen.metric);
    const [a, b] = [chosen.first, chosen.second];
    const sign = metric.better === "lower" ? -1 : 1;
    const badness = (item) => {
      const x = scores(item, a)[metric.key];
      const y = scores(item, b)[metric.key];
      if (x === undefined) return -Infinity; // it failed
      return chosen.order === "worst" ? sign * x : y === undefined ? Infinity : sign * (x - y);
    };
    const ranked = data.items.map((item) => [badness(item), item]);
    ranked.sort((x, y) => (x[0] === y[0] ? 0 : x[0] - y[0])); // -Infinity - -Infinity is no number
    list.replaceChildren(...ranked.map(([, item]) => row(item, metric, a, b)));
  }

  function row(item, metric, a, b) {
    const head = element("summary", "", element("span", "id", item.id));
    for (const name of a === b ? [a] : [a, b]) {
      const value = element("b", "", shown(metric, scores(item, name)[metric.key]));
      head.append(element("span", "figure", name + " ", value));
    }
    const details = element("details", "item", head);
    details.addEventListener("toggle", () => {
      if (!details.open || details.children.length > 1) return;
      const sides = (a === b ? [a] : [a, b]).map((name) => side(item, name));
      details.append(element("div", "sides", ...sides));
      if (item.references.length) {
        const texts = item.references.map((text) => element("p", "", text));
        details.append(element("details", "references", element("summary", "", "References"), ...texts));
      }
    });
    return details;
  }

  function side(item, name) {
    const found = element("div", "side", element("h3", "", name));
    const summary = item.summaries[name];
    if (!summary) return found;
    if (summary.error) found.append(element("p", "error", summary.error));
    const figures = data.metrics.filter((m) => summary.scores[m.key] !== undefined);
    const text = figures.map((m) => `${m.label} ${shown(m, summary.scores[m.key])}`).join(" · ");
    found.append(element("p", "scores", text));
    for (const [said, citations] of summary.sentences) {
      found.append(element("p", "said", said));
      if (!citations.length) continue;
      const quotes = citations.map(([article, quote]) =>
        element("li", "", element("cite", "", article), element("blockquote", "", quote)),
      );
      const label = citations.length === 1 ? "1 quote" : `${citations.length} quotes`;
      found.append(element("details", "cited", element("summary", "", label), element("ul", "", ...quotes)));
    }
    return found;
  }

  const names = data.summarizers.map((name) => [name, name]);
  section.querySelector(".choose").append(
    choice("first", "Summarizer", names, data.first),
    choice("second", "beside", names, data.second),
    choice("metric", "Figure", data.metrics.map((m) => [m.key, m.label]), data.main),
    choice(
      "order",
      "Order",
      [
        ["worst", "worst first"],
        ["loss", "furthest behind the other first"],
      ],
      "worst",
    ),
  );
  show();
})();
