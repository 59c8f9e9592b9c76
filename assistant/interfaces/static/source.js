// The panel beside the chat: an article with the quoted words marked, or the list of all sources.
import { announce, button, element, words } from "./dom.js";

export const WIDE = window.matchMedia("(min-width: 1000px)");
const MOST = 200; // sources listed at once; the search finds the others

let open = null; // what the panel shows: {id, spans, current}
let opener = null; // the link that opened the panel, which gets the focus back
let listed = null; // the metadata of all sources, once they are known
let quoted = []; // the spans of the answer in view, in all its sources
const texts = new Map();

export const opened = () => open;

const path = (id) => "/v1/sources/" + id.split("/").map(encodeURIComponent).join("/");

const list = async () => {
  listed ??= (await (await fetch("/v1/sources")).json()).sources || [];
};

const load = (id) => {
  if (!texts.has(id)) {
    const asked = fetch(path(id)).then((response) => {
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

const article = (points, spans, current) => {
  const body = element("div", "text");
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

const heading = (source) => {
  const head = element("header");
  head.append(element("h2", "", source.title), element("p", "meta", metadata(source)));
  if (source.note) head.append(element("p", "note", source.note));
  const url = /^https?:\/\//.test(source.url || "") ? source.url : null;
  if (url) {
    const link = element("a", "url", url);
    Object.assign(link, { href: url, target: "_blank", rel: "noopener noreferrer" });
    const line = element("p", "meta");
    line.append(link);
    head.append(line);
  }
  return head;
};

const panel = () => {
  const home = document.querySelector("#source");
  let found = home && home.querySelector(":scope > aside");
  if (home && !found) {
    found = element("aside");
    home.append(found);
  }
  return found;
};

const put = (...parts) => {
  const aside = panel();
  aside.setAttribute("aria-label", words.source || "");
  aside.replaceChildren(bar(), ...parts);
  aside.scrollTop = 0;
  return aside;
};

const bar = () => {
  const made = element("div", "bar");
  made.append(element("span", "", words.source));
  if (listed?.length > 1) made.append(button("all", words.all_sources, () => showList(true)));
  const shut = button("close", "×", close);
  shut.setAttribute("aria-label", words.close);
  made.append(shut);
  return made;
};

export const close = () => {
  document.body.classList.remove("source-open");
  if (opener && opener.isConnected) opener.focus();
  opener = null;
};

// Spans are {from, to, numbers, text}: `text` is what stood there when it was quoted.
export const show = async (id, spans, { current = null, link = null } = {}) => {
  if (!panel()) return;
  const asked = { id, spans, current };
  open = asked;
  if (link) {
    opener = link;
    document.body.classList.add("source-open");
  }
  let source;
  try {
    [source] = await Promise.all([load(id), list()]);
  } catch {
    if (open === asked) put(element("p", "failure", words.unavailable));
    return;
  }
  if (open !== asked) return;
  const points = Array.from(source.text); // offsets count code points
  const same = spans.every((span) => !span.text || points.slice(span.from, span.to).join("") === span.text);
  const { body, target } = article(points, same ? spans : [], current);
  body.lang = source.language || "";
  const warning = same ? [] : [element("p", "failure", words.changed)];
  const aside = put(heading(source), ...warning, body);
  const first = target || body.querySelector("mark");
  if (first && first.offsetTop > aside.clientHeight / 2) aside.scrollTop = first.offsetTop - aside.clientHeight / 3;
  if (!link) return;
  if (target) {
    target.focus({ preventScroll: true });
    announce(`${words.marked} ${target.textContent} (${source.title})`);
  } else if (!same) {
    texts.delete(id);
    announce(words.changed);
  }
};

// --- all sources ------------------------------------------------------------------------------------------------

const entry = (source, count) => {
  const item = element("li");
  const link = button("entry", "", () => {
    const spans = quoted.filter((span) => span.id === source.source_id);
    show(source.source_id, spans, { current: spans[0] || null, link });
  });
  link.append(element("span", "name", source.title), element("span", "meta", metadata(source)));
  if (count) {
    const badge = element("span", "count");
    const shown = element("span", "", String(count));
    shown.setAttribute("aria-hidden", "true");
    badge.append(shown, element("span", "heard", `${words.cited}: ${count}`));
    badge.title = `${words.cited}: ${count}`;
    link.append(badge);
  }
  item.append(link);
  return item;
};

export const evidenceIs = (spans) => {
  quoted = spans;
  const list = document.querySelector("#source ul.sources");
  if (list) fill(list, document.querySelector("#source .search")?.value || "");
};

const fill = (list, sought) => {
  const found = new Map();
  for (const span of quoted) found.set(span.id, (found.get(span.id) || 0) + 1);
  const count = (source) => found.get(source.source_id) || 0;
  const plain = (text) => text.toLocaleLowerCase().normalize("NFKC");
  const fits = (source) => plain([source.title, source.publisher, source.source_id].join(" ")).includes(plain(sought));
  const shown = listed.filter(fits).sort((a, b) => count(b) - count(a));
  list.replaceChildren(...shown.slice(0, MOST).map((source) => entry(source, count(source))));
};

const showList = (focus) => {
  open = null;
  const search = element("input", "search");
  search.type = "search";
  search.placeholder = words.search;
  search.setAttribute("aria-label", words.search);
  const found = element("ul", "sources");
  search.addEventListener("input", () => fill(found, search.value));
  fill(found, "");
  put(search, found);
  if (focus) search.focus();
};

// Before the first answer: the only source, or all of them.
export const begin = async () => {
  if (!WIDE.matches || open) return;
  try {
    await list();
  } catch {
    return; // without an index there is nothing to show yet; the chat says so when asked
  }
  if (open || !panel()) return;
  if (listed.length > 1) showList(false);
  else if (listed.length) show(listed[0].source_id, []);
};

// On a narrow window, where the panel is not beside the chat.
export const openSources = async (pressed) => {
  opener = pressed;
  document.body.classList.add("source-open");
  try {
    await list();
    if (listed.length === 1) await show(listed[0].source_id, quoted.filter((span) => span.id === listed[0].source_id));
    else showList(false);
  } catch {
    put(element("p", "failure", words.unavailable));
  }
  document.querySelector("#source .close")?.focus();
};
