-- The vault of one device. Everything here is encrypted page by page (SQLCipher); ids are raw bytes, times are seconds
-- since 1970 UTC, hours are hours since 1970 UTC.

CREATE TABLE meta (                       -- single facts, by name
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE leaf (                       -- the directory log as received
    n    INTEGER PRIMARY KEY,             -- index from 0
    leaf BLOB NOT NULL
);

CREATE TABLE batch (                      -- newest verified prekey batch of each device
    device_id BLOB PRIMARY KEY,
    batch_no  INTEGER NOT NULL,
    signed    BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE document (                   -- every document written here or accepted here
    document_id   BLOB PRIMARY KEY,
    direction     TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    state         TEXT NOT NULL,          -- out: queued sent available registered refused stopped recalling recalled; in: accepted
    kind          TEXT NOT NULL,          -- e.g. hotbild.resultat
    kind_class    TEXT NOT NULL,          -- content, consent, withdrawal
    thread_id     BLOB NOT NULL,
    reply_to      BLOB,
    unit_id       BLOB NOT NULL,          -- the other unit
    device_id     BLOB NOT NULL,          -- the device that signed or will sign
    signed        BLOB,                   -- the signed object; NULL while it waits unsigned in the outbox
    digest        BLOB,                   -- SHA-256 of signed
    seq           INTEGER,                -- place in the chain device -> unit
    salt          BLOB NOT NULL,
    body          BLOB NOT NULL,
    consent_id    BLOB,                   -- the consent that it leans on
    consents      BLOB NOT NULL,          -- digests of the consents in the body, 32 bytes each
    legal_basis   TEXT NOT NULL,
    code          TEXT NOT NULL DEFAULT '', -- why it was refused or stopped
    at            INTEGER NOT NULL,       -- written or received
    deposit_hour  INTEGER,                -- by the hub's clock
    settled_at    INTEGER,                -- time of the last receipt
    read_at       INTEGER                 -- first shown to a person
);
CREATE UNIQUE INDEX document_seq ON document (device_id, unit_id, direction, seq) WHERE seq IS NOT NULL;
CREATE INDEX document_thread ON document (thread_id, at);
CREATE INDEX document_consent ON document (consent_id) WHERE consent_id IS NOT NULL;

CREATE TABLE chain (                      -- head of each chain of documents, sent and received
    device_id BLOB NOT NULL,
    unit_id   BLOB NOT NULL,              -- recipient
    seq       INTEGER NOT NULL,
    digest    BLOB NOT NULL,
    PRIMARY KEY (device_id, unit_id)
) WITHOUT ROWID;

CREATE TABLE gap (                        -- documents of a chain that were skipped and have not come
    device_id BLOB NOT NULL,
    unit_id   BLOB NOT NULL,
    seq       INTEGER NOT NULL,
    noted_at  INTEGER NOT NULL,
    PRIMARY KEY (device_id, unit_id, seq)
) WITHOUT ROWID;

CREATE TABLE outbox (                     -- documents that have no receipt yet; a row goes only with a signed receipt
    document_id BLOB PRIMARY KEY REFERENCES document (document_id),
    mailbox_id  BLOB NOT NULL,
    next_at     INTEGER NOT NULL,         -- when to seal and deposit (again)
    attempts    INTEGER NOT NULL DEFAULT 0,
    alarm_at    INTEGER NOT NULL          -- when a person is told that there is no receipt
) WITHOUT ROWID;
CREATE INDEX outbox_next ON outbox (next_at);

CREATE TABLE attempt (                    -- one sealed envelope; repeated byte for byte until the hub's answer is known
    envelope_id       BLOB PRIMARY KEY,
    document_id       BLOB,               -- NULL: a receipt
    mailbox_id        BLOB NOT NULL,
    hour              INTEGER NOT NULL,   -- in its header
    recall_secret     BLOB NOT NULL,
    envelope          BLOB,               -- NULL once deposited
    deposit_hour      INTEGER,
    deposit_signature BLOB,
    recall            TEXT                -- NULL, wanted, withheld, late
) WITHOUT ROWID;
CREATE INDEX attempt_document ON attempt (document_id);
CREATE INDEX attempt_open ON attempt (hour) WHERE envelope IS NOT NULL;
CREATE INDEX attempt_recall ON attempt (recall) WHERE recall = 'wanted';

CREATE TABLE seen (                       -- envelopes that were handled
    envelope_id BLOB PRIMARY KEY,
    hour        INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE receipt_seen (
    receipt_id BLOB PRIMARY KEY,
    hour       INTEGER NOT NULL           -- when it came
) WITHOUT ROWID;

CREATE TABLE receipt_due (                -- outcomes to tell; kept after sending so that they can be repeated
    document_id       BLOB NOT NULL,
    status            TEXT NOT NULL,
    unit_id           BLOB NOT NULL,      -- whom to tell
    document_digest   BLOB NOT NULL,
    code              TEXT NOT NULL,
    at                INTEGER NOT NULL,
    envelope_id       BLOB NOT NULL,
    deposit_hour      INTEGER NOT NULL,
    deposit_signature BLOB NOT NULL,
    due_at            REAL,               -- NULL: told
    attempt_id        BLOB,               -- the sealed envelope that tells it
    PRIMARY KEY (document_id, status)
) WITHOUT ROWID;
CREATE INDEX receipt_due_at ON receipt_due (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE quarantine (                 -- what failed a check: kept, visible to the registrator, never dropped
    envelope_id BLOB PRIMARY KEY,
    step        INTEGER NOT NULL,         -- number of the check
    code        TEXT NOT NULL,
    unit_id     BLOB,                     -- sender, when it is known
    document_id BLOB,
    envelope    BLOB NOT NULL,
    at          INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE recalled (                   -- envelopes that their sender took back: id and times are all that came
    envelope_id BLOB PRIMARY KEY,
    hour        INTEGER NOT NULL,
    at          INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE thread (
    thread_id  BLOB PRIMARY KEY,
    flow       TEXT NOT NULL,
    state      TEXT NOT NULL,
    side       TEXT NOT NULL,             -- the part that this unit plays in the flow
    unit_id    BLOB NOT NULL,             -- the other unit
    principal  TEXT,                      -- the person's key in the case, where it is about one
    consent_id BLOB,                      -- the consent that its last document leaned on
    deadline   INTEGER,
    begun_at   INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE thread_event (               -- how a thread came to its state
    thread_id   BLOB NOT NULL,
    n           INTEGER NOT NULL,
    event       TEXT NOT NULL,
    state       TEXT NOT NULL,            -- after the event
    document_id BLOB,
    at          INTEGER NOT NULL,
    PRIMARY KEY (thread_id, n)
) WITHOUT ROWID;

CREATE TABLE consent (
    consent_id BLOB PRIMARY KEY,
    supersedes BLOB,
    unit_id    BLOB NOT NULL,             -- whose device signed it
    digest     BLOB NOT NULL,             -- of the signed object
    parcel     BLOB NOT NULL,             -- as it travels
    at         INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE withdrawal (
    digest     BLOB PRIMARY KEY,
    consent_id BLOB NOT NULL,
    signed     BLOB NOT NULL,
    at         INTEGER NOT NULL           -- the withdrawal's own time
) WITHOUT ROWID;
CREATE INDEX withdrawal_consent ON withdrawal (consent_id);

CREATE TABLE alarm (                      -- what a person must see; evidence is kept
    n           INTEGER PRIMARY KEY,
    code        TEXT NOT NULL,
    document_id BLOB,
    evidence    BLOB,
    at          INTEGER NOT NULL,
    cleared_at  INTEGER
);
