"""Identity: which entities of different documents are one person, body or place, by a knowledge base and by their names."""
