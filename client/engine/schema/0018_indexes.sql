-- What is asked at every document and every look at the hub, of tables whose rows stay or may be many.

-- Put aside: whether a document lies there, what a sibling may have a key for, and the oldest that waits for somebody.
-- A table of sealed envelopes is large; none of them is read for this.
CREATE INDEX quarantine_document ON quarantine (document_id) WHERE document_id IS NOT NULL;
CREATE INDEX quarantine_code ON quarantine (code, at);
CREATE INDEX quarantine_waits ON quarantine (at, document_id) WHERE handled_at IS NULL;

CREATE INDEX receipt_due_attempt ON receipt_due (attempt_id) WHERE attempt_id IS NOT NULL;
CREATE INDEX need_next ON need (next_at);
CREATE INDEX outbox_alarm ON outbox (alarm_at) WHERE alarm_at IS NOT NULL;
CREATE INDEX alarm_open ON alarm (code, document_id) WHERE cleared_at IS NULL;
CREATE INDEX alarm_unseen ON alarm (n) WHERE cleared_at IS NULL AND seen_at IS NULL;
CREATE INDEX carried_hour ON carried (hour);
CREATE INDEX running_due ON running (due_at, clock, subject);

-- Its states are asked for one by one, which SQLite does not see in a list.
DROP INDEX attachment_open;
CREATE INDEX attachment_state ON attachment (state, next_at);
CREATE INDEX upload_state ON upload (state, next_at);
