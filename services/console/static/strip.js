// The strip on every view: how much passes, how far behind, how long it takes, how it ends.

import { documentHref, h, text } from "./dom.js";
import { rateChart } from "./charts.js";
import { lasted, many, STATUS, when } from "./words.js";

const value = (name) => h("dd", { id: `strip-${name}` }, "–");
const figure = (label, shown, title) => h("div", { class: "figure", title }, h("dt", {}, label), shown);

export function mountStrip(section) {
  const rate = value("rate"), lag = value("lag"), latency = value("latency"), waiting = value("waiting"), canary = value("canary");
  const chart = h("div", { class: "spark", role: "img", "aria-label": "Documents a second over the last five minutes" });
  const outcomes = h("ul", { class: "outcomes", "aria-label": "Outcomes of the last five minutes" });
  const failures = h("details", { class: "failures" });
  const state = h("p", { class: "state", role: "status" }, "connecting…");
  section.append(h("div", { class: "figures" },
    h("dl", {},
      figure("docs/s", rate, "Documents a second, over the last ten seconds"),
      figure("behind", lag, "Messages on the output topic that this page has not read yet"),
      figure("in stages", waiting, "Messages that wait before the stages"),
      figure("latency", latency, "Median from receipt to event, over the last five minutes"),
      figure("canary", canary, "Known facts of the last canary that were found")),
    chart, outcomes, failures), state);
  const draw = rateChart(chart);
  let shownFailures = "";
  return {
    state: (words) => { if (state.textContent !== words) state.textContent = words; },
    show(figures) {
      rate.textContent = figures.rate.toFixed(figures.rate < 10 ? 1 : 0);
      lag.textContent = figures.lag === null ? "?" : figures.lag.toLocaleString();
      latency.textContent = lasted(figures.latency);
      showCanary(canary, figures);
      draw(figures.series);
      const counts = Object.keys(STATUS).map((status) => [status, figures.recent[status] || 0]);
      outcomes.replaceChildren(...counts.filter(([status, count]) => count || status === "enriched" || status === "dead_lettered").map(([status, count]) =>
        h("li", { class: count ? `outcome ${status}` : "outcome" }, h("b", {}, count.toLocaleString()), ` ${STATUS[status].toLowerCase()}`)));
      const key = JSON.stringify([figures.failures, figures.reasons, figures.canary?.failed]);
      if (key !== shownFailures) {
        shownFailures = key;
        showFailures(failures, figures);
      }
      this.state(figures.problem ? `not following: ${figures.problem}` : figures.caught_up ? "live" : "reading what was missed…");
      state.classList.toggle("bad", Boolean(figures.problem));
      const stages = Object.entries(figures.pipeline || {});
      const sum = stages.reduce((all, [, count]) => all + count, 0);
      waiting.textContent = stages.length ? sum.toLocaleString() : "?";
      waiting.parentElement.title = stages.length
        ? `Messages before each stage: ${stages.map(([stage, count]) => `${stage} ${count.toLocaleString()}`).join(", ")}`
        : "What waits before the stages is not known";
    },
  };
}

function showCanary(shown, { canary, now }) {
  const whole = canary && canary.held === canary.facts;
  shown.textContent = canary ? `${canary.held}/${canary.facts}${whole ? "" : " !"}` : "–";
  shown.classList.toggle("bad", Boolean(canary) && !whole);
  shown.parentElement.title = !canary ? "No canary has come: documents with known answers, sent by `stancewire canary`"
    : `Known facts of the last canary that were found, ${lasted(Math.max(0, now - canary.at))} ago`
      + (whole ? "" : `; missed: ${canary.failed.join("; ")}`);
}

function showFailures(box, { failures, reasons, canary }) {
  const recent = Object.entries(reasons).map(([reason, count]) => `${reason.replaceAll("_", " ")} ${count}`).join(", ");
  const missed = canary?.failed || [];
  box.hidden = !failures.length && !missed.length;
  const open = box.open;
  box.replaceChildren(h("summary", {}, "reasons"),
    h("div", { class: "failed" },
      missed.length > 0 && h("p", {}, h("b", {}, "canary"), ` Known facts that the last round missed: ${missed.join("; ")}.`),
      failures.length > 0 && h("p", { class: "muted" }, `The last ${many(failures.length, "document")} that could not be enriched; their bytes are on news.deadletter.`, recent && ` In these minutes: ${recent}.`),
      h("ul", {}, ...failures.map((one) => h("li", {},
        h("b", {}, one.reason.replaceAll("_", " ")), " ", one.field && h("code", {}, text(one.field)), " ",
        text(one.message), " ", h("a", { href: documentHref(one.id) }, text(one.id)), " ", when(one.at))))));
  box.open = open;
}
