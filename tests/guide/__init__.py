"""The handlers' guide, played: every command that it shows is typed, by whom it says, in real offices."""
