"""The states of a document in words that a person reads, in Swedish and English."""

from __future__ import annotations

from typing import Final

#: Of an own document that a sibling says has come to its recipient, where no receipt of the recipient's is here.
UNSHOWN: Final = "unshown"
STATES: Final = {
    "awaiting": ("väntar på godkännande", "awaiting approval"),
    "approved": ("godkänd, skickas av den som skrev", "approved, its author sends it"),
    "declined": ("inte godkänd", "not approved"),
    "queued": ("köad", "queued"),
    "sent": ("skickad", "sent"),
    UNSHOWN: ("skickad, om den kom fram är okänt här", "sent, whether it arrived is not known here"),
    "available": ("tillgänglig hos mottagaren", "available to the recipient"),
    "registered": ("registrerad", "registered"),
    "refused": ("avvisad", "refused"),
    "stopped": ("stoppad", "stopped"),
    "recalling": ("återkallas, utfallet är inte känt än", "being recalled, outcome not known yet"),
    "recalled": ("återkallad", "recalled"),
    "accepted": ("mottagen", "received"),
    "kept": ("stannar i enheten", "stays in the unit"),
}
