// The page's program: waits for what Gradio makes, and wires the other files to it.
import { announce, loadWords, words } from "./dom.js";
import { WIDE, begin, close, opened } from "./source.js";
import { follow, listen, replies } from "./answers.js";
import { tools } from "./conversation.js";
import { allowUploads } from "./upload.js";
import { box, enter, takeDraft, watch } from "./connection.js";

// A new question comes to the top of the chat, so that its answer is read from its beginning.
let questions = 0;
const rise = () => {
  const asked = document.querySelectorAll("#chat .asked");
  if (asked.length === questions) return;
  const more = asked.length > questions;
  questions = asked.length;
  if (!questions) return;
  asked[questions - 1].scrollIntoView({ block: "start" });
  // Gradio empties the box, but can lose that while the page is still opening.
  if (more && box().value === asked[questions - 1].textContent) enter("");
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
  name("#question .submit-button", words.ask);
  name("#question .stop-button", words.stop);
  const row = document.querySelector("#suggestions");
  if (row && row.dataset.label !== words.suggestions) {
    row.dataset.label = words.suggestions;
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", words.suggestions);
  }
};

// The chat lets no `lang` through: it stands in a class.
const spoken = () => {
  for (const each of document.querySelectorAll("#chat [class*=lang-]:not([lang])")) {
    each.lang = [...each.classList].find((one) => one.startsWith("lang-")).slice("lang-".length);
  }
};

// The log would be read out anew with each sentence; instead the step and then the whole answer are told once.
let told = null;
let news = new URLSearchParams(location.search).has("q"); // what the browser had kept is none
const tellAnswer = () => {
  document.querySelectorAll("#chat [role=log]:not([aria-live=off])").forEach((log) => log.setAttribute("aria-live", "off"));
  const reply = replies().pop();
  const progress = reply?.querySelector(".progress")?.textContent;
  const done = reply && !progress;
  const say = done
    ? [...reply.querySelectorAll(":scope > .prose, :scope > p")].map((part) => part.textContent).join(" ")
    : progress;
  if (!reply || say === told) return;
  told = say;
  if (news) announce(say);
};

let waiting = false;
let started = false;

const changed = () => {
  waiting = false;
  const desk = document.querySelector("#source") && box();
  if (!started && desk) {
    started = true;
    tools();
    if (WIDE.matches) box().focus(); // a phone would open its keyboard
    begin();
    takeDraft();
    watch();
  }
  const conversing = Boolean(document.querySelector("#chat .asked"));
  document.body.classList.toggle("conversing", conversing);
  // The address asks once; loaded again it brings the answer back from the browser's memory.
  if (conversing && location.search) history.replaceState(null, "", location.pathname);
  named();
  spoken();
  rise();
  follow(opened());
  tellAnswer();
};

const start = async () => {
  try {
    await loadWords();
    document.documentElement.lang = words.language;
    document.title = words.title;
  } catch {
    // the page then has no labels
  }
  announce(""); // screen readers watch only what is there before it changes
  if (words.upload) allowUploads();
  listen();
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => (news = true), { once: true });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.body.classList.contains("source-open")) close();
  });
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(changed);
  }).observe(document.body, { childList: true, subtree: true });
  WIDE.addEventListener("change", changed);
  changed();
};

start();
