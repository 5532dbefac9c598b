"""Short documents written for these tests, and the entities that an editor would list for each."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """A document and what must be found in it.

    ``expected`` gives for each entity its type and number of mentions, and ``exact`` says that there are no others;
    ``aliases`` are some of an entity's aliases; ``absent`` are forms that must be nobody's name or alias.
    """

    id: str
    text: str
    expected: dict[str, tuple[str, int]]
    title: str = ""
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    exact: bool = False


CASES = (
    Case(
        "surname-and-honorific",
        "Attorney General Jeff Sessions spoke in Boston on Monday. Mr. Sessions said the rules would change. "
        "Sessions left early.",
        {"Jeff Sessions": ("PERSON", 3), "Boston": ("GPE", 1)},
        aliases={"Jeff Sessions": ("Attorney General Jeff Sessions", "Mr. Sessions", "Sessions")},
        absent=("Attorney General",),
        exact=True,
    ),
    Case(
        "middle-initial",
        "Eric T. Schneiderman sued the company on Friday. Mr. Schneiderman had warned it twice. “Eric "
        "Schneiderman never bluffs,” a lawyer said.",
        {"Eric T. Schneiderman": ("PERSON", 3)},
        exact=True,
    ),
    Case(
        "particle-surname",
        "Mayor Bill de Blasio promised more buses for Albany. Mr. de Blasio did not say who would pay, and Mayor "
        "de Blasio took no questions.",
        {"Bill de Blasio": ("PERSON", 3), "Albany": ("GPE", 1)},
        aliases={"Bill de Blasio": ("Mayor Bill de Blasio", "Mr. de Blasio", "Mayor de Blasio")},
    ),
    Case(
        "family-by-honorific",
        "Bill Clinton and Hillary Clinton arrived in Dublin on Sunday. Mrs. Clinton gave a lecture. Mr. Clinton "
        "played the saxophone.",
        {"Bill Clinton": ("PERSON", 2), "Hillary Clinton": ("PERSON", 2), "Dublin": ("GPE", 1)},
        aliases={"Bill Clinton": ("Mr. Clinton",), "Hillary Clinton": ("Mrs. Clinton",)},
        exact=True,
    ),
    Case(
        "family-by-nearest-name",
        "Bill Clinton opened the library in Little Rock. Clinton stayed an hour. Hillary Clinton came later. "
        "Clinton thanked the staff.",
        {"Bill Clinton": ("PERSON", 2), "Hillary Clinton": ("PERSON", 2)},
    ),
    Case(
        "father-and-son",
        "George W. Bush and George H. W. Bush shared a stage in Houston. George W. Bush spoke first.",
        {"George W. Bush": ("PERSON", 2), "George H.W. Bush": ("PERSON", 1), "Houston": ("GPE", 1)},
        exact=True,
    ),
    Case(
        "two-people-one-first-name",
        "Michael Brown met Michael Green at the station in Leeds. Mr. Green was late, and Mr. Brown said so.",
        {"Michael Brown": ("PERSON", 2), "Michael Green": ("PERSON", 2), "Leeds": ("GPE", 1)},
    ),
    Case(
        "nickname",
        "Robert Miller founded the brewery in Denver. Bob Miller still tastes every barrel, and Mr. Miller "
        "drives the van himself.",
        {"Robert Miller": ("PERSON", 3), "Denver": ("GPE", 1)},
    ),
    Case(
        "quoted-nickname",
        "Charles “Cully” Stimson wrote the report. Mr. Stimson now lives in Virginia.",
        {"Charles “Cully” Stimson": ("PERSON", 2), "Virginia": ("GPE", 1)},
        exact=True,
    ),
    Case(
        "family-name-first",
        "President Xi Jinping opened the bridge in Shanghai. Mr. Xi praised the engineers. Xi then flew home to "
        "Beijing.",
        {"Xi Jinping": ("PERSON", 3), "Shanghai": ("GPE", 1), "Beijing": ("GPE", 1)},
        exact=True,
    ),
    Case(
        "hyphenated-given-name",
        "Park Geun-hye visited Paris in June. Ms. Park met students, and Park Geun-hye signed books.",
        {"Park Geun-hye": ("PERSON", 3), "Paris": ("GPE", 1)},
        exact=True,
    ),
    Case(
        "double-surname",
        "Andrés Manuel López Obrador won the vote in Mexico. López Obrador thanked his voters in Puebla.",
        {"Andrés Manuel López Obrador": ("PERSON", 2), "Mexico": ("GPE", 1)},
    ),
    Case(
        "person-called-like-a-place",
        "Denzel Washington flew to Washington on Tuesday. Mr. Washington is to receive a prize there.",
        {"Denzel Washington": ("PERSON", 2), "Washington": ("GPE", 1)},
        exact=True,
    ),
    Case(
        "possessives",
        "Angela Merkel's cabinet met in Berlin. Merkel’s coalition is tired, and so are Germany’s voters.",
        {"Angela Merkel": ("PERSON", 2), "Berlin": ("GPE", 1), "Germany": ("GPE", 1)},
        absent=("Merkel’s", "Angela Merkel's", "Germany’s"),
        exact=True,
    ),
    Case(
        "administration",
        "The Trump administration appealed on Thursday. Donald Trump’s administration had lost in March. Mr. "
        "Trump said nothing.",
        {"Trump administration": ("ORG", 2), "Trump": ("PERSON", 1)},
        aliases={"Trump": ("Mr. Trump",)},
        absent=("Donald Trump’s",),
    ),
    Case(
        "two-administrations",
        "The Obama administration wrote the rule. The Trump administration withdrew it. Barack Obama called that "
        "a mistake.",
        {"Obama administration": ("ORG", 1), "Trump administration": ("ORG", 1), "Barack Obama": ("PERSON", 1)},
        exact=True,
    ),
    Case(
        "campaign",
        "The Sanders campaign raised more money in Iowa. Bernie Sanders thanked the donors on Sunday.",
        {"Sanders campaign": ("ORG", 1), "Bernie Sanders": ("PERSON", 1), "Iowa": ("GPE", 1)},
        exact=True,
    ),
    Case(
        "department-both-ways",
        "The Department of Justice opened an inquiry. The Justice Department declined to comment, and lawyers at "
        "the D.O.J. were silent.",
        {"Department of Justice": ("ORG", 3)},
        aliases={"Department of Justice": ("Justice Department", "D.O.J.")},
        exact=True,
    ),
    Case(
        "acronym-by-initials",
        "The raid was led by Immigration and Customs Enforcement officials. ICE gave no reason. A spokesman for "
        "ICE hung up.",
        {"Immigration and Customs Enforcement": ("ORG", 3)},
        aliases={"Immigration and Customs Enforcement": ("ICE",)},
        exact=True,
    ),
    Case(
        "acronym-in-brackets",
        "The National Union of Metalworkers of South Africa (NUMSA) called a strike. NUMSA wants a raise of ten "
        "percent.",
        {"National Union of Metalworkers of South Africa": ("ORG", 3)},
        aliases={"National Union of Metalworkers of South Africa": ("NUMSA",)},
        exact=True,
    ),
    Case(
        "dotted-acronym",
        "Officers of the N.Y.P.D. closed the bridge. The N. Y. P. D. opened it again at noon.",
        {"N.Y.P.D.": ("ORG", 2)},
        exact=True,
    ),
    Case(
        "acronym-and-long-form",
        "The Environmental Protection Agency fined the refinery. The EPA has fined it before. E.P.A. inspectors "
        "return in May.",
        {"Environmental Protection Agency": ("ORG", 3)},
        aliases={"Environmental Protection Agency": ("EPA", "E.P.A.")},
        exact=True,
    ),
    Case(
        "committee-in-short",
        "The Senate Judiciary Committee voted on Wednesday. The Judiciary Committee had waited for weeks.",
        {"Senate Judiciary Committee": ("ORG", 2)},
        exact=True,
    ),
    Case(
        "company-suffix",
        "Acme Robotics Inc. opened a plant in Ohio. Acme Robotics will hire 300 people.",
        {"Acme Robotics Inc.": ("ORG", 2), "Ohio": ("GPE", 1)},
    ),
    Case(
        "treasury",
        "The Treasury Department borrowed more in April. Treasury officials in Washington expect no trouble.",
        {"Treasury Department": ("ORG", 2), "Washington": ("GPE", 1)},
    ),
    Case(
        "country-in-three-forms",
        "The United States signed the treaty. The U.S. had refused for years. Diplomats from the US and France "
        "shook hands.",
        {"United States": ("GPE", 3), "France": ("GPE", 1)},
        aliases={"United States": ("U.S.", "US")},
        exact=True,
    ),
    Case(
        "demonyms-apart",
        "Iran released the ship. Iranian officials said the Iranians on board were well. Iran wants better relations.",
        {"Iran": ("GPE", 2), "Iranian": ("NORP", 2)},
        aliases={"Iranian": ("Iranians",)},
        exact=True,
    ),
    Case(
        "party-members",
        "Republicans blocked the bill. A Republican senator voted for it, as did all Democrats. One Democrat wept.",
        {"Republicans": ("NORP", 2), "Democrats": ("NORP", 2)},
        exact=True,
    ),
    Case(
        "dateline",
        "WASHINGTON — Senator Susan Collins will not run again. Ms. Collins told reporters in Portland that she "
        "was tired.",
        {"Washington": ("GPE", 1), "Susan Collins": ("PERSON", 2), "Portland": ("GPE", 1)},
        aliases={"Washington": ("WASHINGTON",), "Susan Collins": ("Senator Susan Collins", "Ms. Collins")},
        exact=True,
    ),
    Case(
        "state-abbreviation",
        "Sen. Patrick Toomey (R-Pa.) opposed the plan. Voters in Pennsylvania like it, Toomey said.",
        {"Patrick Toomey": ("PERSON", 2), "Pennsylvania": ("GPE", 2)},
        exact=True,
    ),
    Case(
        "title-case-headline",
        "Mayor Lori Lightfoot shut the schools of Chicago on Friday because of the storm. Lightfoot said that "
        "buses would run, that libraries would stay open and that teachers were to be paid. Parents were angry: "
        "they had learned of it only an hour before the first lesson. Many of them had no one to look after "
        "their children, and some took them to work in Chicago.",
        {"Lori Lightfoot": ("PERSON", 3), "Chicago": ("GPE", 3)},
        title="Lightfoot Shuts Chicago Schools As Angry Parents Scramble To Find Care",
        absent=("Angry Parents Scramble", "Lightfoot Shuts"),
        exact=True,
    ),
    Case(
        "headline-in-capitals",
        "Governor Greg Abbott sent the guard to the border near Laredo. Abbott said that Texas had been left "
        "alone. The soldiers will stay until the end of the year and will build a fence, mend roads and watch "
        "the river by night. The sheriff of the county said that he had not been asked and that he did not know "
        "where the soldiers would sleep or who would feed them.",
        {"Greg Abbott": ("PERSON", 3), "Texas": ("GPE", 2), "Laredo": ("GPE", 1)},
        title="ABBOTT SENDS SOLDIERS TO TEXAS BORDER",
        exact=True,
    ),
    Case(
        "doubled-by-a-replacer",
        "Ms. Warren Ms. Warren proposal would tax the rich. Elizabeth Warren appearance in Iowa drew a crowd.",
        {"Elizabeth Warren": ("PERSON", 3), "Iowa": ("GPE", 1)},
        absent=("Warren Ms", "Elizabeth Warren appearance", "Warren Ms. Warren"),
        exact=True,
    ),
    Case(
        "glued-by-a-replacer",
        "the Department of Labor under the Biden administration the Department of Labor any new rule. Joe Biden "
        "The Biden administration first steps were small, Joe Biden said.",
        {"Department of Labor": ("ORG", 2), "Biden administration": ("ORG", 2), "Joe Biden": ("PERSON", 2)},
        absent=("Joe Biden The",),
        exact=True,
    ),
    Case(
        "cut-by-a-replacer",
        "Clara Jensen, who leads the Republican National Mr. Palmer’s, spoke in Ohio. Mr. Palmer’s lawyers cheered, and "
        "Jensen smiled.",
        {"Clara Jensen": ("PERSON", 2), "Palmer": ("PERSON", 2), "Ohio": ("GPE", 1)},
        absent=("Republican National", "Palmer’s"),
        exact=True,
    ),
    Case(
        "nested-by-possessive",
        "The Labor Department’s Office of Inspector General found no fraud. The Labor Department was relieved, and the Office of "
        "Inspector General went home.",
        {"Labor Department": ("ORG", 2), "Office of Inspector General": ("ORG", 2)},
        exact=True,
    ),
    Case(
        "compound",
        "Vladimir Putin and Emmanuel Macron talked for an hour. The Putin-Macron call was the third. Macron-led "
        "talks go on in Paris.",
        {"Vladimir Putin": ("PERSON", 2), "Emmanuel Macron": ("PERSON", 3), "Paris": ("GPE", 1)},
        absent=("Macron-led", "Putin-Macron"),
        exact=True,
    ),
    Case(
        "missed-without-honorific",
        "Mr Oyelaran denied the charge in Lagos. Police say Mr Oyelaran was at the market. The court will hear "
        "Mr Oyelaran on Monday.",
        {"Oyelaran": ("PERSON", 3), "Lagos": ("GPE", 1)},
        aliases={"Oyelaran": ("Mr Oyelaran",)},
        exact=True,
    ),
    Case(
        "judge-and-rank",
        "Judge Susan Holloway read the sentence. Judge Holloway spoke for an hour. Lt. Col. Daniel Ortega "
        "listened in the last row.",
        {"Susan Holloway": ("PERSON", 2), "Daniel Ortega": ("PERSON", 1)},
        aliases={
            "Susan Holloway": ("Judge Susan Holloway", "Judge Holloway"),
            "Daniel Ortega": ("Lt. Col. Daniel Ortega",),
        },
        exact=True,
    ),
    Case(
        "secretary-of-state",
        "Secretary of State Mike Pompeo landed in Seoul. Mr. Pompeo met Foreign Minister Kang Kyung-wha, and "
        "Pompeo left at night.",
        {"Mike Pompeo": ("PERSON", 3), "Kang Kyung-wha": ("PERSON", 1), "Seoul": ("GPE", 1)},
        aliases={"Mike Pompeo": ("Secretary of State Mike Pompeo", "Mr. Pompeo", "Pompeo")},
        absent=("State", "Foreign Minister"),
        exact=True,
    ),
    Case(
        "newspaper-in-short",
        "The Los Angeles Times printed the letter on Sunday. The Times did not name its author.",
        {"Los Angeles Times": ("ORG", 2)},
        exact=True,
    ),
    Case(
        "link-is-no-name",
        "Read it at https://www.example.org/Politics/Story or write to Editor@Example.org. Jane Goodall lives in "
        "Tanzania.",
        {"Jane Goodall": ("PERSON", 1), "Tanzania": ("GPE", 1)},
    ),
    Case(
        "sentence-starts",
        "Critics were cheerful. The critics of Jane Austen had hoped for less. Visitors queued in Madrid, and "
        "visitors came by train.",
        {"Jane Austen": ("PERSON", 1), "Madrid": ("GPE", 1)},
        exact=True,
    ),
    Case(
        "tokenised",
        "The mayor of Oakland , Libby Schaaf , warned the city ’s immigrants on Twitter . Ms. Schaaf ’s warning "
        "angered Washington .",
        {"Oakland": ("GPE", 1), "Libby Schaaf": ("PERSON", 2), "Washington": ("GPE", 1), "Twitter": ("ORG", 1)},
        exact=True,
    ),
)
