// Prints who stands where: node typescript/out/consumer.js BROKERS TOPIC [EVENTS]
// It reads from the beginning, and ends after so many events; without a number it goes on.
import { Kafka, logLevel } from "kafkajs";
import type { Event, Evidence, Holder, Target } from "./events.js";

// Offsets count code points. A string of JavaScript counts UTF-16 units: an emoji is two of them, so text.slice(start, end) is wrong.
function quote(event: Event, evidence: Evidence): string {
  return Array.from(event[evidence.field]).slice(evidence.start, evidence.end).join("");
}

function holderOf(event: Event, holder: Holder): string {
  switch (holder.kind) {
    case "author":
      return "the article";
    case "speaker":
      return holder.name ?? "";
    case "entity":
      return event.entities.find((entity) => entity.id === holder.entity)?.name ?? "";
  }
}

function targetOf(event: Event, target: Target): string {
  const found =
    target.kind === "issue"
      ? event.issues.find((issue) => issue.id === target.issue)
      : event.entities.find((entity) => entity.id === target.entity);
  return found?.name ?? "";
}

function print(event: Event): void {
  for (const stance of event.stances) {
    const words = [holderOf(event, stance.holder), stance.stance, targetOf(event, stance.target)];
    console.log([event.id, ...words, quote(event, stance.evidence[0])].join("\t"));
  }
}

const [brokers = "127.0.0.1:9092", topic = "news.enriched", most = "Infinity"] = process.argv.slice(2);
const kafka = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: `typescript-${process.pid}`, maxBytesPerPartition: 16 * 1024 * 1024 });
const seen = new Set<string>(); // delivery is at least once: a repeat has the same event_id. In production: a key of your table

await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
let left = Number(most);
await new Promise<void>((done) =>
  consumer.run({
    eachMessage: async ({ message }) => {
      if (left <= 0 || message.value === null) return;
      const event = JSON.parse(message.value.toString("utf8")) as Event;
      if (!seen.has(event.event_id)) {
        seen.add(event.event_id);
        print(event);
        left -= 1;
      }
      if (left <= 0) done();
    },
  }),
);
await consumer.disconnect();
