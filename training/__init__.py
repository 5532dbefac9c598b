"""How the shipped models were made: from the development data to the committed files, one command each.

Decides nothing at run time: the service never imports it, and torch comes with the extra ``training`` alone.
"""
