/* What http/ itself needs of answers, beyond what handlers see in http/exchange.h. */
#ifndef DOSSIER_HTTP_ANSWER_H
#define DOSSIER_HTTP_ANSWER_H

#include "http/exchange.h"
#include "http/problem_table.h"

void dossier_answer_common_headers(request_rec *r);
int dossier_answer_text(dossier_exchange_t *x, int status, const char *media_type,
                        const char *text);

void dossier_problem_log(const dossier_exchange_t *x, const dossier_problem_t *problem);

#endif
