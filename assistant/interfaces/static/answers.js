// The answers in the chat: their citations, the snippet at a citation, and the buttons at their foot.
import { announce, button, copy, element, words } from "./dom.js";
import { WIDE, evidenceIs, show } from "./source.js";

const place = (link) => {
  const href = link.getAttribute("href");
  const given = new URLSearchParams(href.slice(href.indexOf("#") + 1));
  return { id: given.get("source"), from: Number(given.get("from")), to: Number(given.get("to")) };
};

const spanOf = (card) => ({
  ...place(card.querySelector("a.open")),
  numbers: [...card.querySelectorAll(".number")].map((number) => number.textContent),
  text: card.querySelector("mark")?.textContent,
});

const quotes = (reply) => [...reply.querySelectorAll(".evidence .card")].map(spanOf);

// The record of an answer, as `foot.py` packs it: {answer, markdown, text}.
export const recordOf = (reply) => {
  const packed = reply.querySelector(".record")?.textContent;
  if (!packed) return null;
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(packed), (char) => char.charCodeAt(0))));
};

export const replies = () => [...document.querySelectorAll("#chat .reply")];

// --- citations ----------------------------------------------------------------------------------------------------

const cardOf = (link) => link.closest(".card") || document.getElementById(link.getAttribute("href").slice(1));

const openAt = (link) => {
  const card = cardOf(link);
  if (!card) return;
  document.querySelectorAll(".card.current").forEach((other) => other.classList.remove("current"));
  card.classList.add("current");
  const current = spanOf(card);
  const reply = card.closest(".reply");
  const all = quotes(reply);
  evidenceIs(all);
  inView = reply;
  // A related passage is no quote: it is the only thing marked, and has no number.
  const spans = card.closest(".evidence") ? all.filter((span) => span.id === current.id) : [{ ...current, numbers: [] }];
  hideSnippet();
  show(current.id, spans, { current, link });
};

let inView = null; // the reply whose evidence the panel shows
let seen = ""; // the evidence that was shown last by itself

const bringBack = (reply) => {
  const all = quotes(reply);
  if (!all.length || reply === inView) return;
  inView = reply;
  evidenceIs(all);
  if (WIDE.matches) show(all[0].id, all.filter((span) => span.id === all[0].id));
};

// Beside the chat the source of the newest answer is in view. An answer without quotes leaves none of an older marked.
export const follow = (openedNow) => {
  const reply = replies().pop();
  const coming = reply && reply.querySelector(".progress");
  const all = reply ? quotes(reply) : [];
  const key = reply ? all.map((span) => `${span.id} ${span.from}-${span.to}`).join() + replies().length : "";
  if (key === seen || (coming && !all.length)) return;
  seen = key;
  inView = reply || null;
  evidenceIs(all);
  if (!WIDE.matches) return;
  if (all.length) show(all[0].id, all.filter((span) => span.id === all[0].id));
  else if (openedNow) show(openedNow.id, []);
};

// --- the snippet at a citation ------------------------------------------------------------------------------------

let snippet = null;

const hideSnippet = () => {
  if (!snippet) return;
  snippet.link.removeAttribute("aria-describedby");
  snippet.box.remove();
  snippet = null;
};

const showSnippet = (link) => {
  const card = cardOf(link);
  if (!card || snippet?.link === link) return;
  hideSnippet();
  const box = element("div", "snippet");
  box.id = "snippet";
  box.setAttribute("role", "tooltip");
  const passage = card.querySelector(".passage").cloneNode(true);
  box.append(passage, element("p", "meta", card.querySelector(".meta span").textContent));
  document.body.append(box);
  const at = link.getBoundingClientRect();
  const size = box.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left - size.width / 2), innerWidth - size.width - 8);
  const below = at.bottom + 6 + size.height < innerHeight || at.top < size.height;
  box.style.left = `${left}px`;
  box.style.top = `${below ? at.bottom + 6 : at.top - 6 - size.height}px`;
  link.setAttribute("aria-describedby", "snippet");
  snippet = { link, box };
};

const citeAt = (event) => (event.target instanceof Element ? event.target.closest("a.cite") : null);

// --- the foot -----------------------------------------------------------------------------------------------------

const press = (id) => document.getElementById(id)?.click();

const rate = (pressed, reply, rating) => {
  const { answer } = recordOf(reply);
  reply.querySelector("form.rating")?.remove();
  const form = element("form", "rating");
  const comment = element("textarea");
  comment.maxLength = 2000;
  comment.rows = 2;
  comment.placeholder = words.comment;
  comment.setAttribute("aria-label", words.comment);
  const consent = element("input");
  consent.type = "checkbox";
  const agreed = element("label");
  agreed.append(consent, element("span", "", words.consent));
  const send = element("button", "send", words.send);
  const leave = () => {
    form.remove();
    pressed.focus();
  };
  const buttons = element("div", "buttons");
  buttons.append(send, button("cancel", words.cancel, leave));
  form.append(comment, agreed, buttons);
  form.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") leave();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    const body = { answer_id: answer.id, rating };
    if (comment.value.trim()) body.comment = comment.value.trim();
    if (consent.checked) Object.assign(body, { question: answer.question, answer: answer.answer });
    const sent = await fetch("/v1/feedback", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }).then((response) => response.ok, () => false);
    const told = sent ? words.thanks : words.unsent;
    announce(told);
    form.querySelector(".told")?.remove();
    if (sent) {
      reply.querySelectorAll(".act.up, .act.down").forEach((each) => each.classList.remove("given"));
      pressed.classList.add("given");
      form.replaceChildren(element("p", "told", told));
      pressed.focus();
    } else {
      form.append(element("p", "told failure", told));
      send.disabled = false;
    }
  });
  reply.querySelector(".acts").after(form);
  comment.focus();
};

const ACTS = {
  copy: (_, reply) => copy(recordOf(reply).text, words.copied),
  markdown: (_, reply) => copy(recordOf(reply).markdown, words.copied),
  link: (_, reply) => {
    const asked = encodeURIComponent(recordOf(reply).answer.standalone_question);
    return copy(`${location.origin}/?q=${asked}`, words.linked);
  },
  up: (pressed, reply) => rate(pressed, reply, "up"),
  down: (pressed, reply) => rate(pressed, reply, "down"),
  again: () => press("again"),
  edit: () => {
    press("edit");
    document.querySelector("#question textarea")?.focus();
  },
};

const act = (pressed) => {
  const name = Object.keys(ACTS).find((each) => pressed.classList.contains(each));
  ACTS[name]?.(pressed, pressed.closest(".reply"));
  if (["copy", "markdown", "link"].includes(name)) {
    pressed.classList.add("done");
    setTimeout(() => pressed.classList.remove("done"), 1500);
  }
};

export const listen = () => {
  // In the capture phase: the chat has listeners of its own.
  document.addEventListener(
    "click",
    (event) => {
      const target = event.target instanceof Element ? event.target : null;
      const link = target?.closest("a.cite, a.open");
      if (link && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        event.stopPropagation();
        openAt(link);
        return;
      }
      const pressed = target?.closest("button.act");
      if (pressed) {
        event.stopPropagation();
        act(pressed);
        return;
      }
      const reply = target?.closest("#chat .reply");
      if (reply && !target.closest("button, a, summary, form") && getSelection().isCollapsed) bringBack(reply);
    },
    true,
  );
  document.addEventListener("mouseover", (event) => {
    const link = citeAt(event);
    if (link) showSnippet(link);
    else if (snippet && !snippet.box.contains(event.target) && document.activeElement !== snippet.link) hideSnippet();
  });
  document.addEventListener("focusin", (event) => {
    const link = citeAt(event);
    if (link?.matches(":focus-visible")) showSnippet(link);
    else hideSnippet();
  });
  document.addEventListener("scroll", hideSnippet, { capture: true, passive: true });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hideSnippet();
  });
};
