"""What the settings of each topic must be, and what is wrong with those that it has. Pure: ``topics`` asks the broker.

A fault is fatal where documents would be lost or work would stop; then no stage starts. Else it is a warning.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.runtime.settings import Settings
from services.runtime.topology import DEAD_LETTERS, DOCUMENTS, STAGES, Topic

_HOUR_MS = 3_600_000
_SENT = {DOCUMENTS, *(stage.guide for stage in STAGES if stage.guide)}
"""What senders and users write; all else is written by stages."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a topic, and the command that mends it."""

    what: str
    mend: str
    fatal: bool


def demands(topic: Topic, replicas: int) -> dict[str, str]:
    """The Kafka settings of a topic with so many replicas, by their names."""
    configs = {
        "cleanup.policy": "compact" if topic.compacted else "delete",
        "max.message.bytes": str(topic.max_bytes),
        # When a document was received is the broker's to say: a sender's clock that runs ahead would empty the dedup window.
        "message.timestamp.type": "LogAppendTime",
        # With three replicas one broker may die, and nothing that was acknowledged is lost, and writing goes on.
        "min.insync.replicas": "2" if replicas > 2 else "1",
    }
    if topic.unpacked:
        configs |= {"compression.type": "uncompressed"}
    if topic.compacted:
        configs |= {"segment.ms": str(6 * _HOUR_MS)}
    else:
        configs |= {"retention.ms": str(topic.retention_hours * _HOUR_MS), "retention.bytes": "-1"}
    return configs


def faults(topic: Topic, name: str, replicas: int, found: Mapping[str, str], settings: Settings) -> list[Fault]:
    """What is wrong with the settings ``found`` of the topic with this full name. Settings that are not found are not judged."""
    broker = settings.bootstrap[0]
    login = "" if settings.security_protocol == "PLAINTEXT" else " --command-config FILE"
    if not found:
        what = f"{name}: the broker does not show its settings (this needs the operation DescribeConfigs), so they are not checked"
        user = settings.sasl_username or "NAME"
        return [
            Fault(
                what,
                f"kafka-acls.sh --bootstrap-server {broker}{login} --add --allow-principal User:{user} "
                f"--operation DescribeConfigs --topic {name}",
                fatal=False,
            )
        ]
    wrong = []
    for setting, must in demands(topic, replicas).items():
        has = found.get(setting)
        if has is None or not (harm := _harm(topic, setting, has, must, replicas)):
            continue
        fatal = (
            setting == "cleanup.policy"
            or (setting == "max.message.bytes" and (topic == DEAD_LETTERS or (topic.compacted and topic not in _SENT)))
            or (setting == "min.insync.replicas" and int(has) > replicas)
        )
        mend = (
            f"kafka-configs.sh --bootstrap-server {broker}{login} --alter --entity-type topics --entity-name {name} "
            f"--add-config {setting}={must}"
        )
        wrong.append(Fault(f"{name}: {setting} is {has} and must be {must}, or else {harm}", mend, fatal))
    return wrong


def _harm(topic: Topic, setting: str, has: str, must: str, replicas: int) -> str | None:
    """What comes of a value that is not the one that must be; None where nothing does."""
    match setting:
        case "cleanup.policy" if set(has.split(",")) != {must}:
            if topic.compacted:
                return "entries are deleted when they are old, though they hold"
            return "of all messages with one key only the last stays"
        case "max.message.bytes" if int(has) < int(must):
            return "the broker refuses what is larger" + (", which stages write" if topic not in _SENT else "")
        case "message.timestamp.type" if has != must:
            return "a sender's clock says when a message came"
        case "compression.type" if has != must:
            return "a small message may be a huge one when it is unpacked"
        case "retention.ms" if 0 <= int(has) < int(must) / 2:  # -1: for ever
            return "what waits for longer is deleted before it is read"
        case "retention.bytes" if has != must:
            return "what waits is deleted before it is read, as soon as there is more of it"
        case "min.insync.replicas" if int(has) > replicas:
            return f"nothing can be written: there are no more replicas than {replicas}"
        case "min.insync.replicas" if int(has) == replicas > 1:
            return "one broker that is down stops all writing"
        case "min.insync.replicas" if int(has) < int(must):
            return "the loss of one broker may lose what was acknowledged"
    return None
