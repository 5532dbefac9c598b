"""How the stance model of ``services/stance/model`` was made: ``python -m training.stance`` (``make train TASK=stance``).

``data`` reads the annotated sets and news without annotations into ``examples``, ``teacher`` is the large encoder, ``student``
the small one that is shipped, ``train`` the training of both, ``export`` writes the student for the service.
"""
