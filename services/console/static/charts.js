// Charts by uPlot, in the page's own colours; each has its numbers in words beside it.

import { h } from "./dom.js";
import { moment } from "./words.js";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const dark = matchMedia("(prefers-color-scheme: dark)");

function mounted(box, options, data) {
  const make = () => {
    box.replaceChildren();
    return new uPlot({ ...options(), width: Math.max(120, box.clientWidth), legend: { show: false } }, data(), box);
  };
  let plot = make();
  new ResizeObserver(() => {
    const width = Math.max(120, box.clientWidth);
    if (width !== plot.width) plot.setSize({ width, height: plot.height });
  }).observe(box);
  dark.addEventListener("change", () => { plot.destroy(); plot = make(); });
  return () => plot.setData(data());
}

/** Documents a second over the last minutes; returns a function that takes the newest figures. */
export function rateChart(box) {
  let data = [[0, 1], [0, 0]];
  const redraw = mounted(box, () => ({
    height: 38, cursor: { show: false }, padding: [3, 0, 3, 0],
    scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(1, high)] } },
    axes: [{ show: false }, { show: false }],
    series: [{}, { stroke: colour("accent"), fill: colour("accent-soft"), width: 1.5, points: { show: false } }],
  }), () => data);
  return (series) => { data = [series.map((_, number) => number), series]; redraw(); };
}

const MINUTE = 60, HOUR = 3600, DAY = 86400;
const STEPS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 91 * DAY, 365 * DAY];

/** Times and stances in bins of one length, some forty of them at most. */
export function bins(told) {
  const times = told.map((one) => one.at);
  const first = Math.min(...times), last = Math.max(...times);
  const wanted = (last - first) / 36;
  const step = STEPS.find((one) => one >= wanted) || Math.ceil(wanted / (365 * DAY)) * 365 * DAY;
  const start = Math.floor(first / step) - 1, count = Math.floor(last / step) - start + 2;
  const found = { step, at: [], favor: [], against: [], neutral: [] };
  for (let number = 0; number < count; number += 1) {
    found.at.push((start + number) * step);
    for (const stance of ["favor", "against", "neutral"]) found[stance].push(0);
  }
  for (const one of told) found[one.stance][Math.floor(one.at / step) - start] += 1;
  return found;
}

/** For above the line, against below it. */
export function standsChart(box, told) {
  const found = bins(told);
  const most = Math.max(1, ...found.favor, ...found.against);
  const bars = uPlot.paths.bars({ size: [0.7, 26], align: 1 });
  const axis = () => ({
    stroke: colour("muted"), grid: { stroke: colour("line"), width: 1 }, ticks: { stroke: colour("line"), width: 1 },
    font: "12px system-ui, sans-serif",
  });
  mounted(box, () => ({
    height: 170, cursor: { show: false }, padding: [8, 22, 0, 0],
    scales: { y: { range: () => [-most * 1.15, most * 1.15] } },
    axes: [axis(), { ...axis(), size: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500], values: (_, ticks) => ticks.map((tick) => String(Math.abs(tick))) }],
    series: [{},
      { stroke: colour("favor"), fill: colour("favor"), paths: bars, points: { show: false } },
      { stroke: colour("against"), fill: colour("against"), paths: bars, points: { show: false } }],
  }), () => [found.at, found.favor.map((count) => count || null), found.against.map((count) => -count || null)]);
  const rows = found.at
    .map((at, number) => ({ at, favor: found.favor[number], against: found.against[number], neutral: found.neutral[number] }))
    .filter((row) => row.favor + row.against + row.neutral);
  return h("details", { class: "numbers" }, h("summary", {}, "The chart in numbers"),
    h("table", {},
      h("thead", {}, h("tr", {}, ...["From", "For", "Against", "Neutral"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, ...rows.map((row) => h("tr", {}, h("th", { scope: "row" }, moment(row.at, found.step >= DAY)),
        ...["favor", "against", "neutral"].map((stance) => h("td", {}, String(row[stance]))))))));
}
