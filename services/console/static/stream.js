// Documents as they pass, newest first. The filters are the address's query; updates come in batches, the list is bounded.

import { ask, documentHref, h, problem, subject, text } from "./dom.js";
import { many, stanceTag, VERDICT, when } from "./words.js";

const MOST = 200;
const FIELDS = ["source", "issue", "entity", "stance", "verdict", "text"];

export function showStream(main, follow) {
  document.title = "Stream · Stancewire";
  const list = h("ol", { class: "cards", "aria-label": "Documents, newest first" });
  const said = h("p", { class: "muted count", role: "status" });
  const pause = h("button", { type: "button", class: "button", "aria-pressed": "false", onclick: () => toggle() }, "Pause");
  const filters = form();
  main.replaceChildren(h("div", { class: "heading" }, h("h1", {}, "Stream"), said), filters, list);
  filters.querySelector(".actions").prepend(pause);

  const shown = new Map();
  let waiting = new Map(), gone = new Set(), over = 0, paused = false, scheduled = false, asked = 0;

  function toggle() {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Resume" : "Pause";
    pause.classList.toggle("on", paused);
    said.textContent = paused ? "paused" : said.textContent;
    schedule();
  }

  function heard(batch) {
    over += batch.over;
    for (const id of batch.gone) { waiting.delete(id); gone.add(id); }
    for (const one of batch.cards) { waiting.delete(one.id); waiting.set(one.id, one); gone.delete(one.id); }
    while (waiting.size > MOST) { waiting.delete(waiting.keys().next().value); over += 1; }
    if (gone.size > 5000) gone = new Set([...gone].slice(-1000));
    schedule();
  }

  function schedule() {
    if (!scheduled) { scheduled = true; requestAnimationFrame(apply); }
  }

  function apply() {
    scheduled = false;
    for (const id of gone) { shown.get(id)?.remove(); shown.delete(id); } // what was withdrawn goes, also from a paused list
    gone.clear();
    if (paused) {
      said.textContent = waiting.size || over ? `paused; ${many(waiting.size + over, "newer document")}` : "paused";
      return;
    }
    if (waiting.size) put([...waiting.values()], true);
    waiting = new Map();
    over = 0;
    said.textContent = shown.size ? `${many(shown.size, "document")} shown` : "";
    empty();
  }

  function put(cards, fresh) {
    const fragment = document.createDocumentFragment();
    for (const one of cards.sort((a, b) => b.received - a.received || (a.id < b.id ? 1 : -1))) {
      shown.get(one.id)?.remove();
      shown.delete(one.id);
      const item = card(one, fresh);
      shown.set(one.id, item);
      fragment.append(item);
    }
    list.prepend(fragment);
    while (list.childElementCount > MOST) {
      shown.delete(list.lastElementChild.dataset.id);
      list.lastElementChild.remove();
    }
  }

  function empty() {
    list.querySelector(".nothing")?.remove();
    if (!shown.size) list.append(h("li", { class: "nothing" }, location.search
      ? "No document that is kept matches these filters. New ones that do will appear here."
      : "No documents yet. They appear here as they come: stancewire produce seeds"));
  }

  function start() {
    const query = location.search.slice(1);
    asked += 1;
    const mine = asked;
    waiting = new Map();
    gone = new Set();
    over = 0;
    follow(query, (batch) => { if (mine === asked) heard(batch); }, () => look(query, mine));
  }

  async function look(query, mine) {
    if (mine !== asked) return;
    try {
      const { cards } = await ask("/api/stream", new URLSearchParams(query));
      if (mine !== asked) return;
      shown.clear();
      list.replaceChildren();
      main.querySelector(".note")?.remove();
      const came = new Set(waiting.keys());
      put(cards.filter((one) => !came.has(one.id)), false);
      apply();
      empty();
    } catch (error) {
      main.querySelector(".note")?.remove();
      shown.clear();
      list.replaceChildren(h("li", {}, problem(error.message)));
    }
  }

  let timer = 0;
  const changed = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const query = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value.trim()));
      const address = query.size ? `/?${query}` : "/";
      if (address !== location.pathname + location.search) { history.pushState(null, "", address); start(); }
    }, wait);
  };
  filters.addEventListener("input", (event) => changed(event.target.tagName === "SELECT" ? 0 : 350));
  filters.addEventListener("submit", (event) => { event.preventDefault(); changed(0); });
  filters.addEventListener("reset", () => setTimeout(() => {
    for (const field of filters.elements) if (field.name) field.value = "";
    changed(0);
  }));
  addEventListener("popstate", () => { fill(filters); start(); });
  fill(filters);
  start();
}

function form() {
  const field = (name, label, control) => h("div", { class: `field field-${name}` }, h("label", { for: `filter-${name}` }, label), control);
  const input = (name, hint) => h("input", { id: `filter-${name}`, name, type: "search", placeholder: hint, maxlength: "200", autocomplete: "off", spellcheck: "false" });
  const choice = (name, options) => h("select", { id: `filter-${name}`, name },
    h("option", { value: "" }, "any"), ...options.map(([value, shown]) => h("option", { value }, shown)));
  return h("form", { class: "filters", role: "search", "aria-label": "Filters" },
    field("text", "Words", input("text", "in title or text")),
    field("issue", "Issue", input("issue", "what sides are taken on")),
    field("entity", "Entity", input("entity", "a name")),
    field("source", "Source", input("source", "a domain")),
    field("stance", "Stance", input("stance", "against:name")),
    field("verdict", "Verdict", choice("verdict", ["unique", "exact", "near", "excerpt", "expansion", "update"].map((one) => [one, VERDICT[one].toLowerCase()]))),
    h("div", { class: "actions" }, h("button", { type: "reset", class: "button quiet" }, "Clear")));
}

function fill(filters) {
  const query = new URLSearchParams(location.search);
  for (const name of FIELDS) filters.elements[name].value = query.get(name) || "";
}

function card(one, fresh) {
  const failed = one.status === "rejected" || one.status === "dead_lettered";
  return h("li", { class: `card${fresh ? " fresh" : ""}${failed ? " failed" : ""}${one.status === "duplicate" ? " copy" : ""}`, "data-id": one.id },
    h("article", {},
      h("div", { class: "origin" }, text(one.source || "no source", { class: "source" }), when(one.at),
        one.revision > 1 && h("span", { class: "tag" }, `revision ${one.revision}`), ...verdict(one)),
      h("div", { class: "story" },
        h("h2", {}, h("a", { href: documentHref(one.id) }, text(one.title || one.lead || one.id))),
        one.title && one.lead && h("p", { class: "lead" }, text(one.lead)),
        one.issues.length > 0 && h("ul", { class: "names issues", "aria-label": "Issues" },
          ...one.issues.map((issue) => h("li", {}, subject("issue", issue.name, {}, issue.ref)))),
        one.names.length > 0 && h("ul", { class: "names", "aria-label": "Who and what it is about" },
          ...one.names.map((name) => h("li", {}, subject("entity", name.name))))),
      h("div", { class: "takes" }, one.sides.length > 0 && h("ul", { "aria-label": "Stances" },
        ...one.sides.map((side) => h("li", {}, text(side.author ? `${side.holder} itself` : side.holder, { class: "holder" }), " ", stanceTag(side.stance), " ",
          subject(side.kind, side.target, {}, side.ref)))),
        one.more > 0 && h("a", { class: "more", href: documentHref(one.id) }, `${one.more} more`, h("span", { class: "unseen" }, " stances in this document")))));
}

function verdict(one) {
  if (one.reason) return [h("span", { class: "tag bad" }, `${one.status === "rejected" ? "Rejected" : "Dead letter"}: ${one.reason.replaceAll("_", " ")}`)];
  if (!one.verdict || one.verdict === "unique") return [];
  const name = VERDICT[one.verdict] || one.verdict;
  return [h("span", { class: "tag copied" }, one.of && one.of !== one.id
    ? [`${name} of `, h("a", { href: documentHref(one.of) }, text(one.of))] : name)];
}
