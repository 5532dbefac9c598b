"""The words that the naming rules know: titles, particles, heads of names, common first names.

It decides nothing by itself. All words are in lower case and without full stops, as ``words.fold`` makes them. The lists
are closed classes of English news style, kept short: what is not here is told apart by how the document itself writes it.
"""

from schemas.event import EntityType
from services.text.words import word_set


def _each(words: str, label: EntityType) -> dict[str, EntityType]:
    return dict.fromkeys(words.split(), label)


HONORIFICS: dict[str, str] = {
    "mr": "m", "mister": "m", "messrs": "m", "sir": "m", "lord": "m", "mrs": "f", "ms": "f", "miss": "f", "mme": "f", "madam": "f",
    "madame": "f", "dame": "f", "lady": "f", "mx": "", "dr": "", "prof": "", "sen": "", "rep": "", "gov": "", "rev": "", "hon": "",
}  # fmt: skip
"""Honorifics and the gender they tell (``m``, ``f``, or nothing). What follows one is a person, whatever the model calls
it."""

DOTTED = word_set("sen rep gov rev hon")
"""Honorifics and titles that are also names or other words: they count only with the full stop of the abbreviation."""
LONE_HONORIFICS = word_set("mr mrs ms mx miss messrs mme")
"""Honorifics that no other title stands before."""

MALE_TITLES = word_set("king prince father brother congressman councilman chairman emperor spokesman assemblyman duke")
FEMALE_TITLES = word_set(
    "queen princess mother sister congresswoman councilwoman chairwoman empress spokeswoman assemblywoman duchess"
)

TITLES = word_set(
    """president president-elect senator representative congressman congresswoman lawmaker governor mayor councilman
    councilwoman councillor alderman assemblyman assemblywoman delegate secretary undersecretary minister premier
    chancellor ambassador envoy consul attorney commissioner speaker leader whip chairman chairwoman chairperson chair
    judge justice magistrate prosecutor sheriff marshal constable officer detective inspector superintendent trooper agent
    warden chief general gen admiral adm colonel col major maj captain capt commander cmdr lieutenant lt sergeant sgt
    corporal cpl private pvt pfc specialist ensign brigadier brig professor doctor dean provost chaplain reverend pastor
    father sister brother bishop archbishop cardinal pope rabbi ayatollah mullah king queen prince princess emperor
    empress sultan duke duchess earl baron baroness count countess viscount director spokesman spokeswoman spokesperson
    coach ceo cfo comptroller coroner counsel economist author actor actress candidate nominee editor adviser advisor
    strategist ombudsman"""
) | frozenset(HONORIFICS)
"""Words that, before a name, say what somebody is. They are not part of the name."""

TITLE_MODIFIERS = word_set(
    """vice crown deputy assistant associate acting interim then prime foreign defense defence finance interior health
    education labor labour energy press attorney district state federal national senior junior first second lead chief
    executive majority minority opposition house senate police fire party presidential republican democratic lieutenant lt
    staff master special high supreme court general under us cabinet communications campaign white treasury budget"""
)
"""Words that stand before or between titles (``Deputy``, ``Acting``, ``District`` Attorney), never alone for one."""

OFFICES = word_set(
    """state staff defense defence treasury interior commerce labor labour energy education transportation agriculture
    homeland security national intelligence war"""
)
"""What a ``Secretary of …``, ``Minister of …`` or ``Chief of …`` is of, where it stands between the title and the name."""

PARTICLES = word_set(
    "de del della di da dos das do du la le van von der den ter ten bin bint ibn al el y e af av zu zur abu ul ur"
)
"""Words in lower case inside a person's name."""

NAME_SUFFIXES = word_set("jr sr ii iii iv v phd md esq")
COMPANY_SUFFIXES = word_set(
    "inc incorporated corp corporation co company ltd limited llc llp plc gmbh ag nv pty holdings"
)

CONNECTORS = word_set(
    "of and for the to in into on at de la las los le les du des del da do dos della di y e es und et with without against or"
)
"""Words in lower case inside the name of a body, a place or a work."""

FUNCTION_WORDS = word_set(
    """the and but or nor that this these those there here when while where which who whose whom what why how after before
    because since until although though despite unless with without from for if as at by in into onto over under upon
    about between among during against across through it its he his him she her hers they their them we our us you your i
    my me is are was were be been being has have had does did not no yes also then than so such only even just still yet
    meanwhile however some many most more much all any each every both either neither other another one two said says say
    told asked called according would could should shall might must can cannot a an on of to"""
)
"""Words that are no name by themselves, however they are written."""

SENTENCE_WORDS = word_set(
    """the and but that this these those when while where which who after before because since until although though despite
    with without from for if as at by in into under upon about during against its his her their our he she we they it"""
)
"""Of these, also those written with a capital are no part of a person's name: a sentence begins there."""

NOT_NAMES = word_set(
    "copyright newsletter newsletters advertisement subscribe more read related photo photos video image getty http https"
)
"""What web pages put around a story, taken for names because it is written in capitals."""

CALENDAR = word_set(
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december mon tue tues wed thu thur thurs fri jan feb mar apr jun jul aug sept oct nov dec"""
)

MONTHS_TOO = word_set("april may june august")
"""Months that are called like persons."""

COMPASS = word_set(
    "north south east west northern southern eastern western central northeast northwest southeast southwest"
)
GEOGRAPHY = COMPASS | word_set(
    "province coast river county region island islands district valley state city town village"
)
"""Words in lower case that a model takes into the name of a place, and that may stay there."""

GROUP_NOUNS = word_set("administration campaign")
"""``Trump administration``: with one of these after it, a person's name is the name of a body."""

HEADS: dict[str, EntityType] = {
    **_each(
        """department ministry committee commission council agency bureau association institute institution university
        college party corporation company foundation federation league court congress parliament police corps house society
        organization organisation alliance coalition authority inc corp ltd llc times tribune herald gazette network
        newspaper academy guild commonwealth""",
        "ORG",
    ),
    **_each("airport bridge stadium street st avenue ave road highway boulevard tunnel arena prison", "FAC"),
    **_each("river lake bay sea ocean gulf island islands mountain mountains valley desert peninsula strait", "LOC"),
    **_each("act amendment", "LAW"),
}
"""The last word of a name of two words or more -> its type, where the model says a person, or a place at odds with it."""

SHORT_HEADS = word_set(
    """department ministry committee commission council agency bureau association institute institution university college
    court foundation federation fund bank guard league times post journal tribune herald corps"""
)
"""A body is called by one of these alone once it has been named: ``the Times``, ``the Commission``."""

COURTS = word_set("court university college party")
"""Names with one of these are no short form of a longer one: the ``Supreme Court`` is not the ``Utah Supreme Court``."""
NAMED_AFTER = word_set("church university college")
"""What is called by its last word alone: ``Church of Scientology``. The ``Bank of England`` is not."""
BRANCHES = word_set(
    """foundation school hospital museum prize award awards fair festival center centre hall stadium arena park fund cup tower
    challenge studios building library team"""
)
"""With one of these at its end a name is not its first word's: ``Google Science Fair`` is not ``Google``."""

DEPARTMENTS = word_set(
    "state treasury justice defense defence interior commerce labor labour energy education transportation agriculture"
)
"""``Treasury`` is short for the ``Treasury Department`` where the document names that."""

STANDALONE = word_set(
    """house senate congress parliament cabinet white capitol supreme government state states city county union west black
    press hill embassy"""
)
"""First words of many bodies' names: alone they are no short form of one of them."""

PLAIN_ADJECTIVES = word_set(
    """national federal international democratic republican general american british european african asian central northern
    southern eastern western new united royal public private social global local regional great big old young first second
    third north south east west senior special high supreme joint chief"""
)
"""A body's name does not consist of these alone, nor does one of them alone stand for it."""

PLACES_TOO = word_set(
    """washington jordan houston austin lincoln jackson madison chad israel paris london berlin sydney charlotte georgia
    virginia carolina dallas orlando cleveland india china kingston florence vienna sofia santiago denver phoenix brooklyn
    chelsea chester lancaster york kent montana dakota savannah columbus jefferson franklin hamilton wellington raleigh
    monroe montgomery pierce hudson jersey diego francisco antonio jose angeles louis paul petersburg salem troy kenya
    malta cuba mali"""
)
"""Places that are called like persons: one of these, seen as a place, is not taken for somebody of that name."""
PEOPLES_TOO = word_set("english french german british irish welsh roman christian holland pole swede")
"""Peoples and faiths that are called like persons, likewise."""

PLACE_PREFIXES = word_set("new los las san santa")
"""``New York`` may be cut to ``York`` where the document names both;"""
OWN_PLACES = word_set(
    "mexico england guinea haven britain brunswick caledonia georgia jose juan antonio pedro luis marino salvador"
)
"""these are names of their own without the prefix."""

STATES: dict[str, str] = {
    "ala": "alabama", "ariz": "arizona", "ark": "arkansas", "calif": "california", "colo": "colorado", "conn": "connecticut",
    "del": "delaware", "fla": "florida", "ga": "georgia", "ill": "illinois", "ind": "indiana", "kan": "kansas", "ky": "kentucky",
    "la": "louisiana", "md": "maryland", "mass": "massachusetts", "mich": "michigan", "minn": "minnesota", "miss": "mississippi",
    "mo": "missouri", "mont": "montana", "neb": "nebraska", "nev": "nevada", "nh": "new hampshire", "nj": "new jersey",
    "nm": "new mexico", "ny": "new york", "nc": "north carolina", "nd": "north dakota", "okla": "oklahoma", "ore": "oregon",
    "pa": "pennsylvania", "ri": "rhode island", "sc": "south carolina", "sd": "south dakota", "tenn": "tennessee", "tex": "texas",
    "vt": "vermont", "va": "virginia", "wash": "washington", "wva": "west virginia", "wis": "wisconsin", "wyo": "wyoming",
}  # fmt: skip
"""The abbreviations of states in news style (Associated Press)."""

SAME_NAMES: dict[str, str] = {
    "us": "united states", "usa": "united states", "united states of america": "united states", "america": "united states",
    "uk": "united kingdom", "britain": "united kingdom", "great britain": "united kingdom", "uae": "united arab emirates",
    "eu": "european union", "un": "united nations", "washington dc": "washington", "washington, dc": "washington",
    "nyc": "new york city", "gop": "republican party", "fed": "federal reserve", "democratic": "democrat", "dems": "democrat",
    "gb": "united kingdom", "prc": "china", "people's republic of china": "china", "republic of china": "taiwan",
    "dprk": "north korea", "republic of korea": "south korea", "burma": "myanmar", "russian federation": "russia",
}  # fmt: skip
"""Other names of the same thing that no rule would find."""

PARTIES: dict[str, str] = {
    **dict.fromkeys(("republican", "republicans", "gop", "grand old party", "republican party"), "republican"),
    **dict.fromkeys(("democrat", "democrats", "dem", "dems", "democratic", "democratic party"), "democratic"),
    **dict.fromkeys(
        ("tory", "tories", "tory party", "conservatives", "conservative", "conservative party"), "conservative"
    ),
    **dict.fromkeys(("labour", "labour party"), "labour"),
    **dict.fromkeys(("liberal democrat", "liberal democrats", "lib dem", "lib dems"), "liberal democratic"),
    **dict.fromkeys(("liberal party", "liberals"), "liberal"),
    **dict.fromkeys(("green party", "greens"), "green"),
    **dict.fromkeys(("socialist party", "socialists"), "socialist"),
    **dict.fromkeys(("social democratic party", "social democrats"), "social democratic"),
    **dict.fromkeys(("christian democratic union", "christian democrats"), "christian democratic"),
    **dict.fromkeys(("communist party", "communists"), "communist"),
    **dict.fromkeys(("libertarian party", "libertarians"), "libertarian"),
}
"""How a party and its members are called -> the party, the word before ``party``."""

PEOPLES: dict[str, str] = {
    "jew": "jewish", "briton": "british", "brit": "british", "dane": "danish", "dutchman": "dutch", "dutchmen": "dutch",
    "englishman": "english", "englishmen": "english", "filipino": "philippine", "finn": "finnish", "frenchman": "french",
    "frenchmen": "french", "icelander": "icelandic", "irishman": "irish", "irishmen": "irish", "kurd": "kurdish",
    "pole": "polish", "scot": "scottish", "scots": "scottish", "serbian": "serb",
    "spaniard": "spanish", "swede": "swedish", "turk": "turkish", "uzbekistani": "uzbek", "welshman": "welsh",
}  # fmt: skip
"""Members of a people, a faith or a party, in the singular -> the form they are compared by, where it is another word."""


def is_police(word: str) -> bool:
    """Whether a folded acronym is that of a town's police department: four letters as in ``nypd``, ``lapd``."""
    return len(word) == len("nypd") and word.endswith("pd")


SHORT_TYPES: dict[str, EntityType] = {
    **_each("us usa uk uae nyc dc", "GPE"),
    **_each("eu un g7 g8 g20 gop nato fbi cia nsa cnn nbc cbs abc bbc msnbc nyse nasdaq", "ORG"),
}
"""Types of acronyms that the small model wavers on."""
PHRASE_TYPES: dict[tuple[str, ...], EntityType] = {("state", "of", "the", "union"): "EVENT"}
"""Types of phrases that it takes for a country or a body."""
WORD_TYPES: dict[str, EntityType] = {
    **_each("twitter facebook google youtube instagram congress pentagon", "ORG"),
    **_each("obamacare", "LAW"),
}
"""Types of other words that it wavers on."""

SHOPS = word_set(
    "mcdonald's moody's lloyd's macy's wendy's kohl's sotheby's christie's levi's lowe's domino's kellogg's sainsbury's"
)
"""Bodies whose name ends like a possessive."""

ATTACHED = word_set(
    "led era style based like type friendly run held owned made wide bound born linked era-style only free heavy"
)
"""What is joined to a name by a hyphen and is no part of it, besides words in ``ed``: ``Saudi-led``, ``Trump-era``."""
PREFIXES = word_set("pro anti ex non pre post mid then")
"""What is joined before a name by a hyphen and is no part of it: ``pro-Trump``."""

NICKNAMES: dict[str, str] = {
    "bill": "william", "will": "william", "billy": "william", "bob": "robert", "rob": "robert", "bobby": "robert", "jim": "james",
    "jimmy": "james", "joe": "joseph", "mike": "michael", "tom": "thomas", "tommy": "thomas", "dick": "richard", "rick": "richard",
    "rich": "richard", "ted": "edward", "ed": "edward", "eddie": "edward", "chuck": "charles", "charlie": "charles",
    "jeff": "jeffrey", "jefferson": "jeffrey", "dan": "daniel", "danny": "daniel", "dave": "david", "steve": "steven",
    "stephen": "steven", "tony": "anthony", "ben": "benjamin", "matt": "matthew", "chris": "christopher", "andy": "andrew",
    "drew": "andrew", "greg": "gregory", "ron": "ronald", "don": "donald", "ken": "kenneth", "larry": "lawrence", "pete": "peter",
    "phil": "philip", "sam": "samuel", "tim": "timothy", "liz": "elizabeth", "beth": "elizabeth", "betsy": "elizabeth",
    "kate": "katherine", "kathy": "katherine", "cathy": "catherine", "sue": "susan", "debbie": "deborah", "barb": "barbara",
    "peggy": "margaret", "maggie": "margaret", "jen": "jennifer", "jenny": "jennifer", "nick": "nicholas", "vicky": "victoria",
    "alex": "alexander", "fred": "frederick", "gerry": "gerald", "jerry": "gerald", "jack": "john", "johnny": "john",
}  # fmt: skip
"""Short forms of first names -> the form they are compared by."""

MALE_NAMES = word_set(
    """james robert john michael david william richard joseph thomas charles christopher daniel matthew anthony mark donald
    steven andrew paul joshua kenneth kevin brian george timothy ronald jason edward jeffrey ryan jacob gary nicholas eric
    jonathan stephen larry justin scott brandon benjamin samuel gregory alexander patrick frank raymond jack dennis jerry
    tyler aaron jose adam nathan henry zachary douglas peter kyle noah ethan jeremy christian walter keith austin roger
    terry sean gerald carl dylan harold jesse bryan lawrence arthur gabriel bruce logan joe alan juan elijah willie albert
    wayne randy mason vincent liam roy bobby caleb bradley russell lucas philip barack"""
)
FEMALE_NAMES = word_set(
    """mary patricia jennifer linda elizabeth barbara susan jessica karen sarah lisa nancy sandra betty ashley emily kimberly
    margaret donna michelle carol amanda melissa deborah stephanie rebecca sharon laura cynthia amy kathleen angela
    shirley emma brenda pamela nicole anna samantha katherine christine helen debra rachel carolyn janet maria catherine
    heather diane olivia julie joyce victoria ruth virginia lauren kelly christina joan evelyn judith andrea hannah megan
    cheryl jacqueline martha teresa gloria sara janice ann kathryn abigail sophia frances jean alice judy isabella julia
    grace amber denise danielle marilyn beverly charlotte natalie theresa diana brittany doris kayla alexis lori hillary"""
)
"""Common first names of men and women in the United States (the Social Security Administration's list of the last hundred
years); only used to choose between namesakes after ``Mr.`` or ``Mrs.``."""

MALE_NAMES |= word_set(
    """jean- pierre jacques francois françois louis henri olivier laurent philippe nicolas emmanuel yves alain marcel michel thierry
    pablo pedro carlos luis miguel diego javier fernando jorge alberto antonio manuel rafael ricardo sergio enrique ramon andres
    hans klaus jürgen juergen wolfgang dieter helmut olaf friedrich heinrich horst günter stefan uwe sven lars nils erik anders
    bjorn magnus karl giovanni giuseppe marco matteo luca paolo mario silvio enzo vincenzo lorenzo vladimir sergei dmitry dmitri
    ivan mikhail alexei aleksandr boris oleg viktor yuri pavel jan piotr andrzej tomasz jaroslaw petr vaclav mohammed muhammad
    mohamed ahmed ali hassan hussein omar khalid ibrahim abdullah mustafa yusuf tariq rajesh sanjay amit rahul narendra arjun vikram
    ravi hiroshi kenji takashi shinzo kofi kwame nelson neville hugo ulrich geert joao joão""",
)
FEMALE_NAMES |= word_set(
    """marine marie claire sophie camille brigitte simone isabelle celine juliette amelie élise elise chantal ségolène karin ursula
    ulrike angela sabine petra heike monika ingrid greta astrid annegret annalena helga gisela giulia chiara francesca giorgia paola
    lucia valentina carmen dolores pilar isabel ines inés rosa marta elena irina olga natalia svetlana tatiana anastasia yulia
    ekaterina agnieszka ewa katarzyna fatima aisha leila amina khadija zainab priya sunita indira sonia kamala nirmala yuki akiko
    lena anna- anne yvonne margot emily jane lucy kate alice ellen rosemary theresa priscilla jacinda ana carla rhona""",
)
FIRST_NAMES = MALE_NAMES | FEMALE_NAMES | frozenset(NICKNAMES)
