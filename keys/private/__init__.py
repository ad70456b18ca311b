"""The only code that holds or uses secret keys. The hub is built without this folder."""
