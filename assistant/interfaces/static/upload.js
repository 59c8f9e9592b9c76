// Adding articles in the source panel, and removing them, on servers that allow it.
import { announce, button, element, filled, words } from "./dom.js";
import { extend, occupy, path, renew, show, showList, showRest, titleOf } from "./source.js";

const BUSY = ["index-busy", "overloaded", "stopping"];

// What is told of a problem (RFC 9457), or of none that could be read.
const reasonOf = (problem, otherwise) => {
  const told = words.upload[problem?.reason];
  if (told) return filled(told, { title: titleOf(problem.source_id) });
  const kind = problem?.type?.split(":").pop();
  return BUSY.includes(kind) || kind === "rate-limit" ? words.upload.busy : otherwise;
};

const refusal = (file) => {
  const name = file.name.toLowerCase();
  if (!words.upload.endings.some((ending) => name.endsWith(ending))) return words.upload.type;
  if (file.size > words.upload.most) return words.upload.too_large;
  return file.size ? null : words.upload.empty;
};

// --- sending a file -----------------------------------------------------------------------------------------------

const eventsIn = (stream) =>
  stream
    .split("\n\n")
    .slice(0, -1)
    .map((event) => Object.fromEntries(event.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2))))
    .filter((event) => event.event)
    .map((event) => [event.event, JSON.parse(event.data)]);

// Resolves to {source} or {problem}; `tell` hears of each step. XMLHttpRequest, because fetch does not tell how much
// was sent.
const send = (file, about, tell, asked = new XMLHttpRequest()) => {
  const done = new Promise((resolve) => {
    let heard = 0;
    const listen = () => {
      const events = asked.status === 200 ? eventsIn(asked.responseText) : [];
      for (const [name, data] of events.slice(heard)) {
        if (name === "progress") tell(data.step, data.done, data.total);
        else resolve(name === "source" ? { source: data } : { problem: data });
      }
      heard = events.length;
    };
    asked.upload.addEventListener("progress", (sent) => tell("uploading", sent.loaded, sent.total));
    asked.addEventListener("progress", listen);
    asked.addEventListener("loadend", () => {
      listen();
      try {
        resolve({ problem: JSON.parse(asked.responseText) });
      } catch {
        resolve({ problem: null }); // the connection broke
      }
    });
  });
  asked.open("POST", `/v1/sources?${new URLSearchParams({ name: file.name, ...about })}`);
  asked.setRequestHeader("accept", "text/event-stream");
  asked.setRequestHeader("content-type", "application/octet-stream");
  asked.send(file);
  return done;
};

// --- the form -----------------------------------------------------------------------------------------------------

const field = (label, type) => {
  const made = element("label", "field");
  const input = element("input");
  input.type = type;
  made.append(element("span", "", label), input);
  return { made, input };
};

const steps = (bar, line) => {
  let told = "";
  return (step, done, total) => {
    const known = total > 0;
    if (known) Object.assign(bar, { max: total, value: done });
    else bar.removeAttribute("value");
    const values = { percent: known ? Math.floor((100 * done) / total) : 0, done, total };
    line.textContent = step === "indexing" && !known ? words.add_reading : filled(words[`add_${step}`], values);
    if (told !== step) announce(line.textContent); // each step once: a number that runs would be read out without end
    told = step;
  };
};

const openForm = (dropped = null) => {
  let file = null;
  let sending = null;
  const form = element("form", "adding");
  const drop = element("label", "drop");
  const input = element("input", "heard");
  Object.assign(input, { type: "file", accept: words.upload.endings.join(",") });
  input.setAttribute("aria-label", words.add_file);
  const chosen = element("span", "chosen", words.add_drop);
  drop.append(input, chosen);
  const title = field(words.add_title, "text");
  title.input.maxLength = 300;
  const date = field(words.add_date, "date");
  const add = element("button", "send", words.add_send);
  const cancel = button("cancel", words.cancel, () => {
    sending?.abort();
    leave();
  });
  const buttons = element("div", "buttons");
  buttons.append(add, cancel);
  const bar = element("progress");
  const line = element("p", "step");
  const progress = element("div", "progress");
  progress.append(bar, line);
  progress.hidden = true;
  const failure = element("p", "failure");
  failure.setAttribute("role", "alert");
  form.append(drop, title.made, date.made, failure, progress, buttons);

  const leave = () => {
    form.remove();
    showList(true);
  };
  const fail = (message) => {
    failure.textContent = message;
    progress.hidden = true;
    for (const each of [input, title.input, date.input, add, cancel]) each.disabled = false;
    form.removeAttribute("aria-busy");
    (file ? add : input).focus();
  };
  const choose = (given) => {
    if (!given || sending) return;
    const reason = refusal(given);
    file = reason ? null : given;
    chosen.textContent = given.name;
    drop.classList.toggle("has", Boolean(file));
    failure.textContent = reason ?? "";
    if (file) add.focus();
  };

  input.addEventListener("change", () => choose(input.files[0]));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || sending) return;
    event.stopPropagation();
    leave();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!file) {
      failure.textContent = words.add_drop;
      input.focus();
      return;
    }
    const about = {};
    if (title.input.value.trim()) about.title = title.input.value.trim();
    if (date.input.value) about.date = date.input.value;
    failure.textContent = "";
    progress.hidden = false;
    form.setAttribute("aria-busy", "true");
    for (const each of [input, title.input, date.input, add]) each.disabled = true;
    cancel.focus();
    const tell = steps(bar, line);
    sending = new XMLHttpRequest();
    tell("uploading", 0, file.size);
    const told = (step, done, total) => {
      // What has arrived is worked on to its end: there is nothing to cancel any more.
      if (step !== "uploading") cancel.disabled = true;
      tell(step, done, total);
    };
    const { source, problem } = await send(file, about, told, sending);
    sending = null;
    if (source) await added(source, form);
    else if (form.isConnected) fail(reasonOf(problem, words.upload.failed));
  });
  form.choose = choose;

  occupy(
    element("h2", "", words.add),
    element("p", "", words.add_hint),
    element("p", "kinds", `${words.upload.endings.map((each) => each.slice(1)).join(", ")} · ${words.upload.most / 1e6} MB`),
    form,
  );
  input.focus();
  choose(dropped);
};

const added = async (source, form) => {
  const isInView = form.isConnected;
  form.remove();
  await renew().catch(() => {});
  if (isInView) {
    await show(source.source_id, []);
    document.querySelector("#source h2")?.focus();
  }
  announce(filled(words.add_done, { title: source.title }));
};

// --- removing -----------------------------------------------------------------------------------------------------

const removal = (source) => {
  const made = element("div", "removal");
  const begin = button("remove", words.remove, () => {
    const question = element("p", "", words.remove_ask);
    question.id = "remove-ask";
    const failure = element("p", "failure");
    failure.setAttribute("role", "alert");
    const sure = button("remove sure", words.remove, async () => {
      sure.disabled = true;
      const response = await fetch(path(source.source_id), { method: "DELETE" }).catch(() => null);
      if (response?.ok || response?.status === 404) {
        await renew().catch(() => {});
        await showRest();
        announce(filled(words.removed, { title: source.title }));
        return;
      }
      failure.textContent = reasonOf(await response?.json().catch(() => null), words.upload.kept);
      sure.disabled = false;
    });
    const leave = () => {
      made.replaceChildren(begin);
      begin.focus();
    };
    const buttons = element("div", "buttons");
    buttons.append(sure, button("cancel", words.cancel, leave));
    const group = element("div", "asking");
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", question.id);
    group.append(question, failure, buttons);
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      leave();
    });
    made.replaceChildren(group);
    buttons.querySelector(".cancel").focus(); // a second press of the same key removes nothing
  });
  made.append(begin);
  return made;
};

// ------------------------------------------------------------------------------------------------------------------

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

export const allowUploads = () => {
  extend({ bar: () => button("add", words.add, () => openForm()), source: removal });
  const over = (event) => event.target instanceof Element && event.target.closest("#source");
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault(); // elsewhere too: the browser would leave the page for a file that is dropped beside
    event.dataTransfer.dropEffect = over(event) ? "copy" : "none";
    document.body.classList.toggle("dropping", Boolean(over(event)));
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    document.body.classList.remove("dropping");
    if (!over(event)) return;
    const form = document.querySelector("#source form.adding");
    if (form) form.choose(event.dataTransfer.files[0]);
    else openForm(event.dataTransfer.files[0]);
  });
};
