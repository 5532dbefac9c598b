"""The stance stage: what the article, or a speaker in it, stands for or against.

``core`` puts the steps together: ``page`` (tokens, quotation marks), ``quotations`` (who says what), ``holders`` (who that is),
``candidates`` (which holder toward which target, in which words), ``judging`` and ``reader`` (what the words say), ``aggregation``
(one stance for each pair). ``words``, ``cues`` and ``lexicon`` hold the vocabulary, ``grammar`` what is known of word order.

Decides stances. What the entities are and where sentences end was decided by the stage before; how work is moved, by the runtime.
"""
