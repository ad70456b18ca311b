-- Attachments in pieces, for processes that share no folder. Without an order: names are random.

CREATE TABLE blob (
  name      bytea PRIMARY KEY,  -- SHA-256 of the blob, 32 bytes
  mailbox   bytea NOT NULL,     -- for the quota, 16 bytes
  hour      integer NOT NULL,   -- hub's hour, for the expiry
  drop_hash bytea NOT NULL,     -- of the secret that has it deleted, 32 bytes
  body      bytea NOT NULL
);
ALTER TABLE blob ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE blob SET (
  autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX blob_by_hour ON blob (hour);

CREATE TABLE held (
  mailbox bytea PRIMARY KEY,
  count   bigint NOT NULL       -- so that the quota costs no count
);
