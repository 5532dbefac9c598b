"""News that we wrote: three outlets on a ferry, two on a strike, and others; ``STREAM`` in the order that it came."""

from services.stories.core import Document

HOUR = 3_600
START = 1_700_000_000

FERRY = (
    (
        "Ferry runs aground off Port Alder with 212 aboard",
        """PORT ALDER - The ferry Marigold ran aground on Tuesday on the Quill Rocks off Port Alder with 212 passengers aboard, the
        coast guard said. Nobody was hurt. Captain Ines Moran had reported a failure of the steering gear minutes before.""",
    ),
    (
        "Passengers rescued after ferry Marigold hits rocks",
        """All 212 passengers of the ferry Marigold were brought ashore after the ship ran aground on the Quill Rocks near Port
        Alder, rescuers said. The coast guard is looking into a failure of its steering gear, which Captain Ines Moran had
        reported.""",
    ),
    (
        "Coast guard looks into steering of grounded Port Alder ferry",
        """The steering gear of the ferry Marigold failed shortly before it ran aground on the Quill Rocks, Captain Ines Moran
        told the coast guard. The 212 passengers were taken off by boats from Port Alder. Nobody was hurt.""",
    ),
)
STRIKE = (
    (
        "Nurses in Lindenberg walk out over night shifts",
        """LINDENBERG - Nurses of the Saint Barbara hospital walked out on Wednesday over night shifts of fourteen hours. Their
        union asks for a limit of ten hours. The hospital called the strike irresponsible.""",
    ),
    (
        "Hospital strike: Lindenberg nurses demand ten-hour limit",
        """Operations were put off at the Saint Barbara hospital in Lindenberg as nurses went on strike. The union wants night
        shifts of ten hours at most, in place of fourteen.""",
    ),
)
OTHERS = (
    (
        "Beekeepers count their losses after wet spring",
        """Every third hive in the valley did not live through the spring, beekeepers reported. Honey may cost a fifth more.""",
    ),
    (
        "Chess club of Brome wins league for first time",
        "The chess club of Brome won the league on Sunday. The decisive game lasted seven hours.",
    ),
)


def document(number: int, told: tuple[str, str], hours: float, source: str = "") -> Document:
    """A document that was published and received ``hours`` after the start."""
    time = START + round(hours * HOUR)
    return Document(f"d{number}", *told, time, time, source)


STREAM = (
    document(0, FERRY[0], 0, "harbor.example"),
    document(1, OTHERS[0], 1, "valley.example"),
    document(2, FERRY[1], 2, "coast.example"),
    document(3, STRIKE[0], 26, "harbor.example"),
    document(4, FERRY[2], 27, "harbor.example"),
    document(5, STRIKE[1], 28, "valley.example"),
    document(6, OTHERS[1], 30, "coast.example"),
)
