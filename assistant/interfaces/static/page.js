// Opens the sources beside the chat. All text of a source goes in as text nodes: nothing in it can act as markup.
"use strict";

(() => {
  const WIDE = window.matchMedia("(min-width: 1000px)");
  let words = {};
  let open = null; // what the panel shows: {id, spans, current}
  let opener = null; // the link that opened the panel, which gets the focus back
  let seen = null; // the last evidence whose source was opened by itself
  const texts = new Map();

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };

  const place = (href) => {
    const given = new URLSearchParams(href.slice(href.indexOf("#") + 1));
    return { id: given.get("source"), from: Number(given.get("from")), to: Number(given.get("to")) };
  };

  const load = (id) => {
    if (!texts.has(id)) {
      const asked = fetch("/v1/sources/" + id.split("/").map(encodeURIComponent).join("/")).then((response) => {
        if (!response.ok) throw new Error(String(response.status));
        return response.json();
      });
      asked.catch(() => texts.delete(id));
      texts.set(id, asked);
    }
    return texts.get(id);
  };

  // Overlapping spans become one, so that each character stands in the text once.
  const merged = (spans) => {
    const result = [];
    for (const span of [...spans].sort((a, b) => a.from - b.from || b.to - a.to)) {
      const last = result[result.length - 1];
      if (last && span.from < last.to) {
        last.to = Math.max(last.to, span.to);
        last.numbers.push(...span.numbers);
      } else {
        result.push({ ...span, numbers: [...span.numbers] });
      }
    }
    return result;
  };

  const article = (source, spans, current) => {
    const points = Array.from(source.text); // offsets count code points
    const body = element("div", "text");
    body.lang = source.language || "";
    let at = 0;
    let target = null;
    for (const span of merged(spans)) {
      body.append(points.slice(at, span.from).join(""));
      const mark = element("mark", "quote", points.slice(span.from, span.to).join(""));
      mark.tabIndex = -1;
      if (span.numbers.length) mark.dataset.numbers = span.numbers.join(", ");
      if (current && span.from <= current.from && current.to <= span.to) {
        mark.classList.add("current");
        target = mark;
      }
      body.append(mark);
      at = span.to;
    }
    body.append(points.slice(at).join(""));
    return { body, target };
  };

  const metadata = (source) => {
    const date = source.date
      ? new Intl.DateTimeFormat(words.language, { dateStyle: "long", timeZone: "UTC" }).format(new Date(source.date))
      : null;
    return [date, source.publisher].filter(Boolean).join(" · ");
  };

  const panel = () => {
    let found = document.querySelector("#source > aside");
    const home = document.querySelector("#source");
    if (!found && home) {
      found = element("aside");
      home.append(found);
    }
    return found;
  };

  const show = async (id, spans, current, focus) => {
    const aside = panel();
    if (!aside) return;
    const asked = { id, spans, current };
    open = asked;
    aside.setAttribute("aria-label", words.source || "");
    if (focus) document.body.classList.add("source-open");
    let source;
    try {
      source = await load(id);
    } catch {
      if (open === asked) aside.replaceChildren(bar(), element("p", "failure", words.unavailable));
      return;
    }
    if (open !== asked) return;
    const { body, target } = article(source, spans, current);
    const head = element("header");
    head.append(element("h2", "", source.title), element("p", "meta", metadata(source)));
    if (source.note) head.append(element("p", "note", source.note));
    aside.replaceChildren(bar(), head, body);
    aside.scrollTop = 0;
    const first = target || body.querySelector("mark");
    if (first && (focus || spans.length)) {
      aside.scrollTop = first.offsetTop - aside.clientHeight / 3;
      if (focus) first.focus({ preventScroll: true });
    }
  };

  const bar = () => {
    const made = element("div", "bar");
    made.append(element("span", "", words.source));
    const button = element("button", "close", "×");
    button.type = "button";
    button.setAttribute("aria-label", words.close);
    button.addEventListener("click", close);
    made.append(button);
    return made;
  };

  const close = () => {
    document.body.classList.remove("source-open");
    if (opener && opener.isConnected) opener.focus();
    opener = null;
  };

  // The quotes of one answer that lie in a source.
  const quotes = (evidence, id) =>
    [...evidence.querySelectorAll(".card")]
      .map((card) => ({
        ...place(card.querySelector("a.open").getAttribute("href")),
        numbers: [...card.querySelectorAll(".number")].map((number) => number.textContent),
      }))
      .filter((span) => span.id === id);

  const showCard = (card, link) => {
    const current = place(card.querySelector("a.open").getAttribute("href"));
    const evidence = card.closest(".evidence");
    opener = link;
    // A related passage is no quote: it is the only thing marked, and has no number.
    show(current.id, evidence ? quotes(evidence, current.id) : [{ ...current, numbers: [] }], current, true);
  };

  document.addEventListener(
    "click",
    (event) => {
      const link = event.target instanceof Element ? event.target.closest("a.cite, a.open") : null;
      if (!link || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      const card = link.closest(".card") || document.getElementById(link.getAttribute("href").slice(1));
      if (!card) return;
      document.querySelectorAll(".card.current").forEach((other) => other.classList.remove("current"));
      card.classList.add("current");
      showCard(card, link);
    },
    true,
  );

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("source-open")) close();
  });

  // Beside the chat the source of the newest answer is always in view; before the first answer, the first source.
  const follow = () => {
    if (!WIDE.matches) return;
    const replies = document.querySelectorAll("#chat .reply");
    const reply = replies[replies.length - 1];
    const evidence = reply && reply.querySelector(".evidence");
    if (!evidence) {
      // An answer without quotes leaves none of an older answer marked; one that is still coming changes nothing yet.
      if (seen && !(reply && reply.querySelector(".progress"))) {
        seen = null;
        if (open) show(open.id, [], null, false);
      }
      return;
    }
    const key = evidence.querySelector(".card").id + evidence.textContent;
    if (key === seen) return;
    seen = key;
    const { id } = place(evidence.querySelector("a.open").getAttribute("href"));
    show(id, quotes(evidence, id), null, false);
  };

  const begin = async () => {
    if (!WIDE.matches || open || !panel()) return;
    try {
      const { sources } = await (await fetch("/v1/sources")).json();
      if (!open && sources.length) show(sources[0].source_id, [], null, false);
    } catch {
      // without an index there is nothing to show yet; the chat says so when asked
    }
  };

  // A new question comes to the top of the chat, so that its answer is read from its beginning.
  let questions = 0;
  const rise = () => {
    const asked = document.querySelectorAll("#chat .asked");
    if (asked.length === questions) return;
    questions = asked.length;
    if (questions) asked[questions - 1].scrollIntoView({ block: "start" });
  };

  // Gradio reads a message's HTML out as its name, and leaves its buttons without one or in English.
  const name = (selector, label) => {
    for (const each of document.querySelectorAll(selector)) {
      if (each.getAttribute("aria-label") === label) continue;
      each.setAttribute("aria-label", label);
      if (each.title) each.title = label;
    }
  };
  const named = () => {
    document.querySelectorAll("#chat [data-testid][aria-label]").forEach((each) => each.removeAttribute("aria-label"));
    if (!words.ask) return;
    name("#chat [role=log]", words.conversation);
    name("#chat .top-panel button", words.clear);
    name("#question .submit-button", words.ask);
    name("#question .stop-button", words.stop);
  };

  let started = false;
  let waiting = false;
  const changed = () => {
    waiting = false;
    if (!started && document.querySelector("#source")) {
      started = true;
      if (WIDE.matches) document.querySelector("#question textarea")?.focus(); // a phone would open its keyboard
      begin();
    }
    document.body.classList.toggle("conversing", Boolean(document.querySelector("#chat .asked")));
    named();
    rise();
    follow();
  };

  const start = async () => {
    try {
      words = await (await fetch("/static/words.json")).json();
      document.documentElement.lang = words.language;
      document.title = words.title;
    } catch {
      // the panel then has no labels
    }
    new MutationObserver(() => {
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(changed);
    }).observe(document.body, { childList: true, subtree: true });
    WIDE.addEventListener("change", changed);
    changed();
  };

  start();
})();
