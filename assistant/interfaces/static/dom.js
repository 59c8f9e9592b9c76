// What the page's programs share: its words, and making and announcing things.

export const words = {};

export const loadWords = async () => {
  Object.assign(words, await (await fetch("/static/words.json")).json());
};

// A message with its {variables} filled in.
export const filled = (message, values) => message.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// Text goes in as a text node: nothing in it can act as markup.
export const element = (name, className, text) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
};

export const button = (className, text, act) => {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
};

// Tells screen readers; the same words twice are told twice.
export const announce = (text) => {
  let said = document.getElementById("announced");
  if (!said) {
    said = element("div", "heard");
    said.id = "announced";
    said.setAttribute("role", "status");
    document.body.append(said);
  }
  said.replaceChildren(element("p", "", text));
};

export const copy = async (text, told) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without TLS, and off this computer, browsers have only the old way.
    const field = element("textarea", "heard", text);
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  announce(told);
};
