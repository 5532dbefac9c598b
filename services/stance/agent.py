"""Glue of the stance stage: from records to the core and back, and the topic of the user's topics beside them."""

from services.runtime.guide import Guide, check_file, guided
from services.runtime.records import Core, decode
from services.runtime.settings import Settings, load
from services.runtime.topology import TARGETS
from services.stance.core import StanceTagger
from services.stance.settings import StanceSettings
from services.stance.topics import TopicList


def check() -> None:
    """Raise SettingsError where a setting of the stage is wrong, or its list of topics has a fault."""
    check_file("STANCEWIRE_STANCE_TOPICS_FILE", TopicList, load(StanceSettings).topics_file)


def setup() -> Core:
    """Load what the method needs and the list of topics, in a child process. It follows the list's topic from then on."""
    tagger = StanceTagger(load(StanceSettings))
    guide = Guide(load(Settings), TARGETS, tagger.topics)
    guide.start()
    return guided(guide, lambda record: tagger([decode(record)]))
