// Who stands where: for one issue or entity, who is for it and who against, in their own words, counted once, over time.

import { ask, documentHref, h, problem, standsHref, subject, text } from "./dom.js";
import { standsChart } from "./charts.js";
import { BASIS, many, moment, percent, stanceTag, STANCE, TYPE, when } from "./words.js";

export function showStands(main) {
  const query = new URLSearchParams(location.search);
  const kind = query.has("issue") ? "issue" : "entity";
  const name = query.get(kind) || "";
  document.title = name ? `Who stands where on ${name} · Stancewire` : "Who stands where · Stancewire";
  const body = h("div", { class: "standing" });
  main.replaceChildren(finder(name), body);
  if (name) showOne(body, kind, name, { source: query.get("source") || "", basis: query.get("basis") || "" });
  else showMost(body);
}

function finder(name) {
  const list = h("ul", { class: "found", id: "found", hidden: true, "aria-label": "Suggestions" });
  const input = h("input", { id: "find", type: "search", value: name, placeholder: "an issue, a person, a body or a place", autocomplete: "off", spellcheck: "false", maxlength: "200", "aria-controls": "found" });
  const said = h("p", { class: "unseen", role: "status" });
  let timer = 0, asked = 0;
  const look = async () => {
    asked += 1;
    const mine = asked;
    const typed = input.value.trim();
    if (!typed) { list.hidden = true; return; }
    try {
      const { subjects } = await ask("/api/subjects", { q: typed });
      if (mine !== asked) return;
      list.replaceChildren(...subjects.slice(0, 10).map((one) => h("li", {}, h("a", { href: standsHref(one.kind, one.ref) },
        text(one.name, { class: "name" }), h("span", { class: "muted" }, ` ${TYPE[one.type] || one.type} · ${many(one.documents, "document")}`), tally(one)))));
      if (!subjects.length) list.replaceChildren(h("li", { class: "muted" }, "Nobody and nothing by that name is kept."));
      list.hidden = false;
      said.textContent = many(subjects.length, "suggestion");
    } catch { list.hidden = true; }
  };
  const form = h("form", { class: "finder", role: "search", "aria-label": "Find an issue or an entity",
    onsubmit: (event) => {
      event.preventDefault();
      const first = list.querySelector("a");
      const typed = input.value.trim();
      if (!typed) location.href = "/stands";
      else if (!list.hidden && first) location.href = first.href;
      else location.href = standsHref("entity", typed);
    },
    oninput: () => { clearTimeout(timer); timer = setTimeout(look, 120); },
    onkeydown: (event) => {
      const links = [...list.querySelectorAll("a")];
      if (event.key === "Escape") { list.hidden = true; input.focus(); }
      if (!["ArrowDown", "ArrowUp"].includes(event.key) || list.hidden || !links.length) return;
      event.preventDefault();
      const at = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      (at < 0 ? input : links[Math.min(at, links.length - 1)]).focus();
    } },
  h("label", { for: "find" }, "Who or what?"), h("div", { class: "row" }, input, h("button", { type: "submit", class: "button on" }, "Show")), list, said);
  document.addEventListener("click", (event) => { if (!form.contains(event.target)) list.hidden = true; });
  return form;
}

const tally = (one) => h("span", { class: "tally" }, h("span", { class: "stance favor" }, h("span", { "aria-hidden": "true" }, "▲ "), h("span", { class: "unseen" }, "for: "), String(one.favor)), " ",
  h("span", { class: "stance against" }, h("span", { "aria-hidden": "true" }, "▼ "), h("span", { class: "unseen" }, "against: "), String(one.against)));

async function showMost(body) {
  body.append(h("h1", {}, "Who stands where"), h("p", { class: "muted" }, "What and whom the kept documents take sides on most. Copies of one story count once."));
  try {
    const [issues, entities] = await Promise.all(["issue", "entity"].map(async (kind) =>
      (await ask("/api/subjects", { kind })).subjects.filter((one) => one.favor + one.against)));
    const most = Math.max(1, ...[...issues, ...entities].flatMap((one) => [one.favor, one.against]));
    if (!issues.length && !entities.length) body.append(h("p", { class: "note" }, "No stances yet. They appear here as documents come."));
    if (issues.length) body.append(ranking("issues", "Issues", issues, most));
    if (entities.length) body.append(ranking("entities", "People, bodies and places", entities, most));
  } catch (error) {
    body.append(problem(error.message));
  }
}

function ranking(id, title, told, most) {
  return h("section", { "aria-labelledby": id }, h("h2", { id }, title),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, h("table", { class: "most" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "On"), h("th", { scope: "col", class: "right" }, "Against"), h("th", { scope: "col" }, "For"))),
      h("tbody", {}, ...told.map((one) => h("tr", {}, h("th", { scope: "row" }, subject(one.kind, one.name, {}, one.ref),
        one.kind === "entity" && h("span", { class: "muted" }, ` ${TYPE[one.type] || one.type}`)),
        h("td", { class: "right" }, bar("against", one.against, most)), h("td", {}, bar("favor", one.favor, most))))))));
}

const bar = (stance, count, most) => h("span", { class: `balance ${stance}` }, h("span", { class: "number" }, h("span", { "aria-hidden": "true" }, count ? `${STANCE[stance].icon} ` : ""), String(count)),
  h("span", { class: "fill", share: count / most, "aria-hidden": "true" }));

async function showOne(body, kind, name, filters) {
  const asked = { [kind]: name };
  for (const [filter, value] of Object.entries(filters)) if (value.trim()) asked[filter] = value;
  const narrowed = Object.keys(asked).length > 1;
  let found;
  try {
    found = await ask("/api/stands", asked);
  } catch (error) {
    body.replaceChildren(h("h1", {}, "Who stands where"), problem(error.message));
    return;
  }
  const by = (stance) => found.stands.filter((one) => one.stance === stance);
  const people = (stance) => new Set(by(stance).map((one) => one.holder)).size;
  const both = new Set([...new Set(by("favor").map((one) => one.holder))].filter((holder) => by("against").some((one) => one.holder === holder)));
  const chart = h("div", { class: "chart", role: "img", "aria-label": `Over time: ${by("favor").length} for, ${by("against").length} against; the numbers are below` });
  const sum = found.stands.length;
  body.replaceChildren(
    h("header", {}, h("h1", {}, h("span", { class: "unseen" }, "Who stands where on "), text(found.name)),
      h("p", { class: "muted" }, TYPE[found.type] || found.type, ` · in ${many(found.documents, "document")}`,
        found.also.length > 0 && [" · also ", text(found.also.slice(0, 6).join(", "))])),
    narrowing(kind, name, filters),
    sum ? summary(people, by) : h("p", { class: "note" }, found.documents ? `Nobody takes a side on it in the kept documents${narrowed ? ", as filtered" : ""}.` : "Nobody and nothing by that name is in the kept documents."),
    h("p", { class: "news", role: "status" }));
  if (sum) {
    const over = h("section", { class: "over", "aria-labelledby": "over" }, h("h2", { id: "over" }, "Over time"), chart);
    body.append(over);
    over.append(standsChart(chart, found.stands));
    body.append(h("div", { class: "sides" }, column("favor", by("favor"), both), column("against", by("against"), both)));
    if (by("neutral").length) body.append(h("details", { class: "neutral-ones" }, h("summary", {}, `Neutral: ${many(by("neutral").length, "stance")}`), h("div", { class: "sides" }, column("neutral", by("neutral"), both))));
    if (found.more) body.append(h("p", { class: "muted" }, `and ${found.more} older`));
  }
  if (found.own.length) body.append(own(found));
  watch(body, asked, found);
}

/** The filters of one subject's page; they are in the address. */
function narrowing(kind, name, filters) {
  const basis = h("select", { id: "by-basis", name: "basis" }, ...[["", "any"], ["speech", "their words"], ["act", "a deed"], ["article", "the article's own voice"]].map(([value, shown]) =>
    h("option", { value, selected: value === filters.basis }, shown)));
  const source = h("input", { id: "by-source", name: "source", type: "search", value: filters.source, placeholder: "a domain", maxlength: "200", autocomplete: "off", spellcheck: "false" });
  const show = () => {
    const query = new URLSearchParams({ [kind]: name });
    for (const field of [source, basis]) if (field.value.trim()) query.set(field.name, field.value.trim());
    location.href = `/stands?${query}`;
  };
  basis.addEventListener("change", show);
  return h("form", { class: "filters", role: "search", "aria-label": "Filters", onsubmit: (event) => { event.preventDefault(); show(); } },
    h("div", { class: "field" }, h("label", { for: "by-source" }, "Source"), source),
    h("div", { class: "field" }, h("label", { for: "by-basis" }, "Read from"), basis),
    h("div", { class: "actions" }, h("button", { type: "submit", class: "button" }, "Filter")));
}

function summary(people, by) {
  const favor = by("favor").length, against = by("against").length;
  const share = favor + against ? favor / (favor + against) : 0;
  return h("div", { class: "summary" },
    h("p", { class: "stance favor" }, h("b", {}, h("span", { "aria-hidden": "true" }, "▲ "), String(favor)), " for", h("span", { class: "muted" }, `, ${many(people("favor"), "voice")}`)),
    h("div", { class: `scale${favor + against ? "" : " empty"}`, share, "aria-hidden": "true" }, h("span", { class: "fill" })),
    h("p", { class: "stance against" }, h("b", {}, h("span", { "aria-hidden": "true" }, "▼ "), String(against)), " against", h("span", { class: "muted" }, `, ${many(people("against"), "voice")}`)));
}

function column(stance, told, both) {
  const holders = new Map();
  for (const one of told) holders.set(one.holder, [...(holders.get(one.holder) || []), one]);
  const ranked = [...holders].sort(([, a], [, b]) => b.length - a.length || b.at(-1).at - a.at(-1).at);
  return h("section", { class: `camp ${stance}`, "aria-label": STANCE[stance].short },
    h("h2", {}, stanceTag(stance, true), h("span", { class: "muted" }, ` ${told.length}`)),
    ranked.length ? h("ul", { class: "plain" }, ...ranked.map(([holder, ones]) => h("li", { class: "voice" },
      h("h3", {}, ones[0].known ? subject("entity", holder) : text(ones[0].author ? `${holder} itself` : holder),
        both.has(holder) && stance !== "neutral" && h("span", { class: "tag" }, "on both sides")),
      ...ones.toReversed().map(quotation)))) : h("p", { class: "muted" }, "Nobody, in the kept documents."));
}

function quotation(one) {
  return h("figure", {}, h("blockquote", {}, text(one.quote || one.title)),
    h("figcaption", {}, h("a", { href: documentHref(one.id), title: one.title }, text(one.source || one.title || one.id)), h("span", {}, still(one.at)),
      h("span", {}, `${percent(one.confidence)} sure${one.mixed ? ", mixed" : ""}${BASIS[one.basis] ? `, ${BASIS[one.basis]}` : ""}`),
      one.copies.length > 0 && h("span", { class: "also" }, "also in ", one.copies.flatMap((copy, number) => [number ? ", " : "", h("a", { href: documentHref(copy.id) }, text(copy.source || copy.id))]),
        one.more_copies > 0 && ` and ${one.more_copies} more`)));
}

const still = (at) => { const time = when(at, moment(at, true)); time.dataset.still = ""; return time; };

function own(found) {
  return h("section", { class: "own", "aria-labelledby": "own" }, h("h2", { id: "own" }, "Where ", text(found.name), " stands"),
    h("ul", { class: "plain" }, ...found.own.toReversed().map((one) => h("li", {}, h("p", { class: "takes" }, stanceTag(one.stance), " ", subject(one.kind, one.target, {}, one.ref)), quotation(one)))));
}

/** Says when there is more, and leaves it to the reader when to look: what one reads does not move. */
function watch(body, asked, found) {
  let busy = false, last = performance.now(), seen = null;
  document.addEventListener("figures", async ({ detail }) => {
    seen ??= detail.seen;
    if (busy || detail.seen === seen || performance.now() - last < 4000) return;
    busy = true;
    try {
      const now = await ask("/api/stands", asked);
      seen = detail.seen;
      const news = now.stands.length - found.stands.length + now.more - found.more;
      if (news !== 0 || now.documents !== found.documents) body.querySelector(".news")?.replaceChildren(
        h("button", { type: "button", class: "button on", onclick: () => location.reload() }, news > 0 ? `${many(news, "new stance")}: show` : "New documents: show"));
    } catch { /* the strip says that the connection is lost */ }
    busy = false;
    last = performance.now();
  });
}
