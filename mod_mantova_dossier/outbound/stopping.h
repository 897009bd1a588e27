#ifndef DOSSIER_OUTBOUND_STOPPING_H
#define DOSSIER_OUTBOUND_STOPPING_H

/* 1: this child is going away, finish soon. */
int dossier_outbound_stopping(void);

#endif
