// The server goes and comes back: the question is kept meanwhile, and the page takes up where it was.
import { announce, element, words } from "./dom.js";

const DRAFT = "meeting-assistant-draft";
const EVERY = 2_000; // milliseconds between looks while something is awaited or missing
const SELDOM = 10; // looks that are left out otherwise
const PATIENCE = 5_000; // milliseconds for the server to say that it is there
const MISSED = 2; // looks in a row without an answer, until the server counts as gone

export const box = () => document.querySelector("#question textarea");

export const enter = (text) => {
  box().value = text;
  box().dispatchEvent(new Event("input", { bubbles: true })); // Gradio reads it then
};

// The question that is being written, or else the one whose answer did not come.
const unanswered = () => {
  if (box()?.value.trim()) return box().value;
  return document.querySelector("#chat .progress") ? [...document.querySelectorAll("#chat .asked")].pop().textContent : "";
};

const alive = async () => {
  try {
    const response = await fetch("/gradio_api/app_id", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    return response.ok ? (await response.json()).app_id : "gone";
  } catch {
    return "gone";
  }
};

const tell = (gone) => {
  const shown = document.getElementById("offline");
  if (!gone) shown?.remove();
  if (!gone || shown) return;
  const made = element("p", "", words.offline);
  made.id = "offline";
  document.querySelector("#question").before(made);
  announce(words.offline);
};

export const takeDraft = () => {
  const draft = sessionStorage.getItem(DRAFT);
  sessionStorage.removeItem(DRAFT);
  if (draft && !box().value) enter(draft);
};

export const watch = async () => {
  const first = await alive();
  let missed = 0;
  let looks = 0;
  const look = async () => {
    looks += 1;
    const awaited = missed || document.querySelector("#chat .progress") || box()?.value;
    if (awaited || looks % SELDOM === 0) {
      const id = await alive();
      missed = id === "gone" ? missed + 1 : 0;
      tell(missed >= MISSED);
      if (id !== "gone" && id !== first && first !== "gone") {
        sessionStorage.setItem(DRAFT, unanswered()); // another server knows nothing of this page: it begins again
        location.reload();
        return;
      }
    }
    setTimeout(look, EVERY);
  };
  setTimeout(look, EVERY);
};
