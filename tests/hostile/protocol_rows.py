"""Where each danger, invariant and check of the protocol is shown: a table of tests by file and name.

Each test named here attacks, and fails when the defence is taken out. ``tests/house/test_shown.py`` sees to it that the
tests exist, and that no invariant and no check is without one.
"""

from __future__ import annotations

from typing import Final

MODEL = "model/test_model.py::test_a_defence_taken_out_is_noticed"  # switches: model/scenarios.py
CHECKS = "hostile/test_checks.py::test_no_check_is_there_for_nothing"
EFFECTS = "hostile/test_rules_taken_out.py::test_without_check_16_each_broken_body_is_accepted"

DANGERS: Final[dict[str, tuple[str, ...]]] = {
    "keys that are used up, drained or out of step": (
        "unit/hub/test_prekeys.py::test_reading_keys_takes_nothing_away",
        "hostile/test_lying_hub_mail.py::test_another_incarnation_deposits_again",
        "hostile/test_transaction.py::test_a_mailbox_that_is_numbered_anew_is_read_from_its_start",
    ),
    "keys put in place of others by the hub": (
        "hostile/test_lying_hub_log.py::test_substituted_keys_are_an_alarm",
        "hostile/test_lying_hub_log.py::test_a_forged_batch_that_the_hub_committed_to_is_not_sealed_to",
        "hostile/test_lying_hub_log.py::test_an_old_snapshot_is_used_for_a_day_at_most",
        "hostile/test_lying_hub_keys.py::test_rotated_keys_that_the_hub_keeps_back_are_missed",
    ),
    "the same ciphertext in two mailboxes": (
        "hostile/test_metadata.py::test_two_envelopes_have_nothing_in_common",
        "unit/keys/test_seal.py::test_every_sealing_has_a_key_of_its_own",
    ),
    "one ciphertext that opens to two texts": (
        "unit/keys/test_seal.py::test_the_content_alone_does_not_open_under_a_wrong_key",
        "unit/keys/test_seal.py::test_the_content_does_not_open_under_its_own_key_elsewhere",
        "hostile/test_passed_over.py::test_two_texts_in_one_place_of_a_chain_are_found_out",
        "hostile/test_checks.py::test_each_defect_is_stopped_by_its_check",
        CHECKS,
    ),
    "forwarding in secret, and keys of others": (
        "unit/keys/test_seal.py::test_slots_of_another_envelope_open_nothing",
        "unit/keys/test_seal.py::test_nobody_else_opens",
        CHECKS,
    ),
    "one signature read as another type": (
        "unit/keys/test_signed.py::test_the_type_is_part_of_what_is_signed",
        "hostile/test_vouching.py::test_a_device_signs_nothing_else",
    ),
    "weak Ed25519 keys": (
        "unit/keys/test_public.py::test_a_weak_ed25519_key_is_refused",
        "unit/keys/test_acceptance.py::test_one_defect_is_refused_and_changes_nothing",
        "unit/keys/test_selftest.py::test_a_check_that_refuses_nothing_is_noticed",
        "unit/keys/test_selftest.py::test_an_old_library_is_refused",
    ),
    "Ed25519 and X25519 broken later": (
        "unit/keys/test_public.py::test_both_signatures_are_required",
        "unit/keys/test_seal.py::test_xwing_halves_are_where_the_draft_puts_them",
        "unit/keys/test_seal.py::test_one_half_of_a_key_opens_nothing",
        CHECKS,
    ),
    "a signed leak as proof about a person": (
        "unit/keys/test_documents.py::test_a_commitment_says_nothing_of_a_body_without_its_salt",
        "unit/keys/test_documents.py::test_another_body_or_salt_is_refused",
    ),
    "device lists that the server controls": (
        "hostile/test_lying_hub_log.py::test_a_device_that_nobody_approved_does_not_get_in",
        "unit/keys/test_acceptance.py::test_one_defect_is_refused_and_changes_nothing",
    ),
    "prompt answers that name the partners": (
        "hostile/test_receipts.py::test_receipts_wait_at_random_and_leave_together",
    ),
    "a restored hub": (
        "hostile/test_lying_hub_mail.py::test_forgotten_deposits_are_sealed_again",
        "flow/test_crash.py::test_sealing_anew_makes_up_for_what_the_hub_dropped",
        "hostile/test_passed_over.py::test_what_a_restored_hub_lost_is_told_by_who_had_read_it",
        MODEL,
    ),
    "a restored laptop": (
        "flow/test_cli_recovery.py::test_a_restored_machine_is_a_new_device_with_the_old_documents",
        "flow/test_cli_recovery.py::test_a_backup_holds_no_key_and_no_word",
        "flow/test_rollback.py::test_control_without_the_comparison_a_place_is_signed_twice",
        MODEL,
    ),
}
"""What broke others, in the order of the plan's first table."""

INVARIANTS: Final[dict[str, tuple[str, ...]]] = {
    "I1": (CHECKS, MODEL),
    "I2": (CHECKS, MODEL),
    "I3": (
        "unit/hub/test_process.py::test_kill_right_after_the_answer_keeps_the_row",
        "unit/hub/test_delivery.py::test_envelopes_go_when_all_active_devices_have_them",
        MODEL,
    ),
    "I4": ("hostile/test_receipts.py::test_only_the_recipients_receipt_lets_a_document_go", MODEL),
    "I5": (
        "unit/keys/test_prekeys.py::test_a_seed_goes_at_its_hour_and_not_before",
        "hostile/test_lying_hub_keys.py::test_a_drain_that_lasts_deletes_nothing_that_it_may_have_needed",
        MODEL,
    ),
    "I6": (
        "unit/hub/test_store_sqlite.py::test_the_schema_has_no_room_for_a_sender",
        "unit/hub/test_store_postgres.py::test_the_schema_has_no_room_for_a_sender",
        "hostile/test_metadata.py::test_no_deposit_carries_its_sender",
    ),
    "I7": (
        "hostile/test_passed_over.py::test_two_texts_in_one_place_of_a_chain_are_found_out",
        "unit/keys/test_seal.py::test_every_device_of_the_roster_opens",
        "unit/keys/test_seal.py::test_no_bit_of_header_or_content_can_be_flipped",
        "unit/keys/test_seal.py::test_the_content_alone_does_not_open_under_a_wrong_key",
    ),
    "I8": (
        CHECKS,
        EFFECTS,
        "hostile/test_rules_taken_out.py::test_control_without_the_signature_of_a_consent_an_altered_one_counts",
    ),
    "I9": (
        "hostile/test_lying_hub_log.py::test_a_shorter_history_is_a_fork",
        "hostile/test_lying_hub_log.py::test_a_longer_other_history_is_a_fork",
        "hostile/test_lying_hub_witnesses.py::test_a_split_view_with_all_witnesses_is_seen_in_one_exchange",
        MODEL,
    ),
    "I10": ("flow/test_leaving.py::test_what_a_revoked_device_is_told", MODEL),
}
"""By their names in the plan."""

STEPS: Final[dict[int, tuple[str, ...]]] = dict.fromkeys(range(16), (CHECKS,)) | {
    16: (
        EFFECTS,
        "hostile/test_effects.py::test_each_broken_body_is_refused",
        "hostile/test_rules_taken_out.py::test_a_kind_of_another_life_cycle_is_refused",
        "hostile/test_rules_taken_out.py::test_control_without_the_check_of_the_thread_another_life_cycle_gets_in",
        "hostile/test_rules_taken_out.py::test_control_without_the_check_of_the_thread_a_third_unit_gets_in",
        "hostile/test_rules_taken_out.py::test_control_without_the_check_of_the_role_anybody_is_anything",
    ),
    17: (
        "hostile/test_transaction.py::test_a_full_disk_leaves_nothing_of_a_document",
        "hostile/test_transaction.py::test_control_without_the_transaction_something_stays",
    ),
    18: (
        "hostile/test_transaction.py::test_the_cursor_of_the_hub_moves_last",
        "flow/test_crash.py::test_control_acknowledging_before_the_commit_loses",
    ),
}
"""The checks of receiving by number (FORMATS 8)."""
