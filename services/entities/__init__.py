"""The entities stage: ``EntityTagger`` finds who and what a document names, each once, with all its mentions.

It decides where a name begins and ends, of what type it is and which names are one entity's. What these entities think of
each other is left to the stance stage. Modules, in the order of the work: ``reading`` (spaCy), ``tagger`` and ``wordpiece`` (the
encoder in ``model``), ``pieces``, ``casing``,
``boundaries``, ``titles``, ``types``, ``glue``, ``spread``, ``persons``, ``bodies``, ``clusters``, ``salience``, ``core``;
``vocabulary`` and ``words`` serve them. ``plain`` has the rules for documents that are not English.
"""
