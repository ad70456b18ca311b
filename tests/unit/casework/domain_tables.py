"""The life cycles as domain.md 2.1 to 2.11 has them, typed from there and not from the code.

A line of `TYPED` is a row of the source: state, event, next state, who, and the deadline of the state. What the code
has otherwise stands in `OTHERWISE`, what it has besides in `BESIDES`, each with its reason. Held against the code by
`test_domain_tables`.
"""

from __future__ import annotations

from typing import Final

#: flow -> rows: state | event | next | side | roles (empty: every role that handles the case) | deadline of the state
TYPED: Final = {
    "konsultation": """
        utkast         | send       | skickad        | fragare   | handlaggare |
        skickad        | available  | tillganglig    | automatik |             | 24 h
        tillganglig    | take       | pagar          | mottagare | handlaggare | 2 wd
        pagar          | supplement | vantar_fragare | mottagare |             | 5 wd
        pagar          | answer     | besvarad       | mottagare |             | 5 wd
        pagar          | decline    | avbojd         | mottagare |             | 5 wd
        vantar_fragare | supplement | pagar          | fragare   |             | 30 d
        vantar_fragare | silence    | avslutad       | automatik |             | 30 d
        besvarad       | supplement | pagar          | fragare   |             | 30 d
        besvarad       | close      | avslutad       | fragare   |             | 30 d
        besvarad       | convert    | omvandlad      | fragare   |             | 30 d
        """,
    "intag": """
        ny              | assess       | forstabedomning          | fragare |                | same day
        forstabedomning | ask_consent  | vantar_samtycke          | fragare | handlaggare    |
        forstabedomning | advice_only  | radgivning_klar          | fragare | handlaggare    |
        forstabedomning | acute        | akut_skydd               | fragare | handlaggare    |
        akut_skydd      | placed       | forstabedomning          | fragare | beslutsfattare | 4 h
        vantar_samtycke | signed       | undersoks                | fragare | handlaggare    |
        vantar_samtycke | refused      | avslutad_samtycke_vagrat | fragare | handlaggare    |
        undersoks       | open_here    | oppnat                   | fragare |                | 21 d
        undersoks       | refer_here   | hanvisad                 | fragare |                | 21 d
        undersoks       | decline_here | avslag                   | fragare |                | 21 d
        """,
    "hotbild": """
        begard               | available         | mottagen             | automatik |                | 4 oh
        mottagen             | accept            | bedoms               | mottagare |                | 1 wd; akut 2 h
        mottagen             | redirect          | omdirigerad          | mottagare |                | 1 wd; akut 2 h
        mottagen             | reject            | avvisad              | mottagare |                | 1 wd; akut 2 h
        bedoms               | interim           | bedoms               | mottagare | polis_bedomare | 7 d; akut 24 h
        bedoms               | ask               | vantar_komplettering | mottagare | polis_bedomare | 7 d; akut 24 h
        bedoms               | result            | resultat_lamnat      | mottagare | polis_bedomare | 7 d; akut 24 h
        vantar_komplettering | supply            | bedoms               | fragare   |                | 7 d
        resultat_lamnat      | decision          | malgrupp_beslutad    | fragare   |                |
        resultat_lamnat      | disagree          | oenighet             | bada      |                |
        oenighet             | meeting_note      | malgrupp_beslutad    | bada      |                | 7 d
        malgrupp_beslutad    | send              | begard               | fragare   |                | valid_until
        malgrupp_beslutad    | reassess          | begard               | mottagare | polis_bedomare | valid_until
        *                    | consent_withdrawn | stoppad_samtycke     | automatik |                |
        """,
    "overlamnande": """
        forberedd | send | forfragan_skickad | fragare | handlaggare |
        forfragan_skickad | take | provas | mottagare | | 3 wd
        provas | accept | accepterad | mottagare | beslutsfattare | 10 wd; formell 1 mo
        provas | accept_with_conditions | villkor | mottagare | beslutsfattare | 10 wd; formell 1 mo
        provas | ask | komplettering | mottagare | beslutsfattare | 10 wd; formell 1 mo
        provas | decline | avbojd | mottagare | beslutsfattare | 10 wd; formell 1 mo
        villkor | agree | accepterad | fragare | | 5 wd
        villkor | disagree | avbojd | fragare | | 5 wd
        accepterad | first_meeting | genomford | mottagare | | 14 d takeover_date
        accepterad | no_show | uteblev | mottagare | | 14 d takeover_date
        uteblev | new_time | accepterad | bada | | 14 d
        uteblev | give_up | ater_hos_avsandare | bada | | 14 d
        avbojd | new_recipient | forberedd | fragare | |
        avbojd | formal | ivo_ansokan | fragare | |
        forfragan_skickad | recall | aterkallad | fragare | | 3 wd
        """,
    "placering": """
        behov            | start             | ortsutredning    | mottagare |                | 2 wd; akut same day
        ortsutredning    | unsuitable        | ny_ort           | mottagare | polis_bedomare |
        ortsutredning    | clear             | ort_foreslagen   | mottagare | polis_bedomare |
        ort_foreslagen   | agree             | mottagare_fragas | fragare   | beslutsfattare | 14 d checked_at
        ort_foreslagen   | disagree          | ortsutredning    | fragare   | beslutsfattare | 14 d checked_at
        mottagare_fragas | can               | tillagg_samtycke | mottagare |                | 3 wd; akut 24 h
        mottagare_fragas | cannot            | ortsutredning    | mottagare |                | 3 wd; akut 24 h
        tillagg_samtycke | supplement_signed | klar_att_flytta  | fragare   |                |
        tillagg_samtycke | call_off          | avbruten         | fragare   |                |
        klar_att_flytta  | confirm           | placerad         | fragare   |                | 24 h
        placerad         | report            | placerad         | bada      |                | 14 d
        placerad         | report            | placerad         | bada      |                | 1 mo
        placerad         | incident          | omprovas_akut    | bada      |                |
        placerad         | end               | upphord          | fragare   |                |
        omprovas_akut    | look_again        | ortsutredning    | fragare   |                | 4 h
        omprovas_akut    | stable            | placerad         | bada      |                | 4 h
        """,
    "plan": """
        utkast       | send      | foreslagen   | fragare   | handlaggare    |
        foreslagen   | accept    | undertecknad | mottagare |                |
        undertecknad | report    | pagar        | bada      |                | 30 d
        pagar        | report    | pagar        | bada      |                | 30 d
        pagar        | deviate   | avvikelse    | bada      |                | review_date
        avvikelse    | review    | omprovas     | fragare   |                |
        omprovas     | go_on     | pagar        | fragare   |                |
        omprovas     | break_off | avbruten     | fragare   | beslutsfattare |
        pagar        | finish    | avslutad     | fragare   |                |
        """,
    "uppfoljning": """
        schemalagd | send   | begard      | fragare   | uppfoljare |
        schemalagd | lapse  | utgar       | fragare   |            |
        begard     | answer | svar_inne   | mottagare |            |
        svar_inne  | judge  | bedomd      | fragare   |            | 60 d
        bedomd     | count  | rapporterad | fragare   |            |
        """,
    "avslut": """
        utkast     | propose   | foreslagen | fragare   | handlaggare    |
        foreslagen | send      | beslutad   | fragare   | beslutsfattare |
        beslutad   | available | meddelad   | automatik |                |
        meddelad   | confirm   | arkivklar  | mottagare |                | 14 d
        """,
    "aterkomst": """
        anmald       | take    | ny_bedomning | fragare | | 21 d
        ny_bedomning | open    | oppnat       | fragare | | 21 d
        ny_bedomning | refer   | hanvisad_sig | fragare | | 21 d
        ny_bedomning | decline | avslag       | fragare | | 21 d
        """,
    "samtycke": """
        utkast       | inform           | informerad     | fragare   | handlaggare |
        informerad   | send             | aktivt         | fragare   |             |
        informerad   | refuse           | vagrat         | fragare   |             |
        aktivt       | supplement       | aktivt         | fragare   |             | valid_to
        aktivt       | remind           | snart_utgatt   | fragare   |             | valid_to
        snart_utgatt | renew            | aktivt         | fragare   |             | valid_to
        snart_utgatt | expire           | utgatt         | automatik |             | valid_to
        utgatt       | renew            | aktivt         | fragare   |             |
        aktivt       | withdraw         | aterkallat     | bada      | handlaggare |
        aktivt       | entered_in_error | felregistrerat | bada      |             |
        """,
    "statistik": """
        samlas   | review    | granskas  | fragare   | statistiker    |
        granskas | approve   | godkand   | fragare   |                |
        godkand  | sent      | skickad   | fragare   |                |
        skickad  | add_up    | summerad  | mottagare |                |
        skickad  | take_back | atertagen | fragare   |                |
        """,
}  # fmt: skip

#: Rows of the source that the code has otherwise: flow, state, event -> the code's next state, and why.
OTHERWISE: Final = {
    ("konsultation", "vantar_fragare", "silence"): ("avslutad_tyst", "2.13: what closed in silence can be reopened"),
    ("hotbild", "oenighet", "meeting_note"): ("oenighet", "a meeting decides nothing: who decides writes the decision"),
    ("overlamnande", "avbojd", "new_recipient"): ("annan_mottagare", "0064: a thread has two units, so this one ends"),
    ("placering", "mottagare_fragas", "cannot"): ("mottagare_kan_inte", "0015: that municipality's own thread ends"),
}

#: Roles of the source that the code asks for less narrowly: flow, event -> why.
WIDER: Final = {
    ("overlamnande", "ask"): "asking back decides nothing, and a handler does it",
}

#: Steps that the source has no row for, and states from which a step of the source may be taken too:
#: flow | event | states (``*``: all that are open) | why. ``late``: a receipt that comes behind what followed;
#: ``unseen``: the other end may not have seen the step before it (0037).
BESIDES: Final = """
    konsultation | available  | tillganglig pagar vantar_fragare besvarad avslutad_tyst | late
    konsultation | take       | skickad                       | late
    konsultation | supplement | skickad tillganglig           | unseen
    konsultation | supplement | avslutad_tyst                 | 2.13: what closed in silence can be reopened
    konsultation | answer     | skickad tillganglig           | unseen
    konsultation | decline    | skickad tillganglig           | unseen

    intag | send            | utkast                          | the contact itself
    intag | ask_consent     | ny                              | a short call: assessed at once
    intag | advice_only     | ny vantar_samtycke              | advice is all that it came to
    intag | acute           | ny vantar_samtycke undersoks    | it may become acute at any time
    intag | signed          | forstabedomning                 | signed at the first meeting
    intag | refused         | ny forstabedomning              | 2.10: a refusal closes the case wherever it stands
    intag | forward         | utkast ny forstabedomning akut_skydd vantar_samtycke undersoks | 2.2 formedling, dorrval
    intag | open            | formedlad                       | the same decision, by whoever it was forwarded to
    intag | refer           | formedlad                       | the same
    intag | decline         | formedlad                       | the same
    intag | advise_relative | utkast ny forstabedomning akut_skydd vantar_samtycke undersoks formedlad | 2.2 anhorig_rad
    intag | available       | *                               | late
    intag | consent_withdrawn | *                             | 2.10: whatever leans on the consent stops

    hotbild | send      | utkast                              | the request itself
    hotbild | available | mottagen bedoms vantar_komplettering resultat_lamnat oenighet malgrupp_beslutad | late
    hotbild | accept    | begard                              | unseen
    hotbild | redirect  | begard                              | unseen
    hotbild | reject    | begard                              | unseen
    hotbild | interim   | begard mottagen                     | unseen
    hotbild | ask       | begard mottagen                     | unseen
    hotbild | result    | begard mottagen                     | unseen
    hotbild | decision  | oenighet                            | after the meeting who decides writes the decision

    overlamnande | accept                 | forfragan_skickad | unseen
    overlamnande | accept_with_conditions | forfragan_skickad | unseen
    overlamnande | ask                    | forfragan_skickad | unseen
    overlamnande | decline                | forfragan_skickad | unseen
    overlamnande | supply     | komplettering                 | what was asked for
    overlamnande | recall     | provas komplettering villkor  | 2.4: as long as nobody has accepted
    overlamnande | give_up    | avbojd                        | 0064: whoever keeps the person says so
    overlamnande | available  | *                             | late
    overlamnande | consent_withdrawn | *                      | 2.10: whatever leans on the consent stops

    placering | send          | utkast                        | the need itself
    placering | ask_recipient | utkast                        | 0015: the municipality's thread begins here
    placering | start         | ny_ort                        | they look for another place
    placering | clear         | behov ny_ort                  | unseen
    placering | clear         | ort_foreslagen mottagare_fragas klar_att_flytta omprovas_akut | 2.13: checked again
    placering | unsuitable    | behov ny_ort                  | unseen
    placering | unsuitable    | ort_foreslagen mottagare_fragas klar_att_flytta placerad omprovas_akut | 2.13: checked again
    placering | call          | behov ortsutredning ny_ort ort_foreslagen mottagare_fragas klar_att_flytta omprovas_akut | 2.5
    placering | look          | behov ortsutredning ny_ort ort_foreslagen mottagare_fragas klar_att_flytta placerad omprovas_akut | 0077
    placering | look_again    | mottagare_fragas klar_att_flytta | the place did not hold
    placering | ready         | mottagare_fragas              | 0015: what the police hear of the other thread
    placering | call_off      | mottagare_fragas klar_att_flytta | nobody comes
    placering | confirm       | tillagg_samtycke              | the confirmation says that the supplement is signed
    placering | report        | omprovas_akut                 | a visit while it is looked at
    placering | stable        | placerad                      | a report that all is well
    placering | incident      | omprovas_akut                 | another one
    placering | end           | behov ortsutredning ny_ort ort_foreslagen mottagare_fragas tillagg_samtycke klar_att_flytta | nobody moves
    placering | end           | omprovas_akut                 | it ends with the incident
    placering | available     | *                             | late
    placering | consent_withdrawn | *                         | 2.10: whatever leans on the consent stops

    plan | propose   | utkast forbereds foreslagen undertecknad pagar avvikelse omprovas | a plan that is not signed yet
    plan | change    | forbereds foreslagen                   | a party asks for a change
    plan | send      | forbereds foreslagen undertecknad pagar avvikelse omprovas | each plan is whole, and signed anew
    plan | report    | avvikelse omprovas                     | reports go on
    plan | deviate   | undertecknad avvikelse omprovas        | a deviation may come at any time
    plan | go_on     | avvikelse                              | decided without a review
    plan | break_off | forbereds foreslagen undertecknad pagar avvikelse | 1.3 F6: a case may be broken off
    plan | finish    | undertecknad                           | nobody reported
    plan | available | *                                      | late
    plan | consent_withdrawn | *                              | 2.10: whatever leans on the consent stops

    uppfoljning | voice | schemalagd svar_inne                | 2.7 personens_bild
    uppfoljning | judge | schemalagd bedomd                   | one judgement of two threads, put right
    uppfoljning | lapse | svar_inne                           | 0064: the second thread of one follow-up
    uppfoljning | available | *                               | late
    uppfoljning | consent_withdrawn | *                       | 2.10: whatever leans on the consent stops

    avslut | propose   | foreslagen                           | proposed anew
    avslut | send      | utkast                               | who decides needs no proposal
    avslut | turn_down | foreslagen                           | what is not followed must not lie for ever
    avslut | available | foreslagen meddelad                  | late
    avslut | confirm   | beslutad                             | unseen

    aterkomst | send    | utkast                              | the notice itself
    aterkomst | open    | anmald                              | nobody took it by hand
    aterkomst | refer   | anmald                              | the same
    aterkomst | decline | anmald                              | the same
    aterkomst | available | *                                 | late

    samtycke | inform     | informerad                        | told once more
    samtycke | send       | utkast                            | told and signed at one meeting, as the record says
    samtycke | refuse     | utkast                            | refused at one meeting
    samtycke | supplement | snart_utgatt utgatt               | a signature like a renewal
    samtycke | remind     | snart_utgatt                      | 2.13: thirty days before, and seven
    samtycke | renew      | aktivt                            | renewed early
    samtycke | expire     | aktivt                            | nobody reminded
    samtycke | withdraw   | utkast informerad snart_utgatt utgatt aterkallat felregistrerat | 3.6: never refused
    samtycke | withdraw_follow_up | utkast aktivt snart_utgatt utgatt aterkallat felregistrerat | 2.10 scope syfte
    samtycke | entered_in_error   | *                         | never refused
    samtycke | confirm_withdrawal | *                         | 2.10 aterkallelse_bekraftad
    samtycke | available          | *                         | late

    statistik | collect   | utkast samlas granskas godkand    | counted, and counted anew
    statistik | drop      | samlas granskas godkand           | not sent after all
    statistik | send      | utkast                            | the report, at its recipient
    statistik | available | *                                 | late
"""  # noqa: E501
#: States that the source has no name for.
NEW_STATES: Final = {
    "konsultation": {"avslutad_tyst"},
    "intag": {"utkast", "formedlad", "stoppad_samtycke"},
    "hotbild": {"utkast"},
    "overlamnande": {"annan_mottagare", "stoppad_samtycke"},
    "placering": {"utkast", "mottagare_kan_inte", "stoppad_samtycke"},
    "plan": {"forbereds", "stoppad_samtycke"},
    "uppfoljning": {"stoppad_samtycke"},
    "avslut": {"avslutas_inte"},
    "aterkomst": {"utkast"},
    "statistik": {"utkast"},
}
#: Life cycles that the source tells in words only.
WITHOUT_TABLE: Final = {"kollision", "utforare", "kvittens", "uttag"}

#: Steps that one role alone takes, from every state (2.0.5); any other is for several. Role -> flow -> events.
ALONE: Final = {
    "beslutsfattare": {
        "intag": "placed open_here refer_here decline_here",
        "hotbild": "decision",
        "overlamnande": "accept accept_with_conditions decline formal",
        "placering": "agree disagree confirm",
        "plan": "go_on break_off finish",
        "avslut": "send turn_down",
        "aterkomst": "open refer decline",
        "statistik": "approve send take_back",
    },
    "polis_bedomare": {
        "hotbild": "interim ask result reassess",
        "placering": "clear unsuitable call look",
        "kollision": "send outcome remove",
    },
    "statistiker": {"statistik": "review"},
}
