-- What somebody has typed in a form of the page that makes no document of its own: on this device only, until it is sent.

CREATE TABLE jotting (
    form   TEXT NOT NULL,                 -- which form: consent, supplement, renew, refusal, note, decline
    target TEXT NOT NULL,                 -- what it is about: hexadecimal, or a word of the page's own
    typed  BLOB NOT NULL,                 -- JSON: texts by name of the control
    at     INTEGER NOT NULL,              -- when it was last typed in
    PRIMARY KEY (form, target)
) WITHOUT ROWID;
