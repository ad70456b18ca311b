-- Everything the hub stores (PROTOCOL 7). No address, no sender, no time finer than an hour.

CREATE TABLE meta (
  name  TEXT PRIMARY KEY,   -- 'incarnation': 16 random bytes, new after every restore; 'checkpoint': newest signed note;
                            -- 'cosigned': newest note that a quorum of witnesses cosigned
  value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE leaf (
  i    INTEGER PRIMARY KEY, -- index in the directory log, from 0, no gaps
  body BLOB NOT NULL        -- the signed object as received
);

CREATE TABLE mailbox (
  no      INTEGER PRIMARY KEY,         -- short local number, in the order of the directory log
  id      BLOB NOT NULL UNIQUE,        -- 16 bytes, as in the directory
  next_n  INTEGER NOT NULL DEFAULT 1,  -- number that the next envelope gets; taken in the transaction of its insert
  waiting INTEGER NOT NULL DEFAULT 0,  -- envelopes stored and not withheld; so that the quota costs no count
  passed  INTEGER NOT NULL DEFAULT 0   -- highest cursor that any device ever had: a recall must be above it
);

CREATE TABLE token (
  mailbox INTEGER NOT NULL, -- mailbox.no
  week    INTEGER NOT NULL, -- hours since 1970 divided by 168
  hash    BLOB NOT NULL,    -- SHA-256 of the delivery token, 32 bytes
  PRIMARY KEY (mailbox, week)
) WITHOUT ROWID;

-- The primary key clusters a mailbox's envelopes and is the only order kept: a number that rises over all mailboxes
-- would say in which order the offices wrote within an hour.
CREATE TABLE envelope (
  place       INTEGER PRIMARY KEY,        -- mailbox.no * 2^32 + n
  mailbox     INTEGER NOT NULL,           -- mailbox.no, again, for the index
  sealed      INTEGER NOT NULL,           -- hour in the envelope's header, hours since 1970
  id          BLOB NOT NULL,              -- SHA-256 of the envelope, 32 bytes
  hour        INTEGER NOT NULL,           -- hub's hour of deposit; at most one apart from sealed
  recall_hash BLOB NOT NULL,              -- from the header, 32 bytes
  recalled    INTEGER NOT NULL DEFAULT 0, -- 1: withheld; body is then empty
  body        BLOB NOT NULL               -- the envelope; its length is the size class
);

-- By hour first: inserts of one hour stay in a few pages, so a deposit costs the same with a million waiting.
CREATE UNIQUE INDEX envelope_by_id ON envelope (sealed, id, mailbox);
CREATE INDEX envelope_by_recall ON envelope (sealed, recall_hash);

CREATE TABLE cursor (
  device BLOB PRIMARY KEY,  -- 16 bytes
  n      INTEGER NOT NULL   -- the device has everything up to and including n
) WITHOUT ROWID;

CREATE TABLE batch (
  device   BLOB NOT NULL,    -- 16 bytes
  no       INTEGER NOT NULL, -- batch number, rising per device
  digest   BLOB NOT NULL,    -- SHA-256 of body
  revision INTEGER,          -- number of the first snapshot that covers it; NULL: waits for the next
  body     BLOB NOT NULL,    -- the signed object as received
  PRIMARY KEY (device, no)
);
