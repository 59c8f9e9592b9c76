// The panel beside the chat: an article with the quoted words marked, or the list of all sources.
import { announce, button, element, filled, words } from "./dom.js";

export const WIDE = window.matchMedia("(min-width: 1000px)");
const MOST = 200; // sources listed at once; the search finds the others

let open = null; // what the panel shows: {id, spans, current}
let opener = null; // the link that opened the panel, which gets the focus back
let listed = null; // the metadata of all sources, once they are known
let quoted = []; // the spans of the answer in view, in all its sources
const texts = new Map();
const extras = { bar: null, source: null }; // what upload.js adds, where articles can be added

export const opened = () => open;

export const extend = (made) => Object.assign(extras, made);

export const path = (id) => "/v1/sources/" + id.split("/").map(encodeURIComponent).join("/");

const list = async () => {
  listed ??= (await (await fetch("/v1/sources")).json()).sources || [];
};

// After a source was added or removed.
export const renew = async () => {
  listed = null;
  texts.clear();
  await list();
};

export const titleOf = (id) => listed?.find((source) => source.source_id === id)?.title ?? id;

const load = (id) => {
  if (!texts.has(id)) {
    const asked = fetch(path(id)).then((response) => {
      if (!response.ok) throw Object.assign(new Error(String(response.status)), { gone: response.status === 404 });
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

// A part of the text with its headings, and with a mark at the beginning of each page that adds no text.
const pieces = (source, points) => {
  const headings = source.headings ?? [];
  const pages = new Map();
  (source.page_starts ?? []).forEach((start, at) => pages.set(start, [...(pages.get(start) ?? []), at + 1]));
  const cuts = [...pages.keys(), ...headings.flatMap((each) => [each.start_char_index, each.end_char_index])];
  const begun = (at) =>
    (pages.get(at) ?? []).map((page) => {
      const made = element("span", "page");
      made.dataset.page = filled(words.page_of, { page });
      return made;
    });
  const piece = (from, to) => {
    const made = document.createDocumentFragment();
    let at = from;
    const ends = [...new Set(cuts.filter((cut) => from < cut && cut < to))].sort((a, b) => a - b);
    for (const end of from < to ? [...ends, to] : []) {
      if (at > from) made.append(...begun(at));
      const text = points.slice(at, end).join("");
      const isHeading = headings.some((each) => each.start_char_index <= at && end <= each.end_char_index);
      made.append(isHeading ? element("strong", "heading", text) : text);
      at = end;
    }
    return made;
  };
  return { begun, piece };
};

const article = (source, points, spans, current) => {
  const body = element("div", "text");
  const { begun, piece } = pieces(source, points);
  let at = 0;
  let target = null;
  body.append(...begun(0));
  for (const span of merged(spans)) {
    body.append(piece(at, span.from), ...(span.from ? begun(span.from) : []));
    const mark = element("mark", "quote");
    mark.append(piece(span.from, span.to));
    mark.tabIndex = -1;
    if (span.numbers.length) mark.dataset.numbers = span.numbers.join(", ");
    if (current && span.from <= current.from && current.to <= span.to) {
      mark.classList.add("current");
      target = mark;
    }
    body.append(mark);
    at = span.to;
  }
  body.append(...(at ? begun(at) : []), piece(at, points.length));
  return { body, target };
};

const day = (date) =>
  new Intl.DateTimeFormat(words.language, { dateStyle: "long", timeZone: "UTC" }).format(new Date(date));

const metadata = (source) => {
  const made = source.file_date && !source.date ? filled(words.file_date, { date: day(source.file_date) }) : null;
  return [source.date ? day(source.date) : made, source.publisher].filter(Boolean).join(" · ");
};

const heading = (source) => {
  const head = element("header");
  head.append(element("h2", "", source.title), element("p", "meta", metadata(source)));
  head.querySelector("h2").tabIndex = -1;
  if (source.note) head.append(element("p", "note", source.note));
  if (source.pages_without_text?.length) {
    head.append(element("p", "failure", filled(words.pages_empty, { pages: source.pages_without_text.join(", ") })));
  }
  const url = /^https?:\/\//.test(source.url || "") ? source.url : null;
  if (url) {
    const link = element("a", "url", url);
    Object.assign(link, { href: url, target: "_blank", rel: "noopener noreferrer" });
    const line = element("p", "meta");
    line.append(link);
    head.append(line);
  }
  if (source.uploaded && extras.source) head.append(extras.source(source));
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

// The panel for something else than a source, which no source that is still loading replaces.
export const occupy = (...parts) => {
  open = null;
  return put(...parts);
};

const bar = () => {
  const made = element("div", "bar");
  made.append(element("span", "", words.source));
  if (listed?.length > 1) made.append(button("all", words.all_sources, () => showList(true)));
  if (extras.bar) made.append(extras.bar());
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

// A form in the panel stays until its reader leaves it.
const isFilledIn = () => Boolean(panel()?.querySelector("form"));

// Spans are {from, to, numbers, text}: `text` is what stood there when it was quoted.
export const show = async (id, spans, { current = null, link = null } = {}) => {
  if (!panel() || (!link && isFilledIn())) return;
  const asked = { id, spans, current };
  open = asked;
  if (link) {
    opener = link;
    document.body.classList.add("source-open");
  }
  let source;
  try {
    [source] = await Promise.all([load(id), list()]);
  } catch (problem) {
    if (open === asked) put(element("p", "failure", problem.gone ? words.gone : words.unavailable));
    return;
  }
  if (open !== asked) return;
  const points = Array.from(source.text); // offsets count code points
  const same = spans.every((span) => !span.text || points.slice(span.from, span.to).join("") === span.text);
  const { body, target } = article(source, points, same ? spans : [], current);
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

export const showList = (focus) => {
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
  if (open || !panel() || isFilledIn()) return;
  if (listed.length > 1) showList(false);
  else if (listed.length) show(listed[0].source_id, []);
};

// The only source, or all of them, after one was removed.
export const showRest = async () => {
  if (listed.length > 1) showList(true);
  else if (listed.length) await show(listed[0].source_id, []);
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
