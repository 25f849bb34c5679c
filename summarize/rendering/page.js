"use strict";
// Shows what a sentence rests on: its quotes above the sources, and the cited words lit in the text.
// The page reads without this: quotes are folded beneath each sentence, and every number is a link.
(() => {
  const wide = matchMedia("(min-width: 60rem)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  document.documentElement.classList.add("js");

  function open(place) {
    const source = place && place.closest(".source");
    if (!source) return;
    const glide = source.open && !calm.matches; // within a text one follows the way; into another one jumps
    source.open = true;
    if (!wide.matches) return;
    const texts = source.parentElement;
    for (const other of texts.children) other.open = other === source;
    const offset = place.getBoundingClientRect().top - texts.getBoundingClientRect().top;
    texts.scrollTo({
      top: texts.scrollTop + offset - texts.clientHeight / 3,
      behavior: glide ? "smooth" : "auto",
    });
  }

  function target(link) {
    return document.getElementById(link.hash.slice(1));
  }

  for (const story of document.querySelectorAll(".story")) {
    const evidence = story.querySelector(".evidence");
    const resting = [...evidence.childNodes];
    const sentences = [...story.querySelectorAll(".sentence")];
    let kept = null; // the sentence clicked or entered: it stays when the pointer leaves
    let shown = null;
    let timer = 0;

    function show(sentence) {
      clearTimeout(timer);
      if (sentence === shown) return;
      for (const lit of story.querySelectorAll(".shown, .lit")) lit.classList.remove("shown", "lit");
      shown = sentence;
      if (!sentence) {
        evidence.replaceChildren(...resting);
        return;
      }
      sentence.classList.add("shown");
      sentence.nextElementSibling.open = true;
      light(sentence.id);
      evidence.replaceChildren(...resting);
      if (!wide.matches) return; // the quotes stand beneath the sentence
      const quotes = sentence.nextElementSibling;
      const heading = document.createElement("h3");
      heading.textContent = quotes.querySelector("summary").textContent;
      const list = quotes.querySelector("ul").cloneNode(true);
      list.removeAttribute("id");
      evidence.replaceChildren(heading, list);
      evidence.scrollTop = 0;
      open(target(list.querySelector("a")));
    }

    function light(name) {
      for (const mark of story.querySelectorAll("mark")) {
        mark.classList.toggle("lit", mark.dataset.for.split(" ").includes(name));
      }
    }

    function keep(sentence) {
      kept = sentence;
      show(sentence);
      history.replaceState(null, "", sentence ? "#" + sentence.id : location.pathname + location.search);
    }

    for (const sentence of sentences) {
      for (const link of sentence.querySelectorAll("a")) link.tabIndex = -1;
      sentence.addEventListener("pointerenter", (event) => {
        if (event.pointerType !== "mouse" || !wide.matches) return;
        clearTimeout(timer);
        timer = setTimeout(show, 80, sentence); // a pointer passing by is no question
      });
      sentence.addEventListener("pointerleave", () => {
        clearTimeout(timer);
        timer = setTimeout(() => show(kept || document.activeElement.closest(".sentence")), 250);
      });
      sentence.addEventListener("focus", () => {
        if (sentence.matches(":focus-visible")) show(sentence);
      });
      sentence.addEventListener("click", (event) => {
        if (!event.target.closest("a")) keep(kept === sentence ? null : sentence);
      });
      sentence.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.target !== sentence) return;
        event.preventDefault();
        keep(sentence);
        const quotes = wide.matches ? evidence : sentence.nextElementSibling;
        quotes.querySelector("a").focus();
      });
    }

    story.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !shown) return;
      const last = shown;
      keep(null);
      if (!story.querySelector(".summary").contains(document.activeElement)) last.focus();
    });

    story.addEventListener("click", (event) => {
      const link = event.target.closest('a[href^="#at-"], a[href^="#article-"]');
      if (!link) return;
      const sentence = link.closest(".sentence");
      const point = link.closest(".point");
      if (sentence) keep(sentence);
      if (point) {
        keep(null);
        light(point.id);
      }
      if (wide.matches) event.preventDefault();
      open(target(link));
    });

    kept = sentences.find((sentence) => "#" + sentence.id === location.hash) || null;
    if (kept) show(kept);
    else if (wide.matches) story.querySelector(".source").open = true;
  }

  addEventListener("hashchange", () => open(document.getElementById(location.hash.slice(1))));
})();
