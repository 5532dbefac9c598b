// Which view the address asks for, the strip, and the one connection for live updates.

import { ask } from "./dom.js";
import { showDocument } from "./document.js";
import { showStands } from "./stands.js";
import { showStories } from "./stories.js";
import { showStream } from "./stream.js";
import { mountStrip } from "./strip.js";
import { age } from "./words.js";

const main = document.getElementById("main");
const strip = mountStrip(document.getElementById("strip"));
const path = location.pathname;
const view = path.startsWith("/document") ? "document" : path.startsWith("/stands") ? "stands" : path.startsWith("/stories") ? "stories" : "stream";
for (const link of document.querySelectorAll("nav [data-view]")) {
  if (link.dataset.view === view) link.setAttribute("aria-current", "page");
}
document.body.dataset.view = view;

let source = null;
/** Follow the live updates; another query takes the place of the one before. `heard` gets batches of cards. `look` is called
 *  when nothing that comes can be missed any more, again after the connection was lost, and where there is to be none. */
function follow(query, heard, look) {
  source?.close();
  source = new EventSource(`/api/live?${query}`);
  source.addEventListener("strip", (event) => {
    const figures = JSON.parse(event.data);
    strip.show(figures);
    document.dispatchEvent(new CustomEvent("figures", { detail: figures }));
  });
  if (heard) source.addEventListener("cards", (event) => heard(JSON.parse(event.data)));
  if (look) source.addEventListener("open", look);
  source.addEventListener("error", (event) => {
    strip.state("the connection is lost; trying again…");
    if (look && event.target.readyState === EventSource.CLOSED) look();
  });
}

addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
setInterval(() => {
  for (const time of document.querySelectorAll("time[data-at]")) {
    if (time.dataset.still === undefined) { const words = age(Number(time.dataset.at)); if (time.textContent !== words) time.textContent = words; }
  }
}, 10000);

if (view === "stream") showStream(main, follow);
else {
  follow("only=strip");
  if (view === "document") showDocument(main);
  else if (view === "stories") showStories(main);
  else showStands(main);
}
ask("/api/strip").then((figures) => strip.show(figures), () => strip.state("the console does not answer"));
