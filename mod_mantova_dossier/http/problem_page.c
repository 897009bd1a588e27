#include "http/problem_page.h"

#include <apr_strings.h>

#include <string.h>

#include "http/answer.h"

/* Where the browser is told to forget its cookies: only by who sends too many to be read at all,
   for such a request ends here and not at a route. */
#define FORGET "/forget-cookies"

/* httpd has no address where it could not read the request's first line. */
static const char *address_of(const request_rec *r)
{
    return r->prev->uri ? r->prev->uri : "";
}

/* What a browser asks for when a person opens an address; a script or a program asks for data.
   Where the header was not read to its end (`cut`), the address has to tell. */
static int is_opened(const request_rec *r, int cut)
{
    const char *accept = apr_table_get(r->headers_in, "Accept");

    if (accept) {
        return strstr(accept, "text/html") != NULL;
    }
    return cut && strncmp(address_of(r), "/api/", 5);
}

/* Who cannot come in is told whom to ask, where it is known whose site was meant. */
static const char *desk_of(const dossier_exchange_t *x)
{
    if (!x->config->desk || !x->r->hostname) {
        return "";
    }
    return apr_pstrcat(
        x->pool, "\n<p>",
        ap_escape_html(x->pool,
                       dossier_desk_line(x->config->desk, !strcmp(x->language, "en"), x->pool)),
        "</p>", NULL);
}

/* The texts are ours: nothing of the request is in them. */
static int write_page(dossier_exchange_t *x, int status, const char *title, const char *text,
                      const char *link, const char *link_text)
{
    apr_table_setn(x->r->err_headers_out, "Content-Language", x->language);
    return dossier_answer_text(
        x, status, "text/html; charset=utf-8",
        apr_psprintf(x->pool,
                     "<!DOCTYPE html>\n<html lang=\"%s\"><meta charset=\"utf-8\">"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                     "<title>%s</title>\n<main><h1>%s</h1>\n<p>%s</p>\n"
                     "<p><a href=\"%s\">%s</a></p>%s</main></html>\n",
                     x->language, title, title, text, link, link_text, desk_of(x)));
}

static int forget(dossier_exchange_t *x, int english)
{
    apr_table_setn(x->r->err_headers_out, "Clear-Site-Data", "\"cookies\"");
    return write_page(
        x, HTTP_OK, english ? "The cookies are deleted" : "I cookie sono cancellati",
        english
            ? "The portal can be opened again. If this does not help, delete the cookies in the "
              "browser's settings."
            : "Ora il portale si apre di nuovo. Se non basta, cancelli i cookie nelle "
              "impostazioni del browser.",
        "/", english ? "Open the portal" : "Apra il portale");
}

int dossier_problem_page(dossier_exchange_t *x, const char *outcome)
{
    const dossier_problem_t *problem = dossier_problem_find(outcome);
    int english = !strcmp(x->language, "en");
    int cookies = !strcmp(outcome, "headers_too_large");

    if (!is_opened(x->r, cookies)) {
        return dossier_problem(x, outcome, NULL);
    }
    if (cookies && !strcmp(address_of(x->r), FORGET)) {
        return forget(x, english);
    }
    dossier_problem_log(x, problem);
    return write_page(x, problem->status, english ? problem->title_en : problem->title_it,
                      english ? problem->detail_en : problem->detail_it, cookies ? FORGET : "/",
                      cookies   ? english ? "Delete the cookies" : "Cancelli i cookie"
                      : english ? "Open the portal"
                                : "Apra il portale");
}
