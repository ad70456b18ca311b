-- What is put aside has come in: its kind where it could be read, and who dealt with it, how.
ALTER TABLE quarantine ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN dnr TEXT NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE quarantine ADD COLUMN handled_at INTEGER;
ALTER TABLE quarantine ADD COLUMN handled_by TEXT NOT NULL DEFAULT '';
CREATE TRIGGER clock_aside AFTER INSERT ON quarantine BEGIN INSERT OR IGNORE INTO clock_stale VALUES (CAST('register' AS BLOB)); END;
CREATE TRIGGER clock_handled AFTER UPDATE ON quarantine BEGIN INSERT OR IGNORE INTO clock_stale VALUES (CAST('register' AS BLOB)); END;
CREATE TRIGGER clock_taken AFTER DELETE ON quarantine BEGIN INSERT OR IGNORE INTO clock_stale VALUES (CAST('register' AS BLOB)); END;
INSERT OR IGNORE INTO clock_stale VALUES (CAST('register' AS BLOB));
