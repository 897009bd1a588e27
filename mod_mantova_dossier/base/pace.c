#include "base/pace.h"

#include <string.h>

#define PATIENCE 5       /* failures in a row before a pause */
#define LONGEST_PAUSE 15 /* seconds: somebody waits for a code */

void dossier_pace_init(dossier_pace_t *pace, int places, int per_second)
{
    memset(pace, 0, sizeof(*pace));
    pace->places = places;
    pace->per_second = per_second;
    pace->saved = per_second;
}

/* At most a second's worth is saved up. */
static void save_up(dossier_pace_t *pace, apr_time_t now)
{
    if (now > pace->counted) {
        pace->saved += (double)(now - pace->counted) / APR_USEC_PER_SEC * pace->per_second;
    }
    pace->counted = now; /* also when the clock was set back */
    if (pace->saved > pace->per_second) {
        pace->saved = pace->per_second;
    }
}

dossier_pace_state_t dossier_pace_state(const dossier_pace_t *pace, apr_time_t now)
{
    if (!pace->paused_until) {
        return DOSSIER_PACE_OPEN_ROAD;
    }
    return now < pace->paused_until ? DOSSIER_PACE_PAUSED : DOSSIER_PACE_PROBING;
}

int dossier_pace_room(dossier_pace_t *pace, int on_the_way, apr_time_t now)
{
    int room = pace->places - on_the_way;
    dossier_pace_state_t state = dossier_pace_state(pace, now);

    if (pace->per_second) {
        save_up(pace, now);
        if (room > (int)pace->saved) {
            room = (int)pace->saved;
        }
    }
    if (state == DOSSIER_PACE_PAUSED || (state == DOSSIER_PACE_PROBING && on_the_way)) {
        return 0;
    }
    if (state == DOSSIER_PACE_PROBING && room > 1) {
        return 1;
    }
    return room > 0 ? room : 0;
}

void dossier_pace_spend(dossier_pace_t *pace, int count)
{
    pace->saved -= count;
}

static apr_interval_time_t pause_of(int pauses, double chance)
{
    int seconds = pauses < 4 ? 1 << pauses : LONGEST_PAUSE;
    return (apr_interval_time_t)(seconds * (0.75 + chance / 2) * APR_USEC_PER_SEC);
}

void dossier_pace_note(dossier_pace_t *pace, int trouble, double chance, apr_time_t now)
{
    if (!trouble) {
        pace->failures = 0;
        pace->pauses = 0;
        pace->paused_until = 0;
        return;
    }
    pace->failures++;
    /* what was on its way when the pause began makes it no longer */
    if (pace->failures >= PATIENCE && dossier_pace_state(pace, now) != DOSSIER_PACE_PAUSED) {
        pace->paused_until = now + pause_of(pace->pauses, chance);
        pace->pauses++;
    }
}
