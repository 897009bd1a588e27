/*
 * What people type and paste, in one spelling: keyboards, phones and other languages write the same
 * letter, digit or blank in many ways. htdocs/js/typed.js does the same for the pages;
 * tests/unit/typed.json holds both to it. What is not UTF-8, or longer than 2 KiB, is only trimmed.
 */
#ifndef DOSSIER_BASE_TYPED_H
#define DOSSIER_BASE_TYPED_H

#include <apr_pools.h>

/* Names and sentences: composed letters (NFC), plain blanks, neither them nor line ends outside, no
   invisible marks (Unicode's format and default ignorable characters: direction, zero width, soft
   hyphen, variation selectors, fillers). */
const char *dossier_typed_text(const char *typed, apr_pool_t *pool);

/* Numbers, codes, dates and addresses: the same, and letters and digits of any width or script as
   ASCII has them, where it has them (NFKC, decimal digits). */
const char *dossier_typed_code(const char *typed, apr_pool_t *pool);

/* Passwords: composed letters, and else each character as it was typed. */
const char *dossier_typed_secret(const char *typed, apr_pool_t *pool);
/* The same with letters and accents apart (NFD), as some systems hand them over. */
const char *dossier_typed_secret_apart(const char *typed, apr_pool_t *pool);

#endif
