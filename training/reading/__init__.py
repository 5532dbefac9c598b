"""How the model that reads who takes which side toward what was trained: see ``services.stance.reading``."""
