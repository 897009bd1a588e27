/* What patients call: a handler per route, all of type dossier_handler_t, in the order of the
 * guide. */
#ifndef DOSSIER_PORTAL_PORTAL_H
#define DOSSIER_PORTAL_PORTAL_H

#include "http/exchange.h"

/* facility.c, banner.c, status.c */
int dossier_portal_facility_get(dossier_exchange_t *x);
int dossier_portal_banner_list(dossier_exchange_t *x);
int dossier_portal_status(dossier_exchange_t *x);

/* notice.c */
int dossier_portal_notice_get(dossier_exchange_t *x); /* {kind} */

/* registration.c */
int dossier_portal_registration_start(dossier_exchange_t *x);
int dossier_portal_registration_verify(dossier_exchange_t *x); /* {id} */
int dossier_portal_registration_resend(dossier_exchange_t *x); /* {id} */

/* session.c */
int dossier_portal_session_open(dossier_exchange_t *x);
int dossier_portal_session_get(dossier_exchange_t *x);
int dossier_portal_session_close(dossier_exchange_t *x);
int dossier_portal_session_list(dossier_exchange_t *x);
int dossier_portal_session_end(dossier_exchange_t *x); /* {id} */
int dossier_portal_session_end_others(dossier_exchange_t *x);

/* consent.c */
int dossier_portal_consent_list(dossier_exchange_t *x);
int dossier_portal_consent_give(dossier_exchange_t *x);
int dossier_portal_consent_withdraw(dossier_exchange_t *x); /* {id} */

/* leaving.c */
int dossier_portal_leaving_service_set(dossier_exchange_t *x);    /* {id} of the patient */
int dossier_portal_leaving_documents_wipe(dossier_exchange_t *x); /* {id} of the patient */
int dossier_portal_leaving_account_delete(dossier_exchange_t *x);

/* password.c */
int dossier_portal_password_change(dossier_exchange_t *x);
int dossier_portal_password_reset_start(dossier_exchange_t *x);
int dossier_portal_password_reset_verify(dossier_exchange_t *x); /* {id} */
int dossier_portal_password_reset_resend(dossier_exchange_t *x); /* {id} */

/* profile.c */
int dossier_portal_profile_get(dossier_exchange_t *x);
int dossier_portal_profile_change(dossier_exchange_t *x);

/* contact.c */
int dossier_portal_contact_mobile_start(dossier_exchange_t *x);
int dossier_portal_contact_mobile_verify(dossier_exchange_t *x); /* {id} */
int dossier_portal_contact_mobile_resend(dossier_exchange_t *x); /* {id} */
int dossier_portal_contact_email_start(dossier_exchange_t *x);
int dossier_portal_contact_email_verify(dossier_exchange_t *x); /* {id} */
int dossier_portal_contact_email_resend(dossier_exchange_t *x); /* {id} */
int dossier_portal_contact_email_remove(dossier_exchange_t *x);

/* activation.c */
int dossier_portal_patient_list(dossier_exchange_t *x);
int dossier_portal_activation_complete(dossier_exchange_t *x); /* {id} */

/* relative.c */
int dossier_portal_relative_add(dossier_exchange_t *x);
int dossier_portal_relative_remove(dossier_exchange_t *x); /* {id} of the patient */

/* document.c */
int dossier_portal_document_list(dossier_exchange_t *x); /* {id} of the patient */
int dossier_portal_document_get(dossier_exchange_t *x);  /* {id} */

/* activity.c */
int dossier_portal_activity_list(dossier_exchange_t *x);

/* export.c */
int dossier_portal_export(dossier_exchange_t *x);

/* document_content.c */
int dossier_portal_document_content(dossier_exchange_t *x); /* {id} */

/* hiding.c */
int dossier_portal_hiding_set(dossier_exchange_t *x);  /* {id} */
int dossier_portal_hiding_list(dossier_exchange_t *x); /* {id} of the patient */

/* pickup.c */
int dossier_portal_pickup_list(dossier_exchange_t *x); /* {id} of the patient */
int dossier_portal_pickup_set(dossier_exchange_t *x);  /* {id} of the patient, {acceptance_id} */

#endif
