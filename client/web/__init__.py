"""The page of one office: what a handler sees in the browser, on loopback only.

Every page is drawn on the server and works without JavaScript; the scripts in ``static`` only spare clicks.
The page asks the same commands as the loopback API (``client.api.commands``) and knows no rule of its own.

Where to look:
    ``server`` opens the door · ``gate`` decides who comes in · ``sessions`` remembers them · ``routes`` is the map ·
    ``pages/`` has one module per page · ``forms/`` draws and reads the forms of the kinds · ``look`` is how it reads
"""
