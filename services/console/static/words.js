// How things are said: stances, verdicts, types, ages, numbers. An icon and a word go with every colour.

import { h } from "./dom.js";

export const STANCE = {
  favor: { icon: "▲", word: "in favor of", short: "for" },
  against: { icon: "▼", word: "against", short: "against" },
  neutral: { icon: "●", word: "neutral on", short: "neutral" },
};

/** What a stance is read from; of the holder's words nothing is said. */
export const BASIS = { speech: "", act: "by a deed", article: "the article's own voice" };

export const VERDICT = {
  exact: "Exact copy", near: "Near copy", excerpt: "Excerpt", expansion: "Expansion", update: "Update", unique: "Unique",
};

export const STATUS = {
  enriched: "Enriched", duplicate: "Copies", rejected: "Rejected", dead_lettered: "Dead letters", withdrawn: "Withdrawn",
};

export const TYPE = {
  PERSON: "person", NORP: "group", FAC: "building", ORG: "organisation", GPE: "country or city", LOC: "place",
  PRODUCT: "product", EVENT: "event", WORK_OF_ART: "work", LAW: "law", issue: "issue",
};

/** The family of a type: each has a colour and a kind of underline of its own. */
export const family = (type) =>
  ({ issue: "issue", PERSON: "person", ORG: "org", NORP: "group", GPE: "place", LOC: "place", FAC: "place" })[type] || "thing";

export function stanceTag(stance, short = false) {
  const said = STANCE[stance] || STANCE.neutral;
  return h("span", { class: `stance ${stance in STANCE ? stance : "neutral"}` },
    h("span", { "aria-hidden": "true" }, said.icon), " ", short ? said.short : said.word);
}

export function age(seconds, now = Date.now() / 1000) {
  const passed = Math.max(0, now - seconds);
  for (const [size, unit] of [[31557600, "y"], [2629800, "mo"], [86400, "d"], [3600, "h"], [60, "min"]]) {
    if (passed >= size) return `${Math.floor(passed / size)} ${unit} ago`;
  }
  return passed < 5 ? "now" : `${Math.floor(passed)} s ago`;
}

const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

export function moment(seconds, dayOnly = false) {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? "?" : (dayOnly ? DAY : FULL).format(date);
}

/** A <time> that shows the age and says the moment. */
export function when(seconds, shown = age(seconds)) {
  const date = new Date(seconds * 1000);
  const iso = Number.isNaN(date.getTime()) ? null : date.toISOString();
  return h("time", { datetime: iso, title: moment(seconds), "data-at": String(seconds) }, shown);
}

export const percent = (share) =>
  share === null || share === undefined ? "" : `${share < 1 ? Math.min(99, Math.round(share * 100)) : 100} %`;

export function lasted(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

export const many = (count, one, several = `${one}s`) => `${count.toLocaleString()} ${count === 1 ? one : several}`;
