"""The words of the operator's page, Swedish and English. A name without both does not get past the tests."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = ("sv", "en")

WORDS: Final = {
    "title": ("Navet i siffror", "The hub in figures"),
    "enter": ("Logga in", "Log in"),
    "token": ("Nyckel från filen admin.token", "Token from the file admin.token"),
    "wrong": ("Nyckeln stämmer inte.", "That is not the token."),
    "often": ("För många försök. Vänta en minut.", "Too many tries. Wait a minute."),
    "leave": ("Logga ut", "Log out"),
    "other": ("English", "Svenska"),
    "ready": ("Tar emot", "Ready"),
    "signed": ("Rötterna har skrivit under navet", "The roots have signed the hub"),
    "room": ("Det finns plats på disken", "There is room on the disk"),
    "store": ("Databasen skriver", "The database writes"),
    "yes": ("ja", "yes"),
    "no": ("NEJ", "NO"),
    "unknown": ("okänt", "unknown"),
    "machine": ("Maskinen nu", "The machine now"),
    "mail": ("Post, sedd en gång i timmen", "Mail, looked at once an hour"),
    "hour_note": (
        "Siffrorna om post står stilla till nästa hela timme (UTC), så att ingen kan se när en insättning gjordes.",
        "The figures about mail stand still until the next full hour (UTC), lest anybody sees when a deposit was made.",
    ),
    "version": ("Version", "Version"),
    "now": ("Navets klocka (UTC)", "The hub's clock (UTC)"),
    "clock_kept": ("Klockan hålls av en tidstjänst", "A time service keeps the clock"),
    "up": ("I gång sedan", "Up for"),
    "free": ("Ledigt på disken", "Free on the disk"),
    "queued": ("Skrivningar som väntar", "Writes that wait"),
    "job_failures": ("Misslyckade rundor av navets eget arbete", "Failed rounds of the hub's own work"),
    "troubles": ("Navets egna fel sedan start", "The hub's own faults since the start"),
    "none": ("inga", "none"),
    "log_size": ("Uttalanden i katalogloggen", "Statements in the directory log"),
    "unpublished": ("varav inte bevittnade", "of these not witnessed"),
    "snapshot": ("Ålder på senaste nyckelbilden", "Age of the newest prekey snapshot"),
    "backup": ("Ålder på senaste säkerhetskopian", "Age of the newest backup"),
    "never": ("INGEN ÄR GJORD HÄR", "NONE WAS MADE HERE"),
    "certificate": ("Certifikat {n} gäller i", "Certificate {n} is valid for"),
    "unreadable": ("GÅR INTE ATT LÄSA", "CANNOT BE READ"),
    "waiting": ("Försändelser som väntar", "Envelopes that wait"),
    "withheld": ("Återkallade", "Recalled"),
    "oldest": ("Äldsta väntande, timmar", "Oldest that waits, hours"),
    "size": ("Databasens storlek", "Size of the database"),
    "connections": ("Öppna förbindelser", "Open connections"),
    "listeners": ("Datorer som lyssnar", "Devices that listen"),
    "rates": ("De senaste 24 hela timmarna", "The last 24 whole hours"),
    "deposits": ("Insättningar", "Deposits"),
    "fetches": ("Hämtningar", "Fetches"),
    "refusals": ("Avslag", "Refusals"),
    "hour": ("Timme (UTC)", "Hour (UTC)"),
    "restart_note": ("Räknarna börjar om när navet startas.", "The counters begin anew when the hub is started."),
    "mailboxes": ("Brevlådor där något väntar", "Mailboxes in which something waits"),
    "mailbox": ("Brevlåda", "Mailbox"),
    "empty": ("Ingenting väntar.", "Nothing waits."),
    "days": ("{n} dygn", "{n} days"),
    "hours": ("{n} tim", "{n} h"),
    "unanswered": ("Databasen svarar inte. Se navets logg.", "The database does not answer. See the hub's log."),
}


def words(language: str) -> dict[str, str]:
    """All words in one language; Swedish when it is another."""
    at = LANGUAGES.index(language) if language in LANGUAGES else 0
    return {name: pair[at] for name, pair in WORDS.items()}
