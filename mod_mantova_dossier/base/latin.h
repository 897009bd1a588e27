/* Letters with marks, written with the plain letters A to Z and a to z. */
#ifndef DOSSIER_BASE_LATIN_H
#define DOSSIER_BASE_LATIN_H

#include <apr.h>

/* "e" for è, "S" for Š, "ss" for ß; a plain letter stands for itself. "" for a combining mark. NULL
   for what is not a Latin letter. */
const char *dossier_latin_fold(apr_uint32_t letter);

/* The longer spelling that registry offices and passports use: "AE" for Ä, "OE" for Ö and Ø, "UE"
   for Ü, "AA" for Å, "DJ" for Đ. As above for every other letter. */
const char *dossier_latin_fold_long(apr_uint32_t letter);

#endif
