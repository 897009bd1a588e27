/*
 * The two codes people type. A verification code is six digits. An activation code is twelve
 * characters of Crockford's base-32 alphabet (no I, L, O, U) and one check character, printed as
 * XXXX-XXXX-XXXX-C: 60 random bits. The check character is a weighted sum over GF(32) that detects
 * every single wrong character and every swap of two characters.
 */
#ifndef DOSSIER_DOMAIN_CODE_H
#define DOSSIER_DOMAIN_CODE_H

#include <apr_pools.h>

const char *dossier_verification_code_make(apr_pool_t *pool);
/* What a person typed, to six ASCII digits; blanks, dots and dashes ignored. NULL: it is none. */
const char *dossier_verification_code_parse(const char *typed, apr_pool_t *pool);

/* In the printed form, with dashes. */
const char *dossier_activation_code_make(apr_pool_t *pool);

/* What a person typed, to the 13 characters without dashes: any case, blanks, dots and dashes
   ignored, O read as 0, I and L as 1. NULL when the length, a character or the check character is
   wrong. */
const char *dossier_activation_code_parse(const char *typed, apr_pool_t *pool);

#endif
