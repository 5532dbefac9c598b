"""Word classes and the inflection of verbs: what the rules of this stage know of English grammar, and no more.

There is no tagger in this stage (a parser costs 43 ms an article), so a token is classed by its form alone.
What a form means in its place is decided by the rules that read these classes.
"""

from collections.abc import Iterator

from services.text.words import word_set

DETERMINERS = word_set(
    "the a an this that these those some many most several few all both each every any no another other such"
)
POSSESSIVES = word_set("his her their its our my your whose")
SUBJECT_PRONOUNS = word_set("he she they it we you i who which")
"""Pronouns that can be the subject of a verb, relative ones included."""
SELF_PRONOUNS = word_set("i we me us my our mine ours myself ourselves")
"""In somebody's words these are the speaker."""
PERSON_PRONOUNS = word_set("he she him her his hers himself herself")
OBJECT_PRONOUNS = word_set("him them me us it her you")
BE = word_set("is are was were be been being 's 're am 'm ai")
HAVE = word_set("has have had having 've 'd")
DO = word_set("do does did")
MODALS = word_set("will would can could may might must shall should 'll wo ca")
AUXILIARIES = BE | HAVE | DO | MODALS
NEGATIONS = word_set("not n't never no nor neither none nothing nobody hardly barely scarcely without cannot")
PREPOSITIONS = word_set(
    "of for in at from on with by to about against over under after before during since into through between among amid "
    "despite without toward towards across near around within outside inside upon via like unlike than per until behind "
    "beside besides beyond above below off out up down"
)
INNER_PREPOSITIONS = word_set("of for in at from on with")
"""Those that may stand inside a speaker's noun phrase: a spokesman for the mayor of London."""
CONJUNCTIONS = word_set("and or but nor yet & plus")
SUBORDINATORS = word_set(
    "that because if when while whereas although though as where whether unless so once whenever wherever how why what"
)
CLAUSE_WORDS = CONJUNCTIONS | SUBORDINATORS | word_set("who which whom however meanwhile moreover instead")
ADVERBS = word_set(
    "also then later again once even still just now often always already soon ever yet too only instead first recently "
    "rather quite very so long perhaps maybe here there today yesterday tomorrow earlier never almost together further "
    "meanwhile however twice sometimes far well alike back"
)
NOT_ADVERBS = word_set(
    "family italy ally rally reply bully july supply only assembly apply rely comply imply fly sally emily kelly billy "
    "molly lily holly reilly early daily weekly monthly friendly likely elderly costly deadly lonely ugly silly holy"
)
"""Words in -ly that are no adverbs."""
TIMES = word_set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september "
    "october november december today yesterday tomorrow tonight morning afternoon evening night week month year"
)
DAYS = word_set(
    "monday tuesday wednesday thursday friday saturday sunday week month year night today yesterday tonight"
)
"""Those that may stand between a subject and its verb: the mayor on Monday said."""
SPEAKER_NOUNS = word_set(
    "adviser advisers advisor advisors activist activists administration advocate advocates agency agencies aide aides "
    "ambassador analyst analysts attorney attorneys author authors board boss businessman candidate candidates captain "
    "campaign chairman chairwoman chair chief chiefs coach commission commissioner committee company congressman "
    "congresswoman council councilman counsel court critic critics defendant delegate delegation democrat democrats deputy "
    "director diplomat diplomats doctor doctors economist economists editor editors executive executives expert experts "
    "family father federation firm foundation friend friends general government governor governors group groups historian "
    "host investigator investigators journalist judge judges justice lawmaker lawmakers lawyer lawyers leader leaders "
    "manager mayor mayors minister ministry mother neighbor neighbors neighbour neighbours officer officers official "
    "officials operative operatives opponent opponents organization organisation organizations organisations organizer "
    "organizers panel parents party people police politician pollster president prosecutor prosecutors protester protesters "
    "professor rabbi reporter reporters representative representatives republican republicans researcher researchers "
    "resident residents rival rivals scholar scholars scientist scientists secretary senator senators sheriff source "
    "sources spokesman spokesmen spokeswoman spokesperson staff staffer staffers strategist strategists student students "
    "supporter supporters surrogate surrogates teacher teachers team union unions veteran veterans victim victims voter "
    "voters wife husband witness witnesses woman women man men worker workers writer writers"
)
"""Heads of a noun phrase that can speak. A speaker that is no entity must have one of these, so that none is invented."""
DOCUMENT_NOUNS = word_set(
    "poll polls survey surveys report reports study studies memo letter documents document statement review article "
    "editorial filing lawsuit complaint ad ads video email emails data figures records tweet analysis book column story audit"
)
"""Documents that say or show something. They attribute, and they hold no stance."""
ACT_NOUNS = word_set(
    "announcement decision move plan policy measure proposal order ban effort deal bill act action approach attempt step "
    "ruling nomination appointment strategy speech remarks comments statement threat law legislation crackdown idea "
    "initiative offer vote agreement"
)
"""Acts of somebody: with no name beside them ("the announcement") they stand for whoever was just spoken of as acting."""
TITLES = word_set(
    "mr mrs ms dr sen rep gov gen col lt sgt rev prof president chancellor senator representative governor mayor secretary "
    "attorney general minister prime chairman chairwoman judge justice king queen prince princess pope sir lady lord "
    "congressman congresswoman speaker ambassador director captain officer former vice deputy acting state"
)
"""Lower-cased, without the dot."""
MALE_WORDS = word_set(
    "mr sir king prince pope father husband son brother chairman congressman spokesman businessman lord he his him"
)
FEMALE_WORDS = word_set(
    "mrs ms miss lady queen princess mother wife daughter sister chairwoman congresswoman spokeswoman businesswoman she her"
)
MALE_NAMES = word_set(
    "adam alan albert alex alexander andrew anthony antonio barack ben benjamin bernard bernie bill billy bob boris brad "
    "brian bruce carl charles chris christopher chuck craig dan daniel dave david dennis derek dick don donald doug "
    "edward emmanuel eric frank fred gary geoffrey george gerald giuseppe glenn greg gregory harold harry henry howard "
    "ivan jack jacob jake james jason jared jeb jeff jeffrey jeremy jerry jim jimmy joe john john jonathan jose joseph "
    "joshua juan justin keith ken kenneth kevin lance larry lawrence leon lindsey louis luke marc marco mark martin "
    "matt matthew max michael miguel mike mitch mitt mohammed muhammad narendra nathan neil newt nicholas nick nigel "
    "orrin oscar patrick paul pedro pete peter phil philip ralph ray reince rex richard rick rob robert rod roger ron "
    "ronald roy rudy rupert ryan sam samuel scott sean sergei simon stephen steve steven stuart ted thomas tim timothy "
    "todd tom tony victor vladimir walter wayne william xi"
)
FEMALE_NAMES = word_set(
    "adriana agnes alexandra alexandria alice alison amanda amy ana andrea angela ann anna anne annie barbara "
    "bella betsy betty carly carol caroline "
    "catherine chelsea cheryl christina christine cindy claire condoleezza cynthia deborah diana diane dianne donna "
    "dorothy elaine eleanor elena elizabeth ellen emily emma eva fatima gina gloria hannah heather heidi helen hillary "
    "huma ivanka jacinda jane janet janice jean jennifer jessica jill joan joyce judith judy julia julie kamala karen "
    "kate katherine kathleen kathy katie kellyanne kirsten kirstjen laura linda lisa liz loretta lucy margaret maria "
    "marie marine martha mary megan megyn melania melissa meghan michelle monica nancy natalie nikki olivia pamela "
    "patricia patty paula rachel rebecca rosa ruth samantha sandra sarah sharon sheila shirley sonia sophie stephanie "
    "sue susan suzanne tammy theresa tulsi valerie vanessa victoria virginia wendy yvonne"
)
"""Frequent given names, so that "she" is not tied to a man. A name in neither list fits both."""
CATENATIVES = word_set(
    "continued went go goes going continues wanted wants want began begins refused refuses declined declines tried tries "
    "seemed seems appeared appears sought seeks used able quick careful expected likely willing ready rushed hastened "
    "failed fails vowed hesitated came took paused needs needed had has have"
)
"""Words that stand before "to" and a verb of speaking: went on to say, refused to say."""
ALSO_NOUNS = word_set(
    "claim report state note question promise plan hope fear attack support praise back call demand request order offer post "
    "tweet blog joke estimate challenge quote reference outline detail cast brand label view wish love hate doubt favor "
    "favour regard blame fault fight shame target trash torch credit honor honour root welcome celebrate trust second salute "
    "champion bless applaud cheer protest sue lament boast vow pledge signal counter answer reply response address mention worry "
    "reason chime shout scream whisper yell sigh laugh stress charge mock smear insult ridicule censure boycott dispute rebuke "
    "slam swipe rap pan flay savage distrust mistrust scorn shun snub spoof taunt feud clash spar rant quarrel intent caution "
    "show find voice concern surmise issue like see dismiss press respect reverence scold embrace fancy campaign lobby"
)
"""Forms that are as often a noun: as a bare form they count as a verb only behind a plural, a pronoun or an auxiliary."""
NOT_PAST = word_set(
    "need speed indeed hundred bed red feed seed deed breed shed wed led embed exceed proceed succeed bleed heed greed creed "
    "weed reed sacred naked wicked kindred med ted fed ned fred alfred united limited armed so-called"
)
"""Words in -ed that are no past forms."""
COMMON_VERBS = word_set(
    "accept achieve act admit:admitted affect allow apologise apologize appear apply approve arrive avoid become:became:become "
    "begin:began:begun break:broke:broken bring:brought build:built buy:bought campaign carry cause change choose:chose:chosen "
    "collapse come:came:come consider control convince create cut:cut deal:dealt decide deliver deny deserve destroy die "
    "drop* earn elect emerge enact end enforce enjoy enter establish exist face fail fall:fell:fallen fight:fought file fill "
    "find:found finish fire follow force forget:forgot:forgotten form gain get:got give:gave:given go:went:gone grow:grew:grown "
    "happen hate head hear:heard help hire hit:hit hold:held hurt:hurt identify include increase introduce invite involve issue "
    "join keep:kept kill know:knew:known land launch lead:led leave:left let:let lie:lied lift like listen live look lose:lost "
    "love make:made manage mean:meant meet:met miss move name need nominate obtain occur offer open order pass pay:paid persuade "
    "pick place play prefer prepare present prevent produce protect prove provide publish pull push put:put quit:quit raise reach "
    "read:read receive reduce refer refuse release rely remain remember remove require resign return rise:rose:risen run:ran:run "
    "see:saw:seen seek:sought seem sell:sold send:sent serve set:set settle share sign sit:sat sleep:slept speak:spoke:spoken "
    "spend:spent stand:stood start stay steal:stole:stolen step* stop* strike:struck sue suffer supply surge take:took:taken "
    "talk teach:taught testify threaten throw:threw:thrown travel treat try turn undergo understand:understood use veto violate "
    "visit vote wait walk want watch wear:wore:worn win:won wish withdraw:withdrew:withdrawn work worry"
)
"""Frequent verbs that neither table holds, as ``lemma``, ``lemma:past`` or ``lemma:past:participle``; ``*`` doubles a consonant."""


def inflect(entry: str) -> Iterator[tuple[str, str]]:
    """The forms of a verb and what each is: ``base``, ``s``, ``past`` (both past forms) or ``ing``.

    ``entry`` is ``lemma``, ``lemma:past`` or ``lemma:past:participle``; a trailing ``*`` doubles the last consonant.
    """
    lemma, *irregular = entry.split(":")
    double = lemma.endswith("*")
    lemma = lemma.rstrip("*")
    stem = lemma + lemma[-1] if double else lemma
    yield lemma, "base"
    after_consonant = lemma.endswith("y") and lemma[-2:-1] not in "aeiou"
    if after_consonant:
        yield lemma[:-1] + "ies", "s"
    elif lemma.endswith(("s", "x", "z", "ch", "sh", "o")):
        yield lemma + "es", "s"
    else:
        yield lemma + "s", "s"
    if irregular:
        for form in irregular:
            yield form, "past"
    elif after_consonant:
        yield lemma[:-1] + "ied", "past"
    elif lemma.endswith("e"):
        yield lemma + "d", "past"
    else:
        yield stem + "ed", "past"
    if lemma.endswith("ie"):
        yield lemma[:-2] + "ying", "ing"
    elif lemma.endswith("e") and not lemma.endswith(("ee", "oe", "ye")) and lemma != "be":
        yield lemma[:-1] + "ing", "ing"
    else:
        yield stem + "ing", "ing"


VERB_FORMS: dict[str, str] = {form: kind for entry in sorted(COMMON_VERBS) for form, kind in inflect(entry)}
