// Reads a JSON list of objects on standard input; prints what is wrong with each, and ends with 1 where something is.
import { readFileSync } from "node:fs";
import { ScaledObject, TriggerAuthentication } from "@kubernetes-models/keda/keda.sh/v1alpha1";
import { ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";

const kinds = { ScaledObject, TriggerAuthentication, ServiceMonitor };
for (const one of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    const model = new kinds[one.kind](one);
    model.validate();
    console.log(`${one.kind} ${one.metadata.name}: as defined`);
  } catch (error) {
    console.error(`${one.kind} ${one.metadata?.name}: ${error.message}`);
    process.exitCode = 1;
  }
}
