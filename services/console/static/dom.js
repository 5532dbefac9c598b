// Builds elements. Data becomes text nodes and checked attributes only: nothing here parses HTML.

const ALLOWED = /^(?:class|id|href|rel|title|type|name|value|placeholder|for|role|lang|dir|tabindex|hidden|open|scope|datetime|autocomplete|maxlength|spellcheck|colspan|target|disabled|selected|aria-[a-z]+|data-[a-z]+)$/;

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) {
      if (typeof value !== "function") throw new TypeError("a handler is a function");
      element.addEventListener(name.slice(2), value);
    } else if (name === "share") {
      element.style.setProperty("--share", String(Number(value)));
    } else if (ALLOWED.test(name)) {
      if (name === "href" && !/^(?:\/(?!\/)|#|https?:\/\/)/.test(value)) continue;
      element.setAttribute(name, value === true ? "" : String(value));
    } else throw new TypeError(`the attribute ${name}`);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Text from outside: its direction is its own, whatever stands around it. */
export const text = (value, attributes = {}) => h("bdi", attributes, value);

export const documentHref = (id) =>
  id === "." || id === ".." ? `/document?id=${encodeURIComponent(id)}` : `/document/${encodeURIComponent(id)}`;

export const standsHref = (kind, name) => `/stands?${new URLSearchParams({ [kind]: name })}`;

export const storyHref = (id) => `/stories?${new URLSearchParams({ story: id })}`;

/** A link to who stands where on it; `ref` is what it is found by, where that is not its name. */
export function subject(kind, name, attributes = {}, ref = name) {
  return h("a", { href: standsHref(kind, ref), ...attributes }, text(name));
}

export async function ask(path, parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  const answer = await fetch(query ? `${path}?${query}` : path, { headers: { Accept: "application/json" } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error || `status ${answer.status}`);
  return body;
}

export const problem = (message) => h("div", { class: "note", role: "alert" }, h("p", {}, message));
