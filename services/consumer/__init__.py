"""The consumer: follows ``news.enriched``, filters, shows events in the terminal, writes them to files.

Decides where reading starts, what is a repeat, what matches, how an event looks and how it is stored. Leaves to others
what an event says. News text is untrusted: nothing of it reaches the terminal but printable characters.
"""
