"""How the stance models of ``services/stance/model`` and ``model-large`` were made: ``python -m training.stance`` (``make train
TASK=stance``).

``data`` reads the annotated sets and news without annotations into ``examples``, ``teacher`` reads each target by itself,
``student`` is what is shipped, ``train`` the training of both, ``export`` writes the student for the service.
"""
