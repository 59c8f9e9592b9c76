// What concerns the whole conversation: a new one, saving it, printing it, the page's language.
import { button, element, words } from "./dom.js";
import { openSources } from "./source.js";
import { recordOf, replies } from "./answers.js";

const records = () => replies().map(recordOf).filter(Boolean);

const quoted = (text) =>
  text
    .replace(/[\\`*_[\]<>#~|]/g, "\\$&")
    .split(/\r?\n/)
    .map((line) => `> ${line}`)
    .join("\n");

const asMarkdown = () =>
  [`# ${words.title}`, ...records().map(({ answer, markdown }) => `${quoted(answer.question)}\n\n${markdown}`)].join(
    "\n\n",
  ) + "\n";

const asJson = () => JSON.stringify({ answers: records().map(({ answer }) => answer) }, null, 2) + "\n";

const save = (name, type, text) => {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

const menu = () => {
  const made = element("details", "menu");
  const choices = element("div", "choices");
  const choose = (text, act) =>
    button("", text, () => {
      made.open = false;
      act();
    });
  choices.append(
    choose("Markdown", () => save("conversation.md", "text/markdown", asMarkdown())),
    choose("JSON", () => save("conversation.json", "application/json", asJson())),
    choose(words.print, () => window.print()),
  );
  made.append(element("summary", "", words.save), choices);
  made.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    made.open = false;
    made.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!made.contains(event.target)) made.open = false;
  });
  return made;
};

const own = (language) => {
  try {
    return new Intl.DisplayNames([language], { type: "language" }).of(language);
  } catch {
    return language;
  }
};

const languages = () => {
  const made = element("select");
  made.setAttribute("aria-label", words.choose_language);
  for (const language of words.languages ?? []) {
    const option = element("option", "", own(language));
    Object.assign(option, { value: language, lang: language, selected: language === words.language });
    made.append(option);
  }
  made.addEventListener("change", () => {
    document.cookie = `assistant_language=${made.value}; path=/; max-age=31536000; samesite=strict`;
    location.reload(); // the conversation is kept in the browser
  });
  return made;
};

export const tools = () => {
  const made = element("div");
  made.id = "tools";
  const clear = button("clear", words.clear, () => {
    document.getElementById("clear")?.click();
    document.querySelector("#question textarea")?.focus();
  });
  const sources = button("sources", words.sources, () => openSources(sources));
  made.append(clear, sources, menu(), languages());
  document.querySelector("#talk").prepend(made);
};
