// One document: its text with names and evidence marked, who stands where in it, and its copies side by side.

import { ask, documentHref, h, problem, storyHref, subject, text } from "./dom.js";
import { BASIS, family, lasted, many, moment, percent, stanceTag, STANCE, TYPE, VERDICT, when } from "./words.js";

function wantedId() {
  const query = new URLSearchParams(location.search);
  if (query.has("id")) return query.get("id");
  try {
    return decodeURIComponent(location.pathname.slice("/document/".length));
  } catch {
    return "";
  }
}

export async function showDocument(main) {
  const id = wantedId();
  document.title = "Document · Stancewire";
  let found;
  try {
    found = await ask("/api/document", { id });
  } catch (error) {
    main.replaceChildren(h("h1", {}, "Document"), problem(error.message), h("p", {}, h("a", { href: "/" }, "To the stream")));
    return;
  }
  document.title = `${found.title || found.id} · Stancewire`;
  const types = new Map([...found.issues, ...found.entities].map((one) => [one.id, one]));
  const body = h("div", { class: "text" }, ...draw(found.text_pieces, types, found.stances));
  const marked = types.size > 0;
  main.replaceChildren(
    h("article", { class: "document" },
      h("header", {},
        h("p", { class: "origin" }, text(found.source || "no source", { class: "source" }),
          h("span", {}, found.published ? "published " : "received ", stillTime(found.at)),
          found.language && h("span", { class: "tag" }, text(found.language)),
          h("span", { class: "tag" }, `revision ${found.revision}`),
          h("span", { class: `tag status ${found.status}` }, found.status.replace("_", "-"))),
        h("h1", {}, ...(found.title ? draw(found.title_pieces, types, found.stances) : [text(found.lead || found.id)])),
        found.url && h("p", { class: "url" }, h("a", { href: found.url, rel: "noopener noreferrer nofollow", target: "_blank" }, text(found.url), h("span", { class: "unseen" }, " (opens elsewhere)")))),
      found.rejection && h("div", { class: "note bad" }, h("p", {}, h("b", {}, found.rejection.reason.replaceAll("_", " ")), " ",
        found.rejection.field && h("code", {}, text(found.rejection.field)), " ", text(found.rejection.message))),
      found.notes.length > 0 && h("div", { class: "note" }, h("p", {}, "Not taken as it was sent:"),
        h("ul", {}, ...found.notes.map((note) => h("li", {}, text(note))))),
      verdictNote(found),
      storyOf(found),
      h("div", { class: "columns" },
        h("section", { class: "reading", "aria-labelledby": "reading" },
          h("h2", { id: "reading" }, "As received"),
          marked && legend(found),
          body,
          found.cut > 0 && h("p", { class: "note" }, `${many(found.cut, "more character")} are not shown.`)),
        h("div", { class: "side" }, stancesOf(found, main), issuesOf(found), entitiesOf(found))),
      copiesOf(found),
      made(found)));
  const other = new URLSearchParams(location.search).get("compare");
  if (other) openComparison(found.id, other, false);
}

const stillTime = (at) => { const time = when(at, moment(at)); time.dataset.still = ""; return time; };

function draw(parts, types, stances) {
  const begun = new Set();
  return parts.map((part) => {
    const classes = [];
    let label = null;
    const children = [part.t];
    if (part.e) {
      const entity = types.get(part.e);
      if (entity) { classes.push("entity", family(entity.type)); label = `${entity.name}: ${TYPE[entity.type] || entity.type}`; }
    }
    if (!part.s) return classes.length ? h("span", { class: classes.join(" "), title: label, "data-entity": part.e }, ...children) : part.t;
    const first = stances[part.s[0]];
    classes.push("evidence", first.stance);
    const fresh = part.s.filter((number) => !begun.has(number));
    fresh.forEach((number) => begun.add(number));
    const signs = [...new Set(fresh.map((number) => stances[number].stance))];
    return h("mark", { class: classes.join(" "), title: label, "data-stances": part.s.join(" "), "data-entity": part.e },
      ...signs.map((stance) => h("span", { class: `sign ${stance}` }, h("span", { "aria-hidden": "true" }, STANCE[stance].icon),
        h("span", { class: "unseen" }, `evidence, ${STANCE[stance].short}: `))), ...children);
  });
}

function legend(found) {
  const families = [["issue", "issue"], ["person", "person"], ["org", "organisation"], ["place", "place"], ["group", "group"], ["thing", "other"]];
  const there = new Set([...found.issues, ...found.entities].map((one) => family(one.type)));
  const sides = ["favor", "against", "neutral"].filter((stance) => found.stances.some((one) => one.stance === stance));
  return h("p", { class: "legend" }, ...families.filter(([name]) => there.has(name)).map(([name, word]) => h("span", { class: `entity ${name}` }, word)),
    ...sides.map((stance) => h("span", { class: `evidence ${stance}` }, h("span", { class: `sign ${stance}`, "aria-hidden": "true" }, STANCE[stance].icon), `evidence ${STANCE[stance].short}`)));
}

function verdictNote(found) {
  const copy = found.duplicate;
  if (!copy || copy.verdict === "unique") return null;
  const parts = [h("b", {}, VERDICT[copy.verdict] || copy.verdict)];
  if (copy.of && copy.of !== found.id) parts.push(" of ", h("a", { href: documentHref(copy.of) }, text(copy.of)));
  if (copy.updates !== null) parts.push(`, takes the place of revision ${copy.updates}`);
  if (copy.similarity !== null) parts.push(`, ${percent(copy.similarity)} alike`);
  if (copy.containment !== null) parts.push(`, ${percent(copy.containment)} of the shorter in the longer`);
  if (copy.seconds_after !== null) parts.push(`, ${lasted(Math.max(0, copy.seconds_after))} after it`);
  parts.push(". ", h("code", {}, text(copy.rule)));
  if (found.status === "duplicate") parts.push(" It was not read again.");
  return h("p", { class: "note" }, ...parts);
}

function storyOf({ story }) {
  return story && h("p", { class: "of-story" }, h("a", { href: storyHref(story.id) }, "The story that it tells"),
    h("span", { class: "muted" }, ` · ${many(story.documents, "document")} from ${many(story.sources, "outlet")} when it joined`));
}

function stancesOf(found, main) {
  const choose = (number, button) => {
    const on = button.getAttribute("aria-pressed") !== "true";
    for (const other of main.querySelectorAll(".drawn [aria-pressed=true]")) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", String(on));
    let first = null;
    for (const mark of main.querySelectorAll("[data-stances]")) {
      const belongs = on && mark.dataset.stances.split(" ").includes(String(number));
      mark.classList.toggle("on", belongs);
      if (belongs && !first) first = mark;
    }
    first?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  };
  const rows = found.stances.map((one, number) => {
    const button = h("button", { type: "button", class: "button quiet", "aria-pressed": "false", onclick: () => choose(number, button) },
      one.evidence > 1 ? `Evidence (${one.evidence})` : "Evidence", h("span", { class: "unseen" }, ` of: ${one.holder} ${STANCE[one.stance].word} ${one.target}`));
    return h("li", { class: `drawn ${one.stance}` },
      h("div", { class: "arrow" },
        h("span", { class: "end" }, one.author ? text(`${one.holder} itself`) : one.known ? subject("entity", one.holder) : text(one.holder)),
        h("span", { class: "shaft" }, stanceTag(one.stance, true), h("span", { class: "head", "aria-hidden": "true" }, "→")),
        h("span", { class: "end" }, subject(one.kind, one.target, {}, one.ref))),
      h("div", { class: "sure" }, h("span", { class: "bar", share: one.confidence, "aria-hidden": "true" }),
        h("span", { class: "muted" }, `${percent(one.confidence)} sure${one.mixed ? ", mixed" : ""}${BASIS[one.basis] ? `, ${BASIS[one.basis]}` : ""}`), button));
  });
  return h("section", { "aria-labelledby": "who" }, h("h2", { id: "who" }, "Who stands where"),
    rows.length ? h("ul", { class: "plain" }, ...rows) : h("p", { class: "muted" }, found.status === "duplicate" && found.of
      ? ["A copy is not read again: see ", h("a", { href: documentHref(found.of) }, "who stands where in the original"), "."]
      : "No stances were found in this document."),
    found.more_stances > 0 && h("p", { class: "muted" }, `and ${found.more_stances} more`));
}

function issuesOf(found) {
  if (!found.issues.length) return null;
  return h("section", { "aria-labelledby": "issues" }, h("h2", { id: "issues" }, "What sides are taken on"),
    h("ul", { class: "plain entities" }, ...found.issues.map((one) => h("li", {}, subject("issue", one.name, { class: "name" }, one.ref),
      h("span", { class: "muted", title: "share of the attention given to issues, mentions" }, `${percent(one.salience)} · ${one.mentions}×`),
      one.watched && h("span", { class: "tag" }, "watched ", text(one.watched))))));
}

function entitiesOf(found) {
  if (!found.entities.length) return null;
  const row = (entity) => h("li", {}, subject("entity", entity.name, { class: "name" }), h("span", { class: `kind ${family(entity.type)}` }, TYPE[entity.type] || entity.type),
    h("span", { class: "muted", title: "share of the document's attention, mentions" }, `${percent(entity.salience)} · ${entity.mentions}×`),
    entity.watched && h("span", { class: "tag" }, "watched ", text(entity.watched)),
    entity.aliases.length > 0 && h("span", { class: "aliases muted" }, "also ", text(entity.aliases.join(", "))));
  const first = found.entities.slice(0, 10), rest = found.entities.slice(10);
  return h("section", { "aria-labelledby": "about" }, h("h2", { id: "about" }, "Who and what it is about"),
    h("ul", { class: "plain entities" }, ...first.map(row)),
    rest.length > 0 && h("details", {}, h("summary", {}, `${rest.length + found.more_entities} more`), h("ul", { class: "plain entities" }, ...rest.map(row))));
}

function copiesOf(found) {
  if (!found.copies.length) return null;
  const relation = (one) => {
    if (!one.relation || one.relation === "unique") return "the first of its story";
    const name = (VERDICT[one.relation] || one.relation).toLowerCase();
    return one.told_by === "this" ? `this document is its ${name}` : one.relation_of === found.id ? `${name} of this document` : `${name} of another of this story`;
  };
  return h("section", { class: "copies", "aria-labelledby": "copies" }, h("h2", { id: "copies" }, "Copies of the same story"),
    h("ul", { class: "plain" }, ...found.copies.map((one) => h("li", { class: "twin" },
      h("div", {}, text(one.source || "no source", { class: "source" }), " ", stillTime(one.at)),
      h("a", { href: documentHref(one.id) }, text(one.title || one.lead || one.id)),
      h("div", { class: "muted" }, relation(one),
        one.similarity !== null && `, ${percent(one.similarity)} alike`,
        one.containment !== null && `, ${percent(one.containment)} contained`,
        one.rule && one.relation !== "unique" && [", ", h("code", {}, text(one.rule))]),
      h("button", { type: "button", class: "button", onclick: () => openComparison(found.id, one.id, true) }, "Compare", h("span", { class: "unseen" }, ` with ${one.id}`))))),
    h("div", { id: "comparison" }));
}

async function openComparison(id, other, byHand) {
  const box = document.getElementById("comparison");
  if (!box) return;
  if (byHand) {
    const address = new URL(location.href);
    address.searchParams.set("compare", other);
    history.replaceState(null, "", address);
  }
  try {
    const found = await ask("/api/compare", { id, other });
    const side = (which, word) => h("div", { class: "text half" }, h("h3", {}, text(found[which].source || found[which].id), h("span", { class: "muted" }, ` ${moment(found[which].at)}`)),
      ...found.runs.map((run) => run.op === "same" ? run.a && text(run.a) : run[which] && h("mark", { class: which === "a" ? "only first" : "only" }, h("span", { class: "unseen" }, word), run[which])));
    const share = found.same / Math.max(1, ...found.words);
    box.replaceChildren(h("p", {}, `${percent(share)} of the words are the same, in the same order; what only one of the two has is marked.`,
      found.cut ? " Only the beginnings of these long texts were compared." : ""),
      h("div", { class: "halves" }, side("a", "only here: "), side("b", "only here: ")));
  } catch (error) {
    box.replaceChildren(problem(error.message));
  }
  if (byHand) box.scrollIntoView({ block: "nearest" });
}

function made(found) {
  const row = (name, value) => [h("dt", {}, name), h("dd", {}, value)];
  return h("details", { class: "made" }, h("summary", {}, "How this event was made"), h("dl", {},
    ...row("id", text(found.id)), ...row("event", text(found.event_id)), ...row("received", moment(found.received)),
    found.enriched !== null ? row("latency", lasted(Math.max(0, found.enriched - found.received))) : [],
    ...row("pipeline", text(found.pipeline)),
    ...Object.entries(found.models).map(([stage, model]) => row(text(stage), text(model))),
    ...Object.entries(found.stage_seconds).map(([stage, seconds]) => row(h("span", {}, "work of ", text(stage)), lasted(seconds)))));
}
