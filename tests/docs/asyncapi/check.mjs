// Prints what the official parser says of the document that is named: an error or warning a line, then its channels.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
for (const found of diagnostics.filter((one) => one.severity <= 1)) console.log(`${found.path.join(".")}: ${found.message}`);
if (document) console.log(document.channels().all().map((channel) => channel.address()).sort().join(" "));
