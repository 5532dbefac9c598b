"""How ``services/stance/stems.txt`` and ``weights.txt`` were made: see ``__main__``."""
