-- Units whose fingerprint somebody here has compared by telephone.

CREATE TABLE contact (
    unit_id     BLOB PRIMARY KEY,
    fingerprint BLOB NOT NULL,            -- what was compared; when the unit's keys change it is another
    verified_at INTEGER NOT NULL
) WITHOUT ROWID;
