"""How ``services/stories/background.txt`` and ``weights.json`` were made: see ``__main__``."""
