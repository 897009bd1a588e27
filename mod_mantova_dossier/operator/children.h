/* Processes that end otherwise than they should: httpd notes them at a level that is not logged. */
#ifndef DOSSIER_OPERATOR_CHILDREN_H
#define DOSSIER_OPERATOR_CHILDREN_H

#include <apr_pools.h>

/* Each child says that it has begun, and by the cleanup of its pool that it ends in order: what the
   parent misses then has crashed, or was killed. First of all hooks of its kind, so that the
   cleanup is the last. */
void dossier_children_register_hooks(void);

#endif
