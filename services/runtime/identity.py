"""Which cluster this is, and which topics: by the ids that the broker gave them, not by their names.

A topic that is deleted and made anew has the name that it had, and offsets that mean other records. What is kept outside
the broker, by name and offset, belongs to one such id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.runtime.settings import Settings
from services.runtime.topics import Admin, TopicsError


@dataclass(frozen=True)
class Identity:
    """The cluster's id, and the id of each topic by its full name. An id is given once and never again."""

    cluster: str
    topics: Mapping[str, str]


def ask(settings: Settings, names: Sequence[str]) -> Identity:
    """The ids of the cluster and of the topics of these full names. Not on an event loop.

    Brokers before 2.8 give topics no ids: theirs are all zero, and only the cluster's tells.

    Raises:
        TopicsError: a topic is missing, or the broker does not answer (BrokerAwayError).
    """
    with Admin(settings) as admin:
        cluster = str(admin.describe_cluster()["cluster_id"])
        found = {
            one["name"]: str(one["topic_id"]) for one in admin.describe_topics(list(names)) if not one["error_code"]
        }
    if missing := [name for name in names if name not in found]:
        raise TopicsError(f"{', '.join(missing)} is missing. `stancewire topics create` creates what is missing.")
    return Identity(cluster, {name: found[name] for name in names})


def is_taken(settings: Settings, group: str, topic: str) -> bool:
    """Whether the members of a consumer group have all partitions of a topic between them. Not on an event loop.

    Raises:
        TopicsError: the broker does not answer (BrokerAwayError).
    """
    with Admin(settings) as admin:
        partitions = sum(len(one["partitions"]) for one in admin.describe_topics([topic]))
        members = admin.describe_groups([group])[group]["members"]
    taken = {
        (own["topic"], number)
        for member in members
        for own in (member["member_assignment"] or {}).get("assigned_partitions", ())
        for number in own["partitions"]
    }
    return bool(sum(name == topic for name, _ in taken) >= partitions > 0)
