#include "store/functions.h"

const dossier_functions_t dossier_fn = {
#define F(name, repeat, outcomes) .name = {#name, DOSSIER_DB_##repeat, outcomes},
#include "store/functions.def"
#undef F
};
