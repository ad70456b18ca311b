-- What came before something that its author had seen: hour and signature of its deposit, to take it in as soon as that
-- is here. NULL: it was put aside for another reason, or is not tried again.
ALTER TABLE quarantine ADD COLUMN hour INTEGER;
ALTER TABLE quarantine ADD COLUMN signature BLOB;
CREATE INDEX quarantine_early ON quarantine (unit_id, at) WHERE hour IS NOT NULL;
