"""The bounds that are explored, and the defences that are taken out one by one.

An event is a word and whom it may strike: ``sync b`` each device of unit b, ``revoke b2`` that one device; the number
is how often. ``DEFENCES``: name of the switch → the scenario in which the model must notice that it is off.
"""

from __future__ import annotations

from tests.model.explore import Scenario

SCENARIOS: dict[str, Scenario] = {
    "a hub that drops, repeats and reorders": Scenario(
        ("a1", "b1"),
        {"write a": 2, "sync b": 2, "sync a": 1, "drop": 1, "repeat": 1, "reorder": 1, "seal_anew a": 1},
        steps=8,
        more=0,
    ),
    "a receipt by somebody else": Scenario(
        ("a1", "b1"), {"write a": 1, "receipt_by_a_third a": 1, "sync": 2, "drop": 1}, steps=7, more=2
    ),
    "days pass while a mailbox is read": Scenario(
        ("a1", "b1"), {"write a": 2, "begin b": 1, "finish b": 1, "day_passes": 2, "sync b": 1}, steps=8, more=1
    ),
    "two devices, one asleep": Scenario(
        ("a1", "b1", "b2"), {"write a": 2, "day_passes": 1, "sync b": 3, "sync a": 1}, steps=8, more=1
    ),
    "a hub that is restored": Scenario(
        ("a1", "b1", "b2"),
        {"write a": 2, "sync b": 2, "restore_hub": 1, "restore_hub_secretly": 1, "sync a": 1},
        steps=8,
        more=0,
    ),
    "deposits at the same moment": Scenario(
        ("a1", "b1", "b2"), {"write a": 2, "finish_deposit": 2, "sync b": 2, "crash b": 1}, steps=8, more=1
    ),
    "a device joins": Scenario(
        ("a1", "b1"), {"write a": 2, "sync b": 3, "join b2": 1, "sync a": 1, "drop": 1}, steps=8, more=0
    ),
    "a device is revoked": Scenario(
        ("a1", "b1"),
        {"write a": 1, "sync b": 2, "ask b": 1, "join b2": 1, "revoke b1": 1, "drop": 1, "seal_anew a": 1},
        steps=8,
        more=0,
    ),
    "documents of those who are gone, or not yet there": Scenario(
        ("a1", "b1"), {"join a2": 1, "revoke a2": 1, "sign_as_if a2": 2, "sync b": 2, "write a": 1}, steps=8, more=1
    ),
    "another log": Scenario(
        ("a1", "b1", "b2"),
        {"write a": 2, "revoke b2": 1, "show_shorter a": 1, "show_other a": 1, "sync": 3},
        steps=8,
        more=1,
    ),
    "an old folder": Scenario(
        ("a1", "b1"),
        {"copy a1": 1, "write a": 2, "sync": 2, "reopen a": 1, "put_back a": 1, "put_vault_back a": 1},
        steps=9,
        more=0,
    ),
    "a restored backup": Scenario(
        ("a1", "b1"), {"copy a1": 1, "write a": 2, "sync": 2, "day_passes": 1, "restore a1": 1}, steps=8, more=1
    ),
}

DEFENCES: dict[str, str] = {
    "keep_outbox_until_receipt": "a hub that drops, repeats and reorders",
    "dedupe_by_id": "a hub that drops, repeats and reorders",
    "receipt_told_again": "a hub that drops, repeats and reorders",
    "receipt_of_the_recipient_only": "a receipt by somebody else",
    "delete_key_only_after_drain": "days pass while a mailbox is read",
    "drain_counts_from_its_begin": "days pass while a mailbox is read",
    "reshare": "two devices, one asleep",
    "history": "a device joins",
    "incarnation_check": "a hub that is restored",
    "counter_in_the_same_transaction": "deposits at the same moment",
    "acknowledged_after_the_commit": "deposits at the same moment",
    "revoked_left_out_of_roster": "a device is revoked",
    "signed_anew_when_its_roster_is_gone": "a device is revoked",
    "signed_anew_is_no_equivocation": "a device is revoked",
    "receipt_also_for_what_a_sibling_brought": "a device is revoked",
    "revoked_sender_refused": "documents of those who are gone, or not yet there",
    "sender_active_in_its_own_view": "documents of those who are gone, or not yet there",
    "log_extends_only": "another log",
    "view_in_each_document": "another log",
    "nothing_leaves_in_a_fork": "another log",
    "seq_check": "an old folder",
    "rollback_detection": "an old folder",
    "ring_and_vault_count_together": "an old folder",
    "a_restored_device_is_a_new_one": "a restored backup",
    "backup_without_keys": "a restored backup",
}
