#include "routes.h"

#include "integration/integration.h"
#include "portal/portal.h"

#define ANYONE DOSSIER_ACCESS_ANYONE
#define ACCOUNT DOSSIER_ACCESS_ACCOUNT
#define SESSION DOSSIER_ACCESS_SESSION
#define INTEGRATOR DOSSIER_ACCESS_INTEGRATOR
#define GATEWAY DOSSIER_ACCESS_GATEWAY
#define NONE DOSSIER_BODY_NONE
#define JSON DOSSIER_BODY_JSON
#define MULTIPART DOSSIER_BODY_MULTIPART
#define ANY DOSSIER_QUERY_ANY

/* clang-format off */
const dossier_route_t dossier_routes[] = {
    /* method   pattern                                                    who         body       handler                                   query */
    {"GET",    "/status",                                                  ANYONE,     NONE,      dossier_portal_status,                    ""},
    {"GET",    "/facility",                                                ANYONE,     NONE,      dossier_portal_facility_get,              ""},
    {"GET",    "/banners",                                                 ANYONE,     NONE,      dossier_portal_banner_list,               ""},
    {"GET",    "/notices/{kind}",                                          ANYONE,     NONE,      dossier_portal_notice_get,                "version"},

    {"POST",   "/registrations",                                           ANYONE,     JSON,      dossier_portal_registration_start,        ""},
    {"POST",   "/registrations/{id}/verification",                         ANYONE,     JSON,      dossier_portal_registration_verify,       ""},
    {"POST",   "/registrations/{id}/codes",                                ANYONE,     JSON,      dossier_portal_registration_resend,       ""},

    {"POST",   "/session",                                                 ANYONE,     JSON,      dossier_portal_session_open,              ""},
    {"GET",    "/session",                                                 SESSION,    NONE,      dossier_portal_session_get,               ""},
    {"DELETE", "/session",                                                 SESSION,    NONE,      dossier_portal_session_close,             ""},

    {"GET",    "/consents",                                                SESSION,    NONE,      dossier_portal_consent_list,              ""},
    {"POST",   "/consents",                                                SESSION,    JSON,      dossier_portal_consent_give,              ""},
    {"POST",   "/consents/{id}/withdrawal",                                SESSION,    JSON,      dossier_portal_consent_withdraw,          ""},
    {"DELETE", "/account",                                                 SESSION,    JSON,      dossier_portal_leaving_account_delete,            ""},

    {"GET",    "/sessions",                                                ACCOUNT,    NONE,      dossier_portal_session_list,              ""},
    {"DELETE", "/sessions",                                                ACCOUNT,    JSON,      dossier_portal_session_end_others,        ""},
    {"DELETE", "/sessions/{id}",                                           ACCOUNT,    JSON,      dossier_portal_session_end,               ""},

    {"POST",   "/password-resets",                                         ANYONE,     JSON,      dossier_portal_password_reset_start,      ""},
    {"POST",   "/password-resets/{id}/verification",                       ANYONE,     JSON,      dossier_portal_password_reset_verify,     ""},
    {"POST",   "/password-resets/{id}/codes",                              ANYONE,     JSON,      dossier_portal_password_reset_resend,     ""},

    {"GET",    "/profile",                                                 SESSION,    NONE,      dossier_portal_profile_get,               ""},
    {"PATCH",  "/profile",                                                 ACCOUNT,    JSON,      dossier_portal_profile_change,            ""},
    {"PUT",    "/profile/password",                                        ACCOUNT,    JSON,      dossier_portal_password_change,           ""},
    {"DELETE", "/profile/email",                                           ACCOUNT,    JSON,      dossier_portal_contact_email_remove,              ""},
    {"POST",   "/profile/mobile-changes",                                  ACCOUNT,    JSON,      dossier_portal_contact_mobile_start,       ""},
    {"POST",   "/profile/mobile-changes/{id}/verification",                ACCOUNT,    JSON,      dossier_portal_contact_mobile_verify,      ""},
    {"POST",   "/profile/mobile-changes/{id}/codes",                       ACCOUNT,    JSON,      dossier_portal_contact_mobile_resend,      ""},
    {"POST",   "/profile/email-changes",                                   ACCOUNT,    JSON,      dossier_portal_contact_email_start,        ""},
    {"POST",   "/profile/email-changes/{id}/verification",                 ACCOUNT,    JSON,      dossier_portal_contact_email_verify,       ""},
    {"POST",   "/profile/email-changes/{id}/codes",                        ACCOUNT,    JSON,      dossier_portal_contact_email_resend,       ""},

    {"GET",    "/patients",                                                ACCOUNT,    NONE,      dossier_portal_patient_list,              ""},
    {"POST",   "/patients",                                                ACCOUNT,    JSON,      dossier_portal_relative_add,              ""},
    {"DELETE", "/patients/{id}",                                           ACCOUNT,    JSON,      dossier_portal_relative_remove,           ""},
    {"POST",   "/patients/{id}/activation",                                ACCOUNT,    JSON,      dossier_portal_activation_complete,                  ""},
    {"PUT",    "/patients/{id}/service",                                   ACCOUNT,    JSON,      dossier_portal_leaving_service_set,               ""},

    {"GET",    "/patients/{id}/documents",                                 ACCOUNT,    NONE,      dossier_portal_document_list,             "limit cursor type facility from to"},
    {"DELETE", "/patients/{id}/documents",                                 SESSION,    JSON,      dossier_portal_leaving_documents_wipe,            ""},
    {"POST",   "/patients/{id}/hidden-documents",                          ACCOUNT,    JSON,      dossier_portal_hiding_list,          ""},
    {"GET",    "/patients/{id}/acceptances",                               ACCOUNT,    NONE,      dossier_portal_pickup_list,           ""},
    {"PUT",    "/patients/{id}/acceptances/{acceptance_id}",               ACCOUNT,    JSON,      dossier_portal_pickup_set,         ""},
    {"GET",    "/documents/{id}",                                          ACCOUNT,    NONE,      dossier_portal_document_get,              ""},
    {"GET",    "/documents/{id}/content",                                  ACCOUNT,    NONE,      dossier_portal_document_content,          "disposition"},
    {"PUT",    "/documents/{id}/visibility",                               ACCOUNT,    JSON,      dossier_portal_hiding_set,             ""},

    {"GET",    "/activity",                                                ACCOUNT,    NONE,      dossier_portal_activity_list,             "limit cursor"},
    {"GET",    "/export",                                                  ACCOUNT,    NONE,      dossier_portal_export,                    ""},

    {"PUT",    "/integration/acceptances/{external_id}",                   INTEGRATOR, JSON,      dossier_integration_acceptance_put,       "dry_run"},
    {"POST",   "/integration/acceptances/{external_id}/activation-codes",  INTEGRATOR, JSON,      dossier_integration_activation_code_post, ""},
    {"GET",    "/integration/acceptances/{external_id}/slip",              INTEGRATOR, NONE,      dossier_integration_slip_get,             ""},
    {"POST",   "/integration/codice-fiscale-changes",                      INTEGRATOR, JSON,      dossier_integration_codice_fiscale_change, "dry_run"},
    {"PUT",    "/integration/documents/{external_id}",                     INTEGRATOR, MULTIPART, dossier_integration_publication_put,      "dry_run"},
    {"GET",    "/integration/documents/{external_id}",                     INTEGRATOR, NONE,      dossier_integration_publication_get,      ""},
    {"DELETE", "/integration/documents/{external_id}",                     INTEGRATOR, NONE,      dossier_integration_publication_delete,   ""},
    {"POST",   "/integration/documents/{external_id}/release",             INTEGRATOR, JSON,      dossier_integration_publication_release,  ""},

    {"GET",    "/callbacks/sms",                                           GATEWAY,    NONE,      dossier_integration_receipt,              ANY},
    {"POST",   "/callbacks/sms",                                           GATEWAY,    NONE,      dossier_integration_receipt,              ANY},

    {NULL, NULL, ANYONE, NONE, NULL, ""},
};
/* clang-format on */
