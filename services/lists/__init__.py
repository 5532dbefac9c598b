"""Lists that a user keeps and changes while the pipeline runs: the entities and the issues that are watched.

Decides what such lists share: ``entry`` how an entry is read and its fault named, ``file`` how a file of them looks, ``forms``
which entry a form belongs to. What a form is found in is left to the stages, how a change arrives to the runtime (``guide``).
"""
