"""The languages of what a person reads: Swedish stands in the code, English in a catalogue.

Where to look:
    ``catalogue`` chooses a language and translates · ``locale/`` holds the catalogues, which ``make messages`` renews
"""
