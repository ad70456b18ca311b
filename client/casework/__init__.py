"""The rules of the work as pure functions and data: no I/O, no clock, no randomness, no secret.

Ids are 32 lowercase hexadecimal characters, instants ``YYYY-MM-DDTHH:MM:SSZ``, days ``YYYY-MM-DD``.
A body is ``{"header": {...}, "content": {...}, "consents": [bytes, ...]}``; whoever decodes the
consents gives the records in. Every refusal is a `keys.errors.RefusedError` with a stable code.

What the engine calls:
    rules.check_outgoing(context) / check_incoming(context) -> question.Verdict(message, state, deadline, due, ...)
    question.Context(body, sender, recipient, state, asker_unit, opening, record, withdrawals, now, ...)
    parties.Unit(unit_id, unit_type, authority, private, takes_under_18, kommunkod, small_place)
    actions.act(flow, state, event, by, now=..., opening=None) -> Moved(state, deadline, due)
    actions.local_events(flow, state, by), actions.sendable_kinds(flow, state, by, unit_type, to_type="")
    consent_check.validate_record(decoded, minor=None) -> ConsentRecord
    consent.effective(records), consent.supplement(record, ...), consent.add_event(record, ...)
    consent_status.Withdrawal(at, scope, recipient, purposes), consent_status.status(record, withdrawals, day)
    consent_status.withdrawal_of(content of samtycke.aterkallat) -> Withdrawal
    authorities.required_authorities(case_type, overrides, applicable), authorities.authority_of(unit_type)
    flow_tables.FLOWS, flows.By(side, role), flows.Side, flows.is_final(flow, state)

    placement.require_clear(verdicts, place=..., moves_at=..., now=...), repetition.signs(new, past)

What prompts, forms, search, print and export read:
    kinds.registry.KINDS, describe(kind_name), describe_header() -> tuple[FieldInfo, ...]
    validate.validate_body(body, opening=None) -> Message; problems.InvalidBodyError.problems
    guard.scan(text) -> tuple[Finding, ...]; codes.explain(code, lang, **fields) -> Explanation

The floors inside, each standing on those below it:
    rules
    actions, carriers, consent_rules
    validate, consent_check, consent_status, authorities
    kinds.registry; kinds.{konsultation, hotbild, overlamnande, samtycke, placering, kollision}; kinds.kind
    consent, consent_events, person_rules, flow_tables
    header, shape, flows, guard (guard_numbers, guard_patterns, guard_hints, guard_places), codes (code_table)
    describe, problems, deadlines
    fields, codelists, identity, swedish_time, placement, repetition
"""
