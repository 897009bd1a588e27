/*
 * The codice fiscale: D.M. 23 December 1976 (structure, omocodia, check letter), D.M. 12 March 1974
 * (the provisional 11-digit code), and the regions' STP/ENI codes for people without one.
 */
#ifndef DOSSIER_DOMAIN_CODICE_FISCALE_H
#define DOSSIER_DOMAIN_CODICE_FISCALE_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "base/fields.h"
#include "domain/date.h"

typedef enum {
    DOSSIER_CF_PERSON,      /* 16 characters, with any of the 128 forms of omocodia */
    DOSSIER_CF_PROVISIONAL, /* 11 digits */
    DOSSIER_CF_STP,         /* STP or ENI and 13 digits */
} dossier_cf_kind_t;

typedef struct {
    dossier_cf_kind_t kind;
    const char *text; /* upper case, no blanks */
    int has_birth;    /* 0 for provisional and STP/ENI: nothing below is known then */
    int birth_year_2; /* 0 to 99: the code does not say the century */
    int birth_month;
    int birth_day;
    char sex;          /* 'M' or 'F' */
    const char *place; /* Belfiore code with omocodia undone: letter and three digits */
} dossier_cf_t;

/* NULL on success, else a field error code: "length", "structure" (a letter where a digit must be,
   an unknown month letter), "date" (30 February, day 00, 40 or 72), "check_character". An unknown
   place is never an error. Case and blanks are forgiven. */
const char *dossier_cf_parse(dossier_cf_t *cf, const char *typed, apr_pool_t *pool);

/* The same for a field of a body: 1 when the text is a codice fiscale, 0 with the error of `field`. A
   NULL text reports nothing (its own field was reported as missing). */
int dossier_cf_check(dossier_cf_t *cf, dossier_fields_t *fields, const char *field,
                     const char *text);

/* The day of birth to go by: what was typed, where the codice fiscale allows it in any century or
   says nothing; else what the codice fiscale says, in the latest century that is not to come. */
dossier_date_t dossier_cf_birth(const dossier_cf_t *cf, dossier_date_t typed, dossier_date_t today);

/* What a codice fiscale says against what was typed beside it. Any argument may be NULL (not
   given). Appends warning codes (const char *): "last_name", "first_name", "birth_date", "sex". */
void dossier_cf_disagreements(apr_array_header_t *warnings, const dossier_cf_t *cf,
                              const char *first_name, const char *last_name,
                              const dossier_date_t *birth, const char *sex, apr_pool_t *pool);

#endif
