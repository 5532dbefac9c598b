// Stories: which are largest, newest or grow fastest, and for one of them its outlets, its timeline and who stands where in it.

import { ask, documentHref, h, problem, storyHref, subject, text } from "./dom.js";
import { BASIS, many, moment, percent, stanceTag, STANCE, TYPE, when } from "./words.js";

const SORTS = { largest: "most documents", newest: "latest document", growing: "most in the last day" };
const FILTERS = ["sort", "text", "source"];
const AGAIN_MS = 3000;

/** One view under one address: the list, or the story that `story` names. Back and forward draw the other one. */
export function showStories(main) {
  let drawn = 0, look = null;
  const draw = (focus) => {
    drawn += 1;
    const mine = drawn, query = new URLSearchParams(location.search), id = query.get("story");
    const current = () => mine === drawn;
    look = id ? showOne(main, id, current, focus) : showList(main, query, current, go, focus);
  };
  const go = (address) => { history.pushState(null, "", address); draw(true); };
  main.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='/stories']");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(link.getAttribute("href"));
    scrollTo(0, 0);
  });
  addEventListener("popstate", () => draw(true));
  let busy = false, last = 0, seen = null;
  document.addEventListener("figures", async ({ detail }) => {
    if (busy || detail.stories === seen || performance.now() - last < AGAIN_MS) return;
    busy = true;
    seen = detail.stories; // also the first time: something may have come since the view was asked for
    await look?.();
    last = performance.now();
    busy = false;
  });
  draw(false);
}

function showList(main, query, current, go, focus) {
  document.title = "Stories · Stancewire";
  const said = h("p", { class: "muted count", role: "status" });
  const list = h("ol", { class: "cards stories", "aria-label": "Stories" });
  const heading = h("h1", { tabindex: "-1" }, "Stories");
  const form = filters(query, go);
  main.replaceChildren(h("div", { class: "heading" }, heading, said), form, list);
  if (focus && !main.contains(document.activeElement)) heading.focus({ preventScroll: true });
  const asked = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) || ""]).filter(([, value]) => value.trim()));
  let shown = "";
  const look = async () => {
    try {
      const found = await ask("/api/stories", asked);
      const key = JSON.stringify(found);
      if (!current() || key === shown) return;
      shown = key;
      const open = document.activeElement?.closest?.(".told-story")?.dataset.id;
      list.replaceChildren(...found.stories.map(row));
      if (open) [...list.children].find((one) => one.dataset.id === open)?.querySelector("a").focus({ preventScroll: true });
      said.textContent = found.found > found.stories.length ? `the first ${found.stories.length} of ${many(found.found, "story", "stories")}` : many(found.found, "story", "stories");
      if (!found.stories.length) list.append(h("li", { class: "nothing" }, found.kept
        ? "No story that is kept matches these filters."
        : "No stories yet. They appear here when the stories stage has placed documents."));
    } catch (error) {
      if (current()) { shown = ""; said.textContent = ""; list.replaceChildren(h("li", {}, problem(error.message))); }
    }
  };
  look();
  return look;
}

function filters(query, go) {
  const input = (name, label, hint) => h("div", { class: "field" }, h("label", { for: `story-${name}` }, label),
    h("input", { id: `story-${name}`, name, type: "search", value: query.get(name) || "", placeholder: hint, maxlength: "200", autocomplete: "off", spellcheck: "false" }));
  const sort = h("select", { id: "story-sort", name: "sort" }, ...Object.entries(SORTS).map(([value, words]) =>
    h("option", { value, selected: value === (query.get("sort") || "largest") }, words)));
  const form = h("form", { class: "filters", role: "search", "aria-label": "Filters",
    onsubmit: (event) => {
      event.preventDefault();
      const wanted = new URLSearchParams([...new FormData(form)].filter(([name, value]) => value.trim() && !(name === "sort" && value === "largest")));
      go(wanted.size ? `/stories?${wanted}` : "/stories");
    } },
  h("div", { class: "field" }, h("label", { for: "story-sort" }, "First"), sort),
  input("text", "Words", "in a title"), input("source", "Source", "a domain"),
  h("div", { class: "actions" }, h("button", { type: "submit", class: "button" }, "Filter"), h("a", { class: "button quiet", href: "/stories" }, "Clear")));
  sort.addEventListener("change", () => form.requestSubmit());
  return form;
}

function row(one) {
  return h("li", { class: "card told-story", "data-id": one.id }, h("article", {},
    h("div", { class: "size" }, h("b", {}, one.documents.toLocaleString()), h("span", { class: "muted" }, one.documents === 1 ? " document" : " documents"),
      one.new > 0 && h("span", { class: "tag" }, `${one.new} in the last day`), when(one.last)),
    h("div", { class: "story" }, h("h2", {}, h("a", { href: storyHref(one.id) }, text(one.title || one.id))),
      h("p", { class: "lead" }, `${many(one.outlets, "outlet")}: `, text(one.sources.map((name) => name || "no source").join(", ")),
        one.outlets > one.sources.length && ` and ${one.outlets - one.sources.length} more`),
      one.on.length > 0 && h("ul", { class: "names", "aria-label": "What sides are taken on" }, ...one.on.map((target) => h("li", {}, subject(target.kind, target.name))))),
    h("div", { class: "when" }, timeline(one.timeline, 240, 40),
      (one.favor > 0 || one.against > 0) && h("p", { class: "tally" }, h("span", { class: "stance favor" }, h("span", { "aria-hidden": "true" }, "▲ "), `${one.favor} for`), " ",
        h("span", { class: "stance against" }, h("span", { "aria-hidden": "true" }, "▼ "), `${one.against} against`)))));
}

const SVG = "http://www.w3.org/2000/svg";
function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** A bar for each hour or day that has documents: those of its own below, copies of others above. */
function timeline({ step, buckets }, width, height) {
  if (!buckets.length) return null;
  const first = buckets[0][0], span = buckets.at(-1)[0] + step - first;
  const most = Math.max(...buckets.map(([, documents, copies]) => documents + copies), 1);
  const own = [], copied = [], wide = Math.max(2, (step / span) * width - 1);
  for (const [at, documents, copies] of buckets) {
    const x = (((at - first) / span) * (width - 2)).toFixed(1), low = (documents / most) * (height - 2), high = (copies / most) * (height - 2);
    if (documents) own.push(`M${x} ${height - 1}v${-low.toFixed(1)}h${wide.toFixed(1)}v${low.toFixed(1)}z`);
    if (copies) copied.push(`M${x} ${(height - 1 - low).toFixed(1)}v${-high.toFixed(1)}h${wide.toFixed(1)}v${high.toFixed(1)}z`);
  }
  const unit = step === 3600 ? "hour" : "day";
  return svg("svg", { class: "timeline", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img",
    "aria-label": `Documents by the ${unit}, from ${moment(first)} to ${moment(buckets.at(-1)[0])}; at most ${most} in one ${unit}` },
  svg("path", { class: "own", d: own.join("") }), svg("path", { class: "copied", d: copied.join("") }),
  svg("path", { class: "base", d: `M0 ${height - 0.5}h${width}` }));
}

function showOne(main, id, current, focus) {
  document.title = "Story · Stancewire";
  const body = h("div", { class: "telling" });
  main.replaceChildren(body);
  let shown = "";
  const look = async () => {
    try {
      const found = await ask("/api/story", { id });
      const key = JSON.stringify(found);
      if (!current() || key === shown) return;
      if (shown) { // what one reads does not move
        body.querySelector(".news").replaceChildren(h("button", { type: "button", class: "button on", onclick: () => { shown = key; draw(body, found, true); } }, "The story has grown: show"));
        return;
      }
      shown = key;
      draw(body, found, focus);
    } catch (error) {
      if (current() && !shown) body.replaceChildren(h("h1", {}, "Story"), problem(error.message), h("p", {}, h("a", { href: "/stories" }, "To the stories")));
    }
  };
  look();
  return look;
}

function draw(body, found, focus) {
  document.title = `${found.title || found.id} · Stancewire`;
  const heading = h("h1", { tabindex: "-1" }, text(found.title || found.id));
  const unit = found.timeline.step === 3600 ? "hour" : "day";
  body.replaceChildren(
    h("header", {}, h("p", { class: "muted" }, h("a", { href: "/stories" }, "Stories")), heading,
      h("p", { class: "muted" }, `${many(found.documents, "document")} from ${many(found.outlets, "outlet")}`, found.copies > 0 && `, ${many(found.copies, "copy", "copies")}`,
        " · ", moment(found.first), " to ", moment(found.last))),
    h("p", { class: "news", role: "status" }),
    h("section", { class: "over", "aria-labelledby": "when" }, h("h2", { id: "when" }, "Timeline"), timeline(found.timeline, 1000, 90),
      h("details", { class: "numbers" }, h("summary", {}, "The chart in numbers"), h("table", {},
        h("thead", {}, h("tr", {}, ...[`The ${unit} from`, "Documents", "Copies"].map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, ...found.timeline.buckets.map(([at, documents, copies]) => h("tr", {}, h("th", { scope: "row" }, moment(at)), h("td", {}, String(documents)), h("td", {}, String(copies)))))))),
    h("div", { class: "columns" },
      h("section", { class: "where", "aria-labelledby": "where" }, h("h2", { id: "where" }, "Who stands where"),
        found.targets.length ? found.targets.map(target) : h("p", { class: "muted" }, "No sides were found in this story.")),
      h("div", { class: "side" }, outlets(found), documents(found), about(found))));
  if (focus) heading.focus({ preventScroll: true });
}

function target(one) {
  return h("section", { class: "target", "aria-label": `On ${one.name}` }, h("h3", {}, h("span", { class: "muted" }, "on "), subject(one.kind, one.name)),
    h("div", { class: "sides" }, camp("favor", one.favor), camp("against", one.against)));
}

function camp(stance, holders) {
  return h("section", { class: `camp ${stance}`, "aria-label": STANCE[stance].short }, h("h4", {}, stanceTag(stance, true), h("span", { class: "muted" }, ` ${holders.length}`)),
    holders.length ? h("ul", { class: "plain" }, ...holders.map((one) => h("li", { class: "voice" },
      h("h5", {}, one.kind === "entity" ? subject("entity", one.holder) : text(one.kind === "author" ? `${one.holder} itself` : one.holder),
        one.documents > 1 && h("span", { class: "muted" }, ` in ${many(one.documents, "document")}`), one.both && h("span", { class: "tag" }, "on both sides")),
      ...one.quotes.map((quote) => h("figure", {}, h("blockquote", {}, text(quote.words)), h("figcaption", {},
        linked(quote, quote.source || quote.id), h("span", {}, `${percent(quote.confidence)} sure${BASIS[quote.basis] ? `, ${BASIS[quote.basis]}` : ""}`))))))) : h("p", { class: "muted" }, "Nobody."));
}

/** A document that is still kept is a link. */
const linked = (one, words) => one.here ? h("a", { href: documentHref(one.id) }, text(words)) : text(words);

function outlets(found) {
  const most = Math.max(1, ...found.all_sources.map((one) => one.documents + one.copies));
  return h("section", { "aria-labelledby": "outlets" }, h("h2", { id: "outlets" }, "Outlets"),
    h("ul", { class: "plain outlets" }, ...found.all_sources.map((one) => h("li", {}, text(one.name || "no source"),
      h("span", { class: "muted" }, many(one.documents, "document"), one.copies > 0 && `, ${many(one.copies, "copy", "copies")}`),
      h("span", { class: "bar", share: (one.documents + one.copies) / most, "aria-hidden": "true" })))),
    found.outlets > found.all_sources.length && h("p", { class: "muted" }, `and ${found.outlets - found.all_sources.length} more`));
}

function documents(found) {
  const more = found.documents + found.copies - found.titles.length;
  return h("section", { "aria-labelledby": "documents" }, h("h2", { id: "documents" }, "Newest documents"),
    h("ul", { class: "plain entities" }, ...found.titles.map((one) => h("li", {}, linked(one, one.title || one.id),
      h("span", { class: "aliases muted" }, text(one.source || "no source"), one.at !== null && ` · ${moment(one.at)}`, one.copy && " · copy")))),
    more > 0 && h("p", { class: "muted" }, `and ${more} more`));
}

function about(found) {
  const item = (kind, one) => h("li", {}, subject(kind, one.name, { class: "name" }), h("span", { class: "muted" }, kind === "entity" && `${TYPE[one.type] || one.type} · `, many(one.documents, "document")));
  if (!found.entities.length && !found.issues.length) return null;
  return h("section", { "aria-labelledby": "about" }, h("h2", { id: "about" }, "What it is about"),
    h("ul", { class: "plain entities" }, ...found.issues.map((one) => item("issue", one)), ...found.entities.map((one) => item("entity", one))));
}
