/* The pick-up slip as the desk prints it, and prints it again while its code is good. */
#include "paper/slip.h"

#include <httpd.h>
#include <apr_strings.h>
#include <http_log.h>
#include <http_main.h>

#include "domain/code.h"
#include "domain/contact.h"
#include "domain/date.h"
#include "domain/media_type.h"
#include "integration/integration.h"
#include "integration/shared.h"

APLOG_USE_MODULE(mantova_dossier);

/* "alle ore 14:05 del 24 gennaio 2027"; NULL when `on` is not a date. */
static const char *expiry_text(const char *on, const char *time, apr_pool_t *pool)
{
    static const char *const months[] = {"gennaio",   "febbraio", "marzo",    "aprile",
                                         "maggio",    "giugno",   "luglio",   "agosto",
                                         "settembre", "ottobre",  "novembre", "dicembre"};
    dossier_date_t date;

    if (!on || !time || !dossier_date_parse(&date, on)) {
        return NULL;
    }
    return apr_psprintf(pool, "alle ore %s del %d %s %d", time, date.day, months[date.month - 1],
                        date.year);
}

/* Behind the #, which no browser sends to a server: the code reaches no log on the way. */
static const char *activation_link(const char *portal_url, const char *code, apr_pool_t *pool)
{
    return apr_pstrcat(pool, portal_url, "/#/attiva/", dossier_activation_code_parse(code, pool),
                       NULL);
}

/* 0 when the row lacks something. */
static int read_slip(dossier_slip_t *slip, const dossier_exchange_t *x,
                     const dossier_json_t *result, const char *code)
{
    const char *first_name = dossier_json_get(result, "first_name");
    const char *last_name = dossier_json_get(result, "last_name");
    const char *mobile = dossier_json_get(result, "mobile");
    const dossier_config_t *site =
        dossier_config_of_facility(ap_server_conf, dossier_json_get(result, "facility"));

    slip->facility = dossier_json_get(result, "facility_name");
    slip->expires = expiry_text(dossier_json_get(result, "expires_on"),
                                dossier_json_get(result, "expires_time"), x->pool);
    if (!first_name || !last_name || !mobile || !slip->facility || !slip->expires) {
        return 0;
    }
    slip->person = apr_pstrcat(x->pool, first_name, " ", last_name, NULL);
    slip->mobile = dossier_mobile_mask(mobile, x->pool);
    slip->code = code;
    slip->portal_url = (site ? site : x->config)->public_url;
    slip->link = activation_link(slip->portal_url, code, x->pool);
    slip->retention_days = x->config->retention_days;
    slip->desk = (site ? site : x->config)->desk;
    return 1;
}

static int answer_slip(dossier_exchange_t *x, const dossier_slip_t *slip)
{
    const char *pdf;
    apr_size_t length;
    apr_status_t status = dossier_slip_draw(&pdf, &length, slip, x->pool);

    if (status != APR_SUCCESS) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, x->r, "DOS0341: the slip could not be drawn: %s",
                      APR_STATUS_IS_ENOENT(status) ? "install a font (fonts-dejavu-core)"
                      : status == APR_EINVAL       ? "DossierPublicUrl is too long for a QR code"
                                                   : "memory may be short");
        return dossier_problem(x, "internal", NULL);
    }
    apr_table_setn(
        x->r->headers_out, "Content-Disposition",
        dossier_content_disposition("inline", "Modulo per il ritiro referti", "pdf", x->pool));
    return dossier_answer_bytes(x, "application/pdf", pdf, length);
}

int dossier_integration_slip_get(dossier_exchange_t *x)
{
    int rc;
    dossier_json_t *arguments = dossier_integration_named(&rc, x);
    dossier_slip_t slip;
    dossier_json_t *result;
    const char *sealed;
    const char *code;

    if (!arguments || !dossier_call(&rc, &result, x, &dossier_fn.acceptance_slip, arguments)) {
        return rc;
    }
    sealed = dossier_json_get(result, "sealed");
    code =
        dossier_keyring_open(x->config->keyring, dossier_json_get(result, "mac"), sealed, x->pool);
    if (!code) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, x->r,
                      "DOS0340: an activation code was sealed with a key that is no longer in "
                      "DossierKeyFile: put the line of that key back and reload httpd. Only if it "
                      "is lost, have a new code made");
        return dossier_problem(x,
                               dossier_keyring_lacks(x->config->keyring, sealed, x->pool)
                                   ? "unavailable"
                                   : "slip_no_code",
                               NULL);
    }
    if (!read_slip(&slip, x, result, code)) {
        return dossier_problem(x, "internal", NULL);
    }
    return answer_slip(x, &slip);
}
