"""What a stage's NLP process sets up at its start. It knows no Faust: what it imports, each NLP process holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.runtime.agent import agent
from services.runtime.guide import Guide, guided
from services.runtime.records import Failure, Made, Record, work_on
from services.runtime.settings import Settings, load
from services.runtime.topology import named
from services.runtime.vitals import tell


@dataclass(frozen=True)
class Setup:
    """Sets up a stage's core in a child process, with the list that it follows. It has the stage's name, which pickles."""

    name: str
    prefix: str
    version: str

    def __call__(self) -> Callable[[Sequence[Record]], list[Made | Failure]]:
        stage = named(self.name)
        core = agent(stage).setup(self.version, {})
        run = core.run
        if stage.guide is not None:
            assert core.follows is not None
            guide = Guide(load(Settings), stage.guide, core.follows)
            guide.start()
            run = guided(guide, run)
        tell(core.model, core.figures)
        return lambda records: work_on(stage, self.prefix, run, records)
