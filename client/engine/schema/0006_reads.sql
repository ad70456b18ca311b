-- Who has read threat and placement content here, when and why (domain.md 2.0.5). Only ever added to.

CREATE TABLE read_log (
    n           INTEGER PRIMARY KEY,
    document_id BLOB NOT NULL,
    kind        TEXT NOT NULL,
    staff       TEXT NOT NULL,
    roles       TEXT NOT NULL,            -- the device's certified roles then, separated by spaces
    reason      TEXT NOT NULL,
    at          INTEGER NOT NULL
);
