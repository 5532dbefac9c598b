"""The Helm chart: it runs every stage of the table, and what it makes is what Kubernetes, KEDA and the Prometheus Operator take."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from docs import reference
from evaluation.bench.image import NOBODY
from services.canary.settings import CanarySettings
from services.console.settings import ConsoleSettings
from services.runtime.settings import Settings, load
from services.runtime.topology import STAGES
from services.serve.settings import ServeSettings
from services.sinks.settings import SinkSettings
from services.sinks.sink import SINKS
from tests.conftest import ROOT
from tests.go import tool
from tests.npm import fetch

CHART = ROOT / "deploy" / "helm" / "stancewire"
SETS = sorted((ROOT / "deploy" / "helm" / "values").glob("*.yaml"))
VERSIONS = ("1.29.0", "1.37.0")
"""Of Kubernetes: the oldest that Chart.yaml allows, and the newest whose schemas the package has."""
_DEFINED = ("ScaledObject", "TriggerAuthentication", "ServiceMonitor")
"""Kinds that are no part of Kubernetes: npm's packages of their definitions check them."""
BESIDE = {"serve": ["serve"]} | {f"sink-{row.name}": ["sink", row.name] for row in SINKS}
"""What runs beside the stages where it is asked for, and its command."""
needs_helm = pytest.mark.timeout(1200)


def helm(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([tool("helm"), *arguments], capture_output=True, text=True, check=False, timeout=100)


def template(*arguments: str) -> list[dict[str, Any]]:
    done = helm("template", "news", str(CHART), "--namespace", "n", "--kube-version", VERSIONS[1], *arguments)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


@pytest.fixture(scope="module")
def made() -> dict[str, list[dict[str, Any]]]:
    """What the chart makes of each set of values."""
    return {path.stem: template("--values", str(path)) for path in SETS}


def of_kind(objects: list[dict[str, Any]], *kinds: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in objects if one["kind"] in kinds}


def pods(objects: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The pods that the objects start, by their component."""
    found = of_kind(objects, "Deployment", "StatefulSet", "Job").values()
    templates = [one["spec"]["template"] for one in found]
    return {one["metadata"]["labels"]["app.kubernetes.io/component"]: one["spec"] for one in templates}


def variables(pod: dict[str, Any]) -> dict[str, Any]:
    (container,) = pod["containers"]
    named = {one["name"]: one.get("value", one.get("valueFrom")) for one in container["env"]}
    assert len(named) == len(container["env"]), "one value for each"
    return named


def mounts(pod: dict[str, Any]) -> dict[str, str]:
    """Where each volume is in the pod's container."""
    return {one["name"]: one["mountPath"] for one in pod["containers"][0]["volumeMounts"]}


def test_its_list_of_stages_is_the_table() -> None:
    listed = json.loads((CHART / "stages.json").read_text())
    assert [one["name"] for one in listed["stages"]] == [stage.name for stage in STAGES]
    assert (CHART / "stages.json").read_text() == reference.chart(), "run `make reference`"
    ports = {one["name"]: one["port"] for one in listed["others"]}
    assert ports == {"console": load(ConsoleSettings).port, "canary": load(CanarySettings).port}
    beside = {one["name"]: one["port"] for one in listed["beside"]}
    sinks = {f"sink-{row.name}": load(SinkSettings).port + row.port for row in SINKS}
    assert beside == {"serve": load(ServeSettings).metrics_port} | sinks


def test_its_version_is_ours() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert chart["appVersion"] == chart["version"] == project["version"]


def test_its_values_fit_their_schema_and_each_is_explained() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    Draft7Validator.check_schema(schema)
    text = (CHART / "values.yaml").read_text()
    Draft7Validator(schema).validate(yaml.safe_load(text))
    assert set(yaml.safe_load(text)) == set(schema["properties"]) - {"global"}
    blocks = re.split(r"\n\n", text)[1:]
    assert [block.splitlines()[0] for block in blocks if "#" not in block] == []


@needs_helm
@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["kafka.brokers="], "kafka.brokers: set it"),
        (["kafka.brokers=a"], "/kafka/brokers"),
        (["kafka.broker=a:1"], "broker"),
        (
            ["kafka.brokers=a:1", "stages.tea.replicas=1"],
            "stages.tea: there is no such stage; choose from intake, dedup",
        ),
        (["kafka.brokers=a:1", "kafka.securityProtocol=SASL_SSL"], "kafka.sasl.secret: name the Secret"),
        (["kafka.brokers=a:1", "settings.STANCEWIRE_SASL_PASSWORD=x"], "STANCEWIRE_SASL_PASSWORD"),
        (["kafka.brokers=a:1", "settings.OTEL_EXPORTER_OTLP_HEADERS=key"], "OTEL_EXPORTER_OTLP_HEADERS"),
        (["kafka.brokers=a:1", "settings.STANCEWIRE_POSTGRES_URL=x"], "STANCEWIRE_POSTGRES_URL"),
        (
            ["kafka.brokers=a:1", "serve.enabled=true"],
            "serve.secrets: name the Secret and the key of STANCEWIRE_SERVE_TOKEN",
        ),
        (["kafka.brokers=a:1", "sinks.tea.replicas=1"], "sinks.tea: there is no such sink; choose from postgres"),
        (["kafka.brokers=a:1", "sinks.webhook.replicas=1"], "sinks.webhook.secrets: name the Secret and the key of"),
        (["kafka.brokers=a:1", "sinks.parquet.replicas=1"], "sinks.parquet.claim: name a PersistentVolumeClaim"),
        (
            ["kafka.brokers=a:1", "sinks.parquet.claim=x", "sinks.parquet.replicas=2"],
            "sinks.parquet.replicas: one pod alone",
        ),
        (["kafka.brokers=a:1", "console.ingress.enabled=true"], "console.ingress.host: name the host"),
    ],
)
def test_wrong_values_are_named(values: list[str], said: str) -> None:
    arguments = [part for one in values for part in ("--set", one)]
    done = helm("template", "news", str(CHART), "--kube-version", VERSIONS[1], *arguments)
    assert done.returncode != 0
    assert said in done.stderr


@needs_helm
@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_helm_lints_it(path: Path) -> None:
    done = helm("lint", "--strict", str(CHART), "--values", str(path))
    assert done.returncode == 0, done.stdout + done.stderr


@needs_helm
@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_takes_what_it_makes(made: dict[str, list[dict[str, Any]]], version: str, tmp_path: Path) -> None:
    from kubernetes_validate import __file__ as package

    schemas = Path(package).parent / "kubernetes-json-schema" / f"v{version}-local-strict"
    definitions = json.loads((schemas / "_definitions.json").read_text().replace('"/api/_definitions.json#', '"#'))
    objects = [one for some in made.values() for one in some]
    for one in objects:  # kubeconform reads a schema whose references stay in its file
        if one["kind"] not in _DEFINED:
            group, _, api = one["apiVersion"].rpartition("/")
            name = "-".join(filter(None, (one["kind"].lower(), group.partition(".")[0], api))) + ".json"
            own = json.loads((schemas / name).read_text().replace('"/api/_definitions.json#', '"#'))
            (tmp_path / name).write_text(json.dumps(own | definitions))

    def conform(documents: list[dict[str, Any]]) -> "subprocess.CompletedProcess[str]":
        location = f"{tmp_path}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"
        command = [
            tool("kubeconform"),
            "-strict",
            "-summary",
            "-skip",
            ",".join(_DEFINED),
            "-schema-location",
            location,
        ]
        written = yaml.safe_dump_all(documents)
        return subprocess.run(command, input=written, capture_output=True, text=True, check=False, timeout=200)

    done = conform(objects)
    skipped = sum(one["kind"] in _DEFINED for one in objects)
    assert f"Valid: {len(objects) - skipped}, Invalid: 0, Errors: 0, Skipped: {skipped}" in done.stdout, done.stdout
    wrong = json.loads(json.dumps(objects[0]))
    wrong["spec"]["replica"] = 1
    assert conform([wrong]).returncode == 1, "it finds what is no field"


@needs_helm
def test_keda_and_the_prometheus_operator_take_what_it_makes(made: dict[str, list[dict[str, Any]]]) -> None:
    objects = [one for some in made.values() for one in some if one["kind"] in _DEFINED]
    assert {one["kind"] for one in objects} == set(_DEFINED)
    folder = ROOT / "build" / "crds"
    shutil.copytree(Path(__file__).parent / "crds", folder, dirs_exist_ok=True)
    fetch(folder, "the definitions of KEDA and the Prometheus Operator")
    node = shutil.which("node") or pytest.skip("node is not installed")

    def check(documents: list[dict[str, Any]]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [node, "check.mjs"],
            cwd=folder,
            input=json.dumps(documents),
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )

    done = check(objects)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(objects)
    wrong = json.loads(json.dumps(next(one for one in objects if one["kind"] == "ScaledObject")))
    wrong["spec"]["triggers"] = "kafka"
    assert check([wrong]).returncode == 1, "it finds what is of another type"


@needs_helm
@pytest.mark.parametrize("name", [path.stem for path in SETS])
def test_each_stage_has_a_workload_with_probes_on_its_port(made: dict[str, list[dict[str, Any]]], name: str) -> None:
    objects = made[name]
    running, services = pods(objects), of_kind(objects, "Service")
    settings = load(Settings)
    for stage in STAGES:
        workload = f"news-stancewire-{stage.name}"
        assert workload in of_kind(objects, "StatefulSet" if stage.table else "Deployment")
        (container,) = running[stage.name]["containers"]
        assert container["command"][-2:] == ["stancewire.services.runtime.process", stage.name]
        assert container["ports"] == [{"name": "http", "containerPort": settings.http_port + stage.port}]
        paths = {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
        assert paths == {"startup": "/live", "liveness": "/live", "readiness": "/ready"}
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert services[workload]["spec"]["publishNotReadyAddresses"] is True
        assert variables(running[stage.name])["STANCEWIRE_PROCESSES"] != "0", "the node's cores are not the pod's"
        if stage.table:
            claims = of_kind(objects, "StatefulSet")[workload]["spec"]["volumeClaimTemplates"]
            assert [one["metadata"]["name"] for one in claims] == ["data"]
    others = {"console", "canary", "topics"} | (set(BESIDE) if name == "integrated" else set())
    assert running.keys() - {stage.name for stage in STAGES} <= others


@needs_helm
@pytest.mark.parametrize("name", [path.stem for path in SETS])
def test_no_pod_may_do_more_than_it_must(made: dict[str, list[dict[str, Any]]], name: str) -> None:
    for pod in pods(made[name]).values():
        assert pod["automountServiceAccountToken"] is False
        assert (pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["runAsUser"]) == (True, NOBODY)
        (container,) = pod["containers"]
        rights = container["securityContext"]
        assert rights["readOnlyRootFilesystem"] is True
        assert rights["allowPrivilegeEscalation"] is False
        assert rights["capabilities"] == {"drop": ["ALL"]}
        mounted = {one["name"] for one in container["volumeMounts"]}
        assert mounted - {"data"} == {one["name"] for one in pod["volumes"]} - {"data"}


@needs_helm
def test_secrets_are_mounted_and_never_written_out(made: dict[str, list[dict[str, Any]]]) -> None:
    for pod in pods(made["production"]).values():
        named = variables(pod)
        assert named["STANCEWIRE_SASL_USERNAME"] == {"secretKeyRef": {"name": "stancewire-kafka", "key": "username"}}
        assert named["STANCEWIRE_SASL_PASSWORD_FILE"] == f"{mounts(pod)['sasl']}/password"
        assert named["STANCEWIRE_SSL_CAFILE"] == "/run/secrets/tls/ca.crt"
        volumes = {one["name"]: one.get("secret") for one in pod["volumes"]}
        assert volumes["sasl"]["items"] == [{"key": "password", "path": "password"}]
        assert volumes["tls"]["secretName"] == "kafka-ca"
    for pod in pods(made["certificates"]).values():
        named = variables(pod)
        assert named["STANCEWIRE_SSL_PASSWORD_FILE"] == f"{mounts(pod)['tls']}/password"
        assert "STANCEWIRE_SASL_PASSWORD_FILE" not in named
    assert not [one for some in made.values() for one in some if one["kind"] == "Secret"], "by reference only"


@needs_helm
def test_every_variable_that_it_sets_is_a_setting(made: dict[str, list[dict[str, Any]]]) -> None:
    known = set(re.findall(r"`(STANCEWIRE_[A-Z_]+)`", reference.settings()))
    for pod in (pod for some in made.values() for pod in pods(some).values()):
        assert variables(pod).keys() <= known


@needs_helm
def test_what_is_scaled_follows_its_stages_group_up_to_the_partitions(made: dict[str, list[dict[str, Any]]]) -> None:
    scaled = of_kind(made["production"], "ScaledObject")
    assert set(scaled) == {f"news-stancewire-{stage.name}" for stage in STAGES if stage.heavy}
    for stage in (stage for stage in STAGES if stage.heavy):
        name = f"news-stancewire-{stage.name}"
        spec = scaled[name]["spec"]
        (trigger,) = spec["triggers"]
        assert trigger["metadata"]["consumerGroup"] == f"stancewire-{stage.name}"
        assert trigger["metadata"]["topic"] == stage.reads.name
        assert (trigger["metadata"]["sasl"], trigger["metadata"]["tls"]) == ("scram_sha512", "enable")
        assert spec["maxReplicaCount"] == 8
        assert "replicas" not in of_kind(made["production"], "Deployment")[name]["spec"], "or each upgrade sets it back"
    (own,) = of_kind(made["certificates"], "ScaledObject").values()
    assert own["spec"]["triggers"][0]["metadata"]["topic"] == "desk-news.documents"
    assert not of_kind(made["trial"], "ScaledObject", "ServiceMonitor", "Ingress", "NetworkPolicy"), (
        "off unless asked for"
    )


@needs_helm
def test_the_network_lets_in_scrapers_and_readers_and_out_to_kafka(made: dict[str, list[dict[str, Any]]]) -> None:
    (policy,) = of_kind(made["production"], "NetworkPolicy").values()
    metrics, page = policy["spec"]["ingress"]
    base = load(Settings).http_port
    wanted = {base + stage.port for stage in STAGES} | {load(CanarySettings).port}
    assert {one["port"] for one in metrics["ports"]} == wanted
    assert [one["port"] for one in page["ports"]] == [load(ConsoleSettings).port]
    _, kafka = policy["spec"]["egress"]
    assert [one["port"] for one in kafka["ports"]] == [9093]
    (policy,) = of_kind(made["certificates"], "NetworkPolicy").values()
    assert [one["port"] for one in policy["spec"]["egress"][1]["ports"]] == [9094, 9095]


@needs_helm
def test_serve_and_the_sinks_run_their_commands_with_secrets_as_files(made: dict[str, list[dict[str, Any]]]) -> None:
    objects = made["integrated"]
    running, services = pods(objects), of_kind(objects, "Service")
    assert running.keys() >= BESIDE.keys()
    ports = {"serve": load(ServeSettings).metrics_port}
    ports |= {f"sink-{row.name}": load(SinkSettings).port + row.port for row in SINKS}
    for name, command in BESIDE.items():
        (container,) = running[name]["containers"]
        assert container["args"] == command
        assert container["ports"][0] == {"name": "http", "containerPort": ports[name]}
        assert {container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("liveness", "readiness")} == {
            "/live",
            "/ready",
        }
        metrics = services[f"news-stancewire-{name}{'-metrics' if name == 'serve' else ''}"]
        assert metrics["spec"]["ports"] == [{"name": "http", "port": ports[name], "targetPort": "http"}]
    assert variables(running["serve"])["STANCEWIRE_SERVE_HOST"] == "0.0.0.0"  # noqa: S104 - the Service reaches it there
    assert services["news-stancewire-serve"]["spec"]["ports"][0]["targetPort"] == "documents"
    assert {"name": "documents", "containerPort": load(ServeSettings).port} in running["serve"]["containers"][0][
        "ports"
    ]
    postgres = running["sink-postgres"]
    for variable, key in (("STANCEWIRE_POSTGRES_URL", "url"), ("STANCEWIRE_POSTGRES_PASSWORD", "password")):
        assert variables(postgres)[f"{variable}_FILE"] == f"{mounts(postgres)['own']}/{variable}"
        own = next(one for one in postgres["volumes"] if one["name"] == "own")
        secret = {"name": "news-db", "items": [{"key": key, "path": variable}]}
        assert {"secret": secret} in own["projected"]["sources"]
    parquet = running["sink-parquet"]
    assert variables(parquet)["STANCEWIRE_PARQUET_FOLDER"].startswith(mounts(parquet)["data"])
    assert {"name": "data", "persistentVolumeClaim": {"claimName": "news-events"}} in parquet["volumes"]
    policy = of_kind(objects, "NetworkPolicy")["news-stancewire"]["spec"]
    metrics_ports, _, documents = ({one["port"] for one in rule["ports"]} for rule in policy["ingress"])
    assert metrics_ports >= set(ports.values())
    assert documents == {load(ServeSettings).port}


@needs_helm
def test_what_is_secret_cannot_be_written_into_the_values() -> None:
    pattern = json.loads((CHART / "values.schema.json").read_text())["$defs"]["settings"]["propertyNames"]["not"][
        "pattern"
    ]
    rows = reference.settings().splitlines()
    hidden = {found[1] for row in rows if (found := re.match(r"\| `(STANCEWIRE_[A-Z_]+)`, or `", row))}
    assert len(hidden) > 8
    assert [name for name in sorted(hidden) if not re.search(pattern, name)] == []


@needs_helm
def test_pods_may_reach_a_collector_where_they_are_told_of_one() -> None:
    values = (
        "kafka.brokers=a:1",
        "settings.STANCEWIRE_OTEL=true",
        "settings.OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4318",
        "networkPolicy.egress[0].ports[0].port=4318",
    )
    objects = template(*(part for one in values for part in ("--set", one)))
    (policy,) = of_kind(objects, "NetworkPolicy").values()
    assert policy["spec"]["egress"][2:] == [{"ports": [{"port": 4318}]}]
    for pod in pods(objects).values():
        assert variables(pod)["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://collector:4318"


@needs_helm
def test_a_stage_has_its_own_values_over_those_of_its_kind(made: dict[str, list[dict[str, Any]]]) -> None:
    running = pods(made["production"])
    assert variables(running["stance"])["STANCEWIRE_PROCESSES"] == "3"
    assert variables(running["entities"])["STANCEWIRE_PROCESSES"] == "2"
    assert running["stance"]["nodeSelector"] == {"pool": "nlp"}
    assert "nodeSelector" not in running["entities"]
    assert variables(running["dedup"])["STANCEWIRE_DEDUP_WINDOW_HOURS"] == "168"
    own = pods(made["certificates"])
    assert variables(own["entities"])["STANCEWIRE_ENTITIES_KB_FILE"] == "/kb/world.kb"
    assert "STANCEWIRE_ENTITIES_KB_FILE" not in variables(own["stance"])
